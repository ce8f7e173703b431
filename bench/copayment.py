# SPDX-License-Identifier: Apache-2.0
"""窓口負担の速さ — visits charged a second with every reason, and months closed; one JSON line a figure.

``python bench/copayment.py [--size N]`` charges N months of invented patients of a clinic's mix.
"""

from __future__ import annotations

import argparse
import time
from datetime import date

from figures import report
from tasuki.calculation.copayment import CopayVisit, MonthLedger, close_month, explain, visit_copayment
from tasuki.chart.coverage import Coverage, IncomeClass, Insurance, InsuranceKind, PublicProgramme
from tasuki.chart.visit import Person, Sex

MONTH = (2026, 8)
ADULT = Person(date(1980, 5, 5), Sex.FEMALE)
CHILD = Person(date(2019, 5, 5), Sex.MALE)
ELDER = Person(date(1952, 5, 5), Sex.MALE)
LATE = Person(date(1941, 5, 5), Sex.FEMALE)
RARE = PublicProgramme("54990011", month_cap_yen=10_000, income_class=IncomeClass.U, id="54")
MIND = PublicProgramme("21990011", month_cap_yen=5_000, paid_elsewhere_yen=1_200, id="21")
CITY = PublicProgramme("81990010", local_rule="day500-month3000", id="81")
# Persons of a month with the points of their visits: mostly plain, some with programmes and limits.
MIX: tuple[tuple[Person, Coverage, tuple[dict[tuple[str, ...], int], ...]], ...] = (
    (ADULT, Coverage(Insurance(InsuranceKind.EMPLOYEES, "01990010")), ({(): 873}, {(): 412})),
    (ADULT, Coverage(Insurance(InsuranceKind.NATIONAL, "990010", income_class=IncomeClass.U)), ({(): 35_000},)),
    (LATE, Coverage(Insurance(InsuranceKind.LATE_ELDERLY, "39990010", share_percent=10)), ({(): 1_203},) * 4),
    (ELDER, Coverage(Insurance(InsuranceKind.NATIONAL, "990010", share_percent=20)), ({(): 2_340},) * 2),
    (CHILD, Coverage(Insurance(InsuranceKind.EMPLOYEES, "01990010"), (CITY,)), ({("81",): 612},) * 3),
    (ADULT, Coverage(Insurance(InsuranceKind.EMPLOYEES, "01990010"), (MIND,)), ({("21",): 1_530, (): 90},) * 2),
    (
        ADULT,
        Coverage(Insurance(InsuranceKind.EMPLOYEES, "01990010", income_class=IncomeClass.U), (RARE,)),
        ({("54",): 7_918, (): 67_472}, {("54",): 120}),
    ),
)  # fmt: skip


def run(size: int) -> list[MonthLedger]:
    """Charges ``size`` months of the mix, visit by visit."""
    ledgers = []
    for n in range(size):
        person, coverage, visits = MIX[n % len(MIX)]
        ledger = MonthLedger(MONTH)
        for day, points in enumerate(visits, 1):
            _, ledger = visit_copayment(ledger, CopayVisit(date(*MONTH, day), person, coverage, points))
        ledgers.append(ledger)
    return ledgers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=7_000, help="months of one person each")
    size = parser.parse_args().size
    run(70)
    begun = time.perf_counter()
    ledgers = run(size)
    seconds = time.perf_counter() - begun
    visits = sum(len(ledger.entries) for ledger in ledgers)
    report("copayment/visits charged with reasons", visits / seconds, "visits/s")
    begun = time.perf_counter()
    for ledger in ledgers:
        close_month(ledger)
    report("copayment/months closed", size / (time.perf_counter() - begun), "months/s")
    begun = time.perf_counter()
    sentences = [
        explain(why) for ledger in ledgers for entry in ledger.entries for why in entry.charge.because
    ]
    report("copayment/reasons in Japanese", len(sentences) / (time.perf_counter() - begun), "sentences/s")


if __name__ == "__main__":
    main()
