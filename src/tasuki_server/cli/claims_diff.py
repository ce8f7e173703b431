# SPDX-License-Identifier: Apache-2.0
"""比較 — `./tasuki claims diff A B`: what changed between two claim files, receipt by receipt."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.claims_stream import opened
from tasuki_server.cli.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.compare import ReceiptChange, RecordChange
    from tasuki.claims.receipt import Receipt


def add_diff(verbs: Any) -> None:
    """引数 — the two files."""
    diff = verbs.add_parser(
        "diff", help=say("二つの請求ファイルをレセプトごとに比べる", "compare two claim files by receipt")
    )
    diff.add_argument("before", metavar="A", help=say("前のファイル", "file before"))
    diff.add_argument("after", metavar="B", help=say("後のファイル", "file after"))
    diff.set_defaults(verb=_diff)


def _diff(args: argparse.Namespace) -> int:
    from tasuki.claims.compare import compare_records
    from tasuki_server.cli.claims_given import given_file
    from tasuki_server.cli.claims_pairs import Pairs

    counts = {"added": 0, "removed": 0, "changed": 0}
    points = 0
    is_json = args.format == "json"
    with Pairs() as pairs:
        around = []
        for name in (args.before, args.after):
            with opened(name) as stream:
                around.append(pairs.read(given_file(name, stream)))
        separator = ""
        if is_json:
            print('{"receipts": [', end="")
        for change in pairs.changes():
            counts[change.kind] += 1
            points += change.points_difference
            if is_json:
                print(separator + json.dumps(_plain_receipt(change), ensure_ascii=False), end="")
                separator = ", "
            else:
                print("\n".join(_text_receipt(change)))
        outside = tuple(compare_records(*around, pairs.table))
    is_equal = not outside and not any(counts.values())
    if is_json:
        rest = {
            "file": [_plain_record(one) for one in outside],
            **counts,
            "points_difference": points,
            "is_equal": is_equal,
        }
        print("], " + json.dumps(rest, ensure_ascii=False)[1:])
    else:
        for one in outside:
            print("\n".join(_text_record(one, "")))
        print(
            f"{say('追加', 'added')} {counts['added']}, {say('削除', 'removed')} {counts['removed']}, "
            f"{say('変更', 'changed')} {counts['changed']}, {say('点数の差', 'points')} {points:+,}"
        )
    return 0 if is_equal else 1


def _title(receipt: Receipt) -> dict[str, Any]:
    header = receipt.header
    return {
        "number": header.record.value(2),
        "chart_number": header.chart_number,
        "name": header.patient_name,
        "month": header.record.value(4),
    }


def _plain_receipt(change: ReceiptChange) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "before": None if change.before is None else _title(change.before),
        "after": None if change.after is None else _title(change.after),
        "points_difference": change.points_difference,
        "records": [_plain_record(one) for one in change.records],
    }


def _plain_record(change: RecordChange) -> dict[str, Any]:
    return {
        "before": None if change.before is None else list(change.before.values),
        "after": None if change.after is None else list(change.after.values),
        "items": [one._asdict() for one in change.items],
    }


def _text_receipt(change: ReceiptChange) -> Iterator[str]:
    word = {
        "added": say("追加", "added"), "removed": say("削除", "removed"), "changed": say("変更", "changed"),
    }[change.kind]  # fmt: skip
    shown = change.after or change.before
    if shown is None:
        return
    title = _title(shown)
    yield (
        f"■ {word} {title['number']} {title['name']}（{title['chart_number']}） "
        f"{title['month']}  {change.points_difference:+,}{say('点', ' points')}"
    )
    for one in change.records:
        yield from _text_record(one, "  ")


def _text_record(change: RecordChange, margin: str) -> Iterator[str]:
    if change.before is None or change.after is None:
        sign, record = ("+", change.after) if change.before is None else ("-", change.before)
        if record is not None:
            yield f"{margin}{sign} {','.join(record.values).rstrip(',')}"
        return
    subject = ",".join(change.after.values[:4]).rstrip(",")
    yield f"{margin}~ {subject}"
    for one in change.items:
        yield f"{margin}    {one.number} {one.term}: {one.before or '—'} → {one.after or '—'}"
