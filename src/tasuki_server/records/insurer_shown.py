# SPDX-License-Identifier: Apache-2.0
"""健診結果の表示 — a report with plain labels as an insurer reads it, and how its results ran over the years."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from tasuki.forms.graphs import Trend, TrendPoint, trend
from tasuki.kernel.finding import BadInput
from tasuki.kernel.kana import search_key
from tasuki.kernel.messages import sentence
from tasuki.sharing.checkups import (
    Checkup,
    CheckupGroup,
    CheckupItem,
    CheckupWire,
    kind_of,
    read_report,
    write_checkup,
)
from tasuki.sharing.checkups.kinds import PROGRAMS, SECTION_NAMES
from tasuki.sharing.checkups.shown import item_name, value_text
from tasuki.sharing.checkups.values import MeasuredValue, NormalRange
from tasuki.sharing.permission import is_of_one_person
from tasuki_server.records.models import Checkup as CheckupRow

_BEYOND_RANGE = frozenset("HL")
_FEWEST = 2
WIDTH, HEIGHT = 340, 190


class ResultLine(NamedTuple):
    """健診結果の行 — an item in words; ``mark`` is H or L where the institution said so."""

    name: str
    value: str
    mark: str = ""
    normal: str = ""
    note: str = ""


class SectionShown(NamedTuple):
    """健診結果の区分 — its heading and its lines."""

    title: str
    lines: list[ResultLine]


class Course(NamedTuple):
    """経年変化 — an item over the days of the checkups, newest first, None where a checkup has none of it."""

    name: str
    cells: list[ResultLine | None]
    svg: str


def read_row(row: CheckupRow) -> Checkup | None:
    """健診結果の読取り — None when what is kept cannot be read any more."""
    assert row.body is not None
    try:
        # From the text: a number that passed through a float is another number.
        return read_report(bytes(row.body)).checkup
    except BadInput:
        return None


def of_same_person(
    row: CheckupRow, beside: Sequence[CheckupRow], read: Mapping[UUID, Checkup | None]
) -> list[CheckupRow]:
    """同じ人の報告書 — of those under one insured number, in their order; ``read`` are they and the row itself, by id.

    Without 枝番 a family shares the number: then only those of the same birthday, sex and name are of one person.
    """
    if is_of_one_person(row.person):
        return list(beside)
    own = _who(read[row.id])
    return [each for each in beside if own and _who(read[each.id]) == own]


def _who(checkup: Checkup | None) -> tuple[object, ...]:
    if checkup is None:
        return ()
    who = checkup.examinee
    name = who.kana or who.kanji
    return who.born_on, who.sex, search_key(name.text) if name else ""


def shown_report(row: CheckupRow, checkup: Checkup | None) -> dict[str, Any]:
    """健診結果の表示 — the head, the results by section, and what a 特定健診XML would not carry."""
    if checkup is None:
        return {"head": [], "sections": [], "lost": []}
    program = PROGRAMS.get(checkup.program)
    who, insured = checkup.examinee, checkup.examinee.insured
    head = [
        ("氏名", who.kanji.text if who.kanji else ""),
        ("フリガナ", who.kana.text if who.kana else ""),
        ("生年月日", who.born_on.isoformat()),
        ("性別", "男" if who.sex == "1" else "女"),
        ("保険者番号", insured.insurer),
        ("記号・番号（枝番）", _insured(insured.symbol, insured.number, insured.branch)),
        ("健診の種別", kind_of(checkup.program).value),
        ("プログラム", program.name if program else checkup.program),
        ("実施日", checkup.held_on.isoformat()),
        ("健診機関", f"{checkup.performer.name}（{checkup.performer.number}）"),
        ("医師", "、".join(each.name.text for each in checkup.doctors)),
        ("受診券整理番号", checkup.ticket.number if checkup.ticket else ""),
    ]
    sections = [
        SectionShown(each.title or SECTION_NAMES.get(each.code, each.code), _lines(each.entries))
        for each in checkup.sections
    ]
    return {
        "head": [(label, text) for label, text in head if text],
        "sections": [each for each in sections if each.lines],
        "lost": _lost(checkup, row),
    }


def courses(checkups: Sequence[Checkup]) -> tuple[list[date], list[Course]]:
    """経年変化 — of items that at least two checkups have; ``checkups`` come with the newest first."""
    if len(checkups) < _FEWEST:
        return [], []
    items = [{(each.code, _unit(each)): each for each in checkup.items()} for checkup in checkups]
    found = []
    for key in dict.fromkeys(key for each in items for key in each):
        rows = [each.get(key) for each in items]
        told = [_line(each) if each is not None else None for each in rows]
        if sum(each is not None and bool(each.value) for each in told) < _FEWEST:
            continue
        name = next(each.name for each in told if each is not None)
        found.append(Course(name, told, _drawing(name, key[1], checkups, rows)))
    return [each.held_on for each in checkups], found


def _lost(checkup: Checkup, row: CheckupRow) -> list[str]:
    try:
        return [sentence(each) for each in write_checkup(checkup, CheckupWire.XML, row.number).lost]
    except BadInput as wrong:
        return [sentence(each) for each in wrong.findings]


def _insured(symbol: str, number: str, branch: str) -> str:
    return f"{symbol}・{number}" + (f"（{branch}）" if branch else "")


def _lines(entries: Sequence[CheckupItem | CheckupGroup]) -> list[ResultLine]:
    return [line for line in map(_line, _items(entries)) if line.value]


def _items(entries: Sequence[CheckupItem | CheckupGroup]) -> Iterator[CheckupItem]:
    for each in entries:
        if isinstance(each, CheckupGroup):
            yield from (member.item for member in each.members)
        else:
            yield each


def _line(item: CheckupItem) -> ResultLine:
    mark = item.judgement if item.judgement in _BEYOND_RANGE else ""
    return ResultLine(
        item_name(item), value_text(item), mark, _range(item.normal), item.note or item.absence_reason
    )


def _range(normal: NormalRange | None) -> str:
    if normal is None or (normal.low is None and normal.high is None):
        return ""
    ends = ["" if each is None else f"{each:f}" for each in (normal.low, normal.high)]
    return "〜".join(ends)


def _unit(item: CheckupItem) -> str:
    return item.value.unit if isinstance(item.value, MeasuredValue) else ""


def _number(item: CheckupItem | None) -> Decimal | None:
    """A value 以上 or 以下 is no point of a line."""
    if item is None or item.beyond or not isinstance(item.value, MeasuredValue):
        return None
    return item.value.number


def _drawing(name: str, unit: str, checkups: Sequence[Checkup], rows: Sequence[CheckupItem | None]) -> str:
    points = [
        TrendPoint(checkup.held_on, _number(item), value_text(item))
        for checkup, item in zip(checkups, rows, strict=True)
        if item is not None
    ][::-1]
    if sum(each.value is not None for each in points) < _FEWEST:
        return ""
    normal = next((each.normal for each in rows if each is not None and each.normal is not None), None)
    low, high = (normal.low, normal.high) if normal is not None else (None, None)
    return trend(Trend(name, unit, tuple(points), low, high), width=WIDTH, height=HEIGHT)
