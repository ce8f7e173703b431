# SPDX-License-Identifier: Apache-2.0
"""麻酔を伴う手術 — what is billed only beside 閉鎖循環式全身麻酔, 硬膜外麻酔 or 脊椎麻酔."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

R6 = date(2024, 6, 1)
GENERAL = "L008"
SPINAL = frozenset(("L002", "L004"))
INFECTION = "150297990"  # 院内感染防止措置加算
MANAGEMENT = frozenset(("L009", "L010"))


@rule(
    "K000/infection_precautions",
    title="院内感染防止措置加算",
    cite="医科点数表 第10部手術 通則11; 通知 第10部 12",
    since=R6,
    stage=Stage.CONDITION,
    codes=(INFECTION,),
)
def infection_precautions(_case: Case, draft: Draft) -> Denial | None:
    """院内感染防止措置加算 — only for an operation under general, epidural or spinal anaesthesia."""
    if INFECTION not in draft.codes() or draft.sections & (SPINAL | {GENERAL}):
        return None
    return Denial(INFECTION, "", facts())


@rule(
    "L009/anaesthesia_given",
    title="麻酔管理料の対象",
    cite="医科点数表 L009 1・2, L010 1・2",
    since=R6,
    stage=Stage.CONDITION,
    sections=MANAGEMENT,
)
def anaesthesia_given(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """麻酔管理料 — 1 with epidural or spinal anaesthesia, 2 with 閉鎖循環式全身麻酔 of the visit."""
    denials = []
    for act in draft.acts():
        if act.section not in MANAGEMENT or act.is_addition:
            continue
        is_general = "閉鎖循環式" in act.name
        if not (GENERAL in draft.sections if is_general else draft.sections & SPINAL):
            denials.append(Denial(act.code, "", facts()))
    return tuple(denials) or None
