# SPDX-License-Identifier: Apache-2.0
"""One visit of several payers: each by its own table and price, nothing billed to two."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasuki.calculation.payers import (
    PayerBasis,
    PayerSettings,
    PayerTerms,
    TaxClass,
    VisitAccount,
    calculate_account,
    explain_payer,
)
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind, PublicProgramme
from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.chart.visit import History, PastLine, Person, Sex, Visit, VisitKind
from tasuki.facility.institution import Institution, OpenHours
from tasuki.masters.starter import load_starter

TOKYO = ZoneInfo("Asia/Tokyo")
HEALTH = Insurance(InsuranceKind.EMPLOYEES, "01990010", id="health")
INJURY = Insurance(InsuranceKind.WORK_ACCIDENT, id="injury")
CRASH = Insurance(InsuranceKind.TRAFFIC_ACCIDENT, symbol="みどり損保", id="crash")
OWN = Insurance(InsuranceKind.PRIVATE, id="own")
CHECKUP = Insurance(InsuranceKind.CHECKUP, id="checkup")
WOUND = "140000610"  # 創傷処置 100cm2未満 52点
HOURS = tuple(OpenHours(day, time(9), time(18)) for day in range(6))
CLINIC = Institution("9999999", "13", hours=HOURS)
R6 = date(2025, 4, 10)


def act(code: str, payer: str = "", *more: str, id: str = "", site: str = "") -> Order:
    items = tuple(Item(one) for one in (code, *more))
    return Order(id or code, OrderKind.ACT, items, payer=payer, site=site)


def account(
    *orders: Order,
    insurance: Insurance | None = HEALTH,
    others: tuple[Insurance, ...] = (),
    fee: str = "",
    day: date = R6,
    history: tuple[PastLine, ...] = (),
    terms: PayerSettings | None = None,
) -> VisitAccount:
    visit = Visit(
        "v1",
        Person(date(1980, 5, 5), Sex.FEMALE),
        datetime(day.year, day.month, day.day, 10, tzinfo=TOKYO),
        Coverage(insurance, (), others, fee),
        orders=orders,
    )
    return calculate_account(visit, CLINIC, History(history), load_starter(), terms or PayerSettings())


def codes(part) -> set[str]:
    return {line.code for line in part.statement.granted()}


def test_a_work_accident_is_paid_in_its_own_yen_and_points() -> None:
    (part,) = account(act(WOUND), act("120002910"), insurance=INJURY).parts
    assert "101110010" in codes(part) and "111000110" not in codes(part)
    assert part.act_yen == 3850
    assert part.points_yen == part.statement.total_points * 12
    assert part.patient_yen == 0 and not part.findings
    assert part.total_yen == part.points_yen + 3850
    assert "労災診療費算定基準" in explain_payer(part.because[0])
    advised = {line.code for line in part.statement.advised}
    assert {"101800890", "101800870"} <= advised


def test_a_body_without_tax_has_eleven_and_a_half_yen() -> None:
    (part,) = account(act(WOUND), insurance=INJURY, terms=PayerSettings(is_tax_exempt_body=True)).parts
    assert part.points_yen == part.statement.total_points * 23 // 2


def test_the_multiple_for_a_limb_is_an_addition_like_any_other() -> None:
    plain = account(act(WOUND, site="右前腕"), insurance=INJURY).parts[0]
    raised = account(act(WOUND, "", "101400020", site="右前腕"), insurance=INJURY).parts[0]
    fingers = account(act(WOUND, "", "101400010", site="右第2指"), insurance=INJURY).parts[0]
    assert raised.statement.total_points - plain.statement.total_points == 26
    assert fingers.statement.total_points - plain.statement.total_points == 52
    assert "101400020" in {line.code for line in plain.statement.advised}
    assert "101400020" not in {line.code for line in raised.statement.advised}


def test_a_price_of_an_earlier_revision_is_said_to_be_one() -> None:
    (part,) = account(act(WOUND), insurance=INJURY, day=date(2026, 6, 15)).parts
    assert [each.code for each in part.findings] == ["PAY-0102"]


def test_a_mixed_visit_bills_the_visit_fee_once() -> None:
    parts = account(act(WOUND, "injury"), act("120002910"), others=(INJURY,)).parts
    health, injury = parts
    assert "111000110" in codes(health) and WOUND not in codes(health)
    assert codes(injury) == {WOUND}
    assert injury.statement.kind is VisitKind.NONE
    turned = account(act(WOUND, "injury"), act("120002910"), others=(INJURY,), fee="injury").parts
    assert "111000110" not in codes(turned[0]) and "101110010" in codes(turned[1])


def test_a_payer_without_orders_has_no_part() -> None:
    assert len(account(act(WOUND), others=(INJURY, OWN)).parts) == 1


def test_own_care_of_health_insurance_is_not_blocked_by_the_wound_of_another_payer() -> None:
    """外来管理加算 is blocked by the procedure of the same payer only, and billed once."""
    past = (PastLine(date(2025, 4, 1), "111000110"),)
    mixed = account(act(WOUND, "injury"), others=(INJURY,), history=past)
    granted = [line.code for part in mixed.parts for line in part.statement.granted()]
    assert len(granted) == len(set(granted))


def test_another_payers_price_is_never_guessed() -> None:
    found = account(act(WOUND, "crash"), others=(CRASH,)).others[0].findings
    assert [each.code for each in found] == ["PAY-0002"]
    own = account(act(WOUND, "own"), others=(OWN,)).others[0]
    assert [(each.code, each.severity) for each in own.findings] == [("PAY-0003", "confirm")]
    assert own.total_yen == 0
    assert account(act(WOUND, "checkup"), others=(CHECKUP,)).others[0].findings[0].code == "PAY-0003"


def test_a_contract_of_the_insurer_goes_before_that_of_the_kind() -> None:
    kind = InsuranceKind.TRAFFIC_ACCIDENT
    both = PayerSettings(
        terms=(
            PayerTerms(kind, Decimal(20), is_patient_charged=True),
            PayerTerms(kind, Decimal(12), "みどり損保", PayerBasis.WORK_ACCIDENT, 120),
        )
    )
    (part,) = account(act(WOUND), insurance=CRASH, terms=both).parts
    assert part.act_yen == 3850 * 120 // 100 and part.patient_yen == 0
    assert part.points_yen == part.statement.total_points * 12 * 120 // 100
    other = Insurance(kind, symbol="あかね損保", id="crash")
    (plain,) = account(act(WOUND), insurance=other, terms=both).parts
    assert plain.act_yen == 0
    assert plain.patient_yen == plain.total_yen == plain.statement.total_points * 20


def test_own_expense_bears_the_tax_it_is_entered_with() -> None:
    terms = PayerSettings(
        terms=(
            PayerTerms(InsuranceKind.PRIVATE, Decimal(10), tax=TaxClass.STANDARD, is_patient_charged=True),
        )
    )
    part = account(act(WOUND, "own"), others=(OWN,), terms=terms).others[0]
    assert (part.points_yen, part.tax_yen, part.patient_yen) == (520, 52, 572)


def test_programmes_stay_with_health_insurance_when_the_injury_comes_first() -> None:
    card = PublicProgramme("54990015", month_cap_yen=2500, id="54")
    visit = Visit(
        "v1", Person(date(1980, 5, 5), Sex.FEMALE), datetime(2025, 4, 10, 10, tzinfo=TOKYO),
        Coverage(INJURY, (card,), (HEALTH,)), orders=(act(WOUND), act("120002910", "health")),
    )  # fmt: skip
    found = calculate_account(visit, CLINIC, History(), load_starter(), PayerSettings())
    assert found.health.coverage.programmes == (card,)
    assert found.others[0].coverage.programmes == ()


def test_an_act_of_work_accidents_belongs_to_no_other_payer() -> None:
    (part,) = account(act("101800890")).parts
    assert "PAY-0004" in [each.code for each in part.findings]


def test_an_order_of_an_unknown_payer_is_refused() -> None:
    refused = account(act(WOUND, "nobody"))
    assert not refused.parts and refused.findings[0].code == "PAY-0001"


def test_the_first_visit_fee_is_questioned_while_another_payer_treats() -> None:
    past = (PastLine(date(2025, 4, 1), "101110010", payer="work_accident"),)
    asked = account(act(WOUND), history=past)
    assert [each.code for each in asked.findings] == ["PAY-0005"]
    again = account(act(WOUND), insurance=INJURY, history=past)
    assert again.parts[0].statement.kind is VisitKind.REVISIT
    assert "101120010" in codes(again.parts[0])


@settings(max_examples=25, deadline=None)
@given(
    st.permutations([WOUND, "120002910", "160008010", "140029610"]),
    st.lists(st.sampled_from(["", "injury", "own"]), min_size=4, max_size=4),
)
def test_nothing_is_billed_to_two_and_the_order_of_entry_does_not_matter(order, payers) -> None:
    terms = PayerSettings(terms=(PayerTerms(InsuranceKind.PRIVATE, Decimal(10)),))
    payer_of = dict(zip(sorted(order), payers, strict=True))
    entered = account(*(act(code, payer_of[code]) for code in order), others=(INJURY, OWN), terms=terms)
    sorted_in = account(*(act(c, payer_of[c]) for c in sorted(order)), others=(OWN, INJURY), terms=terms)
    assert [p.total_yen for p in entered.parts] == [p.total_yen for p in sorted_in.parts]
    granted = [line.code for part in entered.parts for line in part.statement.granted()]
    assert len(granted) == len(set(granted))


@pytest.mark.parametrize("day", [date(2025, 4, 10), date(2026, 6, 15)])
def test_a_visit_of_one_payer_is_what_calculate_says(day: date) -> None:
    from tasuki.calculation import calculate

    visit = Visit(
        "v1", Person(date(1980, 5, 5), Sex.FEMALE), datetime(day.year, day.month, day.day, 10, tzinfo=TOKYO),
        Coverage(HEALTH), orders=(act(WOUND), act("120002910")),
    )  # fmt: skip
    alone = calculate(visit, CLINIC, History(), load_starter())
    assert (
        calculate_account(visit, CLINIC, History(), load_starter(), PayerSettings()).health.statement == alone
    )
