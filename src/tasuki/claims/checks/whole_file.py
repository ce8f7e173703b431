# SPDX-License-Identifier: Apache-2.0
"""ファイル全体の点検 — IR first and once, receipts numbered from 1 without a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.checks.items import item_faults
from tasuki.claims.checks.rule import Hit, hit
from tasuki.claims.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import ClaimFile

_NOWHERE = Record(0, b"", ("",))


def whole_file(file: ClaimFile) -> Iterator[Hit]:
    """ファイル単位の点検 — every L1 condition, and the items of the records around the receipts."""
    heads = [record for record in file.records if record.id == "IR"]
    if not heads:
        yield hit("19281", _NOWHERE)
    for extra in heads[1:]:
        yield hit("19282", extra)
    if not file.receipts:
        yield hit("19283", _NOWHERE)
    institution = file.institution
    if institution is not None:
        if institution.claim_month is None:
            yield hit("19284", institution.record, 8, text=institution.record.value(8))
        at = file.before.index(institution.record)
        if at + 1 < len(file.before):
            yield hit("19230", file.before[at + 1], found=file.before[at + 1].id)
    yield from _numbers(file)
    for record in (*file.before, *file.after):
        yield from item_faults(record)


def _numbers(file: ClaimFile) -> Iterator[Hit]:
    expected = 1
    for receipt in file.receipts:
        header = receipt.header
        text = header.record.value(2)
        number = header.receipt_number
        if number is None or not 1 <= len(text) <= 6:
            yield hit("19100", header.record, 2, text=text)
            expected += 1
            continue
        if number != expected:
            yield hit("19170", header.record, 2, expected=expected, found=number)
        expected = number + 1
