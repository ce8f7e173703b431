# SPDX-License-Identifier: Apache-2.0
"""労災診療費 — a statement by the table of health insurance turned into one by 労災診療費算定基準.

Its own acts carry codes 101…: 初診料 and 再診料 in yen stand in place of those in points, multiples for limbs
are additions, the rest is ordered like any act. Where only a human knows, the line is advised.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasuki.calculation.payers.limbs import limb_times
from tasuki.calculation.statement import Line, LineKind
from tasuki.chart.coverage import InsuranceKind
from tasuki.chart.visit import VisitKind
from tasuki.kernel.because import Because, Verdict, facts
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.kernel.points import half_up
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.masters.revisions import revision_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.calculation.statement import Statement, Unit
    from tasuki.chart.visit import PastLine
    from tasuki.masters.book import DayBook
    from tasuki.masters.rows import Act

CITE = "労災診療費算定基準"
# Health insurance's basic fee → that of 労災, in yen.
BASES = {
    "111000110": "101110010",  # 初診料
    "111011810": "101110040",  # 同一日2科目の初診料
    "112007410": "101120010",  # 再診料
    "112015810": "101120040",  # 同一日2科目の再診料
    "112007950": "101120050",  # 電話等再診料
    "112008350": "101120060",  # 同日再診料
    "112008850": "101120070",  # 同日電話等再診料
    "112015950": "101120080",  # 電話等再診料 (同一日2科目)
}
_HEALTH_BASES = {mine: theirs for theirs, mine in BASES.items()}
# 情報通信機器を用いた初診料・再診料 have no act of their own in the table of 労災.
_ONLINE = frozenset({"111014210", "111014510", "112024210", "112024950", "112025210"})
_AT_FIRST = (("101800890", "emergency"), ("101800870", "claim-form"))
_AT_REVISIT = (("101130190", "guidance"),)
MANAGEMENT = "112011010"
_MANAGEMENT_POINTS = 52
# 外来管理加算の特例 of the smallest act, and what the points of any further small act are read as.
_SPECIAL_MANAGEMENT = "101120020"
_INSTEAD = {"40": "101400040", "54": "101500210", "60": "101600150"}
_INSTEAD_OTHER = "101800380"
_READ_AS = frozenset({*_INSTEAD.values(), _INSTEAD_OTHER})
_MULTIPLES = {
    "40": ("101400010", "101400020"),
    "50": ("101500010", "101500020"),
    "80": ("101800010", "101800010"),
}

register(
    {
        "payers.table_missing": "労災診療行為マスターに{code}がありません。労災のマスターを取り込んでください。",
        "payers.price_of_earlier_revision": "{name}の{yen}円は{since}からの額です。{revision}改定後の労災の額は確認されていません。通知で確かめ、労災のマスターを取り込んでください。",
        "payers.online_base": "情報通信機器を用いた診察の労災での算定は確認されていません。点数のまま示しています。",
    }
)


def as_work_accident(
    statement: Statement, book: DayBook, kind: InsuranceKind = InsuranceKind.WORK_ACCIDENT
) -> Statement:
    """労災診療費 — basic fees in yen, and the acts of 労災 that could be billed beside them.

    自賠責 by the same table knows no 療養の給付請求書.

    Cite: 労災診療費算定基準 1 初診料, 2 再診料, 3 救急医療管理加算
    """
    units: list[Unit] = []
    findings: list[Finding] = []
    for unit in statement.units:
        unit = _read_as_management(unit)
        base = next((line for line in unit.lines if line.code in BASES), None)
        if any(line.code in _ONLINE for line in unit.lines):
            findings.append(_finding("PAY-0104", "payers.online_base"))
        if base is None:
            units.append(unit)
            continue
        act = _act(book, BASES[base.code])
        if act is None:
            findings.append(_finding("PAY-0101", "payers.table_missing", code=BASES[base.code]))
            units.append(unit)
            continue
        yen = half_up(act.points)
        if revision_name(act.validity.since) != book.revision.name:
            findings.append(_earlier(act, yen, book))
        units.append(_swapped(unit, base, act, yen))
    return replace(
        statement,
        units=tuple(units),
        advised=(*statement.advised, *_advice(statement, book, kind)),
        findings=(*statement.findings, *findings),
    )


def health_history(lines: tuple[PastLine, ...]) -> tuple[PastLine, ...]:
    """労災の算定歴 — with the basic fees under the codes the rules ask for."""
    return tuple(replace(line, code=_HEALTH_BASES.get(line.code, line.code), payer="") for line in lines)


def _swapped(unit: Unit, base: Line, act: Act, yen: int) -> Unit:
    because = Because(
        "payers/work-accident/base",
        Verdict.GRANTED,
        facts(yen=yen, health=base.name, points=base.points),
        CITE,
        act.code,
    )
    mine = Line(act.code, act.name, LineKind.ACT, None, 0, Verdict.GRANTED, (*base.because, because))
    lines = tuple(mine if line is base else line for line in unit.lines)
    return unit._replace(lines=lines, points=unit.points - base.points, yen=unit.yen + yen)


def _read_as_management(unit: Unit) -> Unit:
    """外来管理加算への読み替え — the points of 外来管理加算 stand in place of those of the act, not beside them."""
    instead = next((line for line in unit.lines if line.code in _READ_AS), None)
    if instead is None or len(unit.lines) == 1:
        return unit
    others = sum(line.points for line in unit.lines if line is not instead)
    because = Because(
        "payers/work-accident/read-as",
        Verdict.GRANTED,
        facts(points=others, more=instead.points),
        CITE,
        instead.code,
    )
    lines = tuple(
        line._replace(because=(*line.because, because)) if line is instead else line._replace(points=0)
        for line in unit.lines
    )
    return unit._replace(lines=lines, points=instead.points)


def _advice(statement: Statement, book: DayBook, kind: InsuranceKind) -> Iterator[Line]:
    have = {line.code for line in statement.granted()}
    wanted: tuple[tuple[str, str], ...] = _AT_FIRST if statement.kind is VisitKind.FIRST else ()
    if statement.kind is VisitKind.REVISIT:
        wanted = _AT_REVISIT
    for code, name in wanted:
        act = _act(book, code)
        if name == "claim-form" and kind is not InsuranceKind.WORK_ACCIDENT:
            continue
        if act is not None and code not in have:
            yield _advised(act, f"payers/work-accident/{name}", 0, yen=half_up(act.points))
    yield from _instead_of_management(statement, book)
    for unit in statement.units:
        yield from _limb(unit, book)


def _instead_of_management(statement: Statement, book: DayBook) -> Iterator[Line]:
    """外来管理加算の特例 — acts of fewer points than 外来管理加算 do not stand in its way under 労災.

    The smallest keeps its points and 外来管理加算 is billed beside it; the points of every further one are
    read as those of 外来管理加算. Points are those after the multiple for a limb.
    """
    if not any(line.code == MANAGEMENT for line in statement.denied):
        return
    granted = {line.code for line in statement.granted()}
    small: list[tuple[int, Unit, Act]] = []
    for unit in statement.units:
        act = next((a for line in unit.lines if (a := _act(book, line.code)) is not None), None)
        if act is None or act.outpatient_management != "1":
            continue
        points = unit.points - sum(line.points for line in unit.lines if line.code in _READ_AS)
        points += sum(line.potential_points // unit.times for line in _limb(unit, book))
        if points < _MANAGEMENT_POINTS:
            small.append((points, unit, act))
    small.sort(key=lambda one: one[0])
    for index, (points, unit, act) in enumerate(small):
        code = _INSTEAD.get(unit.section, _INSTEAD_OTHER) if index else _SPECIAL_MANAGEMENT
        instead = _act(book, code)
        is_there = any(line.code in _READ_AS for line in unit.lines) if index else code in granted
        if instead is None or is_there:
            continue
        yield _advised(
            instead,
            "payers/work-accident/read-as" if index else "payers/work-accident/management",
            _MANAGEMENT_POINTS - points if index else _MANAGEMENT_POINTS,
            act=act.name,
            points=points,
        )


def _limb(unit: Unit, book: DayBook) -> Iterator[Line]:
    multiples = _MULTIPLES.get(unit.section)
    if multiples is None or not unit.site or any(line.code in multiples for line in unit.lines):
        return
    first = _act(book, unit.lines[0].code)
    times = "" if first is None else limb_times(first, unit.site)
    act = _act(book, multiples[0] if times == "2.0" else multiples[1]) if times else None
    if act is not None:
        more = half_up(unit.points * act.points / 100) * unit.times
        yield _advised(
            act,
            "payers/work-accident/limb",
            more,
            site=unit.site,
            act=unit.lines[0].name,
            times=times,
        )


def _advised(row: Act, rule: str, points: int, /, **given: object) -> Line:
    because = Because(rule, Verdict.ADVISED, facts(**given), CITE, row.code)
    return Line(
        row.code, row.name, LineKind.ACT, None, 0, Verdict.ADVISED, (because,), potential_points=points
    )  # fmt: skip


def _act(book: DayBook, code: str) -> Act | None:
    try:
        return book.act(code)
    except (UnknownCode, EndedCode):
        return None


def _earlier(act: Act, yen: int, book: DayBook) -> Finding:
    return _finding(
        "PAY-0102", "payers.price_of_earlier_revision", Severity.CONFIRM,
        name=act.name, yen=yen, since=act.validity.since.isoformat(), revision=book.revision.name,
    )  # fmt: skip


def _finding(code: str, key: str, severity: Severity | None = None, /, **given: object) -> Finding:
    grave = Severity.BLOCK if key == "payers.table_missing" else Severity.CONFIRM
    return Finding(code, severity or grave, Where(field="insurance.kind"), key, given)
