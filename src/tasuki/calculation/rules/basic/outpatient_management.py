# SPDX-License-Identifier: Apache-2.0
"""外来管理加算 — at a revisit without procedures and the like (A001 注8)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import IN_PERSON, REVISIT_FAMILY
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Stage, rule, usual_proposal
from tasuki.kernel.because import as_mapping, facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
OUTPATIENT_MANAGEMENT = "112011010"
BLOCKS = "1"
_REASONS_AGAINST = (Flag.OUTPATIENT_MANAGEMENT_DECLINED, Flag.FAMILY_CAME)


@rule(
    "A001/outpatient_management",
    title="外来管理加算",
    cite="医科点数表 A001 注8; 通知 A001 (7)",
    since=R6,
    families=(REVISIT_FAMILY,),
    kinds=IN_PERSON,
)
def outpatient_management(case: Case, _draft: Draft) -> Outcome:
    """外来管理加算 — proposed at every revisit in person; what blocks it speaks later.

    Not for a second department, not by telephone or online, and not when only the family came.
    """
    for flag in _REASONS_AGAINST:
        if flag in case.visit.flags:
            return Denial(OUTPATIENT_MANAGEMENT, "", facts(reason=flag.value))
    return usual_proposal(OUTPATIENT_MANAGEMENT)


@rule(
    "A001/outpatient_management_blocked",
    title="外来管理加算と処置等",
    cite="医科点数表 A001 注8; 医科診療行為マスター col 56 外来管理加算区分",
    since=R6,
    stage=Stage.CHECK,
    codes=(OUTPATIENT_MANAGEMENT,),
)
def blocked_outpatient_management(case: Case, draft: Draft) -> Denial | None:
    """外来管理加算 — lost when a procedure, listed test or the like of this visit stands (col 56).

    With several departments on one day, a procedure in one takes it from the others.
    """
    if OUTPATIENT_MANAGEMENT not in draft.codes():
        return None
    blocking = [act for act in draft.acts() if act.outpatient_management == BLOCKS]
    if blocking:
        act = min(blocking, key=lambda each: (each is draft.base, each.order, each.code))
        return Denial(OUTPATIENT_MANAGEMENT, act.code, facts(act=act.name))
    elsewhere = _done_in_another_department(case)
    if elsewhere is not None:
        return Denial(OUTPATIENT_MANAGEMENT, elsewhere.code, facts(act=elsewhere.name, other_department=True))
    return None


@rule(
    "A001/outpatient_management_unbilled",
    title="外来管理加算と算定できない処置等",
    cite="医科点数表 A001 注8; 通知 A001 (7)",
    since=R6,
    stage=Stage.CHECK,
    codes=(OUTPATIENT_MANAGEMENT,),
)
def beside_unbilled(case: Case, draft: Draft) -> Advice | None:
    """外来管理加算 — asked about when a procedure was done that another fee contains.

    The notice speaks of what is done, the table of what is billed; no answer was found that decides it.
    """
    if OUTPATIENT_MANAGEMENT not in draft.codes():
        return None
    ordered = {item.code for order in case.visit.orders for item in order.items}
    standing = draft.codes()
    for line in draft.denied:
        if line.code not in ordered or line.code in standing or not case.book.has(line.code):
            continue
        row = case.book.item(line.code)
        is_contained = bool(as_mapping(line.because[-1]).get("lost_to"))
        if is_contained and isinstance(row, Act) and row.outpatient_management == BLOCKS:
            return Advice(OUTPATIENT_MANAGEMENT, facts(act=row.name))
    return None


def _done_in_another_department(case: Case) -> Act | None:
    for line in case.today:
        if line.department in ("", case.visit.department) or not case.book.has(line.code):
            continue
        row = case.book.item(line.code)
        if isinstance(row, Act) and row.outpatient_management == BLOCKS:
            return row
    return None
