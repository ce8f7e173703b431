# SPDX-License-Identifier: Apache-2.0
"""Laws that hold for every month: caps, sums, orders, and the month in one step against visit by visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from calculation.copayment.months import run_month
from tasuki.calculation.copayment import CopaymentSettings, CopayVisit, MonthLedger, close_month, replay
from tasuki.calculation.copayment.context import context_of
from tasuki.calculation.copayment.limits import high_cost_limit
from tasuki.calculation.copayment.local_file import listed_rules, steps_text
from tasuki.calculation.copayment.parts import half_up_amount
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

UNDER_70 = [None, IncomeClass.A, IncomeClass.I, IncomeClass.U, IncomeClass.E, IncomeClass.O]
SEVENTIES = [None, IncomeClass.GENERAL, IncomeClass.LOW_2, IncomeClass.LOW_1, IncomeClass.ACTIVE_1]
LATE = [None, IncomeClass.GENERAL_2, IncomeClass.LOW_2, IncomeClass.ACTIVE_3]
NATIONAL_CAPS = {
    "54": [0, 2500, 10000, 30000],
    "21": [None, 0, 2500, 20000],
    "15": [None, 5000],
    "12": [0, 3000],
    "10": [None],
}
# The patterns, and one listed programme of each kind of rule that any number may carry.
LOCAL = ["day500-month3000", "half-month1000", "month600", "visit300-5times", "free"]
LOCAL += sorted(
    {steps_text(rule.steps): rule.id for rule in listed_rules() if rule.steps and not rule.law_code}.values()
)[:12]
POINTS = st.one_of(st.integers(0, 700), st.integers(0, 12_000), st.integers(0, 120_000))
MONTHS = st.sampled_from([(2026, 7), (2026, 8), (2025, 9)])


@st.composite
def insurances(draw: st.DrawFn) -> tuple[Insurance, date]:
    kind, years, classes, percents = draw(
        st.sampled_from(
            [
                (InsuranceKind.EMPLOYEES, 40, UNDER_70, [30]),
                (InsuranceKind.NATIONAL, 40, UNDER_70, [30, 20]),
                (InsuranceKind.EMPLOYEES, 72, SEVENTIES, [20, 30]),
                (InsuranceKind.LATE_ELDERLY, 80, LATE, [10, 20, 30]),
            ]
        )
    )
    reduction = draw(
        st.sampled_from(
            [
                None,
                None,
                ShareReduction(ReductionKind.REDUCED, 50),
                ShareReduction(ReductionKind.REDUCED, yen=777),
            ]
        )
    )
    card = Insurance(
        kind,
        "01990010",
        share_percent=draw(st.sampled_from(percents)),
        income_class=draw(st.sampled_from(classes)),
        is_repeated_high_cost=draw(st.booleans()),
        specific_disease_limit_yen=draw(st.sampled_from([None, None, None, 10_000])),
        share_reduction=reduction if kind is InsuranceKind.NATIONAL else None,
    )
    return card, date(2026 - years, 1, 15)


@st.composite
def months(draw: st.DrawFn, *, is_shared: bool = True) -> list[CopayVisit]:
    """One person's month: one insurer, up to four programmes, one to six visits in day order.

    ``is_shared`` False leaves out what the law settles first come, first served: a cap or a yen
    reduction that several sets draw on, and local programmes, which count visits.
    """
    month = draw(MONTHS)
    insurance, born = draw(insurances())
    if not is_shared:
        insurance = replace(insurance, share_reduction=None)
    codes = draw(st.lists(st.sampled_from(sorted(NATIONAL_CAPS)), max_size=3, unique=True))
    cards = [
        PublicProgramme(f"{code}990010", month_cap_yen=draw(st.sampled_from(NATIONAL_CAPS[code])), id=code)
        for code in codes
    ]
    if is_shared and draw(st.booleans()):
        rule = draw(st.sampled_from(LOCAL))
        cards.append(PublicProgramme("81990010", local_rule=rule, id="81"))
    ids = [card.key for card in cards]
    subsets = [(), *((one,) for one in ids), tuple(sorted(ids))]
    apart = subsets[: len(ids) + 1] if draw(st.booleans()) else [(), tuple(sorted(ids))]
    sets = st.sampled_from(subsets if is_shared else apart)
    visits = []
    for day in sorted(draw(st.lists(st.integers(1, 28), min_size=1, max_size=6))):
        points = draw(st.dictionaries(sets, POINTS, min_size=1, max_size=3))
        coverage = Coverage(insurance, tuple(cards))
        visits.append(
            CopayVisit(
                date(*month, day),
                Person(born, Sex.MALE),
                coverage,
                points,
                is_first_visit=draw(st.booleans()),
            )
        )
    return visits


@settings(max_examples=60, deadline=None)
@given(months())
def test_no_one_pays_more_than_the_own_share(visits: list[CopayVisit]) -> None:
    charges, ledger = run_month(visits)
    share = sum(month.share_yen for month in ledger.sets.values())
    roundings = sum(5 for charge in charges for part in charge.parts)
    assert 0 <= ledger.collected_yen <= share + roundings
    # What was taken is what is owed, but for the roundings of each visit.
    owed = sum(month.patient_yen for month in ledger.sets.values())
    assert abs(ledger.collected_yen - owed) <= roundings


@settings(max_examples=60, deadline=None)
@given(months())
def test_the_month_never_passes_a_cap(visits: list[CopayVisit]) -> None:
    _, ledger = run_month(visits)
    for month in ledger.sets.values():
        if month.limit is not None:
            assert month.collected_yen <= month.limit.yen
    for card in visits[-1].coverage.programmes:
        last = [month for key, month in ledger.sets.items() if key.programmes[-1:] == (card.key,)]
        if card.month_cap_yen is not None:
            assert sum(month.collected_yen for month in last) <= card.month_cap_yen


@settings(max_examples=60, deadline=None)
@given(months())
def test_the_elders_common_limit_holds_beside_programmes(visits: list[CopayVisit]) -> None:
    _, ledger = run_month(visits)
    card_class = context_of(visits[-1], ledger.settings, 0).card_class
    plain = [month for key, month in ledger.sets.items() if not key.programmes]
    if not plain or card_class not in (
        IncomeClass.GENERAL,
        IncomeClass.GENERAL_2,
        IncomeClass.LOW_1,
        IncomeClass.LOW_2,
    ):
        return
    limit = high_cost_limit(visits[0].day, card_class, 0).yen
    under_programmes = ledger.collected_yen - plain[0].collected_yen
    assert ledger.collected_yen <= max(limit, under_programmes)


@settings(max_examples=60, deadline=None)
@given(months())
def test_every_yen_of_the_cost_has_one_payer(visits: list[CopayVisit]) -> None:
    charges, ledger = run_month(visits)
    for charge in charges:
        for part in charge.parts:
            left = part.within_limit_yen - part.aggregated_yen
            assert left == sum(one.pays_yen for one in part.programmes) + part.patient_yen
    for receipt in close_month(ledger).receipts:
        parts = [month for key, month in ledger.sets.items() if key.receipt == receipt.receipt]
        assert receipt.share_yen == sum(half_up_amount(m.within_limit_yen) - m.refund_yen for m in parts)
        assert receipt.collected_yen == sum(month.collected_yen for month in parts)


@settings(max_examples=60, deadline=None)
@given(months(), st.randoms(use_true_random=False))
def test_the_order_cards_and_sets_are_given_in_changes_nothing(
    visits: list[CopayVisit], random: object
) -> None:
    turned = []
    for visit in visits:
        cards = tuple(reversed(visit.coverage.programmes))
        points = {tuple(reversed(key)): value for key, value in reversed(visit.points_by_payer_set.items())}
        turned.append(
            replace(visit, coverage=replace(visit.coverage, programmes=cards), points_by_payer_set=points)
        )
    straight, back = run_month(visits)[1], run_month(turned)[1]
    assert straight.sets == back.sets
    assert [e.charge.collect_yen for e in straight.entries] == [e.charge.collect_yen for e in back.entries]


@settings(max_examples=60, deadline=None)
@given(months(is_shared=False), st.data())
def test_visits_of_one_day_may_come_in_any_order(visits: list[CopayVisit], data: st.DataObject) -> None:
    one_day = [replace(visit, day=visits[0].day) for visit in visits]
    shuffled = data.draw(st.permutations(one_day))
    first, second = run_month(one_day)[1], run_month(shuffled)[1]
    assert _exact(first) == _exact(second)


@settings(max_examples=60, deadline=None)
@given(months(is_shared=False))
def test_visit_by_visit_equals_the_month_in_one_step(visits: list[CopayVisit]) -> None:
    merged: dict[tuple[str, ...], int] = {}
    for visit in visits:
        for key, points in visit.points_by_payer_set.items():
            merged[key] = merged.get(key, 0) + points
    at_once = run_month([replace(visits[-1], points_by_payer_set=merged)])[1]
    assert _exact(run_month(visits)[1]) == _exact(at_once)


@settings(max_examples=60, deadline=None)
@given(months(), st.integers(0, 5))
def test_a_visit_without_points_changes_nothing(visits: list[CopayVisit], place: int) -> None:
    index = place % len(visits)
    empty = replace(visits[index], points_by_payer_set=dict.fromkeys(visits[index].points_by_payer_set, 0))
    charges, ledger = run_month(visits)
    with_empty, other = run_month([*visits[: index + 1], empty, *visits[index + 1 :]])
    assert with_empty.pop(index + 1).collect_yen == 0
    assert [c.collect_yen for c in with_empty] == [c.collect_yen for c in charges]
    assert _exact(ledger) == _exact(other)


@settings(max_examples=60, deadline=None)
@given(months())
def test_the_ledger_is_that_of_replaying_its_visits(visits: list[CopayVisit]) -> None:
    _, ledger = run_month(visits)
    again = replay([entry.visit for entry in ledger.entries], ledger.month, CopaymentSettings())
    assert again == ledger


def _exact(ledger: MonthLedger) -> dict[object, object]:
    return {
        key: (month.points, month.share_yen, month.within_limit_yen, month.refund_yen, month.patient_yen)
        for key, month in ledger.sets.items()
        if month.points
    }


@settings(max_examples=60, deadline=None)
@given(months())
def test_a_card_never_makes_care_dearer_than_the_share(visits: list[CopayVisit]) -> None:
    """Care under every card of the visit costs the patient no more than the same care under the insurer alone."""
    cards = visits[-1].coverage.programmes
    if not cards or any(not part for visit in visits for part in visit.points_by_payer_set):
        return
    alone = [
        replace(
            visit,
            coverage=replace(visit.coverage, programmes=()),
            points_by_payer_set={(): sum(visit.points_by_payer_set.values())},
        )
        for visit in visits
    ]
    under = run_month(visits)[1]
    share = run_month(alone)[1]
    gross = sum(month.share_yen for month in share.sets.values())
    assert sum(month.patient_yen for month in under.sets.values()) <= gross
