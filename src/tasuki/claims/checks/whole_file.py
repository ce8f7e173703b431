# SPDX-License-Identifier: Apache-2.0
"""ファイル全体の点検 — IR first and once, receipts numbered from 1 without a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.checks.items import item_faults
from tasuki.claims.checks.rule import Hit, hit
from tasuki.claims.item_values import is_receipt_number
from tasuki.claims.records import IR, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt

_NOWHERE = Record(0, b"", ("",))


class FileConditions:
    """ファイル単位の点検 — every L1 condition and the records around the receipts, receipt by receipt.

    :meth:`receipt` is asked in the order of the file, :meth:`ends` when all have been seen. ``expected`` is the number of the
    first receipt asked of.
    """

    def __init__(self, expected: int = 1) -> None:
        self._expected = expected
        self._has_receipts = False
        self._extra_heads: list[Record] = []

    def receipt(self, receipt: Receipt) -> Iterator[Hit]:
        """レセプト番号 — from 1 without a gap."""
        self._has_receipts = True
        self._extra_heads.extend(receipt.of("IR"))
        header = receipt.header
        text = header.record.value(2)
        number = header.receipt_number
        if number is None or not is_receipt_number(text):
            yield hit("19100", header.record, 2, text=text)
            self._expected += 1
            return
        if number != self._expected:
            yield hit("19170", header.record, 2, expected=self._expected, found=number)
        self._expected = number + 1

    def ends(self, before: tuple[Record, ...], after: tuple[Record, ...]) -> Iterator[Hit]:
        """ファイルの前後 — the institution first and once, and the items of the records around."""
        own = [record for record in before if record.id == "IR"]
        heads = [*own, *self._extra_heads, *(record for record in after if record.id == "IR")]
        if not heads:
            yield hit("19281", _NOWHERE)
        for extra in heads[1:]:
            yield hit("19282", extra)
        if not self._has_receipts:
            yield hit("19283", _NOWHERE)
        if own:
            institution = IR(own[0])
            if institution.claim_month is None:
                yield hit("19284", institution.record, 8, text=institution.record.value(8))
            at = before.index(institution.record)
            if at + 1 < len(before):
                yield hit("19230", before[at + 1], found=before[at + 1].id)
        for record in (*before, *after):
            yield from item_faults(record)
