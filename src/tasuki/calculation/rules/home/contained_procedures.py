# SPDX-License-Identifier: Apache-2.0
"""在宅療養指導管理料に含まれる処置・検査 — what the fee of care at home already pays at the clinic (C103 to C112-2, D223)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.home.devices import is_management
from tasuki.calculation.rules.standing_acts import acts_of_month
from tasuki.kernel.because import facts
from tasuki.kernel.days import month_of, months_before
from tasuki.masters.rows import Act, Material

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftLine

R6 = date(2024, 6, 1)
# 区分番号 of the fee → whether the drugs and materials of the procedure are contained too (通知).
WITH_DRUGS = {
    "C103": True,
    "C105": False,
    "C105-2": False,
    "C105-3": False,
    "C106": True,
    "C107": True,
    "C109": True,
    "C112": False,
    "C112-2": False,
}
VENTILATION_SECTION = "C107"  # 酸素代 is left outside
_FIRST_OF_PAIR = 1
SATURATION_SECTIONS = ("D223", "D223-2")
OXYGEN_SECTIONS = frozenset(("C103", "C157", "C158", "C159", "C159-2", "C171"))  # the fee and its devices
MONTHS_OF_DEVICES = 3


@rule(
    "C100/contained_procedures",
    title="在宅療養指導管理料に含まれる処置",
    cite="医科点数表 J000 注2, J018 注3, J018-3 注3, J024〜J026-3 注, J053 注2, J060 注2, J063 注2, J064 注, J118 注, J119 注4, J120 注1; "
    "通知 C103, C105〜C107, C109 (4), C112, C112-2",
    since=R6,
    stage=Stage.CONDITION,
    chapters="J",
)
def contained_procedures(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """在宅療養指導管理料に含まれる処置 — not billed for a patient outside hospital in a month with the fee.

    Which procedures they are the table of exclusions says; its 特例条件 is the inpatient, who is never here. Of two
    fees only the one that is billed contains: that of an earlier day, else that of more points.
    """
    fee = _fee(case, draft)
    if fee is None or fee.section not in WITH_DRUGS:
        return None
    contained = {
        pair.other
        for pair in case.book.exclusions_with(fee.code, draft.codes())
        if pair.is_special and pair.keep == _FIRST_OF_PAIR and case.book.act(pair.other).chapter == "J"
    }
    if not contained:
        return None
    groups = {unit.group for unit in draft.units for line in unit.lines if line.code in contained}
    return tuple(
        Denial(line.code, fee.code, group=unit.group)
        for unit in draft.units
        if unit.group in groups
        for line in unit.lines
        if line.code in contained or _goes_with(line, fee)
    )


def _fee(case: Case, draft: Draft) -> Act | None:
    earlier = next((act for _, act in acts_of_month(case) if _is_fee(act)), None)
    return earlier or max(
        (act for act in draft.acts() if _is_fee(act)), key=lambda act: act.points, default=None
    )


def _is_fee(act: Act) -> bool:
    return is_management(act.section) and not act.is_addition


def _goes_with(line: DraftLine, fee: Act) -> bool:
    """Whether a line of the same order falls with its procedure: additions always, drugs and materials by the notice."""
    if isinstance(line.row, Act):
        return True
    is_oxygen = isinstance(line.row, Material) and line.row.oxygen != "0"
    return WITH_DRUGS[fee.section] and not (is_oxygen and fee.section == VENTILATION_SECTION)


@rule(
    "D223/home_oxygen",
    title="在宅酸素療法の患者の経皮的動脈血酸素飽和度測定",
    cite="通知 D223 (2), D223-2 (2), C103 (4)・(5)",
    since=R6,
    stage=Stage.CHECK,
    sections=SATURATION_SECTIONS,
)
def saturation(case: Case, draft: Draft) -> tuple[Denial | Advice, ...] | None:
    """経皮的動脈血酸素飽和度測定 — not for a patient with 在宅酸素療法指導管理料 or only the addition of its devices.

    In a month with neither, a patient who had one within three months is asked about.
    """
    tests = sorted({act.code for act in draft.acts() if act.section in SATURATION_SECTIONS})
    reason = next((act.code for act in draft.acts() if act.section in OXYGEN_SECTIONS), "")
    past = [
        line
        for code, lines in case.history.by_code.items()
        if code[:3] == "114" and case.book.has(code) and case.book.act(code).section in OXYGEN_SECTIONS
        for line in lines
        if months_before(case.day, MONTHS_OF_DEVICES) <= line.day <= case.day
    ]
    last = max(past, key=lambda line: (line.day, line.code), default=None)
    if not reason and last is not None and month_of(last.day) == month_of(case.day):
        reason = last.code
    if reason:
        return tuple(Denial(code, reason) for code in tests) or None
    return None if last is None else tuple(Advice(code, facts(last_day=last.day)) for code in tests) or None
