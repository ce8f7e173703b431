# SPDX-License-Identifier: Apache-2.0
"""訪問看護の指示と同日の訪問 — what the instruction contains, and one visiting fee a day (C005 to C009)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Denial, Proposal, Stage, rule
from tasuki.calculation.rules.home.devices import is_management
from tasuki.calculation.rules.home.home_history import days_of, week_start
from tasuki.calculation.rules.home.management_codes import MANAGEMENT_CODES
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.masters.rows import Act

R6 = date(2024, 6, 1)
INSTRUCTION, SPECIAL, MATERIALS = "114008010", "114008370", "114040570"
DRIP_MANAGEMENT = "114011410"
VISITING_SECTIONS = ("C001", "C001-2", "C005", "C005-1", "C006", "C008", "C009", "I012")
MOST_SPECIAL = 2
NURSE, NURSE_LATER = "114004510", "114010610"
ASSISTANT, ASSISTANT_LATER = "114004610", "114010710"
DAYS_A_WEEK = 3
CANCER_CARE_SECTION = "C003"


@rule(
    "C007/materials",
    title="衛生材料等提供加算を含む管理料",
    cite="通知 C007 (11)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C007",),
)
def materials(case: Case, draft: Draft) -> Denial | None:
    """衛生材料等提供加算 — contained in every management fee of home care of the month."""
    if MATERIALS not in draft.codes():
        return None
    parent = next((act.code for act in draft.acts() if _contains(act)), "")
    if not parent:
        month = (case.day.year, case.day.month)
        lines = [line for line in case.history.lines if (line.day.year, line.day.month) == month]
        parent = next((line.code for line in lines if _contains_code(case, line.code)), "")
    return Denial(MATERIALS, parent) if parent else None


def _contains(act: Act) -> bool:
    is_fee = is_management(act.section) and not act.is_addition
    return (
        is_fee
        or act.code in MANAGEMENT_CODES
        or act.code == DRIP_MANAGEMENT
        or act.section == CANCER_CARE_SECTION
    )


def _contains_code(case: Case, code: str) -> bool:
    return code.startswith("114") and case.book.has(code) and _contains(case.book.act(code))


@rule(
    "C007/special",
    title="特別訪問看護指示加算の月2回",
    cite="医科点数表 C007 注2; 通知 C007 (4)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C007",),
)
def special(case: Case, draft: Draft) -> Denial | None:
    """特別訪問看護指示加算 — once a month, twice with a tracheal cannula or a deep pressure ulcer."""
    if SPECIAL not in draft.codes():
        return None
    month = (case.day.year, case.day.month)
    used = sum(line.count for line in case.history.of(SPECIAL) if (line.day.year, line.day.month) == month)
    most = MOST_SPECIAL if case.has_flag(Flag.CANNULA_OR_DEEP_ULCER) else 1
    return Denial(SPECIAL, "", facts(used=used, most=most)) if used >= most else None


@rule(
    "C001/one_a_day",
    title="訪問診療料等は1日に1つ",
    cite="通知 第2部第1節 1",
    since=R6,
    stage=Stage.CONDITION,
    sections=VISITING_SECTIONS,
)
def one_a_day(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """訪問診療料等 — a doctor's, a nurse's, a therapist's visit of one day: one fee, 往診 in an emergency aside."""
    standing = {
        act.section: act for act in draft.acts() if act.section in VISITING_SECTIONS and _is_base(act)
    }
    earlier = next(
        (
            case.book.act(line.code)
            for line in case.today
            if case.book.has(line.code) and line.code[:1] == "1" and _is_visiting(case.book.act(line.code))
        ),
        None,
    )
    if earlier is None and len(standing) < 2:
        return None
    winner = earlier or max(standing.values(), key=lambda act: (act.points, act.code))
    losers = [act.code for section, act in sorted(standing.items()) if act.code != winner.code]
    return tuple(Denial(code, winner.code, facts(day=case.day)) for code in losers) or None


def _is_base(act: Act) -> bool:
    """Fees of a visit carry a 注加算コード or end in 10; what is added to them ends in 70."""
    return not act.is_addition and not act.code.endswith("70") and "加算" not in act.name


def _is_visiting(act: Act) -> bool:
    return act.section in VISITING_SECTIONS and _is_base(act)


@rule(
    "C005/days",
    title="在宅患者訪問看護・指導料の週3日と週4日目以降",
    cite="医科点数表 C005 注1ただし書; 特掲診療料の施設基準等 別表第七",
    since=R6,
    sections=("C005",),
)
def nursing_days(case: Case, draft: Draft) -> Proposal | Denial | None:
    """在宅患者訪問看護・指導料 — three days a week; more, at the later points, for 別表第七 or while it is worse."""
    first = {NURSE: NURSE_LATER, ASSISTANT: ASSISTANT_LATER}
    code = next((each for each in first if each in draft.codes()), "")
    if not code:
        return None
    days = set(days_of(case, (*first, *first.values()), week_start(case))) - {case.day}
    if len(days) < DAYS_A_WEEK:
        return None
    known = facts(days=len(days), most=DAYS_A_WEEK)
    if case.has_flag(Flag.LISTED_HOME_DISEASE) or case.has_flag(Flag.ACUTE_EXACERBATION):
        return Proposal(first[code], known, replaces=code)
    return Denial(code, "", (*known, ("reason", "week")))
