# SPDX-License-Identifier: Apache-2.0
"""月次請求の突合 — a clinic's month of many people: every point and yen of the copayment stands in the files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

from claims.invented_month import BOOK, CHILD, EMPLOYEE, LATE, NATIONAL, RARE, WELFARE, Someone, cold, month
from tasuki.chart.coverage import Coverage, IncomeClass, PublicProgramme
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki.claims.build import build_month
from tasuki.claims.checks.run import check_file
from tasuki.claims.points import payer_sums
from tasuki.claims.reader import read
from tasuki.claims.view import receipt_view
from tasuki.kernel.finding import Severity

MENTAL = PublicProgramme("21136010", "7654321", month_cap_yen=5_000)
COVERAGES = (
    (Coverage(EMPLOYEE), 1975),
    (Coverage(replace(EMPLOYEE, income_class=IncomeClass.O)), 1980),
    (Coverage(replace(EMPLOYEE, is_dependant=True), (MENTAL,)), 1990),
    (Coverage(CHILD), 2021),
    (Coverage(NATIONAL), 1960),
    (Coverage(NATIONAL, (RARE, MENTAL)), 1970),
    (Coverage(replace(NATIONAL, share_percent=20)), 1953),
    (Coverage(LATE), 1940),
    (Coverage(replace(LATE, share_percent=30)), 1945),
    (
        Coverage(
            replace(LATE, income_class=IncomeClass.LOW_1), (replace(RARE, income_class=IncomeClass.LOW_1),)
        ),
        1938,
    ),
    (Coverage(None, (WELFARE,)), 1968),
    (Coverage(None, (MENTAL, WELFARE)), 1966),
)
ACTS = (
    ("160000310",), ("160008010", "160095710"), ("160054710",), ("160068410",), ("140000610",),
    ("160072510",), ("170000410", "170027910"), ("113001810",),
)  # fmt: skip
FILMS = frozenset({"170000410", "170027910"})
DRUGS = ("610406390",)


def orders(random: Random, programmes: tuple[str, ...]) -> tuple[Order, ...]:
    found = []
    for at in range(random.randrange(4)):
        codes = random.choice(ACTS)
        named = random.choice((None, None, programmes[:1] or None))
        found.append(
            Order(f"a{at}", OrderKind.ACT, tuple(Item(code, Decimal(1) if code in FILMS else None) for code in codes), programme_ids=named)
        )  # fmt: skip
    if random.random() < 0.6:
        amount, days = Decimal(random.choice(("1", "1.5", "3"))), random.choice((7, 14, 28))
        where = random.choice((Dispensing.IN_HOUSE, Dispensing.OUTSIDE))
        item = Item(random.choice(DRUGS), amount)
        found.append(Order("d", OrderKind.INTERNAL, (item,), days, dispensing=where))
    return tuple(found)


def people(count: int, seed: int) -> list[Someone]:
    random = Random(seed)
    made = []
    for number in range(1, count + 1):
        coverage, year = COVERAGES[number % len(COVERAGES)]
        keys = tuple(card.key for card in coverage.programmes)
        first = random.randint(1, 20)
        days = sorted({first, *(random.randint(first, 30) for _ in range(random.randrange(3)))})
        days = [day for day in days if date(2026, 6, day).weekday() != 6] or [1]
        visits = [(day, orders(random, keys)) for day in days]
        made.append(
            Someone(
                str(number), f"架空 {number}郎", "カクウ ロウ", date(year, 5, 5), coverage, visits,
                diagnoses=(cold(days[0]),),
            )
        )  # fmt: skip
    return made


def test_a_month_of_many_people_agrees_to_the_point_and_the_yen() -> None:
    asked = month(*people(72, 20260601))
    built = build_month(asked, BOOK)
    left_out = [(one.patient_id, [f.code for f in one.findings]) for one in built.receipts if one.is_left_out]
    assert left_out == []
    assert {f.severity for one in built.receipts for f in one.findings} <= {Severity.ADVICE}
    closed = {(p.chart_number, r.receipt): r for p in asked.patients for r in p.copayment.receipts}
    assert len(built.receipts) == len(closed)
    points = 0
    for file in built.files:
        again = read(file.data)
        assert again.findings == ()
        assert {f.severity for f in check_file(again, BOOK)} <= {Severity.ADVICE}
        by_number = {
            one.number: one for one in built.receipts if one.payer == file.payer and not one.is_left_out
        }
        assert sorted(by_number) == list(range(1, file.receipt_count + 1))
        for receipt in again.receipts:
            one = by_number[receipt.header.receipt_number or 0]
            result = closed[receipt.header.chart_number, one.key]
            sums = payer_sums(receipt)
            if receipt.insurer is not None:
                assert receipt.insurer.total_points == sums[0].points == result.points
                assert receipt.insurer.share_yen == result.amount_yen
            for nth, programme in enumerate(receipt.programmes, 1):
                expected = result.programmes[nth - 1]
                assert programme.total_points == sums[nth].points == expected.points
                assert (programme.share_yen, programme.visit_days) == (
                    expected.amount_yen,
                    expected.day_count,
                )
            points += result.points
            view = receipt_view(receipt, again.institution, BOOK)
            assert sum(cell["points"] for cell in view["rows"].values()) == result.points
    statements = [b.statement for p in asked.patients for b in p.visits]
    assert points == sum(one.total_points for one in statements)
    assert points == sum(file.totals.total_points for file in built.files)
