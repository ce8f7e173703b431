# SPDX-License-Identifier: Apache-2.0
"""マスターの照会 — what was imported, what a code means, where a word occurs, what two days differ in."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.words import Stop, say

if TYPE_CHECKING:
    from tasuki.masters.difference import Change


def list_sources(args: argparse.Namespace) -> int:
    """取込み元の一覧 — files, hashes, counts and the revisions they cover."""
    from tasuki.masters.starter import starter_tables
    from tasuki_server.masters_source import stored_header

    header = stored_header()
    revisions = header.revisions if header else starter_tables().revisions
    sources = header.sources if header else ()
    if args.format == "json":
        print(
            json.dumps(
                {
                    "is_starter": header is None,
                    "sources": [
                        source._asdict() | {"published_on": str(source.published_on)} for source in sources
                    ],
                    "revisions": [[r.name, str(r.validity.since), r.source] for r in revisions],
                    "filled_from_starter": list(header.filled) if header else [],
                },
                ensure_ascii=False,
            )
        )
        return 0
    if header is None:
        print(say("取込みはまだありません（スターターセット）。", "Nothing imported: the starter set."))
    for source in sources:
        print(
            f"{source.published_on or '-'}\t{source.rows_kept}\t{source.title}\t{source.name}\t{source.sha256}"
        )
    for each in revisions:
        print(f"{each.name} {each.validity.since} 〜 {each.validity.until or ''} {each.source}")
    return 0


def show_code(args: argparse.Namespace) -> int:
    """コードの内容 — every column that carries meaning, limits, inclusions, exclusions."""
    from tasuki.masters.book import EndedCode, OutOfBook
    from tasuki.masters.describe import describe, exclusions_of, inclusions_of, limit_text
    from tasuki_server.masters_source import current_book

    day = args.on or date.today()  # noqa: DTZ011 - the day on the clock of the desk
    book = current_book()
    rows = next((t[args.code] for t in _tables(book) if args.code in t), None)
    if rows is None:
        raise Stop(f"コード {args.code} はどの日にもありません。", f"No row carries the code {args.code}.")
    try:
        on = book.at(day)
    except OutOfBook as out:
        raise Stop(
            f"{day} は収録範囲（{'、'.join(r.name for r in out.revisions)}）の外です。",
            f"{day} lies outside the loaded revisions.",
        ) from out
    row = next((row for row in rows if day in row.validity), None)
    if row is None:
        ended = EndedCode(args.code, day, tuple(row.validity for row in rows))
        days = "、".join(f"{v.since}〜{v.until or ''}" for v in ended.known)
        raise Stop(
            f"コード {args.code} は {day} には使えません（有効期間 {days}）。",
            f"The code {args.code} is not usable on {day} ({days}).",
        )
    described = describe(row, day, book)
    exclusions = exclusions_of(args.code, on)
    groups, parents = inclusions_of(args.code, on)
    limits = [limit_text(limit) for limit in on.limits(args.code)]
    if args.format == "json":
        print(
            json.dumps(
                {
                    "day": str(day),
                    "revision": on.revision.name,
                    "source": on.revision.source,
                    "columns": [d._asdict() for d in described],
                    "exclusions": [e._asdict() for e in exclusions],
                    "includes": [{"unit": u, "group": g, "members": n} for u, g, n in groups],
                    "included_by": [p._asdict() for p in parents],
                    "limits": limits,
                },
                ensure_ascii=False,
            )
        )
        return 0
    print(f"{day} {on.revision.name} {on.revision.source}")
    for each in described:
        print(f"{each.label}\t{each.value}")
    for text in limits:
        print(f"算定回数\t{text}")
    for unit, group, count in groups:
        print(f"包括する\t{group}\t{unit}\t{count}項目")
    for relation in parents:
        print(f"包括される\t{relation.code} {relation.name}\t{relation.meaning}{_special(relation)}")
    for relation in exclusions:
        print(
            f"背反 {relation.kind}\t{relation.code} {relation.name}\t{relation.meaning}{_special(relation)}"
        )
    return 0


def _special(relation: Any) -> str:
    return "（特例条件あり）" if relation.is_special else ""


def _tables(book: Any) -> tuple[Any, ...]:
    return (book.acts, book.drugs, book.materials, book.diseases, book.modifiers, book.comments, book.generic_names)  # fmt: skip


def search_masters(args: argparse.Namespace) -> int:
    """検索 — by kana, kanji, code or short name; usable rows first."""
    from tasuki.masters.search import Kind
    from tasuki_server.masters_source import current_index

    try:
        kind = Kind(args.kind) if args.kind else None
    except ValueError:
        raise Stop(
            f"種別「{args.kind}」はありません（{'、'.join(Kind)}）。",
            f"There is no kind {args.kind} ({', '.join(Kind)}).",
        ) from None
    day = args.on or date.today()  # noqa: DTZ011 - the day on the clock of the desk
    hits = current_index().find(" ".join(args.text), kind, day, args.limit)
    if args.format == "json":
        found = [
            {
                "kind": hit.kind,
                "code": hit.row.code,
                "name": hit.row.name,
                "amount": _amount(hit.row),
                "is_usable": hit.is_usable,
                "match": hit.match.name.lower(),
            }
            for hit in hits
        ]
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for hit in hits:
        note = "" if hit.is_usable else say("\t（この日は使えません）", "\t(not on this day)")
        print(f"{hit.kind}\t{hit.row.code}\t{hit.row.name}\t{_amount(hit.row)}{note}")
    return 0


def _amount(row: Any) -> str:
    from tasuki.masters.rows import Act, Drug, Material, PointsKind

    if isinstance(row, Act):
        unit = {
            PointsKind.YEN: "円",
            PointsKind.ADD_PERCENT: "％加算",
            PointsKind.SUBTRACT_PERCENT: "％減算",
            PointsKind.SUBTRACT: "点減",
        }.get(row.points_kind, "点")
        return f"{row.points:f}{unit}"
    if isinstance(row, Drug | Material):
        return f"{row.price:f}円/{row.unit_name}" if row.unit_name else f"{row.price:f}円"
    return ""


def diff_days(args: argparse.Namespace) -> int:
    """2日の違い — what began, ended or changed between two days."""
    from tasuki.masters.book import OutOfBook
    from tasuki.masters.difference import difference
    from tasuki_server.masters_source import current_book

    try:
        changes = difference(current_book(), args.first, args.second)
    except OutOfBook as out:
        raise Stop(
            f"{out.day} は収録範囲の外です。", f"{out.day} lies outside the loaded revisions."
        ) from out
    if args.chapter:
        changes = [change for change in changes if change.chapter == args.chapter.upper()]
    changes.sort(key=lambda change: (change.table, change.chapter, change.section, change.code))
    counts = Counter((change.table, change.chapter, change.what) for change in changes)
    if args.format == "json":
        made = {"first": str(args.first), "second": str(args.second)}
        print(json.dumps(made | _diff_values(changes, counts), ensure_ascii=False))
        return 0
    place = None
    for change in changes:
        if not args.summary:
            if (change.table, change.chapter) != place:
                place = (change.table, change.chapter)
                print(f"# {change.table} {change.chapter}".rstrip())
            before, after = _side(change.before), _side(change.after)
            words = (
                change.table,
                change.what,
                change.code,
                change.section,
                " ".join(before),
                f"→ {' '.join(after)}",
            )
            print("\t".join(words))
    for (table, chapter, what), count in sorted(counts.items()):
        line = f"{table}\t{chapter or '-'}\t{what}\t{count}"
        print(line, file=sys.stdout if args.summary else sys.stderr)
    return 0


def _diff_values(changes: list[Change], counts: Counter[tuple[str, str, str]]) -> dict[str, Any]:
    by_table: Counter[tuple[str, str]] = Counter()
    for (table, _, what), count in counts.items():
        by_table[table, what] += count
    return {
        "counts": [[table, what, count] for (table, what), count in sorted(by_table.items())],
        "by_chapter": [[*key, count] for key, count in sorted(counts.items())],
        "changes": [
            {
                "table": change.table,
                "chapter": change.chapter,
                "section": change.section,
                "code": change.code,
                "what": change.what,
                "before": _side(change.before),
                "after": _side(change.after),
            }
            for change in changes
        ],
    }


def _side(row: Any) -> list[str]:
    return [row.name, _amount(row)] if row is not None else []
