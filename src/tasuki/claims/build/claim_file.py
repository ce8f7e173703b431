# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの組立 — receipts in order and numbered, between IR and GO, one file for each payer organisation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasuki.claims.build.month import BuiltFile, BuiltReceipt
from tasuki.claims.codes import KOKUHOREN, SHIHARAI_KIKIN
from tasuki.claims.points import file_totals
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import Record
from tasuki.claims.writer import EOF, compose, encode_record
from tasuki.kernel.finding import BadInput, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tasuki.claims.build.month import MonthInput
    from tasuki.claims.item_values import Month
    from tasuki.facility.institution import Institution

FILE_NAME = "RECEIPTC.UKE"
_FOLDERS = {SHIHARAI_KIKIN: "shaho", KOKUHOREN: "kokuho"}


def files_of(
    month: MonthInput, built: Iterable[BuiltReceipt]
) -> tuple[tuple[BuiltFile, ...], tuple[BuiltReceipt, ...]]:
    """請求ファイル — of each payer, and every receipt with its number there; those left out have number 0."""
    every = list(built)
    files: list[BuiltFile] = []
    numbered: list[BuiltReceipt] = []
    for payer in (SHIHARAI_KIKIN, KOKUHOREN):
        mine = sorted((one for one in every if one.payer == payer), key=_file_order)
        going = [one for one in mine if not one.is_left_out]
        receipts = [
            replace(one, receipt=with_number(one.receipt, at), number=at) for at, one in enumerate(going, 1)
        ]
        numbered.extend(receipts)
        numbered.extend(one for one in mine if one.is_left_out)
        if receipts:
            files.append(
                claim_file(month.institution, month.claim_month, payer, [one.receipt for one in receipts])
            )
    return tuple(files), tuple(numbered)


def claim_file(
    institution: Institution, claim_month: Month, payer: str, receipts: Sequence[Receipt]
) -> BuiltFile:
    """請求ファイルの組立 — the receipts as given, which must be numbered from 1 on.

    Cite: 記録条件仕様（医科用） 媒体ファイルの構成
    """
    head, _ = _institution_record(institution, claim_month, payer)
    totals = file_totals(receipts)
    tail = compose(
        "GO", {"receipt_count": totals.receipt_count, "total_points": totals.total_points, "volume": "99"}
    ).record
    lines = [encode_record(head)]
    lines.extend(encode_record(record) for receipt in receipts for record in receipt.records)
    data = b"".join((*lines, encode_record(tail), EOF))
    return BuiltFile(payer, f"{_FOLDERS[payer]}/{FILE_NAME}", data, len(receipts), totals)


def with_number(receipt: Receipt, number: int) -> Receipt:
    """レセプト番号の記録 — the receipt with its number in the file."""
    first, *rest = receipt.records
    values = (first.values[0], str(number), *first.values[2:])
    return Receipt([first._replace(values=values), *rest])


def check_institution(month: MonthInput) -> None:
    """医療機関情報の点検 — raises :class:`BadInput` when the institution itself cannot be written."""
    _, findings = _institution_record(month.institution, month.claim_month, SHIHARAI_KIKIN)
    blocking = [finding for finding in findings if finding.severity is Severity.BLOCK]
    if blocking:
        raise BadInput(blocking)


def _file_order(one: BuiltReceipt) -> tuple[str, str, str, str]:
    insurer = one.receipt.insurer
    header = one.receipt.header
    return (
        header.receipt_type,
        insurer.insurer_number if insurer else "",
        header.chart_number,
        one.patient_id,
    )


def _institution_record(
    institution: Institution, claim_month: Month, payer: str
) -> tuple[Record, tuple[Finding, ...]]:
    return compose(
        "IR",
        {
            "payer": payer,
            "prefecture": institution.prefecture,
            "fee_table": "1",
            "institution_code": institution.code,
            "institution_name": institution.name,
            "claim_month": claim_month.text,
            "volume": "00",
            "telephone": institution.telephone,
        },
        institution.code,
    )
