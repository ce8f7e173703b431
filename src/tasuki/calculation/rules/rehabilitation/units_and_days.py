# SPDX-License-Identifier: Apache-2.0
"""疾患別リハビリテーション料 — units of twenty minutes a day, and the months after the standard number of days (H000-H003)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.kernel.because import facts
from tasuki.kernel.days import month_of
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.chart.visit import PastLine

R6 = date(2024, 6, 1)
# 標準的算定日数; for those receiving long-term care three of them end there outside a hospital.
DAYS = {"H000": 150, "H001": 180, "H001-2": 120, "H002": 150, "H003": 90}
ENDS_WITH_LONG_TERM_CARE = frozenset({"H001", "H001-2", "H002"})
SECTIONS = tuple(DAYS)
UNITS_A_DAY = 6
UNITS_A_MONTH = 13


class Done(NamedTuple):
    """実施単位 — an act of disease-based rehabilitation of the draft with its units and where it was ordered."""

    code: str
    section: str
    units: int
    order_id: str
    group: str


def done(draft: Draft) -> list[Done]:
    """実施単位 — in the order of codes, so that the order of entry does not matter."""
    found = []
    for unit in draft.units:
        row = unit.lines[0].row
        if isinstance(row, Act) and row.section in DAYS and not row.is_addition:
            units = int(unit.lines[0].amount or 1) * unit.times
            found.append(Done(row.code, row.section, units, unit.order_id, unit.group))
    return sorted(found)


@rule(
    "H000/units_a_day",
    title="疾患別リハビリテーション料の1日の単位",
    cite="医科点数表 第7部 通則4",
    since=R6,
    stage=Stage.CONDITION,
    sections=SECTIONS,
)
def units_a_day(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """1日の単位 — six for one person over every kind and therapist together; a unit that crosses the sixth is shown."""
    used = sum(_units(line) for line in case.today if _section(case, line.code) in DAYS)
    outcomes: list[Outcome] = []
    for each in done(draft):
        if used >= UNITS_A_DAY:
            outcomes.append(Denial(each.code, "", facts(limit=UNITS_A_DAY, used=used), each.group))
            continue
        if used + each.units > UNITS_A_DAY:
            left = UNITS_A_DAY - used
            outcomes.append(Advice(each.code, facts(limit=UNITS_A_DAY, used=used, left=left)))
        used += each.units
    return tuple(outcomes) or None


@rule(
    "H000/after_standard_days",
    title="標準的算定日数を超えた疾患別リハビリテーション料",
    cite="医科点数表 H000 注1・注6, H001 注1・注6・注7, H001-2 注1・注6・注7, H002 注1・注6・注7, H003 注1・注6",
    since=R6,
    stage=Stage.CONDITION,
    sections=SECTIONS,
)
def after_standard_days(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """標準的算定日数 — after it thirteen units a month, and none for whoever receives long-term care (H001, H001-2, H002).

    The day it counts from stands on the order; where it does not, a human is asked. Whom further treatment is
    expected to improve is counted as before.
    """
    outcomes: list[Outcome] = []
    used: dict[str, int] = {}
    for each in done(draft):
        began = next((order.began_on for order in case.visit.orders if order.id == each.order_id), None)
        if began is None:
            outcomes.append(Advice(each.code, facts(reason="no_start", limit=DAYS[each.section])))
            continue
        passed = (case.day - began).days + 1
        if passed <= DAYS[each.section] or case.has_flag(Flag.REHABILITATION_CONTINUED):
            continue
        known = facts(first_day=began, limit=DAYS[each.section])
        if each.section in ENDS_WITH_LONG_TERM_CARE and case.has_flag(Flag.RECEIVES_LONG_TERM_CARE):
            outcomes.append(Denial(each.code, "", (("reason", "long_term_care"), *known), each.group))
            continue
        earlier = _this_month(case, each.section)
        if earlier is None:
            outcomes.append(Advice(each.code, (("reason", "unknown_units"), *known)))
            continue
        before = used.get(each.section, 0) + earlier
        left = UNITS_A_MONTH - before
        if left <= 0:
            outcomes.append(
                Denial(each.code, "", (("reason", "month"), *known, ("used", before)), each.group)
            )
            continue
        if each.units > left:
            outcomes.append(Advice(each.code, (("reason", "month"), *known, ("left", left))))
        used[each.section] = used.get(each.section, 0) + each.units
    return tuple(outcomes) or None


def _this_month(case: Case, section: str) -> int | None:
    """The units of earlier days of the month, None when a bill does not say how many."""
    lines = [
        line
        for code, lines in case.history.by_code.items()
        if _section(case, code) == section
        for line in lines
        if month_of(line.day) == month_of(case.day) and line.visit_id != case.visit.id
    ]
    return None if any(line.amount is None for line in lines) else sum(_units(line) for line in lines)


def _units(line: PastLine) -> int:
    return int(line.amount or 1) * line.count


def _section(case: Case, code: str) -> str:
    if code[:3] != "180" or not case.book.has(code):
        return ""
    row = case.book.item(code)
    return row.section if isinstance(row, Act) and not row.is_addition else ""
