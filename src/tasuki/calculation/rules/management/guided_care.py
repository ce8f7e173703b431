# SPDX-License-Identifier: Apache-2.0
"""疾患別の指導管理料 — proposed from a disease once guidance is recorded, denied before their time (B001)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import (
    FIRST_CODES,
    OUTPATIENT_FAMILY,
    REVISIT_FAMILY,
    Manner,
)
from tasuki.calculation.diseases import under_treatment
from tasuki.calculation.flags import Flag
from tasuki.calculation.guided_fees import ADULT_AGE, GUIDED_FEES, GuidedFee, Start
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.management.comprehensive_codes import is_comprehensive
from tasuki.calculation.rules.management.course_stages import COUNSELLING_CODES
from tasuki.facility.standards import GUIDED_SYSTEMS
from tasuki.kernel.because import facts
from tasuki.kernel.days import a_month_after, months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.chart.visit import Diagnosis
    from tasuki.masters.rows import Disease

R6 = date(2024, 6, 1)
R8 = date(2026, 6, 1)
REVISITS = (REVISIT_FAMILY, OUTPATIENT_FAMILY)
INTRACTABLE = "09"  # 傷病名マスター col 43 難病外来
# 法別番号 of certificates that show a designated disease: 51 (血液凝固因子障害等), 54 (難病医療).
CERTIFICATES = ("51", "54")
FIRST_VISIT = "111000110"
# 小児特定疾患カウンセリング料イ・ロ, 小児科療養指導料, 小児悪性腫瘍患者指導管理料.
PAEDIATRIC_CARE = (*COUNSELLING_CODES, "113029410", "113002210", "113029510", "113006610", "113035110")


def _register(fee: GuidedFee) -> None:
    """指導管理料の登録 — three rules for one fee; a fourth where 令和8年度 asks for a standard met without notice."""
    codes = tuple(code for code in (fee.code, fee.online) if code)

    def may_open(row: Disease) -> bool:
        return _is_marked(fee, row)

    @rule(f"B001/{fee.key}", title=fee.name, cite=fee.cite, since=R6, families=REVISITS, diseases=may_open)
    def propose(case: Case, draft: Draft) -> Outcome | None:
        if fee.departments and case.visit.department not in fee.departments:
            return None
        manner = draft.manner
        if manner is Manner.TELEPHONE or (manner is Manner.ONLINE and not fee.online):
            return None
        found = _found(case, fee)
        if found is None or (fee.is_main_only and not found[0].is_main):
            return None
        if is_comprehensive(case, draft) or _is_too_early(case, fee) is not None:
            return None
        if not draft.codes().isdisjoint(codes) or case.billed_this_month(codes) is not None:
            return None
        code = fee.online if manner is Manner.ONLINE else fee.code
        missing = _missing(case, fee, found[0])
        if missing is not None:
            return Advice(code, facts(disease=found[1].name, missing_flag=missing.value))
        return Proposal(code, facts(disease=found[1].name))

    @rule(
        f"B001/{fee.key}_first_month",
        title=f"{fee.name}と初診・退院から1月",
        cite=f"{fee.cite}; {fee.notice}",
        since=R6,
        stage=Stage.CONDITION,
        codes=codes,
    )
    def too_early(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
        standing = sorted(draft.codes().intersection(codes))
        if draft.is_first:
            return tuple(Denial(code, "", facts(reason="first_visit")) for code in standing)
        if case.has_flag(Flag.DISCHARGED_WITHIN_MONTH):
            return tuple(Denial(code, "", facts(reason="discharged")) for code in standing)
        found = _is_too_early(case, fee)
        if found is None:
            return None
        because = facts(reason="first_month", first_day=found[0], allowed_from=found[1])
        return tuple(Denial(code, FIRST_VISIT, because) for code in standing)

    @rule(
        f"B001/{fee.key}_disease",
        title=f"{fee.name}の対象疾患",
        cite=f"{fee.cite}; {fee.notice}",
        since=R6,
        stage=Stage.CONDITION,
        codes=codes,
    )
    def without_disease(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
        standing = sorted(draft.codes().intersection(codes))
        found = _found(case, fee)
        if found is None:
            make = _denied if fee.is_exact else Advice
            return tuple(make(code, facts(reason="no_disease")) for code in standing)
        if fee.lasting_months and _missing(case, fee, found[0]) is Flag.REPEATED_OR_PROLONGED:
            because = facts(reason="short", disease=found[1].name)
            return tuple(Advice(code, because) for code in standing)
        return None

    if fee.key not in GUIDED_SYSTEMS:
        return
    standard = GUIDED_SYSTEMS[fee.key]

    @rule(
        f"B001/{fee.key}_system",
        title=f"{fee.name}の体制",
        cite=fee.cite.split("・")[0] + "; 特掲診療料の施設基準等 第三の二",
        since=R8,
        stage=Stage.CHECK,
        codes=codes,
    )
    def without_system(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
        if case.has_standard(standard):
            return None
        missing = case.standard_names((standard,))
        standing = sorted(draft.codes().intersection(codes))
        return tuple(Advice(code, facts(missing=missing)) for code in standing)


def _denied(code: str, known: tuple[tuple[str, object], ...]) -> Denial:
    return Denial(code, "", known)


def _found(case: Case, fee: GuidedFee) -> tuple[Diagnosis, Disease] | None:
    return next((each for each in under_treatment(case) if _opens(case, fee, each[1])), None)


def _opens(case: Case, fee: GuidedFee, row: Disease) -> bool:
    if row.specific in fee.marks and not fee.is_intractable:
        is_adult_disease = any(icd.startswith(fee.adults_only_icd10) for icd in row.icd10 if icd)
        return not (fee.adults_only_icd10 and is_adult_disease and case.age.years < ADULT_AGE)
    return _is_marked(fee, row)


def _is_marked(fee: GuidedFee, row: Disease) -> bool:
    """By the disease alone, whatever the age."""
    if fee.is_intractable:
        return row.intractable == INTRACTABLE
    return row.specific in fee.marks or any(icd.startswith(fee.icd10) for icd in row.icd10 if fee.icd10)


def _missing(case: Case, fee: GuidedFee, diagnosis: Diagnosis) -> Flag | None:
    """What must still be recorded: the guidance, the certificate, or how long the disease has lasted."""
    if not case.has_flag(Flag.GUIDANCE_GIVEN):
        return Flag.GUIDANCE_GIVEN
    if fee.is_intractable and not _is_certified(case):
        return Flag.INTRACTABLE_CERTIFIED
    if fee.lasting_months and not case.has_flag(Flag.REPEATED_OR_PROLONGED):
        has_lasted = diagnosis.since <= _months_ago(case.day, fee.lasting_months)
        return None if has_lasted else Flag.REPEATED_OR_PROLONGED
    return None


def _is_certified(case: Case) -> bool:
    """A certificate shown, or the finding that its criteria are met (特掲施設基準 第三の二(3))."""
    programmes = case.visit.coverage.programmes
    return case.has_flag(Flag.INTRACTABLE_CERTIFIED) or any(
        programme.payer_number.startswith(CERTIFICATES) for programme in programmes
    )


def _months_ago(day: date, count: int) -> date:
    first = months_before(day, count + 1)
    following = months_before(day, count)
    last = (following - first).days
    return first.replace(day=min(day.day, last))


def _is_too_early(case: Case, fee: GuidedFee) -> tuple[date, date] | None:
    """The last first visit and the first day the fee counts, None when that day has come."""
    first = max((line.day for code in FIRST_CODES for line in case.history.of(code)), default=None)
    if first is None:
        return None
    allowed = a_month_after(first) if fee.start is Start.A_MONTH_AFTER else months_before(first, 0)
    return (first, allowed) if case.day < allowed else None


@rule(
    "B001/5_with_family",
    title="小児特定疾患カウンセリング料・小児科療養指導料等と家族だけの来院",
    cite="通知 B001 4 (3), 5 (3)ただし書, 18 (1)ただし書",
    since=R6,
    stage=Stage.CONDITION,
    codes=PAEDIATRIC_CARE,
    needs=(Flag.FAMILY_CAME,),
)
def with_family(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """小児の指導・カウンセリング — the family may be taught, but only when the child came too."""
    if not case.has_flag(Flag.FAMILY_CAME):
        return None
    return tuple(Denial(code, "") for code in sorted(draft.codes().intersection(PAEDIATRIC_CARE))) or None


for _fee in GUIDED_FEES:
    _register(_fee)
