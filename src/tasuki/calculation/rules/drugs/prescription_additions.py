# SPDX-License-Identifier: Apache-2.0
"""処方の加算 — 特定疾患処方管理加算, 一般名処方加算, 外来後発医薬品使用体制加算 (医科点数表 F100・F400 注)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from tasuki.calculation import places
from tasuki.calculation.apply_conditions import missing_standards
from tasuki.calculation.flags import Flag
from tasuki.calculation.prescribed import DRUG_KINDS
from tasuki.calculation.rule import Advice, Proposal, rule
from tasuki.calculation.rules.drugs.prescription_fees import (
    in_house,
    is_charged_in_house,
    is_charged_outside,
    outside,
)
from tasuki.chart.orders import Dispensing, OrderKind
from tasuki.chart.visit import Outcome as DiseaseOutcome
from tasuki.facility.standards import GENERIC_NAMES
from tasuki.kernel.because import facts
from tasuki.masters.book import EndedCode, UnknownCode

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.prescribed import PrescribedDrug
    from tasuki.calculation.rule import Outcome
    from tasuki.masters.rows import Disease, Drug

DISEASE_IN_HOUSE, DISEASE_OUTSIDE = "120005610", "120005710"
REDUCED_HERE, REDUCED_OUTSIDE = "120004470", "120004570"
LONG_PRESCRIPTION_DAYS = 28
SPECIFIC_DISEASES = frozenset({"05", "08"})  # 傷病名マスター col 21 特定疾患療養管理料等
ANTICANCER_HERE, ANTICANCER_OUTSIDE = "120003370", "120003470"
ANTICANCER = frozenset({ANTICANCER_HERE, ANTICANCER_OUTSIDE})
ANTICANCER_CLASS = "42"  # 薬効分類 腫瘍用薬
GENERIC_NAMES_ALL, GENERIC_NAMES_ONE = "120004270", "120003570"
GENERIC_USE = ("120004370", "120004070", "120004170")


def is_specific(row: Disease) -> bool:
    """特定疾患療養管理料等の疾患か — by the mark of the disease master (col 21)."""
    return row.specific in SPECIFIC_DISEASES


def is_anticancer(row: Drug) -> bool:
    """腫瘍用薬か — by 薬効分類."""
    return row.price_list_code.startswith(ANTICANCER_CLASS)


@rule(
    "F400/specific_disease",
    title="特定疾患処方管理加算",
    cite="医科点数表 F100 注5, F400 注4; 通知 F100(9), F400(11)",
    since=date(2024, 6, 1),
    orders=DRUG_KINDS,
    diseases=is_specific,
)
def specific_disease(case: Case, draft: Draft) -> Outcome | None:
    """特定疾患処方管理加算 — once a month with 28 days or more, for a specific disease as the main one.

    It belongs to 処方料 or 処方箋料, whichever stands. A specific disease that is not marked as the main
    one is only advised, because the choice of the main disease is the doctor's.
    """
    code = _disease_code(case, draft)
    if code is None or case.billed_this_month((DISEASE_IN_HOUSE, DISEASE_OUTSIDE)) is not None:
        return None
    if places.is_large_hospital(case.premises):
        return None
    found = outside(case, draft) if code == DISEASE_OUTSIDE else in_house(case, draft)
    days = max((_days(drug) for drug in found.drugs), default=0) if found else 0
    if days < LONG_PRESCRIPTION_DAYS:
        return None
    diseases = _specific_diseases(case)
    main = next((name for name, is_main in diseases if is_main), None)
    if main is not None:
        return Proposal(code, facts(disease=main, days=days))
    return Advice(code, facts(disease=diseases[0][0], days=days)) if diseases else None


def _disease_code(case: Case, draft: Draft) -> str | None:
    if {DISEASE_IN_HOUSE, DISEASE_OUTSIDE} & draft.codes():
        return None
    if is_charged_outside(case):
        return DISEASE_OUTSIDE
    return DISEASE_IN_HOUSE if is_charged_in_house(case) else None


def _days(drug: PrescribedDrug) -> int:
    """処方期間 — days of an internal drug, times the uses of a refill prescription."""
    if drug.order.kind is not OrderKind.INTERNAL:
        return 0
    uses = max(1, drug.order.refill_count) if drug.order.is_refill and drug.is_outside else 1
    return drug.order.count * uses


def _specific_diseases(case: Case) -> list[tuple[str, bool]]:
    found = []
    for diagnosis in case.visit.diagnoses:
        if diagnosis.is_suspected or diagnosis.outcome is not DiseaseOutcome.CONTINUING:
            continue
        try:
            row = case.book.disease(diagnosis.code)
        except (UnknownCode, EndedCode):
            continue
        if is_specific(row):
            found.append((diagnosis.name or row.name, diagnosis.is_main))
    return found


@rule(
    "F100/anticancer",
    title="抗悪性腫瘍剤処方管理加算",
    cite="医科点数表 F100 注6, F400 注5; 通知 F100(10), F400(11)",
    since=date(2024, 6, 1),
    orders=DRUG_KINDS,
    at=places.is_large_hospital,
    drugs=is_anticancer,
)
def anticancer(case: Case, draft: Draft) -> Advice | None:
    """抗悪性腫瘍剤処方管理加算 — once a month in a hospital of 200 beds that notified it: advised, for a doctor has to explain in writing."""
    code = ANTICANCER_OUTSIDE if is_charged_outside(case) else ANTICANCER_HERE
    if code == ANTICANCER_HERE and not is_charged_in_house(case):
        return None
    if draft.codes() & ANTICANCER or case.billed_this_month(ANTICANCER) is not None:
        return None
    found = outside(case, draft) if code == ANTICANCER_OUTSIDE else in_house(case, draft)
    drug = next((each.row for each in found.drugs if is_anticancer(each.row)), None) if found else None
    if drug is None or not case.book.has(code) or missing_standards(case, case.book.act(code)):
        return None
    return Advice(code, facts(drug=drug.name))


@rule(
    "F400/fewer_psychotropics",
    title="向精神薬調整連携加算",
    cite="医科点数表 F100 注9, F400 注7; 通知 F100(13)・(14)",
    since=date(2024, 6, 1),
    orders=DRUG_KINDS,
    needs=(Flag.PSYCHOTROPICS_REDUCED,),
)
def fewer_psychotropics(case: Case, draft: Draft) -> Proposal | None:
    """向精神薬調整連携加算 — once a month, when kinds or doses were reduced and someone was told to watch for it."""
    if draft.codes() & {REDUCED_HERE, REDUCED_OUTSIDE}:
        return None
    if case.billed_this_month((REDUCED_HERE, REDUCED_OUTSIDE)) is not None:
        return None
    if is_charged_outside(case):
        return Proposal(REDUCED_OUTSIDE, facts())
    return Proposal(REDUCED_HERE, facts()) if is_charged_in_house(case) else None


@rule(
    "F400/generic_names",
    title="一般名処方加算",
    cite="医科点数表 F400 注6; 通知 F400(12)",
    since=date(2024, 6, 1),
    orders=(Dispensing.OUTSIDE,),
)
def generic_names(case: Case, draft: Draft) -> Outcome | None:
    """一般名処方加算 — 1 when every drug that has generics is named generally and they are two or more, else 2.

    Items are counted by general name and route. Where the institution has not recorded the posting that
    the standard asks for, the addition is only advised.
    """
    found = outside(case, draft)
    if found is None or not is_charged_outside(case):
        return None
    if not draft.codes().isdisjoint((GENERIC_NAMES_ALL, GENERIC_NAMES_ONE)):
        return None
    with_generics = [drug for drug in found.drugs if drug.row.generic_addition in ("1", "2")]
    named = [drug.row for drug in with_generics if drug.item.is_generic_name]
    items = len({(row.generic_code or row.code, row.form) for row in named})
    if items >= 2 and len(named) == len(with_generics):
        code = GENERIC_NAMES_ALL
    elif [row for row in named if row.generic_addition == "2"]:
        code = GENERIC_NAMES_ONE
    else:
        return None
    missing = () if case.has_standard(GENERIC_NAMES) else case.standard_names((GENERIC_NAMES,))
    return _by_names(code, len(named), len(with_generics), items, missing)


@lru_cache(maxsize=1024)
def _by_names(code: str, named: int, with_generics: int, items: int, missing: tuple[str, ...]) -> Outcome:
    known = facts(named=named, with_generics=with_generics, items=items)
    return Advice(code, (*known, ("missing", missing))) if missing else Proposal(code, known)


@rule(
    "F100/generic_use",
    title="外来後発医薬品使用体制加算（令和8年度は地域支援・外来医薬品供給対応体制加算）",
    cite="医科点数表 F100 注8; 通知 F100(12)",
    since=date(2024, 6, 1),
    at=places.is_clinic,
    orders=(Dispensing.IN_HOUSE,),
)
def generic_use(case: Case, draft: Draft) -> Proposal | None:
    """外来後発医薬品使用体制加算 — of a clinic that notified it, with every prescription dispensed here."""
    if not is_charged_in_house(case) or draft.codes() & set(GENERIC_USE):
        return None
    for code in GENERIC_USE:
        if case.book.has(code) and not missing_standards(case, case.book.act(code)):
            return Proposal(code, facts())
    return None
