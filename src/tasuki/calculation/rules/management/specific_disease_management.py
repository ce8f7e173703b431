# SPDX-License-Identifier: Apache-2.0
"""特定疾患療養管理料 — the care plan of a listed disease, twice a month, not in the first month (B000)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation import places
from tasuki.calculation.base_fee import (
    FIRST_CODES,
    IN_PERSON,
    OUTPATIENT_FAMILY,
    REVISIT_FAMILY,
    Manner,
)
from tasuki.calculation.diseases import treated_diseases, under_treatment
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Stage, rule, usual_proposal
from tasuki.calculation.rules.management.lifestyle_disease_management import LIFESTYLE_CODES
from tasuki.facility.standards import DISEASE_MANAGEMENT
from tasuki.kernel.because import facts
from tasuki.kernel.days import a_month_after, is_holiday

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.masters.rows import Disease

R6 = date(2024, 6, 1)
R8 = date(2026, 6, 1)
CLINIC, SMALL_HOSPITAL, LARGER_HOSPITAL = "113001810", "113001910", "113002010"
ONLINE = {CLINIC: "113034010", SMALL_HOSPITAL: "113034110", LARGER_HOSPITAL: "113034210"}
CODES = frozenset((*ONLINE, *ONLINE.values()))
MANAGED = LIFESTYLE_CODES | CODES
# 傷病名マスター col 21: 05 特定疾患療養, 08 both 05 and 07.
LISTED = frozenset({"05", "08"})
TIMES_A_MONTH = 2
FIRST_VISIT = "111000110"


def is_listed(row: Disease) -> bool:
    """特定疾患療養管理料の対象疾患か — by the mark of the disease master."""
    return row.specific in LISTED


@rule(
    "B000/specific_disease_management",
    title="特定疾患療養管理料",
    cite="医科点数表 B000 注1・注5; 通知 B000 (2)",
    since=R6,
    families=(REVISIT_FAMILY, OUTPATIENT_FAMILY),
    at=places.has_few_beds,
    kinds=IN_PERSON,
    diseases=is_listed,
)
def specific_disease_management(case: Case, draft: Draft) -> Outcome | None:
    """特定疾患療養管理料 — proposed once guidance by plan is recorded, advised while it is not.

    Asked about where another disease is the main one. Silent in the first month, by telephone, beside
    生活習慣病管理料, and when the month is used up.
    """
    disease = treated_diseases(case, LISTED)
    if disease is None or not draft.codes().isdisjoint(MANAGED):
        return None
    if _too_early(case) is not None or _times_this_month(case) >= TIMES_A_MONTH:
        return None
    if case.billed_this_month(LIFESTYLE_CODES) is not None:
        return None
    code = _code(case, draft)
    if _is_beside_main(case):
        return Advice(code, facts(reason="not_main", disease=disease.name))
    if not case.has_flag(Flag.GUIDANCE_GIVEN):
        return Advice(code, facts(disease=disease.name, missing_flag=Flag.GUIDANCE_GIVEN.value))
    return usual_proposal(code, "", (("disease", disease.name),))


@rule(
    "B000/first_month",
    title="特定疾患療養管理料と初診・退院から1月",
    cite="医科点数表 B000 注2・注3; 通知 B000 (3)・(4)",
    since=R6,
    stage=Stage.CONDITION,
    codes=CODES,
)
def first_month(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """特定疾患療養管理料 — not within a month of the first visit or of a discharge.

    The day a month has passed may be a holiday, or lie in the month after next: then the working day
    before it, or the end of next month, will do.
    """
    standing = draft.codes() & CODES
    if not standing:
        return None
    if draft.is_first:
        return tuple(Denial(code, "", facts(reason="first_visit")) for code in sorted(standing))
    if case.has_flag(Flag.DISCHARGED_WITHIN_MONTH):
        return tuple(Denial(code, "", facts(reason="discharged")) for code in sorted(standing))
    found = _too_early(case)
    if found is None:
        return None
    first, allowed = found
    because = facts(reason="first_month", first_day=first, allowed_from=allowed)
    return tuple(Denial(code, FIRST_VISIT, because) for code in sorted(standing))


@rule(
    "B000/disease",
    title="特定疾患療養管理料の対象疾患",
    cite="医科点数表 B000 注1; 特掲診療料の施設基準等 別表第一; 傷病名マスター col 21",
    since=R6,
    stage=Stage.CONDITION,
    codes=CODES,
)
def without_disease(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """特定疾患療養管理料 — only for a listed disease under treatment, a suspicion is none."""
    standing = draft.codes() & CODES
    if not standing or treated_diseases(case, LISTED) is not None:
        return None
    return tuple(Denial(code, "", facts(reason="no_disease")) for code in sorted(standing))


@rule(
    "B000/main_disease",
    title="特定疾患療養管理料の主病",
    cite="医科点数表 B000 注1; 通知 B000 (8)・(9)",
    since=R6,
    stage=Stage.CHECK,
    codes=CODES,
)
def not_main_disease(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """特定疾患療養管理料の主病 — a listed disease beside another that is marked as the main one is asked about."""
    disease = treated_diseases(case, LISTED)
    if disease is None or not _is_beside_main(case):
        return None
    return tuple(Advice(code, facts(disease=disease.name)) for code in sorted(draft.codes() & CODES)) or None


@rule(
    "B000/system",
    title="特定疾患療養管理料の体制",
    cite="医科点数表 B000 注1; 特掲診療料の施設基準等 第三の一の三; 通知 B000 (12)",
    since=R8,
    stage=Stage.CHECK,
    codes=CODES,
)
def without_system(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """特定疾患療養管理料の体制 — from 令和8年度 a standard met without notice; whether it is met is asked."""
    standing = draft.codes() & CODES
    if not standing or case.has_standard(DISEASE_MANAGEMENT):
        return None
    missing = case.standard_names((DISEASE_MANAGEMENT,))
    return tuple(Advice(code, facts(missing=missing)) for code in sorted(standing))


def _code(case: Case, draft: Draft) -> str:
    if places.is_clinic(case.premises):
        code = CLINIC
    else:
        code = SMALL_HOSPITAL if case.institution.beds < 100 else LARGER_HOSPITAL
    return ONLINE[code] if draft.manner is Manner.ONLINE else code


def _is_beside_main(case: Case) -> bool:
    """Whether a main disease is marked and no listed one is."""
    mains = [row.specific for diagnosis, row in under_treatment(case) if diagnosis.is_main]
    return bool(mains) and LISTED.isdisjoint(mains)


def _times_this_month(case: Case) -> int:
    month = (case.day.year, case.day.month)
    return sum(
        line.count
        for code in CODES
        for line in case.history.of(code)
        if (line.day.year, line.day.month) == month
    )


def _too_early(case: Case) -> tuple[date, date] | None:
    """The last first visit and the first day of management after it, None when that day has come."""
    past = case.history.by_code
    if FIRST_CODES.isdisjoint(past):
        return None
    first = max(line.day for code in FIRST_CODES for line in past.get(code, ()))
    allowed = first_day_of_management(first)
    return (first, allowed) if case.day < allowed else None


def first_day_of_management(first: date) -> date:
    """管理の初日 — from which management may be billed after a first visit or discharge.

    Cite: 通知 B000 (3)・(4)

    >>> first_day_of_management(date(2026, 6, 10)), first_day_of_management(date(2026, 1, 31))
    (datetime.date(2026, 7, 10), datetime.date(2026, 2, 28))
    """
    due = a_month_after(first)
    months = (due.year - first.year) * 12 + due.month - first.month
    if months == 2:
        last = due - timedelta(days=1)
        return last - timedelta(days=1) if is_holiday(last) else last
    while is_holiday(due):
        due -= timedelta(days=1)
    return due
