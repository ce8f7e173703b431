# SPDX-License-Identifier: Apache-2.0
"""短期滞在手術等基本料1 — the day surgery of a clinic, by the operation and its anaesthesia (A400 1)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
STANDARD = "214"
# Tier by (主として入院で実施されている手術か, 麻酔を伴う手術か).
FEES = {
    (True, True): "190872810",
    (True, False): "190872910",
    (False, True): "190873010",
    (False, False): "190873110",
}
ANAESTHESIA = frozenset(("L002", "L004", "L008"))
R8 = date(2026, 6, 1)
HAND_TUMOUR = "150011310"  # until 令和8年5月 a hand's soft tumour counted as usually done on inpatients
# 通知 A400(3): usually done on inpatients.
INPATIENT_KIND = frozenset((
    "150021210", "150452610", "150040910", "150313110", "150356210", "150315610", "150356310", "150121110", "150121210",
    "150129110", "150129410", "150154010", "150276410", "150404310", "150365710", "150431110", "150276510",
))  # fmt: skip
# 特掲診療料の施設基準等 別表第十一 第一号, the others.
OTHERS = frozenset((
    "150452710", "150452810", "150004510", "150308310", "150252110", HAND_TUMOUR, "150041010",
    "150055110", "150314110", "150355810", "150355910", "150078810", "150079010", "150080210", "150344510",
    "150395150", "150253010", "150416610", "150416710", "150263410", "150296510", "150360910", "150411150",
    "150285010", "150325410", "150190310", "150190410", "150421110",
))  # fmt: skip
LISTED = INPATIENT_KIND | OTHERS


@rule(
    "A400/day_surgery",
    title="短期滞在手術等基本料1",
    cite="医科点数表 A400 1・注1; 通知 A400(3)・(4); 基本診療料の施設基準等 別表第十一 第一号",
    since=R6,
    codes=LISTED,
)
def day_surgery(case: Case, draft: Draft) -> Outcome | None:
    """短期滞在手術等基本料1 — with a listed operation when the patient went home the same day and was watched over.

    That the operating and the recovery room were used, consent was written and the day after is followed up is a
    flag; where only the notice is there, the fee is advised.
    """
    if not draft.codes().isdisjoint(FEES.values()):
        return None
    operation = next((act for act in draft.acts() if act.code in LISTED), None)
    if operation is None:
        return None
    code = _fee(case, draft)
    known = facts(operation=operation.name)
    if case.has_flag(Flag.DAY_SURGERY):
        return Proposal(code, known)
    return Advice(code, known) if case.has_standard(STANDARD) else None


@rule(
    "A400/listed_operation",
    title="短期滞在手術等基本料1の対象",
    cite="医科点数表 A400 注1; 通知 A400(3)・(4); 基本診療料の施設基準等 別表第十一 第一号",
    since=R6,
    stage=Stage.CONDITION,
    codes=tuple(FEES.values()),
)
def listed_operation(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """短期滞在手術等基本料1 — an ordered fee without a listed operation falls, one of another tier is shown."""
    ordered = sorted(draft.codes().intersection(FEES.values()))
    if draft.codes().isdisjoint(LISTED):
        return tuple(Denial(code, "", facts()) for code in ordered)
    right = _fee(case, draft)
    return tuple(Advice(right, facts(lost_to=code)) for code in ordered if code != right) or None


def _fee(case: Case, draft: Draft) -> str:
    """The fee by the kind of the operation and by 硬膜外, 脊椎 or 閉鎖循環式全身麻酔."""
    kinds = INPATIENT_KIND if case.day >= R8 else INPATIENT_KIND | {HAND_TUMOUR}
    with_anaesthesia = any(act.section in ANAESTHESIA for act in draft.acts())
    return FEES[not draft.codes().isdisjoint(kinds), with_anaesthesia]
