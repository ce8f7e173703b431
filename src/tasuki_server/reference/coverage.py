# SPDX-License-Identifier: Apache-2.0
"""算定範囲 — judges each 区分番号 of the fee table: covered by tables, by rules, in part, or not yet.

The judgement is made from the book and the registered rules, 注 by 注, so that it cannot claim what is not
there. It is a machine's: it sees that a table speaks about the acts of a section, not that it says all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation import rules as _rules  # noqa: F401  (registers every rule)
from tasuki.calculation.bundle_points import bundles_on
from tasuki.calculation.rule import all_rules
from tasuki.calculation.rules.surgery.tests_of_operation import CONTAINING, INSERTIONS
from tasuki.masters.rows import PointsKind
from tasuki.masters.sections import section_of
from tasuki.masters.starter import load_starter
from tasuki_server.reference.fee_sections import FeeSection, Note, fee_sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tasuki.masters.book import DayBook
    from tasuki.masters.rows import Act

DAY = date(2026, 6, 1)
# 「B001 7 注1」 is 「B001の7」: B001 is a list of fees, cited by the number with or without the particle.
_CITED = re.compile(
    r"(?P<section>B001 \d+(?![\d(])|[A-O]\d{3}(?:-\d+)*(?:の\d+)?)|注(?![射入意釈])(?P<note>\d*)(?:[〜～-]注?(?P<last>\d+))?"
)
_RANGE = re.compile(r"([A-O]\d{3}(?:-\d+)*)〜([A-O]\d{3}(?:-\d+)*)(?: 注(?P<note>\d*)(?![〜～・\d]))?")
_PRICED = re.compile("薬剤(薬価|$)|特定保険医療材料|フィルム|造影剤")
_PERCENT = (PointsKind.ADD_PERCENT, PointsKind.SUBTRACT_PERCENT)


# Rules of many sections, whose citation names only some of them: section → the note they answer.
_NOTED: tuple[tuple[str, Mapping[str, int]], ...] = (
    ("K000/tests_of_operation", CONTAINING),
    ("G005/tests_of_insertion", INSERTIONS),
)


class Status(Enum):
    """算定範囲の区分 — how far a section can be billed."""

    TABLES = "表"
    RULES = "表とルール"
    PART = "一部"
    NOT_YET = "まだ"
    WARD = "入院"


class Coverage(NamedTuple):
    """算定範囲 — a section, how far it is covered, by which rules, and what is missing."""

    section: FeeSection
    status: Status
    acts: int
    rules: tuple[str, ...]
    missing: tuple[str, ...]


@cache
def coverage() -> tuple[Coverage, ...]:
    """算定範囲 — every section of the fee table of 2026."""
    book = load_starter().at(DAY)
    acts: dict[str, list[Act]] = defaultdict(list)
    gone: dict[str, int] = defaultdict(int)
    families: dict[str, list[Act]] = defaultdict(list)
    unknown = unknown_points()
    for code, rows in load_starter().acts.items():
        if not rows[0].chapter:
            continue
        if book.has(code):
            act = book.act(code)
            acts[numbered(act)].append(act)
            if act.is_addition and act.addition_group != "0":
                families[act.addition_group].append(act)
        elif code in unknown:
            gone[numbered(rows[0])] += 1
    cited = cited_notes()
    made: list[Coverage] = []
    for section in fee_sections():
        own = acts.get(section.code, [])
        # 注加算コード: an addition may stand under the section of a sister (早期リハビリテーション加算).
        shared = [more for group in {act.addition_group for act in own} for more in families.get(group, ())]
        made.append(judge(section, book, own, shared, gone.get(section.code, 0), cited.get(section.code, {})))
    return tuple(made)


def unknown_points() -> frozenset[str]:
    """点数未確認 — codes of the starter in force before 2026-06-01 whose fee after it is not known, not abolished."""
    text = files("tasuki.masters.starter").joinpath("unconfirmed_r8.tsv").read_text(encoding="utf-8")
    _, *lines = (line.split("\t") for line in text.splitlines())
    return frozenset(code for code, _, evidence in lines if evidence not in ("abolished", "GONE"))


def numbered(act: Act) -> str:
    """区分番号 — of an act; B001 is a list of fees, each by its number."""
    return f"B001の{act.item}" if act.section == "B001" else section_of(act)


@cache
def cited_notes() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """根拠の索引 — section → 注 ("" for the section itself) → ids of the rules in force that cite it."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    codes = [section.code for section in fee_sections()]
    places = {code: at for at, code in enumerate(codes)}
    for rule in all_rules():
        if DAY not in rule.validity:
            continue
        for first, last, note in _ranges(rule.cite):
            for code in codes[places.get(first, 0) : places.get(last, -1) + 1]:
                found[code][note].add(rule.id)
        current = ""
        for match in _CITED.finditer(rule.cite):
            if match["section"]:
                current = match["section"].replace(" ", "の")
                # 「F100の1〜3」 is a part of F100; only B001 is a list of fees.
                current = current if current in places else current.partition("の")[0]
                found[current][""].add(rule.id)
            elif current:
                # 「注」 without a number is the only note of its section.
                first_note = int(match["note"] or 1)
                for number in range(first_note, int(match["last"] or first_note) + 1):
                    found[current][str(number)].add(rule.id)
        for mark in rule.hangs_on:
            if mark in places:
                found[mark][""].add(rule.id)
        owner = rule.id.partition("/")[0]
        if owner in places:
            found[owner][""].add(rule.id)
    for rule_id, noted in _NOTED:
        for section, number in noted.items():
            found[section][str(number or "")].add(rule_id)
    return {code: {note: frozenset(ids) for note, ids in notes.items()} for code, notes in found.items()}


def _ranges(cite: str) -> Iterator[tuple[str, str, str]]:
    """区分番号の範囲 — first, last and the note cited of each of them: 「C150〜C175 注」 is the only note, 「」 none."""
    for match in _RANGE.finditer(cite):
        note = match["note"]
        yield match[1], match[2], "" if note is None else note or "1"


def judge(
    section: FeeSection,
    book: DayBook,
    acts: list[Act],
    shared: list[Act],
    gone: int,
    cited: Mapping[str, frozenset[str]],
) -> Coverage:
    """算定範囲の判定 — of one section, 注 by 注."""
    rules = tuple(sorted(frozenset().union(*cited.values())))
    if not acts and not section.ward and _PRICED.match(section.title):
        # 薬剤 and 特定保険医療材料 are priced from their own masters.
        return Coverage(section, Status.TABLES, 0, rules, ())
    if not acts:
        reason = section.ward or (
            f"令和8年度の点数が確認できないコード {gone}" if gone else "令和8年度のコードが分からない"
        )
        return Coverage(section, Status.WARD if section.ward else Status.NOT_YET, 0, rules, (reason,))
    missing = [
        f"注{note.number}（{'・'.join(lacking)}）"
        for note in section.notes
        if not cited.get(note.number or "1") and (lacking := lacks(note, book, acts, shared))
    ]
    if gone:
        missing.append(f"令和8年度の点数が確認できないコード {gone}")
    status = Status.PART if missing else Status.RULES if rules else Status.TABLES
    return Coverage(section, status, len(acts), rules, tuple(missing))


def lacks(note: Note, book: DayBook, acts: list[Act], shared: list[Act]) -> list[str]:
    """注の不足 — what a 注 asks for that no table of the section's acts says.

    Whom an act is for (「…の患者に対して」) is decided by who orders it, and is not counted.
    """
    lacking: list[str] = []
    codes = [act.code for act in acts]
    fees = points_of(book, acts, shared)
    is_addition_itself = all(act.is_addition for act in acts)
    if "addition" in note.kinds or "replace" in note.kinds:
        lacking += [f"{points}点" for points in note.points if points not in fees]
        lacking += [
            f"100分の{percent}" for percent in note.percents if not has_percent(percent, (*acts, *shared))
        ]
    if "addition" in note.kinds and not (note.points or note.percents or is_addition_itself):
        lacking.append("加算")
    is_bundle = any(act.test_bundle in bundles_on(DAY) for act in acts)
    if "replace" in note.kinds and not note.points and not note.percents and not is_bundle:
        lacking.append("読替え")
    if "count" in note.kinds and not any(book.limits(code) for code in codes):
        lacking.append("回数")
    if "bundle" in note.kinds and not any(
        book.inclusion_groups(code) or book.book.exclusions.get(code) for code in codes
    ):
        lacking.append("併算定")
    if "standard" in note.kinds and not any(act.standards for act in acts):
        lacking.append("施設基準")
    if "named" in note.kinds and "addition" not in note.kinds:
        lacking.append("大臣の定める対象は人が確認")
    return lacking


def points_of(book: DayBook, acts: list[Act], shared: list[Act]) -> set[str]:
    """点数の一覧 — of the acts and their additions, those a row names for an age, each step, and each bundle."""
    own = [*acts, *shared]
    codes = {addition.code for act in own for addition in act.age_additions}
    named = [book.act(code) for code in codes if book.has(code)]
    found = {f"{act.points.normalize():f}" for act in (*own, *named)}
    found |= {f"{act.step.points.normalize():f}" for act in own if act.step is not None}
    groups = {act.test_bundle for act in own}
    bundles = bundles_on(DAY).values()
    return found | {str(points) for each in bundles if each.group in groups for _, points in each.steps}


def has_percent(percent: str, acts: Iterable[Act]) -> bool:
    """割合の行 — whether an act of the section adds or takes that percentage, or is already so reduced."""
    taken = f"{100 - int(percent)}" if percent.isdigit() else percent
    return any(
        "減" in act.name or (act.points_kind in _PERCENT and f"{act.points:.0f}" in (percent, taken))
        for act in acts
    )
