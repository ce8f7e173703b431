# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの作成 — receipts of every patient, checked; those that hold go into the file of their payer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tasuki.claims.build.claim_file import check_institution, files_of
from tasuki.claims.build.composing import Composing
from tasuki.claims.build.diseases import add_diseases
from tasuki.claims.build.header import add_eligibility, add_header, add_payers, insurer_of, payer_of
from tasuki.claims.build.lines import add_lines
from tasuki.claims.build.month import BuiltMonth, BuiltReceipt
from tasuki.claims.build.payer_sets import PlacedUnit, payers_of, placed_units
from tasuki.claims.build.units import MergedGroup, merged_groups
from tasuki.claims.checks.master import is_priced_by_beds
from tasuki.claims.checks.rule import Context
from tasuki.claims.checks.run import check_receipt
from tasuki.claims.points import payer_sums
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import Record
from tasuki.claims.writer import CRLF
from tasuki.facility.institution import InstitutionKind
from tasuki.kernel.finding import Finding, Severity

if TYPE_CHECKING:
    from tasuki.calculation.copayment.receipt_month import ReceiptMonth
    from tasuki.chart.coverage import PublicProgramme
    from tasuki.claims.build.month import MonthInput, PatientMonth
    from tasuki.facility.institution import Institution
    from tasuki.masters.book import Book


def build_month(month: MonthInput, book: Book) -> BuiltMonth:
    """月次請求 — two files at most (社保 with programmes alone, 国保 with 後期), and every receipt's findings.

    A receipt with a BLOCK finding stays out of its file and is reported; the others go on. Raises
    :class:`BadInput` when the institution itself cannot be written.

    Cite: 記録条件仕様（医科用） 媒体ファイルの構成
    """
    check_institution(month)
    built: list[BuiltReceipt] = []
    findings: list[Finding] = []
    for patient in month.patients:
        built.extend(receipts_of(month, patient, book, findings))
    files, numbered = files_of(month, built)
    return BuiltMonth(files, numbered, tuple(findings))


def receipts_of(
    month: MonthInput, patient: PatientMonth, book: Book, findings: list[Finding]
) -> Iterator[BuiltReceipt]:
    """患者のレセプト — of one person's month, checked, not yet numbered; ``findings`` takes what concerns no receipt."""
    units: dict[str, list[PlacedUnit]] = {}
    for key, placed in placed_units(patient.visits, month.settings):
        units.setdefault(key, []).append(placed)
    for receipt in patient.copayment.receipts:
        payer = payer_of(receipt)
        owner = Composing(patient.person.id or patient.chart_number)
        if payer is None:
            owner.report("UKE-B-07", Severity.ADVICE)
            findings.extend(owner.findings)
            continue
        mine = tuple(units.pop(receipt.receipt, ()))
        if not mine and not receipt.points:
            owner.report("UKE-B-10", Severity.ADVICE)
            findings.extend(owner.findings)
            continue
        yield _receipt(month, patient, receipt, payer, mine, book)
    for key, left in units.items():
        if any(placed.unit.total_points for placed in left) and any(
            payer_of(receipt) is not None for receipt in patient.copayment.receipts
        ):
            owner = Composing(patient.person.id or patient.chart_number)
            owner.report("UKE-B-08", Severity.BLOCK, key=key)
            findings.extend(owner.findings)


def _receipt(
    month: MonthInput,
    patient: PatientMonth,
    receipt: ReceiptMonth,
    payer: str,
    units: tuple[PlacedUnit, ...],
    book: Book,
) -> BuiltReceipt:
    composing = Composing(patient.person.id or patient.chart_number)
    payers = payers_of(receipt)
    groups: tuple[MergedGroup, ...] = ()
    try:
        groups = merged_groups(units, payers, book)
    except KeyError:
        composing.report("UKE-B-09", Severity.BLOCK, "SI", "3")
    departments = tuple(sorted({placed.billed.statement.department for placed in units}))
    add_header(composing, patient, receipt, payers, departments, _beds(month.institution, units, book))
    add_payers(composing, receipt, payers, _cards(patient))
    add_eligibility(composing, receipt, payers, units)
    add_diseases(composing, patient)
    add_lines(composing, groups, book)
    for one in patient.narratives:
        composing.add("SJ", {"kind": one.kind, "text": one.text})
    history = (
        Record(0, row + CRLF, tuple(row.decode("cp932", errors="replace").split(",")))
        for row in patient.history
    )
    # Numbered, so that a finding says which line of the receipt it is about.
    made = Receipt(one._replace(line=at) for at, one in enumerate((*composing.records, *history), 1))
    _compare(composing, receipt, made)
    _compare_days(composing, made)
    context = Context(payer, month.claim_month, book)
    checked = check_receipt(made, context, composing.owner)
    composing.findings.extend(found for found in checked if not _is_told(found, composing.findings))
    return BuiltReceipt(
        patient.person.id,
        receipt.receipt,
        payer,
        made,
        tuple(composing.findings),
        composing.is_blocked,
    )


def _cards(patient: PatientMonth) -> dict[str, PublicProgramme]:
    """The newest card of each programme in the month."""
    return {card.key: card for billed in patient.visits for card in billed.visit.coverage.programmes}


def _is_told(found: Finding, already: list[Finding]) -> bool:
    # What composing said of an item, the check need not say again in other words.
    where = (found.where.record, found.where.field)
    return found.where.field != "" and any(
        (one.where.record, one.where.field) == where and one.severity is Severity.BLOCK
        for one in already
        if one.code.startswith("UKE-W-")
    )


def _compare(composing: Composing, receipt: ReceiptMonth, made: Receipt) -> None:
    """The lines must bring the points the copayment was computed from, for every payer."""
    sums = payer_sums(made)
    wanted = [(0, receipt.points)] if insurer_of(receipt) is not None else []
    on_receipt = [one for one in receipt.programmes if one.is_on_receipt]
    wanted.extend((at, one.points) for at, one in enumerate(on_receipt, 1))
    for at, points in wanted:
        if at < len(sums) and sums[at].points != points:
            record = "HO" if at == 0 else "KO"
            composing.report(
                "UKE-B-01", Severity.BLOCK, record, "6", lines=sums[at].points, share=points
            )  # fmt: skip


def _compare_days(composing: Composing, made: Receipt) -> None:
    """JD must mark as many counted days as HO and KO say."""
    payers = (*((made.insurer,) if made.insurer else ()), *made.programmes)
    for jd, payer in zip(made.visits, payers, strict=True):
        counted = sum(kind == "1" for _, kind in jd.days)
        if counted != payer.visit_days:
            composing.report(
                "UKE-B-11", Severity.CONFIRM, "JD", "", counted=counted, days=payer.visit_days
            )  # fmt: skip


def _beds(institution: Institution, units: tuple[PlacedUnit, ...], book: Book) -> int | None:
    if institution.kind is not InstitutionKind.HOSPITAL:
        return None
    for placed in units:
        for line in placed.unit.lines:
            rows = book.acts.get(line.code)
            if rows and is_priced_by_beds(rows[0]):
                return institution.beds
    return None
