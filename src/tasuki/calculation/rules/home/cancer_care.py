# SPDX-License-Identifier: Apache-2.0
"""在宅がん医療総合診療料 — with a prescription or without, and only by 在宅療養支援診療所・病院 (C003)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import under_treatment
from tasuki.calculation.rule import Advice, Proposal, Stage, rule
from tasuki.calculation.rules.home.home_history import week_start
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

R6 = date(2024, 6, 1)
# without a prescription → with one: 機能強化型 with beds, without, other 在支診.
WITH_PRESCRIPTION = {"114019610": "114019510", "114019810": "114019710", "114007710": "114007610"}
CODES = frozenset((*WITH_PRESCRIPTION, *WITH_PRESCRIPTION.values()))
MALIGNANT = "C"


@rule(
    "C003/prescription",
    title="在宅がん医療総合診療料の処方箋の有無",
    cite="医科点数表 C003; 通知 C003 (9); 疑義解釈その1 (令和8年3月23日) 医科 問37",
    since=R6,
    sections=("C003",),
)
def prescription(case: Case, draft: Draft) -> Proposal | None:
    """処方箋を交付する場合 — for the whole week in which one was handed out, even when drugs were given here too."""
    standing = min(draft.codes() & frozenset(WITH_PRESCRIPTION), default="")
    home = case.visit.home
    is_given = case.prescribed_outside is not None or (
        home is not None and home.is_prescription_given is True
    )
    if not standing or not is_given:
        return None
    return Proposal(WITH_PRESCRIPTION[standing], facts(since=week_start(case)), replaces=standing)


@rule(
    "C003/disease",
    title="在宅がん医療総合診療料の対象",
    cite="医科点数表 C003 注1; 通知 C003 (1)・(2)",
    since=R6,
    stage=Stage.CHECK,
    sections=("C003",),
)
def disease(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """在宅がん医療総合診療料 — for malignant disease in its last stage; a week with four days of visits, one of each kind."""
    standing = sorted(draft.codes() & CODES)
    is_malignant = any(icd.startswith(MALIGNANT) for _, row in under_treatment(case) for icd in row.icd10)
    if not standing or is_malignant:
        return None
    return tuple(Advice(code, facts(reason="no_disease")) for code in standing)
