# SPDX-License-Identifier: Apache-2.0
"""ファイルの指摘 — what the object reader and the office checks say of one file, beside the findings of the tables."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki.claims.checks.run import check_file
from tasuki.claims.columns.parquet import reader_findings
from tasuki.claims.reader import read
from tasuki.claims.tables.report import Told
from tasuki.kernel.finding import Finding, Severity, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.columns.ranges import FilePlan
    from tasuki.claims.content.given import Content
    from tasuki.claims.receipt import Receipt
    from tasuki.masters.book import Book


def file_findings(
    plan: FilePlan, book: Book | None, content: Content | None = None, *, is_checked: bool
) -> Iterator[Told]:
    """ファイルの指摘 — of the reader, and of 受付・事務点検 when they are asked for (the file is then held whole).

    ``content`` asks for the checks of content too.
    """
    name = Path(plan.path).name
    if plan.is_other_table:
        where = Where(name)
        yield _told(plan, Finding("UKE-F-12", Severity.ADVICE, where, "claims.read.UKE-F-12", {}), None)
        return
    if not is_checked:
        for finding in reader_findings(plan.path):
            yield _told(plan, finding, None)
        return
    file = read(Path(plan.path).read_bytes(), name)
    starts = [receipt.records[0].line for receipt in file.receipts]
    for finding in (*file.findings, *check_file(file, book, content)):
        at = bisect_right(starts, finding.where.line) - 1
        yield _told(plan, finding, file.receipts[at] if at >= 0 else None)


def _told(plan: FilePlan, finding: Finding, receipt: Receipt | None) -> Told:
    name = Path(plan.path).name
    if receipt is None:
        return Told(name, plan.institution, "", None, "", 0, finding)
    header = receipt.header
    payer = receipt.insurer.insurer_number if receipt.insurer else ""
    if not payer and receipt.programmes:
        payer = receipt.programmes[0].payer_number
    month = header.service_month
    return Told(
        name, plan.institution, payer, header.receipt_number, header.chart_number, int(month.text) if month else 0, finding
    )  # fmt: skip
