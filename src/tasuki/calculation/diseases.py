# SPDX-License-Identifier: Apache-2.0
"""対象疾患 — which disease under treatment opens an act, by the marks of the disease master."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.chart.visit import Outcome
from tasuki.masters.book import EndedCode, UnknownCode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tasuki.calculation.case import Case
    from tasuki.chart.visit import Diagnosis
    from tasuki.masters.rows import Disease

_CONTINUING = Outcome.CONTINUING
SUSPECTED = "8002"  # 修飾語 の疑い
# 糖尿病, 脂質異常症, 高血圧症 by their ICD-10 blocks.
DIABETES_ICD10 = ("E10", "E11", "E12", "E13", "E14")
LIPIDS_ICD10 = ("E78",)
HYPERTENSION_ICD10 = ("I10", "I11", "I12", "I13", "I15")
INFLUENZA_OR_COVID_ICD10 = ("J09", "J10", "J11", "U071", "U072")
LIFESTYLE_ICD10 = (*DIABETES_ICD10, *LIPIDS_ICD10, *HYPERTENSION_ICD10)


def treated_diseases(case: Case, specific: Collection[str]) -> Disease | None:
    """対象疾患 — the first disease under treatment with one of the marks (col 21), the main one first."""
    return next((row for _, row in under_treatment(case) if row.specific in specific), None)


def under_treatment(case: Case) -> tuple[tuple[Diagnosis, Disease], ...]:
    """治療中の傷病 — diagnoses not suspected and not ended before the day, the main ones first."""
    return case.keep("under_treatment", _under_treatment)


def _under_treatment(case: Case) -> tuple[tuple[Diagnosis, Disease], ...]:
    found = []
    diagnoses: Sequence[Diagnosis] = case.visit.diagnoses
    if len(diagnoses) > 1:
        diagnoses = sorted(diagnoses, key=lambda d: (not d.is_main, d.since, d.code))
    for diagnosis in diagnoses:
        if diagnosis.is_suspected or not _is_current(diagnosis, case):
            continue
        try:
            found.append((diagnosis, case.book.disease(diagnosis.code)))
        except (UnknownCode, EndedCode):
            continue
    return tuple(found)


def charted(case: Case) -> tuple[Disease, ...]:
    """診療中の傷病 — every diagnosis not ended before the day, 疑い among them: what a test may be made for."""
    return case.keep("charted diseases", lambda _: tuple(_charted(case)))


def is_charted(case: Case, icd10: Collection[str]) -> bool:
    """傷病の有無 — whether a disease of one of the ICD-10 blocks is charted, 疑い or not."""
    prefixes = tuple(icd10)
    return any(code.startswith(prefixes) for row in charted(case) for code in row.icd10)


def is_under_treatment(case: Case, icd10: Collection[str]) -> bool:
    """確定した傷病の有無 — the same of diseases that are no longer only suspected."""
    prefixes = tuple(icd10)
    return any(code.startswith(prefixes) for _, row in under_treatment(case) for code in row.icd10)


def _charted(case: Case) -> Iterator[Disease]:
    for diagnosis in case.visit.diagnoses:
        is_over = diagnosis.ended_on is not None and diagnosis.ended_on < case.day
        is_closed = diagnosis.ended_on is None and diagnosis.outcome is not Outcome.CONTINUING
        if diagnosis.since > case.day or is_over or is_closed:
            continue
        try:
            yield case.book.disease(diagnosis.code)
        except (UnknownCode, EndedCode):
            continue


def _is_current(diagnosis: Diagnosis, case: Case) -> bool:
    if diagnosis.since > case.day or SUSPECTED in diagnosis.modifiers:
        return False
    if diagnosis.ended_on is not None:
        return diagnosis.ended_on >= case.day
    return diagnosis.outcome is _CONTINUING
