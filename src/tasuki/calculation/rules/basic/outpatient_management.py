# SPDX-License-Identifier: Apache-2.0
"""外来管理加算 — at a revisit without procedures and the like (A001 注8)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import IN_PERSON, REVISIT_FAMILY
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Stage, rule, usual_proposal
from tasuki.calculation.statement import LineKind
from tasuki.kernel.because import as_mapping, facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
OUTPATIENT_MANAGEMENT = "112011010"
BLOCKS = "1"
# 検査, リハビリテーション, 精神科専門療法, 処置, 手術, 麻酔, 放射線治療.
DONE_CHAPTERS = frozenset("DHIJKLM")
# 医学管理等, 在宅医療: what they contain is done all the same.
FEES_OF_CARE = frozenset("BC")
ORDERED = "order"  # the reason of a line that was ordered, not proposed
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
    cite="医科点数表 A001 注8; 通知 A001 (7) ア・エ; 医科診療行為マスター col 56 外来管理加算区分",
    since=R6,
    stage=Stage.CHECK,
    codes=(OUTPATIENT_MANAGEMENT,),
)
def blocked_outpatient_management(case: Case, draft: Draft) -> Denial | None:
    """外来管理加算 — lost when a procedure, listed test or the like of this visit stands (col 56).

    So is it when such an act was done and its own points fell, to a limit or to an act of its kind: the note asks
    that it be not done, and only acts without points of their own are let pass (通知 A001 (7) ア). What a fee for
    care as a whole contains is asked about (:func:`beside_unbilled`). With several departments on one day, a procedure in one takes it from the others.
    """
    if OUTPATIENT_MANAGEMENT not in draft.codes():
        return None
    blocking = [act for act in draft.acts() if act.outpatient_management == BLOCKS]
    if blocking:
        act = min(blocking, key=lambda each: (each is draft.base, each.order, each.code))
        return Denial(OUTPATIENT_MANAGEMENT, act.code, facts(act=act.name))
    unbilled = _done_without_points(case, draft)
    if unbilled is not None:
        return Denial(OUTPATIENT_MANAGEMENT, unbilled.code, facts(act=unbilled.name, unbilled=True))
    elsewhere = _done_in_another_department(case)
    if elsewhere is not None:
        return Denial(OUTPATIENT_MANAGEMENT, elsewhere.code, facts(act=elsewhere.name, other_department=True))
    return None


def _done_without_points(case: Case, draft: Draft) -> Act | None:
    return next((row for row, is_in_fee in _unbilled(case, draft) if not is_in_fee), None)


def _unbilled(case: Case, draft: Draft) -> Iterator[tuple[Act, bool]]:
    """Acts that take the addition away, were ordered and are not billed, and whether a fee for care as a whole contains them."""
    standing = draft.codes()
    for line in draft.denied:
        if line.because[0].rule_id != ORDERED or line.kind is not LineKind.ACT or line.code in standing:
            continue
        row = case.book.act(line.code)
        if row.outpatient_management == BLOCKS and row.chapter in DONE_CHAPTERS and not row.is_addition:
            winner = str(as_mapping(line.because[-1]).get("lost_to", ""))
            yield row, case.book.has(winner) and _chapter(case, winner) in FEES_OF_CARE


def _chapter(case: Case, code: str) -> str:
    row = case.book.item(code)
    return row.chapter if isinstance(row, Act) else ""


@rule(
    "A001/outpatient_management_unbilled",
    title="外来管理加算と算定できない処置等",
    cite="医科点数表 A001 注8; 通知 A001 (7)",
    since=R6,
    stage=Stage.CHECK,
    codes=(OUTPATIENT_MANAGEMENT,),
)
def beside_unbilled(case: Case, draft: Draft) -> Advice | None:
    """外来管理加算 — asked about when a procedure was done that a fee of 医学管理等 or 在宅医療 contains.

    The notice speaks of what is done, the table of what is billed; no answer was found that decides it.
    """
    if OUTPATIENT_MANAGEMENT not in draft.codes():
        return None
    contained = next((row for row, is_in_fee in _unbilled(case, draft) if is_in_fee), None)
    return Advice(OUTPATIENT_MANAGEMENT, facts(act=contained.name)) if contained is not None else None


def _done_in_another_department(case: Case) -> Act | None:
    for line in case.today:
        if line.department in ("", case.visit.department) or not case.book.has(line.code):
            continue
        row = case.book.item(line.code)
        if isinstance(row, Act) and row.outpatient_management == BLOCKS:
            return row
    return None
