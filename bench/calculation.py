# SPDX-License-Identifier: Apache-2.0
"""算定の速さ — visits calculated a second on one core, every line with its reasons; one JSON line a figure.

``python bench/calculation.py [--size N]`` calculates N invented visits of a clinic's mix, each with the
history of a year, on the starter book.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tasuki.calculation import calculate
from tasuki.calculation.sentences import explain
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki.chart.visit import Diagnosis, History, PastLine, Person, Sex, Visit
from tasuki.facility.institution import Institution, NotifiedStandard, OpenHours
from tasuki.kernel.validity import Validity
from tasuki.masters.starter import load_starter

if TYPE_CHECKING:
    from tasuki.calculation import Statement

TOKYO = ZoneInfo("Asia/Tokyo")
ALWAYS = Validity(date(2020, 1, 1), None)
STANDARDS = (
    "3001", "3826", "4307", "tasuki-digital-coordination-2", "tasuki-disease-management",
    "tasuki-lifestyle-management",
)  # fmt: skip
CLINIC = Institution(
    code="9912345",
    prefecture="13",
    standards=tuple(NotifiedStandard(code, ALWAYS) for code in STANDARDS),
    hours=tuple(OpenHours(day, clock(9), clock(12)) for day in range(6))
    + tuple(OpenHours(day, clock(15), clock(19)) for day in range(5)),
)
COVERAGE = Coverage(Insurance(InsuranceKind.NATIONAL, "990010"))
HYPERTENSION, ULCER, BRONCHITIS, WOUND = "8833421", "5319009", "4660009", "8796007"
CRP, BLOOD_COUNT, AST, ALT, GGT, LDL, CREATININE, GLUCOSE = (
    "160054710", "160008010", "160022510", "160022610", "160020410", "160167250", "160019210", "160019410",
)  # fmt: skip
ECG, ECHO, CHEST_FILM, READING, WOUND_CARE, SHOT = (
    "160068410", "160072210", "170027910", "170000410", "140000610", "130000510",
)  # fmt: skip


def act(order: int, *codes: str, amount: int | None = None) -> Order:
    """An order of acts done together."""
    number = None if amount is None else Decimal(amount)
    return Order(f"o{order}", OrderKind.ACT, tuple(Item(code, number) for code in codes))


def drugs(order: int, *codes: str, days: int) -> Order:
    """An outside prescription of internal drugs."""
    items = tuple(Item(code, Decimal(1), is_generic_name=True) for code in codes)
    return Order(f"o{order}", OrderKind.INTERNAL, items, days, dispensing=Dispensing.OUTSIDE)


def past(day: date, months: int) -> History:
    """A revisit with tests every month before the day."""
    codes = ("112007410", "112011010", "180725810", "180820010", CRP, BLOOD_COUNT, "160061810", "160095710")
    days = [day - timedelta(days=28 * n) for n in range(months, 0, -1)]
    return History(tuple(PastLine(each, code, 1, f"v{each}", "01") for each in days for code in codes))


def visits(internal: tuple[str, ...]) -> list[tuple[Visit, History]]:
    """The mix of a morning: chronic patients, a cold, a child, a wound, a check with images."""
    day = date(2026, 6, 15)
    at = datetime.combine(day, clock(10), TOKYO)
    adult, child = Person(date(1958, 11, 3), Sex.FEMALE), Person(date(2023, 6, 1), Sex.MALE)
    chronic = Diagnosis(HYPERTENSION, date(2024, 4, 1), is_main=True)
    ulcer = Diagnosis(ULCER, date(2025, 4, 1), is_main=True)
    plain = Visit("v", adult, at, COVERAGE)
    tests = tuple(act(n, code) for n, code in enumerate((CRP, BLOOD_COUNT, AST, ALT, GGT, LDL, CREATININE)))
    return [
        (replace(plain, diagnoses=(chronic,), orders=(drugs(1, *internal[:3], days=28),)), past(day, 12)),
        (replace(plain, diagnoses=(chronic,), orders=(*tests, drugs(9, *internal[:2], days=28)),
                 flags=frozenset({"guidance_given", "lifestyle_plan_signed"})), past(day, 12)),
        (replace(plain, diagnoses=(ulcer,), orders=(act(1, ECHO), act(2, ECG), drugs(3, internal[0], days=14)),
                 flags=frozenset({"guidance_given"})), past(day, 6)),
        (replace(plain, orders=(act(1, CRP), act(2, BLOOD_COUNT), drugs(3, *internal[:2], days=5))), History()),
        (replace(plain, person=child, diagnoses=(Diagnosis(BRONCHITIS, date(2026, 6, 12)),),
                 orders=(act(1, CRP), drugs(2, internal[0], days=3))), past(day, 1)),
        (replace(plain, diagnoses=(Diagnosis(WOUND, date(2026, 6, 12)),), orders=(act(1, WOUND_CARE),)), past(day, 2)),
        (replace(plain, diagnoses=(chronic,), orders=(act(1, READING, CHEST_FILM, amount=1), act(2, ECG), *tests[:4])),
         past(day, 12)),
    ]  # fmt: skip


def lines_of(statement: Statement) -> int:
    """Granted, denied and advised lines together."""
    return len(statement.granted()) + len(statement.denied) + len(statement.advised)


def report(name: str, value: float, unit: str) -> None:
    """One figure; no peer publishes reasons, so there is none to compare with."""
    print(json.dumps({"name": name, "value": round(value, 1), "unit": unit, "peer": None, "ratio": None}))


def main() -> None:
    """Measures the calculation alone, and with every sentence made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=7_000, help="visits")
    size = parser.parse_args().size
    book = load_starter()
    today = date(2026, 6, 15)
    internal = tuple(
        sorted(code for code, rows in book.drugs.items() if rows[0].form == "1" and book.at(today).has(code))
    )
    mix = visits(internal)
    statements = [calculate(visit, CLINIC, history, book) for visit, history in mix]
    findings = [finding for statement in statements for finding in statement.findings]
    if findings:
        raise SystemExit(f"the mix has findings: {findings}")
    report("lines of a visit", sum(map(lines_of, statements)) / len(mix), "lines")
    begin = time.process_time()
    for n in range(size):
        visit, history = mix[n % len(mix)]
        calculate(visit, CLINIC, history, book)
    report("visits calculated with reasons", size / (time.process_time() - begin), "visits/s/core")
    begin = time.process_time()
    for n in range(size):
        visit, history = mix[n % len(mix)]
        statement = calculate(visit, CLINIC, history, book)
        for line in (*statement.granted(), *statement.denied, *statement.advised):
            explain(line)
    report("visits calculated with every sentence", size / (time.process_time() - begin), "visits/s/core")


if __name__ == "__main__":
    main()
