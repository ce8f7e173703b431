# SPDX-License-Identifier: Apache-2.0
"""The 118 worked cases of the reference folder, put through the real calculation.

The functions below only lay a case out as coverage and visits; every yen comes from the library.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tasuki.calculation.copayment import (
    CopaymentSettings,
    CopayVisit,
    MonthLedger,
    ReceiptMonth,
    VisitCharge,
    close_month,
    visit_copayment,
)
from tasuki.calculation.copayment.elective import ElectiveDrug, elective_charge
from tasuki.calculation.copayment.insurer_side import HouseholdClass, Payment, household_refund, year_refund
from tasuki.calculation.copayment.limits import high_cost_limit
from tasuki.calculation.copayment.local_programmes import (
    PATTERNS,
    LocalRule,
    Occasion,
    OccasionCap,
)
from tasuki.calculation.copayment.meals import MealClass, meal_charge
from tasuki.calculation.copayment.parts import half_up_amount
from tasuki.calculation.copayment.programmes import BY_LAW_CODE, PartClass
from tasuki.calculation.copayment.receipt_total import OutsideCharge, TaxClass, receipt_total
from tasuki.calculation.copayment.share import elder_from, late_elderly_from, preschool_until
from tasuki.chart.coverage import (
    Coverage,
    IncomeClass,
    Insurance,
    InsuranceKind,
    PublicProgramme,
    ReductionKind,
    ShareReduction,
)
from tasuki.chart.visit import Person, Sex

SHARED = Path(os.environ.get("TASUKI_SHARED") or Path(__file__).parents[4] / "shared")
VECTORS = SHARED / "reference" / "claims" / "vectors" / "copay_vectors.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text())["vectors"] if VECTORS.exists() else []
CLASSES = {
    "ア": IncomeClass.A, "イ": IncomeClass.I, "ウ": IncomeClass.U, "エ": IncomeClass.E, "オ": IncomeClass.O,
    "現Ⅲ": IncomeClass.ACTIVE_3, "現Ⅱ": IncomeClass.ACTIVE_2, "現Ⅰ": IncomeClass.ACTIVE_1,
    "一般": IncomeClass.GENERAL, "低Ⅱ": IncomeClass.LOW_2, "低Ⅰ": IncomeClass.LOW_1, "一般Ⅱ": IncomeClass.GENERAL_2,
}  # fmt: skip
RULES = {rule.id: rule for rule in PATTERNS}
# The cases of G name their visits in words only: rule, share percent, points.
SPOKEN = {
    "G01": ("day500-month3000", 20, [1000] * 7),
    "G02": ("visit500-4times", 30, [1000] * 6),
    "G03": ("visit300-5times", 20, [100, 200, 200, 200, 200, 200]),
    "G04": ("day600-2days", 20, [1000] * 3),
    "G05": ("day200", 30, [50, 1000]),
    "G06": ("free", 30, [1000, 1000]),
    "G08": ("public-up-to-10000", 30, [1000, 1000, 2000, 1000]),
    "G09": ("half-month1000", 30, [105, 305, 305, 305]),
    "G10": ("in-kind-under-21000", 30, [5000, 1000, 2000, 1000]),
}
Answer = dict[str, Any]


class Month:
    """One invented person's month, as a case asks for it."""

    def __init__(self, ym: str = "2026-04", settings: CopaymentSettings | None = None) -> None:
        self.year, self.month = (int(part) for part in ym.split("-"))
        self.ledger = MonthLedger((self.year, self.month), settings or CopaymentSettings())
        self.charges: list[VisitCharge] = []

    def person(self, ratio: int, *, half: bool = False, elder: bool = False) -> Person:
        years = 75 if half else 80 if ratio == 1 else 72 if elder or ratio == 2 else 40
        return Person(date(self.year - years, self.month, 28 if half else 15), Sex.MALE)

    def visit(self, person: Person, coverage: Coverage, *sets: tuple[tuple[str, ...], int]) -> VisitCharge:
        day = date(self.year, self.month, len(self.charges) + 1)
        if coverage.insurance is not None and coverage.insurance.kind is InsuranceKind.LATE_ELDERLY:
            day = max(day, late_elderly_from(person.born))
        charge, self.ledger = visit_copayment(self.ledger, CopayVisit(day, person, coverage, dict(sets)))
        self.charges.append(charge)
        return charge

    def receipt(self) -> ReceiptMonth:
        return close_month(self.ledger).receipts[0]

    def limit(self) -> int | None:
        return next(month.limit.yen for month in self.ledger.sets.values() if month.limit is not None)


def insurance(ratio: int, income_class: IncomeClass | None = None, **more: Any) -> Insurance:
    kind = InsuranceKind.LATE_ELDERLY if ratio == 1 else InsuranceKind.EMPLOYEES
    return Insurance(kind, "01990010", share_percent=ratio * 10, income_class=income_class, **more)


def shares(case: dict[str, Any]) -> Answer:
    given = case["input"]
    month, ratio = Month(), given["ratio"]
    coverage = Coverage(insurance(ratio))
    for points in given.get("visits", [given.get("points")]):
        month.visit(month.person(ratio), coverage, ((), points))
    collected = [charge.collect_yen for charge in month.charges]
    exact = sum(charge.parts[0].patient_yen for charge in month.charges)
    return {
        "exact_yen": exact, "collected_yen": collected[0], "collected_each": collected,
        "month_collected": sum(collected), "month_exact": exact,
    }  # fmt: skip


def birthdays(case: dict[str, Any]) -> Answer:
    born = date.fromisoformat(case["input"]["birth"])
    first = late_elderly_from(born) if "75歳" in case["title"] else elder_from(born)
    return {"last_20pct_day": str(preschool_until(born)), "first_day": str(first)}


def limits(case: dict[str, Any]) -> Answer:
    given = case["input"]
    if "cap" in given:
        return capped_visits(case)
    ym = given["ym"] if "-" in given["ym"] else f"{given['ym'][:4]}-{given['ym'][4:]}"
    month, ratio, income_class = Month(ym), given.get("ratio", 3), CLASSES[given["category"]]
    if not given.get("outpatient", True):
        cost = given["points"] * 10
        limit = high_cost_limit(
            date(month.year, month.month, 1), income_class, cost,
            is_outpatient=False, is_repeated=given["multi"], is_halved=given["half_month"],
        ).yen  # fmt: skip
        own = cost * ratio // 10
        return {"own_share": own, "limit": limit, "pay_exact": min(own, limit)}
    elder = len(given["category"]) > 1
    person = month.person(ratio, half=given.get("half_month", False), elder=elder)
    card = insurance(ratio, income_class, is_repeated_high_cost=given.get("multi", False))
    for points in given.get("visits", [given.get("points")]):
        month.visit(person, Coverage(card), ((), points))
    own = sum(charge.parts[0].share_yen for charge in month.charges)
    pay = sum(charge.parts[0].patient_yen for charge in month.charges)
    return {
        "own_share": own, "limit": month.limit(), "pay_exact": pay, "high_cost_benefit": own - pay,
        "collected": [charge.collect_yen for charge in month.charges],
        "exact": [charge.parts[0].patient_yen for charge in month.charges],
    }  # fmt: skip


def capped_visits(case: dict[str, Any]) -> Answer:
    given = case["input"]
    month, ratio = Month(), given["ratio"]
    income_class = {18000: None, 8000: IncomeClass.LOW_2}[given["cap"]]
    for points in given["visits"]:
        month.visit(month.person(ratio), Coverage(insurance(ratio, income_class)), ((), points))
    collected = [charge.collect_yen for charge in month.charges]
    return {"collected": collected, "total": sum(collected)}


def programmes(case: dict[str, Any]) -> Answer:
    given, title = case["input"], case["title"]
    if "public_points" in given:
        return mixed_receipt(case)
    if given.get("insured") is False or title.startswith("社保"):
        return welfare(case)
    month, ratio = Month(), given["ratio"]
    card = PublicProgramme(
        f"{title[:2]}990010", month_cap_yen=given["monthly_cap"], paid_elsewhere_yen=given["already_paid"],
        income_class=IncomeClass.U if ratio == 3 else None,
    )  # fmt: skip
    assert BY_LAW_CODE[card.law_code].percent == given["patient_pct_of_total"]
    born = Person(date(2022, 4, 15), Sex.MALE) if "未就学" in title else month.person(ratio)
    charge = month.visit(born, Coverage(insurance(ratio), (card,)), ((card.key,), given["points"]))
    part = charge.parts[0]
    patient = half_up_amount(part.patient_yen)
    return {
        "insured_share": part.share_yen, "after_high_cost": part.within_limit_yen, "patient": patient,
        "patient_rounded": charge.collect_yen, "public": half_up_amount(part.within_limit_yen) - patient,
    }  # fmt: skip


def welfare(case: dict[str, Any]) -> Answer:
    given = case["input"]
    month = Month(given.get("ym", "2026-04"))
    card = PublicProgramme("12990010", month_cap_yen=given.get("patient_limit", 0))
    ratio = given.get("ratio")
    insured = None if ratio is None else insurance(ratio, CLASSES[given["category"]])
    charge = month.visit(month.person(ratio or 3), Coverage(insured, (card,)), ((card.key,), given["points"]))
    part = charge.parts[0]
    return {
        "public": part.programmes[0].pays_yen, "patient": charge.collect_yen, "own_share": part.share_yen,
        "limit": month.limit() if insured else None, "high_cost": part.share_yen - part.within_limit_yen,
    }  # fmt: skip


def mixed_receipt(case: dict[str, Any]) -> Answer:
    given = case["input"]
    month, ratio = Month(given["ym"]), given["ratio"]
    name = given["category"].split("(")[0]
    income_class = CLASSES[name]
    card = PublicProgramme(
        f"{given['programme']}990010", month_cap_yen=given.get("cap"), income_class=income_class
    )
    person = month.person(ratio, half=given.get("half_month", False), elder=len(name) > 1)
    covered = Coverage(
        insurance(ratio, income_class, is_repeated_high_cost=given.get("multi", False)), (card,)
    )
    month.visit(person, covered, ((card.key,), given["public_points"]), ((), given["alone_points"]))
    receipt = month.receipt()
    by_set = {part.payer_set: part for part in month.charges[0].parts}
    under = by_set[(card.key,)]
    alone = by_set[()]
    return {
        "share_on_public_part": under.within_limit_yen, "public_pays": under.programmes[0].pays_yen,
        "patient_public": under.patient_yen, "patient_insured_alone": alone.patient_yen,
        "patient_total": receipt.patient_yen, "refund_by_aggregation": receipt.aggregated_yen,
        "HO_amount": receipt.amount_yen,
    }  # fmt: skip


def local_kinds(case: dict[str, Any]) -> Answer:
    given = case["input"]
    national: tuple[PublicProgramme, ...] = ()
    name, percent, visits = SPOKEN.get(case["id"], ("", 30, given.get("visits")))
    rules = dict(RULES)
    if case["id"] == "G07":
        # The case leaves the high-cost limit out: a payer that asks for the person's own class, not shown.
        name = "percent10-month44400"
        old = RULES[name]
        rules[name] = LocalRule(name, old.name, old.steps, old.cite, part_class=PartClass.OWN)
    if case["id"] == "G11":
        name, national = (
            "day500-month3000",
            (PublicProgramme("54990010", month_cap_yen=2500, income_class=IncomeClass.U),),
        )
    local = PublicProgramme("81990010", local_rule=name)
    month = Month(settings=CopaymentSettings(local_rules=rules))
    cards = (local, *national)
    for points in visits:
        covered = Coverage(insurance(percent // 10), cards)
        month.visit(month.person(percent // 10), covered, (tuple(card.key for card in cards), points))
    parts = [charge.parts[0] for charge in month.charges]
    collected = [charge.collect_yen for charge in month.charges]
    pays = [[programme.pays_yen for programme in part.programmes] for part in parts]
    return {
        "patient": collected, "collected": collected, "total": sum(collected),
        "patient_exact": [part.patient_yen for part in parts], "public": [one[-1] for one in pays],
        "public1": [one[0] for one in pays], "public2": [one[-1] for one in pays],
    }  # fmt: skip


def elective(case: dict[str, Any]) -> Answer:
    given = case["input"]
    day = {Fraction(1, 4): date(2025, 10, 1), Fraction(1, 2): date(2026, 6, 1)}[Fraction(given["fraction"])]
    drug = ElectiveDrug(
        Decimal(given["brand"]),
        Decimal(given["per_day"]),
        given["days"],
        generic_price=Decimal(given["generic_max"]),
    )
    charge = elective_charge(drug, day)
    month, ratio = Month(), given["ratio"]
    paid = month.visit(
        month.person(ratio), Coverage(insurance(ratio)), ((), charge.insured_points)
    ).collect_yen
    return {
        "special_points": charge.special_points, "special_charge": charge.special_charge_yen,
        "tax": charge.tax_yen, "special_total": charge.total_yen, "insured_points": charge.insured_points,
        "insured_copay": paid, "patient_total": charge.total_yen + paid,
    }  # fmt: skip


def others(case: dict[str, Any]) -> Answer:
    given, number = case["input"], case["id"]
    if "meals" in given:
        day = {510: date(2025, 4, 1), 490: date(2024, 6, 1)}[given["unit"]]
        return {"patient": meal_charge(day, MealClass.GENERAL, given["meals"])}
    if "taxable_incl" in given:
        certificate = OutsideCharge("診断書", given["taxable_incl"], TaxClass.TEN_PERCENT)
        total = receipt_total(given["insured_copay"], (certificate,))
        return {"total": total.total_yen, "tax_included": total.tax_included_yen}
    if "local" in given:
        return local_claimed_apart(given)
    month, ratio = Month(given.get("ym", "2022-10")), given["ratio"]
    more: dict[str, Any] = {"specific_disease_limit_yen": given.get("special_disease_cap")}
    if "reduction_yen" in given or "reduction_pct" in given:
        more["share_reduction"] = ShareReduction(
            ReductionKind.REDUCED, given.get("reduction_pct"), given.get("reduction_yen")
        )
    elif "reduction" in given:
        more["share_reduction"] = ShareReduction(ReductionKind.EXEMPT)
    is_late = number in ("I08", "I09", "I10")
    card = insurance(ratio, IncomeClass.GENERAL_2 if is_late else None, **more)
    if is_late:
        card = Insurance(
            InsuranceKind.LATE_ELDERLY, "39990010", share_percent=20, income_class=IncomeClass.GENERAL_2
        )
    half = given.get("half_month", False)
    person = (
        Person(date(month.year - 80, 1, 1), Sex.MALE)
        if is_late and not half
        else month.person(ratio, half=half)
    )
    charge = month.visit(person, Coverage(card), ((), given["points"]))
    part = charge.parts[0]
    month_sum = next(iter(month.ledger.sets.values()))
    marks = [mark for mark in month.receipt().marks if mark in ("02", "16")]
    return {
        "exact": month_sum.gross_share_yen, "own": part.share_yen, "reduced": part.share_yen,
        "collected": charge.collect_yen, "limit": month_sum.limit.yen if month_sum.limit else None,
        "pay": part.patient_yen, "tokki": marks[0] if marks else "",
    }  # fmt: skip


def local_claimed_apart(given: dict[str, Any]) -> Answer:
    rule = LocalRule("x", "1日500円", (OccasionCap(500, Occasion.DAY),), "要綱", is_on_receipt=False)
    month = Month("2021-08", CopaymentSettings(local_rules={"x": rule}))
    card = PublicProgramme("81990010", local_rule="x")
    covered = Coverage(insurance(given["ratio"], IncomeClass.O), (card,))
    charge = month.visit(month.person(3), covered, ((card.key,), given["points"]))
    part = charge.parts[0]
    assert list(month.receipt().marks) == given["tokki"]
    return {
        "limit": month.limit(), "high_cost": part.share_yen - part.within_limit_yen,
        "local_pays": part.programmes[0].pays_yen, "patient": charge.collect_yen,
    }  # fmt: skip


def insurer_side(case: dict[str, Any]) -> Answer:
    given = case["input"]
    if "monthly_paid" in given:
        year = year_refund(
            [given["monthly_paid"]] * given["months"], CLASSES[given["category"]], date(2026, 8, 1),
            is_outpatient="外来" in case["title"],
        )  # fmt: skip
        assert year.cap_yen == given["annual_cap"]
        return {"paid": year.paid_yen, "annual_refund": year.refund_yen}
    if "husband_out_own" in given:
        payments = (
            Payment("夫", 150_000, given["husband_out_own"], True, True),
            Payment("妻", 600_000, given["wife_in_paid"], True, False),
        )
        result = household_refund(payments, HouseholdClass(elder=IncomeClass.GENERAL), date(2026, 8, 1))
        return {
            "after_individual": list(result.after_individual), "household_limit": result.elder_limit_yen,
            "refund": result.elder_refund_yen,
        }  # fmt: skip
    day = date(2026, 4, 1)
    costs = [given["inpatient_points"] * 10, given["outpatient_points"] * 10]
    paid = [high_cost_limit(day, IncomeClass.U, costs[0], is_outpatient=False).yen, costs[1] * 3 // 10]
    payments = tuple(
        Payment("本人", c, p, False, n == 1) for n, (c, p) in enumerate(zip(costs, paid, strict=True))
    )
    result = household_refund(payments, HouseholdClass(under_70=IncomeClass.U), day)
    return {"paid": paid, "household_limit": result.whole_limit_yen, "refund": result.refund_yen}


KINDS: dict[str, Callable[[dict[str, Any]], Answer]] = {
    "A": shares, "B": birthdays, "C": limits, "D": limits, "E": limits, "F": programmes,
    "G": local_kinds, "H": elective, "I": others, "J": insurer_side,
}  # fmt: skip


@pytest.mark.official
@pytest.mark.skipif(not CASES, reason="reference/claims/vectors is not beside the checkout (TASUKI_SHARED)")
def test_every_vector_is_there() -> None:
    assert len(CASES) == 118


@pytest.mark.official
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_vector(case: dict[str, Any]) -> None:
    answer = KINDS[case["id"][0]](case)
    assert {name: answer[name] for name in case["expected"]} == case["expected"]
