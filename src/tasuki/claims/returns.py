# SPDX-License-Identifier: Apache-2.0
"""返戻・再請求 — receipts that came back (HEN, SAH), why, and the file that claims them again.

The payer compares the 履歴請求データ and the 検索番号 of a receipt claimed again with what it sent: both go
back untouched, byte for byte.

Cite: オンライン又は光ディスク等による請求に係る返戻データ及び再請求データ, as public parsers read it
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims import messages as _messages  # noqa: F401
from tasuki.claims.item_values import parse_month
from tasuki.claims.points import file_totals
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import RE, Record, View, _Item
from tasuki.claims.writer import compose, write
from tasuki.kernel.finding import BadInput, Finding, Severity, Where

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.claims.receipt import ClaimFile

RETURN_KINDS = {
    "1": "事務返戻", "2": "審査返戻", "3": "特別審査返戻", "4": "再審査（資格）", "5": "再審査（内容）", "6": "再審査（事務）",
    "7": "再審査（突合）", "8": "再審査（特別審査）", "9": "取下げ",
}  # fmt: skip
_RETURN_RECORDS = frozenset({"HI", "HR", "HG"})


class HR(View):
    """返戻理由 — why one receipt came back; dates still carry an era (GYYMM)."""

    handled_month = _Item(2, parse_month)
    kind = _Item(3, str)
    section = _Item(4, str)
    reason_code = _Item(5, str)
    reason = _Item(6, str)
    supplement = _Item(7, str)
    notice_month = _Item(11, parse_month)
    search_number = _Item(12, str)

    @property
    def corrections(self) -> tuple[str, ...]:
        """補正情報 — up to three."""
        return tuple(text for text in (self.record.value(number) for number in (8, 9, 10)) if text)


class ReturnedReceipt(NamedTuple):
    """返戻レセプト — the receipt as it came back and the reasons given."""

    receipt: Receipt
    reasons: tuple[HR, ...]

    @property
    def search_number(self) -> str:
        """検索番号 — of the receipt, else of its history block, else of its reasons; "" without one."""
        own = self.receipt.header.search_number
        items = (text for one in self.receipt.history if one.value(4) == "MN" for text in one.values[4:])
        history = next((text for text in items if text.isdigit() and 17 <= len(text) <= 30), "")
        return own or history or next((one.search_number for one in self.reasons if one.search_number), "")


def returned_receipts(file: ClaimFile) -> tuple[ReturnedReceipt, ...]:
    """返戻レセプトの取出し — every receipt of a HEN or SAH file with its reasons."""
    return tuple(
        ReturnedReceipt(receipt, tuple(HR(record) for record in receipt.of("HR")))
        for receipt in file.receipts
    )


def reclaimed(returned: ReturnedReceipt, corrected: Receipt, number: int) -> Receipt:
    """再請求レセプト — the corrected records under the returned 検索番号, then the history as it came.

    Raises :class:`BadInput` when the receipt has no 検索番号 or the corrected one names another, and when
    the corrected one is of another month.
    """
    search_number = returned.search_number
    header = corrected.header
    found = header.search_number
    if not search_number:
        raise BadInput([_finding("UKE-R-01", header)])
    if found and found != search_number:
        raise BadInput([_finding("UKE-R-02", header, found=found, expected=search_number)])
    if header.service_month != returned.receipt.header.service_month:
        raise BadInput([_finding("UKE-R-03", header)])
    values = list(header.record.values)
    values.extend([""] * (_SEARCH_ITEM - len(values)))
    values[1] = str(number)
    values[_SEARCH_ITEM - 1] = search_number
    head = header.record._replace(raw=b"", values=tuple(values))
    body = [
        record._replace(raw=b"")
        for record in corrected.records
        if record is not header.record and record.id not in _RETURN_RECORDS and not record.is_history
    ]
    return Receipt((head, *body, *returned.receipt.history))


_SEARCH_ITEM = 19


def reclaim_file(institution: Record, pairs: Iterable[tuple[ReturnedReceipt, Receipt]]) -> bytes:
    """再請求ファイル — a fresh IR, the receipts claimed again numbered from 1, and the GO of their sums.

    Raises :class:`BadInput` as :func:`reclaimed` does, and ``UnicodeEncodeError`` for a character that a
    claim file cannot hold.
    """
    receipts = [reclaimed(returned, corrected, at) for at, (returned, corrected) in enumerate(pairs, 1)]
    totals = file_totals(receipts)
    trailer = compose("GO", {**totals._asdict(), "volume": "99"}).record
    return write((institution, *(record for one in receipts for record in one.records), trailer))


def _finding(code: str, header: RE, **facts: object) -> Finding:
    where = Where("", header.record.line, "RE")
    return Finding(code, Severity.BLOCK, where, f"claims.returns.{code}", facts)
