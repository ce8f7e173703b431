# SPDX-License-Identifier: Apache-2.0
"""ファイルの指摘 — what the object reader, the office checks and those of content say of files, beside the findings of the tables.

A file of the plain form is checked range by range, so that processes can share it; any other is streamed as one. Findings are
the same whoever checks which range, and stand in the order of the lines.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.checks.run import FileCheck
from tasuki.claims.columns.around import around_of, number_expected
from tasuki.claims.columns.objects import records_of
from tasuki.claims.columns.ranges import ByteRange, FilePlan, read_range
from tasuki.claims.reader import ClaimReader
from tasuki.claims.receipt import Receipt
from tasuki.claims.tables.report import Told
from tasuki.kernel.finding import Finding, Severity, Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.claims.content.given import Content
    from tasuki.claims.records import Record
    from tasuki.masters.book import Book


class Unit(NamedTuple):
    """点検の単位 — a range of a file or a file as a whole, and whether its receipts are checked or only read."""

    plan: FilePlan
    part: ByteRange | None
    is_checked: bool


def units_of(plan: FilePlan, *, is_checked: bool, is_reported: bool) -> tuple[Unit, ...]:
    """点検の単位 — of one file; none where nothing would be said of it.

    ``is_reported`` tells that the reader has something to say of the lines, as reading into columns saw.
    """
    if plan.is_plain and not is_reported and not plan.is_other_table:
        return tuple(Unit(plan, part, True) for part in plan.ranges) if is_checked else ()
    return (Unit(plan, None, is_checked),) if is_checked or is_reported or plan.is_other_table else ()


def unit_findings(unit: Unit, book: Book | None, content: Content | None = None) -> tuple[Told, ...]:
    """ファイルの指摘 — of a range or a file: of the reader first, then of the checks in the order of the lines.

    ``content`` asks for the checks of content too.
    """
    plan, part, is_checked = unit
    name = Path(plan.path).name
    if plan.is_other_table:
        finding = Finding("UKE-F-12", Severity.ADVICE, Where(name), "claims.read.UKE-F-12", {})
        return (_told(plan, finding, None),)
    if part is None:
        return _streamed(plan, book, content, is_checked=is_checked)
    before, after = around_of(plan)
    check = FileCheck(before, book, name, content, number_expected(plan, part))
    receipts = _receipts(records_of(read_range(part), part.first_line))
    found = [_told(plan, each, receipt) for receipt in receipts for each in check.receipt(receipt)]
    for each in check.ends(before, after):
        # What stands ahead of the receipts goes with the first of them, what comes after with the last.
        owner = plan.ranges[0] if each.where.line < plan.ranges[0].first_line else plan.ranges[-1]
        if owner == part:
            found.append(_told(plan, each, None))
    return tuple(sorted(found, key=_place))


def _receipts(records: Iterator[Record]) -> Iterator[Receipt]:
    """Of the plain form: each begins with RE."""
    gathered = [next(records)]
    for record in records:
        if record.id == "RE":
            yield Receipt(gathered)
            gathered = []
        gathered.append(record)
    yield Receipt(gathered)


def _streamed(
    plan: FilePlan, book: Book | None, content: Content | None, *, is_checked: bool
) -> tuple[Told, ...]:
    name = Path(plan.path).name
    check: FileCheck | None = None
    found: list[Told] = []
    lines = _LineFindings(plan)
    with Path(plan.path).open("rb") as stream:
        reader = ClaimReader(stream, name)
        for receipt in reader:
            lines.take(reader.take_findings(), receipt)
            if is_checked:
                check = check or FileCheck(reader.before, book, name, content)
                found += [_told(plan, each, receipt) for each in check.receipt(receipt)]
    if is_checked:
        check = check or FileCheck(reader.before, book, name, content)
        found += [_told(plan, each, None) for each in check.ends(reader.before, reader.after)]
    lines.take(reader.take_findings(), None)
    whole = (_told(plan, each, None) for each in reader.findings())
    return (*whole, *lines.told, *sorted(found, key=_place))


class _LineFindings:
    """What the reader says of lines, with whose receipt each is of; of the receipts themselves nothing is held."""

    def __init__(self, plan: FilePlan) -> None:
        self.told: list[Told] = []
        self._plan = plan
        # The reader is a line or more ahead of the receipt it gives.
        self._ahead: list[Finding] = []

    def take(self, findings: Iterable[Finding], receipt: Receipt | None) -> None:
        """Those up to the last line of a receipt; without one, all that are left."""
        self._ahead += findings
        if not self._ahead:
            return
        first, last = (receipt.records[0].line, receipt.records[-1].line) if receipt else (0, 0)
        ahead: list[Finding] = []
        for finding in self._ahead:
            line = finding.where.line
            if receipt is not None and line > last:
                ahead.append(finding)
            else:
                self.told.append(_told(self._plan, finding, receipt if first <= line <= last else None))
        self._ahead = ahead


_UNSAID = Finding("", Severity.ADVICE, Where(), "", {})


def _told(plan: FilePlan, finding: Finding, receipt: Receipt | None) -> Told:
    return _whose(plan, receipt)._replace(finding=finding)


def _whose(plan: FilePlan, receipt: Receipt | None) -> Told:
    name = Path(plan.path).name
    if receipt is None:
        return Told(name, plan.institution, "", None, "", 0, _UNSAID)
    header = receipt.header
    payer = receipt.insurer.insurer_number if receipt.insurer else ""
    if not payer and receipt.programmes:
        payer = receipt.programmes[0].payer_number
    month = header.service_month
    return Told(
        name, plan.institution, payer, header.receipt_number, header.chart_number, int(month.text) if month else 0, _UNSAID
    )  # fmt: skip


def _place(told: Told) -> tuple[int, str]:
    return told.finding.where.line, told.finding.code
