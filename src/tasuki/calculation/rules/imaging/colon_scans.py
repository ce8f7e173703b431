# SPDX-License-Identifier: Apache-2.0
"""大腸CT撮影加算 — for a colon in which a malignancy is only suspected, and the contrast of other parts (E200 注7)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import is_under_treatment
from tasuki.calculation.rule import Advice, Denial, Stage, rule

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

COLON_SCANS = ("170033970", "170034070")
CONTRAST = "170012070"  # 造影剤使用加算（ＣＴ）
CANCER_OF_COLON = ("C18", "C19", "C20")


@rule(
    "E200/colon_suspected",
    title="大腸CT撮影加算の対象患者",
    cite="通知 E200(10)ア; 疑義解釈その8 (平成24年8月9日) 医科 問21",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    codes=COLON_SCANS,
)
def colon_suspected(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """大腸CT撮影加算 — for suspicion of a malignancy of the colon, not once it is confirmed."""
    if not is_under_treatment(case, CANCER_OF_COLON):
        return None
    return tuple(Denial(code, "") for code in COLON_SCANS if code in draft.codes()) or None


@rule(
    "E200/colon_and_contrast",
    title="大腸CT撮影加算と造影剤使用加算",
    cite="通知 E200(10)ア・イ; 疑義解釈その8 (平成24年8月9日) 医科 問22",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    codes=COLON_SCANS,
)
def colon_and_contrast(_case: Case, draft: Draft) -> Advice | None:
    """造影剤使用加算 — beside 大腸CT撮影加算 for metastases or other parts alone, which no order tells."""
    if CONTRAST not in draft.codes() or draft.codes().isdisjoint(COLON_SCANS):
        return None
    return Advice(CONTRAST)
