# SPDX-License-Identifier: Apache-2.0
"""2科目の関連のある疾病 — a second department's fee is for another disease, not for one that follows from the first's (A000 注5, A001 注3, A002 注5)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import SECOND_DEPARTMENT_CODES
from tasuki.calculation.diseases import DIABETES_ICD10, under_treatment
from tasuki.calculation.rule import Advice, Stage, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

# Diabetes with complications of the kidney, eye, nerve or vessels, and those complications themselves.
COMPLICATIONS = (
    *(f"{block}{digit}" for block in DIABETES_ICD10 for digit in "2345"),
    *("H360", "N083", "G590", "G632", "G990", "I792"),
)


@rule(
    "A001/related_diseases",
    title="2科目の初・再診料と関連のある疾病",
    cite="医科点数表 A000 注5, A001 注3, A002 注5; 疑義解釈その1 (平成24年3月30日) 医科 問1",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    codes=tuple(SECOND_DEPARTMENT_CODES),
)
def related_diseases(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """2科目の関連のある疾病 — diabetes in one department and its complication in another bring one fee.

    Which disease each department saw is not recorded, so that the second fee is shown.
    """
    complication = next(
        (
            row.name
            for _, row in under_treatment(case)
            if any(icd.startswith(COMPLICATIONS) for icd in row.icd10)
        ),
        "",
    )
    if not complication:
        return None
    known = facts(disease=complication)
    return tuple(Advice(code, known) for code in sorted(draft.codes() & SECOND_DEPARTMENT_CODES)) or None
