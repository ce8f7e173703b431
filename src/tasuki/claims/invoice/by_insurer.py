# SPDX-License-Identifier: Apache-2.0
"""診療報酬請求書（国保・後期） — the parts of a month's receipts by insurer and by the rows of 様式第六 and 様式第八.

Cite: 療養の給付及び公費負担医療に関する費用の請求に関する命令 様式第六, 様式第八; 診療報酬請求書等の記載要領 I
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.claims.invoice.parts import ClaimedPart, claimed_parts, invoice_head, plain_amounts, sum_parts
from tasuki.claims.receipt_type import Group, Holder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import IR
    from tasuki.masters.book import Book

_NATIONAL = {
    Holder.ELDER: "elder",
    Holder.ELDER_ACTIVE: "elder_active",
    Holder.SELF: "ordinary",
    Holder.FAMILY: "ordinary",
    Holder.PRESCHOOL: "preschool",
}
_RETIRED = {
    Holder.SELF: "retired",
    Holder.FAMILY: "retired_family",
    Holder.PRESCHOOL: "retired_preschool",
}
_LATE = {Holder.ELDER: "late", Holder.ELDER_ACTIVE: "late_active"}
_ROWS = {Group.INSURED: _NATIONAL, Group.RETIRED: _RETIRED, Group.LATE_ELDERLY: _LATE}


def invoices_by_insurer(
    receipts: Sequence[Receipt],
    institution: IR | None,
    book: Book | None,
    *,
    claimed_on: date | None = None,
    opener: str = "",
) -> dict[str, Any]:
    """保険者別の請求書の内容 — the mapping of the forms ``payer_invoices`` and ``claim_totals``.

    One invoice an insurer, in the order of their numbers; the programmes of an insurer's receipts stand under it.
    A receipt without an insurer belongs to the 支払基金 and is named under ``uncounted``.
    """
    head = invoice_head(receipts, institution, claimed_on, opener)
    found: dict[tuple[str, str], list[tuple[ClaimedPart, ...]]] = {}
    for receipt in receipts:
        parts = claimed_parts(receipt, book)
        if parts and (receipt.insurer is None or _row(parts[0]) is None):
            head["uncounted"].append(receipt.header.record.value(2))
        elif parts:
            # 退職 keeps its insurer's number with 67 before it; the invoice is the insurer's own.
            number = parts[0].payer_number
            is_retired = parts[0].kind.group is Group.RETIRED and len(number) == 8
            scheme = "late" if parts[0].kind.group is Group.LATE_ELDERLY else "national"
            found.setdefault((scheme, number[2:] if is_retired else number), []).append(parts)
    return head | {
        "invoices": [
            {
                "insurer_number": number,
                "scheme": scheme,
                "rows": _rows(taken),
                "programmes": _programmes(taken),
            }
            for (scheme, number), taken in sorted(found.items())
        ]
    }


def _row(part: ClaimedPart) -> str | None:
    return _ROWS.get(part.kind.group, {}).get(part.kind.holder)


def _rows(taken: list[tuple[ClaimedPart, ...]]) -> list[dict[str, Any]]:
    sums: dict[tuple[str, bool], list[ClaimedPart]] = {}
    for parts in taken:
        sums.setdefault((_row(parts[0]) or "", parts[0].kind.is_inpatient), []).append(parts[0])
    return [
        {"row": row, "is_inpatient": is_inpatient, "amounts": plain_amounts(sum_parts(parts))}
        for (row, is_inpatient), parts in sorted(sums.items())
    ]


def _programmes(taken: list[tuple[ClaimedPart, ...]]) -> list[dict[str, Any]]:
    sums: dict[tuple[str, bool], list[ClaimedPart]] = {}
    for parts in taken:
        for part in parts[1:]:
            sums.setdefault((part.law_number or "不明", part.kind.is_inpatient), []).append(part)
    return [
        {"law_number": law, "is_inpatient": is_inpatient, "amounts": plain_amounts(sum_parts(parts))}
        for (law, is_inpatient), parts in sorted(sums.items())
    ]
