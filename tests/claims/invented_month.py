# SPDX-License-Identifier: Apache-2.0
"""A made-up clinic's June 2026: people of every kind of receipt, calculated, charged and closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from tasuki.calculation.calculate import calculate
from tasuki.calculation.copayment import CopaymentSettings, MonthLedger, close_month, replay, visit_copayment
from tasuki.calculation.copayment.from_statement import copay_visit
from tasuki.chart.coverage import Coverage, IncomeClass, Insurance, InsuranceKind, PublicProgramme
from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.chart.visit import Diagnosis, History, Outcome, PastLine, Person, Sex, Visit, VisitKind
from tasuki.claims.build import BilledVisit, MonthInput, Narrative, PatientMonth
from tasuki.claims.item_values import Month
from tasuki.facility.institution import Institution, OpenHours
from tasuki.kernel.finding import Severity
from tasuki.masters.starter import load_starter

BOOK = load_starter()
JUNE = Month(2026, 6)
CLINIC = Institution(
    "9999991",
    "13",
    "架空たすきクリニック",
    "03-0000-0000",
    hours=tuple(OpenHours(day, time(9), time(18)) for day in range(6)),
)
TOKYO = ZoneInfo("Asia/Tokyo")


def cold(day: int) -> Diagnosis:
    return Diagnosis("4659007", date(2026, 6, day), is_main=True)


EMPLOYEE = Insurance(InsuranceKind.EMPLOYEES, "01130012", "12345678", "12", "01")
CHILD = Insurance(InsuranceKind.EMPLOYEES, "01130012", "12345678", "12", "02", is_dependant=True)
NATIONAL = Insurance(InsuranceKind.NATIONAL, "138057", "13", "4567", "00")
LATE = Insurance(InsuranceKind.LATE_ELDERLY, "39131156", "", "12345678", share_percent=10)
RARE = PublicProgramme("54136015", "1234566", month_cap_yen=2_500, income_class=IncomeClass.U)
WELFARE = PublicProgramme("12131234", "7654321")


def act(name: str, *codes: str, count: int = 1, programmes: tuple[str, ...] | None = None) -> Order:
    return Order(name, OrderKind.ACT, tuple(Item(code) for code in codes), count, programme_ids=programmes)


def drug(name: str, code: str, amount: str, days: int) -> Order:
    return Order(name, OrderKind.INTERNAL, (Item(code, Decimal(amount)),), days)


@dataclass
class Someone:
    """A made-up patient and the visits of the month: day, orders, coverage."""

    id: str
    name: str
    kana: str
    born: date
    coverage: Coverage
    visits: list[tuple[int, tuple[Order, ...]]]
    sex: Sex = Sex.MALE
    diagnoses: tuple[Diagnosis, ...] = ()
    narratives: tuple[Narrative, ...] = ()
    marks: tuple[str, ...] = ()
    past: tuple[PastLine, ...] = ()
    kinds: dict[int, VisitKind] = field(default_factory=dict)
    is_not_counted: frozenset[int] = frozenset()

    def month(self, settings: CopaymentSettings) -> PatientMonth:
        person = Person(self.born, self.sex, self.id)
        history = list(self.past)
        billed = []
        ledger = MonthLedger((JUNE.year, JUNE.month), settings)
        for day, orders in self.visits:
            at = datetime(2026, 6, day, 10, tzinfo=TOKYO)
            kind = self.kinds.get(day, VisitKind.AUTO)
            visit = Visit(
                f"{self.id}-{day}", person, at, self.coverage, kind=kind, kind_reason="架空",
                diagnoses=self.diagnoses, orders=orders,
            )  # fmt: skip
            statement = calculate(visit, CLINIC, History(tuple(history)), BOOK)
            assert all(f.severity is not Severity.BLOCK for f in statement.findings), statement.findings
            history.extend(statement.as_history())
            counted = day not in self.is_not_counted
            billed.append(BilledVisit(visit, statement, counted))
            _, ledger = visit_copayment(ledger, copay_visit(visit, statement, is_counted_day=counted))
        return PatientMonth(
            person, self.name, JUNE, tuple(billed), self.diagnoses, close_month(ledger), self.kana,
            f"{int(self.id):05}", self.marks, narratives=self.narratives,
        )  # fmt: skip


URINE, BLOOD, DRAW = "160000310", "160008010", "160095710"


def people() -> list[Someone]:
    pressure = Diagnosis("8833421", date(2024, 1, 10), is_main=True)
    rare = Diagnosis("0000999", date(2025, 3, 1), name="架空性難病")
    return [
        Someone("1", "架空 一郎", "かくう いちろう", date(1980, 4, 4), Coverage(EMPLOYEE),
                [(1, (act("a", URINE), drug("d", "610406390", "3", 14))),
                 (15, (act("a", URINE), drug("d", "610406390", "3", 14)))],
                diagnoses=(Diagnosis("7840024", date(2026, 6, 1), ("8002",)), cold(1),
                           Diagnosis("4660009", date(2026, 5, 1), is_suspected=True, outcome=Outcome.STOPPED,
                                     ended_on=date(2026, 5, 20)))),
        Someone("2", "架空　みどり", "カクウミドリ", date(2022, 5, 5), Coverage(CHILD),
                [(3, (act("a", URINE),))], Sex.FEMALE, (cold(3),)),
        Someone("3", "架空 花子", "ｶｸｳ ﾊﾅｺ", date(1970, 1, 1), Coverage(NATIONAL, (RARE,)),
                [(2, (act("a", URINE, programmes=(RARE.key,)), act("b", BLOOD, programmes=()))),
                 (9, (act("c", URINE, programmes=(RARE.key,)),))],
                Sex.FEMALE, (cold(2), rare), (Narrative("01", "架空の症状が続く。"), Narrative("", "経過は良い。"))),
        Someone("4", "架空 しげ", "カクウ シゲ", date(1940, 2, 2), Coverage(LATE),
                [(5, (act("a", BLOOD, DRAW),)), (19, ())], Sex.FEMALE, (pressure,),
                past=(PastLine(date(2026, 5, 20), "112007410"),)),
        Someone("5", "架空 次郎", "カクウ ジロウ", date(1965, 3, 3), Coverage(None, (WELFARE,)),
                [(8, (act("a", URINE),))], diagnoses=(cold(8),)),
    ]  # fmt: skip


def month(*who: Someone, settings: CopaymentSettings | None = None) -> MonthInput:
    chosen = settings or CopaymentSettings()
    return MonthInput(CLINIC, Month(2026, 7), tuple(one.month(chosen) for one in (who or people())), chosen)


__all__ = ["BOOK", "CLINIC", "JUNE", "Someone", "act", "drug", "month", "people", "replay"]
