# SPDX-License-Identifier: Apache-2.0
"""Laws that hold for every visit: order of entry, unrelated acts, and sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tasuki.calculation import Statement, calculate
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki.chart.visit import History, Person, Sex, Visit
from tasuki.facility.institution import Institution
from tasuki.masters.starter import load_starter

BOOK = load_starter()
TOKYO = ZoneInfo("Asia/Tokyo")
CLINIC = Institution(code="9999999", prefecture="13")
COVER = Coverage(Insurance(InsuranceKind.EMPLOYEES, "01130012", "1", "1"))
BLOOD = [
    "160019010", "160019210", "160019310", "160019410", "160020910", "160022410", "160022510", "160022610",
    "160023410", "160167250", "160020410", "160054710", "160008010", "160010010", "160031710", "160033310",
    "160036510", "160036710", "160037210", "160000310", "160114010", "160012010",
]  # fmt: skip
OTHERS = [
    "160068410",
    "160072210",
    "160165010",
    "140000610",
    "140011610",
    "130000510",
    "140021810",
    "160062610",
]
TABLETS = [
    "620007870",
    "610407447",
    "610412202",
    "610411058",
    "610409336",
    "610409340",
    "610463198",
    "610443053",
]

acts = st.lists(st.sampled_from(BLOOD + OTHERS), unique=True, max_size=14)
tablets = st.lists(
    st.tuples(st.sampled_from(TABLETS), st.integers(1, 6), st.sampled_from([7, 14, 28]), st.sampled_from(["朝食後", "毎食後", ""])),
    max_size=6,
)  # fmt: skip
born = st.dates(date(1940, 1, 1), date(2026, 5, 1))
days = st.sampled_from([date(2026, 5, 29), date(2026, 6, 15)])


def orders_of(codes: list[str], drugs: list[tuple[str, int, int, str]]) -> list[Order]:
    made = [Order(f"a{code}", OrderKind.ACT, (Item(code),)) for code in codes]
    for index, (code, amount, count, usage) in enumerate(drugs):
        item = Item(code, Decimal(amount))
        made.append(
            Order(
                f"d{index}", OrderKind.INTERNAL, (item,), count, usage=usage, dispensing=Dispensing.IN_HOUSE
            )
        )
    return made


def run(orders: list[Order], day: date, birth: date, history: History | None = None) -> Statement:
    visit = Visit(
        id="v", person=Person(birth, Sex.FEMALE), at=datetime(day.year, day.month, day.day, 10, tzinfo=TOKYO),
        coverage=COVER, orders=tuple(orders),
    )  # fmt: skip
    return calculate(visit, CLINIC, history or History(), BOOK)


def billed(statement: Statement) -> list[tuple[str, int, int, tuple[str, ...]]]:
    return sorted(
        (unit.section, unit.points, unit.times, tuple(sorted(line.code for line in unit.lines)))
        for unit in statement.units
    )


@settings(max_examples=60, deadline=None)
@given(acts, tablets, born, days, st.randoms(use_true_random=False))
def test_order_of_entry_changes_nothing(codes, drugs, birth, day, random) -> None:  # type: ignore[no-untyped-def]
    orders = orders_of(codes, drugs)
    shuffled = orders[:]
    random.shuffle(shuffled)
    assert billed(run(orders, day, birth)) == billed(run(shuffled, day, birth))


@settings(max_examples=40, deadline=None)
@given(acts, born, days)
def test_an_unrelated_act_changes_no_other_unit(codes, birth, day) -> None:  # type: ignore[no-untyped-def]
    plain = billed(run(orders_of(codes, []), day, birth))
    film = Order(
        "x", OrderKind.ACT, (Item("170000510", Decimal(2)), Item("170027910", Decimal(2))), site="右膝"
    )
    more = billed(run([*orders_of(codes, []), film], day, birth))
    added = [unit for unit in more if unit not in plain]
    assert [unit for unit in more if unit in plain] == plain
    assert {unit[0] for unit in added} == {"70"}


@settings(max_examples=40, deadline=None)
@given(acts, tablets, born, days)
def test_totals_are_sums_of_units_and_units_of_lines(codes, drugs, birth, day) -> None:  # type: ignore[no-untyped-def]
    statement = run(orders_of(codes, drugs), day, birth)
    assert statement.total_points == sum(unit.points * unit.times for unit in statement.units)
    for unit in statement.units:
        told = sum(line.points for line in unit.lines)
        assert told in (0, unit.points)


@settings(max_examples=30, deadline=None)
@given(acts, born, days)
def test_a_monthly_fee_is_not_billed_again_later_in_the_month(codes, birth, day) -> None:  # type: ignore[no-untyped-def]
    first = run(orders_of(codes, []), day, birth)
    earlier = day.replace(day=1)
    past = History(tuple(replace(line, day=earlier, visit_id="earlier") for line in first.as_history()))
    second = run(orders_of(codes, []), day, birth, past)
    fees = {"160061710", "160061810", "160061910", "160062010", "160062110", "160146910"}
    assert not fees & {line.code for line in second.granted()} & {line.code for line in first.granted()}
