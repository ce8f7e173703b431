# SPDX-License-Identifier: Apache-2.0
"""会計案 — what a visit would be billed at now: the calculation, the month's copayment, and 自費."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from django.utils import timezone

from tasuki.calculation import Statement, calculate
from tasuki.calculation.copayment import (
    CopayVisit,
    MonthLedger,
    VisitCharge,
    explain,
    visit_copayment,
)
from tasuki.calculation.copayment.elective import TAX_PERCENT
from tasuki.calculation.copayment.from_statement import copay_visit
from tasuki.calculation.copayment.settings import CopaymentSettings
from tasuki.calculation.payers import PayerPart, VisitAccount, calculate_account, payer_name
from tasuki.calculation.payers.elective_lines import ElectiveLine, elective_lines
from tasuki.chart import visit as library
from tasuki.chart.coverage import Coverage
from tasuki.chart.visit import PastLine
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki_server.billing import messages as _messages  # noqa: F401  (registers the sentences)
from tasuki_server.billing.cap_ledger import with_ledgers
from tasuki_server.billing.local_rules import copayment_settings
from tasuki_server.billing.models import Bill
from tasuki_server.billing.payers import payer_settings, with_payers
from tasuki_server.chart.values import history_value, institution_value, visit_value
from tasuki_server.institutions.models import Institution
from tasuki_server.masters_source import current_book
from tasuki_server.patients.models import Patient
from tasuki_server.reception.models import Visit

# Marks the lines of 長期収載品 among those a draft makes anew.
ELECTIVE = "elective"


class OwnItem(msgspec.Struct, frozen=True):
    """自費項目 — one line outside insurance; ``yen`` includes the tax and is what the patient pays.

    ``part`` names the payer whose part of the visit made it; such a line is made anew with each draft.
    ``billed_yen`` is what ``billed_to`` pays beside the patient (健診の委託).
    """

    name: str
    yen: int
    tax_percent: int = 10
    code: str = ""
    part: str = ""
    billed_to: str = ""
    billed_yen: int = 0
    reason: str = ""

    @property
    def tax_yen(self) -> int:
        """消費税 — contained in the price, cut to whole yen."""
        return self.yen * self.tax_percent // (100 + self.tax_percent)


@dataclass(frozen=True, slots=True)
class BillDraft:
    """会計案 — a statement with its charge; ``moved`` are earlier visits of the month whose charge changes."""

    visit: Visit
    statement: Statement
    coverage: Coverage
    charge: VisitCharge | None
    ledger: MonthLedger | None
    own_items: tuple[OwnItem, ...]
    moved: tuple[tuple[Bill, int], ...]
    findings: tuple[Finding, ...]
    account: VisitAccount

    def as_history(self) -> list[PastLine]:
        """算定歴 — the granted lines of every payer's part, each with its payer."""
        lines = [] if self.account.parts else list(self.statement.as_history())
        for part in self.account.parts:
            kind = "" if part.payer is None or part.payer.is_health else part.payer.kind.value
            lines.extend(replace(line, payer=kind) for line in part.statement.as_history())
        return lines

    @property
    def patient_yen(self) -> int:
        """一部負担金 — of this visit; may be negative when the month's limit gives money back."""
        return self.charge.collect_yen if self.charge else 0

    @property
    def own_yen(self) -> int:
        """自費計 — with tax."""
        return sum(item.yen for item in self.own_items)

    @property
    def can_settle(self) -> bool:
        """確定可否 — whether nothing blocks the bill."""
        return not any(finding.severity == "block" for finding in self.findings)


def draft_bill(visit: Visit, own_items: Sequence[OwnItem] = ()) -> BillDraft:
    """会計案の作成 — reads only; the same function fills the screen and the confirmed bill.

    Raises ``OutOfBook`` when the day lies outside the loaded masters.
    """
    institution = institution_value(Institution.objects.get())
    value = with_payers(visit_value(visit), visit)
    value = replace(value, coverage=with_ledgers(value.coverage, visit))
    history = history_value(visit.patient, visit.arrived_at, visit)
    book = current_book()
    account = calculate_account(value, institution, history, book, payer_settings())
    main = account.health or (account.parts[0] if account.parts else None)
    statement = main.statement if main is not None else calculate(value, institution, history, book)
    coverage = main.coverage if main is not None else value.coverage
    findings = [*account.findings, *(each for part in account.parts for each in part.findings)]
    charge: VisitCharge | None = None
    ledger: MonthLedger | None = None
    moved: tuple[tuple[Bill, int], ...] = ()
    if value.coverage.insurance is None and not value.coverage.programmes and not value.coverage.others:
        findings.append(_no_payer(visit))
    elif account.health is not None and (coverage.insurance is not None or coverage.programmes):
        try:
            charge, ledger, moved = _month_with(visit, copay_input(visit, statement, coverage))
        except BadInput as refused:
            findings.extend(refused.findings)
    wished, refused_drugs = elective_lines(value, book.at(visit.day))
    findings.extend(refused_drugs)
    kept = (item for item in own_items if not item.part)
    items = (*kept, *_part_items(account), *(_elective_item(line) for line in wished))
    return BillDraft(visit, statement, coverage, charge, ledger, items, moved, tuple(findings), account)


def _part_items(account: VisitAccount) -> Iterable[OwnItem]:
    """What the patient pays of a part outside health insurance, as a line of 保険外負担."""
    for part in account.others:
        if part.patient_yen:
            yield OwnItem(_part_name(part), part.patient_yen, _tax_percent(part), part=_key_of(part))


def _elective_item(line: ElectiveLine) -> OwnItem:
    """長期収載品の特別の料金 — a charge outside insurance with its tax, and why."""
    return OwnItem(
        f"特別の料金 {line.name}",
        line.charge.total_yen,
        TAX_PERCENT,
        part=f"{ELECTIVE}:{line.order_id}",
        reason="".join(explain(each) for each in line.charge.because),
    )


def _part_name(part: PayerPart) -> str:
    kind = payer_name(part.payer.kind) if part.payer is not None else ""
    return f"{kind}診療（{part.statement.total_points:,}点）"


def _tax_percent(part: PayerPart) -> int:
    return part.terms.tax.percent if part.terms is not None else 0


def _key_of(part: PayerPart) -> str:
    return part.payer.key if part.payer is not None else ""


def _no_payer(visit: Visit) -> Finding:
    return Finding(
        "BIL-0001", Severity.BLOCK, Where(record=str(visit.id), field="insurance"), "billing.no_payer"
    )


def copay_input(visit: Visit, statement: Statement, coverage: Coverage) -> CopayVisit:
    """窓口負担への入力 — the points of a statement by the payers of each unit, under the coverage of its day."""
    value = library.Visit(
        id=str(visit.id),
        person=visit.patient.person(),
        at=timezone.localtime(visit.arrived_at),
        coverage=coverage,
        department=visit.department,
    )
    return copay_visit(value, statement)


def month_bills(patient: Patient, year: int, month: int) -> list[Bill]:
    """月の会計 — the current bills of a patient's month, in the order of the visits."""
    rows = Bill.objects.current().filter(patient=patient, day__year=year, day__month=month)
    return sorted(
        rows.select_related("visit", "patient"), key=lambda bill: (bill.visit.arrived_at, bill.visit.serial)
    )


def stored_copay_visit(bill: Bill) -> CopayVisit | None:
    """確定時の窓口負担入力 — of a bill, from what was billed; None for care outside insurance."""
    coverage = msgspec.convert(bill.coverage, Coverage)
    if bill.charge is None:
        return None
    return copay_input(bill.visit, bill.calculated(), coverage)


def replay_bills(
    bills: Iterable[Bill], settings: CopaymentSettings | None = None
) -> tuple[MonthLedger | None, dict[str, int]]:
    """月次再計算 — the ledger of confirmed bills and what each visit is charged in it, by visit id.

    Who replays many patients reads the settings once and gives them.
    """
    ledger: MonthLedger | None = None
    charged: dict[str, int] = {}
    for bill in bills:
        entry = stored_copay_visit(bill)
        if entry is None:
            continue
        if ledger is None:
            ledger = MonthLedger((bill.day.year, bill.day.month), settings or copayment_settings())
        charge, ledger = visit_copayment(ledger, entry)
        charged[entry.id] = charge.collect_yen
    return ledger, charged


def _month_with(
    visit: Visit, entry: CopayVisit
) -> tuple[VisitCharge, MonthLedger, tuple[tuple[Bill, int], ...]]:
    """The month replayed with this visit in its place; later visits may be charged otherwise than before."""
    bills = [
        bill
        for bill in month_bills(visit.patient, visit.day.year, visit.day.month)
        if bill.visit_id != visit.id
    ]
    ledger = MonthLedger((visit.day.year, visit.day.month), copayment_settings())
    mine: VisitCharge | None = None
    moved: list[tuple[Bill, int]] = []
    for bill in bills:
        if mine is None and (bill.visit.arrived_at, bill.visit.serial) > (visit.arrived_at, visit.serial):
            mine, ledger = visit_copayment(ledger, entry)
        other = stored_copay_visit(bill)
        if other is None:
            continue
        charge, ledger = visit_copayment(ledger, other)
        if charge.collect_yen != bill.patient_yen:
            moved.append((bill, charge.collect_yen))
    if mine is None:
        mine, ledger = visit_copayment(ledger, entry)
    return mine, ledger, tuple(moved)


def encode_coverage(coverage: Coverage) -> Any:
    """保険組合せの符号化 — as the bill keeps it."""
    return msgspec.to_builtins(coverage)
