# SPDX-License-Identifier: Apache-2.0
"""疾患別リハビリテーション料 — units of twenty minutes a day, and the months after the standard number of days (H000-H003)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.diseases import under_treatment
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.standing_acts import acts_of_month, is_member
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Collection

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.chart.visit import PastLine

R6 = date(2024, 6, 1)
# 標準的算定日数; for those receiving long-term care three of them end there outside a hospital.
DAYS = {"H000": 150, "H001": 180, "H001-2": 120, "H002": 150, "H003": 90}
ENDS_WITH_LONG_TERM_CARE = frozenset({"H001", "H001-2", "H002"})
SECTIONS = tuple(DAYS)
UNITS_A_DAY, MOST_UNITS_A_DAY = 6, 9
STROKE_DAYS = 60
STROKE_ICD10 = ("I60", "I61", "I62", "I63", "I64")
UNITS_A_MONTH = 13


class Done(NamedTuple):
    """実施単位 — an act of disease-based rehabilitation of the draft with its units and where it was ordered."""

    code: str
    section: str
    units: int
    order_id: str
    group: str


def done(draft: Draft) -> list[Done]:
    """実施単位 — of disease-based rehabilitation, in the order of codes, so that the order of entry does not matter."""
    return done_in(draft, DAYS.keys())


def done_in(draft: Draft, sections: Collection[str]) -> list[Done]:
    """実施単位 — of the acts of some sections, additions aside."""
    found = []
    for unit in draft.units:
        row = unit.lines[0].row
        if isinstance(row, Act) and row.section in sections and not row.is_addition:
            units = int(unit.lines[0].amount or 1) * unit.times
            found.append(Done(row.code, row.section, units, unit.order_id, unit.group))
    return sorted(found)


def start_of(case: Case, each: Done) -> date | None:
    """起算日 — of the order of an act, None where nobody wrote it down."""
    return next((order.began_on for order in case.visit.orders if order.id == each.order_id), None)


def units_allowed(case: Case, draft: Draft) -> int:
    """1日の単位の上限 — nine for a stroke within sixty days of its onset, operation or worsening, six for the others.

    Cite: 医科点数表 第7部 通則4; 特掲診療料の施設基準等 別表第九の三; 疑義解釈その2 (令和8年4月1日) 医科 問68
    """
    since = case.day - timedelta(days=STROKE_DAYS - 1)
    starts = [start_of(case, each) for each in done(draft) if each.section == "H001"]
    has_stroke = any(
        diagnosis.since >= since and any(icd.startswith(STROKE_ICD10) for icd in row.icd10 if icd)
        for diagnosis, row in under_treatment(case)
    )
    is_new = has_stroke or any(start is not None and start >= since for start in starts)
    return MOST_UNITS_A_DAY if is_new else UNITS_A_DAY


@rule(
    "H000/units_a_day",
    title="疾患別リハビリテーション料の1日の単位",
    cite="医科点数表 第7部 通則4; 特掲診療料の施設基準等 別表第九の三",
    since=R6,
    stage=Stage.CONDITION,
    sections=SECTIONS,
)
def units_a_day(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """1日の単位 — six (nine soon after a stroke) over every kind and therapist together; what crosses it is cut and shown."""
    used = sum(_units(line) for line in case.today if _section(case, line.code) in DAYS)
    limit = units_allowed(case, draft)
    outcomes: list[Outcome] = []
    for each in done(draft):
        if used >= limit:
            outcomes.append(Denial(each.code, "", facts(limit=limit, used=used), each.group))
            continue
        if used + each.units > limit:
            known = facts(limit=limit, used=used, left=limit - used)
            outcomes += _cut_to(draft, each, limit - used, known)
        used += each.units
    return tuple(outcomes) or None


def _cut_to(
    draft: Draft, each: Done, left: int, known: tuple[tuple[str, object], ...]
) -> tuple[Outcome, ...]:
    """The units that are left of a limit, with the advice to record them so; of an order done several times the advice alone."""
    times = next(unit.times for unit in draft.units if unit.group == each.group)
    advice = Advice(each.code, known)
    if times != 1:
        return (advice,)
    told = tuple(fact for fact in known if fact[0] != "reason")
    cut = Proposal(each.code, told, onto_group=each.group, amount=Decimal(left), replaces=each.code)
    return (cut, advice)


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
        began = start_of(case, each)
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
            outcomes += _cut_to(draft, each, left, (("reason", "month"), *known, ("left", left)))
        used[each.section] = used.get(each.section, 0) + each.units
    return tuple(outcomes) or None


def _this_month(case: Case, section: str) -> int | None:
    """The units of earlier days of the month, None when a bill does not say how many."""
    lines = [
        line
        for line, act in acts_of_month(case)
        if is_member(act, (section,)) and line.visit_id != case.visit.id
    ]
    return None if any(line.amount is None for line in lines) else sum(_units(line) for line in lines)


def _units(line: PastLine) -> int:
    return int(line.amount or 1) * line.count


def _section(case: Case, code: str) -> str:
    if code[:3] != "180" or not case.book.has(code):
        return ""
    row = case.book.item(code)
    return row.section if isinstance(row, Act) and not row.is_addition else ""


@rule(
    "H000/one_category",
    title="疾患別リハビリテーション料の区分",
    cite="医科点数表 第7部 通則4; 通知 第7部 通則8",
    since=R6,
    stage=Stage.CHECK,
    sections=SECTIONS,
)
def one_category(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """疾患別リハビリテーション料の区分 — the one that fits best; two on one day only for two diseases, which is asked."""
    found = done(draft)
    sections = {each.section for each in found}
    if len(sections) < 2:
        return None
    return tuple(Advice(code, facts(count=len(sections))) for code in sorted({each.code for each in found}))
