# SPDX-License-Identifier: Apache-2.0
"""診療報酬請求書（社会保険） — the parts of a month's receipts by the rows of 様式第一.

Cite: 療養の給付及び公費負担医療に関する費用の請求に関する命令 様式第一; 診療報酬請求書等の記載要領 I
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.claims.invoice.parts import ClaimedPart, claimed_parts, invoice_head, plain_amounts, sum_parts
from tasuki.claims.receipt_type import Group, Holder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import IR
    from tasuki.masters.book import Book

_GROUPS = {
    Holder.ELDER: "elder",
    Holder.ELDER_ACTIVE: "elder_active",
    Holder.SELF: "self",
    Holder.FAMILY: "family",
    Holder.PRESCHOOL: "preschool",
}
_MUTUAL_AID = frozenset({"31", "32", "33", "34"})
_SPECIAL_RETIRED = frozenset({"63", "72", "73", "74", "75"})
_PLAIN_LAWS = frozenset({"01", "03", "04", "06", "07"})
_AT_SEA = "02"
_ON_DUTY = frozenset({"1", "3"})
_AFTER_SHIP = "2"


def social_invoice(
    receipts: Sequence[Receipt],
    institution: IR | None,
    book: Book | None,
    *,
    claimed_on: date | None = None,
    opener: str = "",
) -> dict[str, Any]:
    """診療報酬請求書の内容 — the mapping of the form ``social_invoice``.

    A part that has no row on the form (an insurer of 国保, an unknown 法別番号) is named under ``uncounted``:
    the form is not printed then, as its 総件数 would be short.
    """
    head = invoice_head(receipts, institution, claimed_on, opener)
    insured: dict[tuple[str, str], list[ClaimedPart]] = {}
    programmes: dict[tuple[str, str], list[ClaimedPart]] = {}
    for receipt in receipts:
        for part in claimed_parts(receipt, book):
            if part.is_programme:
                programmes.setdefault((_programme_group(part), part.law_number or "不明"), []).append(part)
            elif row := _insured_row(part):
                insured.setdefault((_GROUPS[part.kind.holder], row), []).append(part)
            else:
                head["uncounted"].append(receipt.header.record.value(2))
    return head | {
        "insured": [
            {"group": group, "row": row, "amounts": plain_amounts(sum_parts(parts))}
            for (group, row), parts in sorted(insured.items())
        ],
        "programmes": [
            {"group": group, "law_number": law, "amounts": plain_amounts(sum_parts(parts))}
            for (group, law), parts in sorted(programmes.items())
        ],
    }


def _insured_row(part: ClaimedPart) -> str:
    """医保の行 — "combined" beside a programme, else by 法別番号; empty where the form has no row."""
    law = part.law_number
    has_row = law in _PLAIN_LAWS | _MUTUAL_AID | _SPECIAL_RETIRED or law == _AT_SEA
    if part.kind.group is not Group.INSURED or not has_row:
        return ""
    if part.is_combined:
        return "combined"
    if law in _MUTUAL_AID:
        return "31-34.ship" if part.duty_reason == _AFTER_SHIP else "31-34"
    if law in _SPECIAL_RETIRED:
        return "63"
    if law == _AT_SEA and part.duty_reason in _ON_DUTY:
        return "02.duty"
    return law


def _programme_group(part: ClaimedPart) -> str:
    """公費の区分 — beside an insurer, beside another programme, or alone."""
    if part.kind.has_insurer:
        return "with_insurance"
    return "with_programme" if part.is_combined else "alone"


def is_social(institution: IR | None, receipts: Iterable[Receipt]) -> bool:
    """社会保険の請求か — as the head of the file says; without one, unless an insurer of six digits is asked."""
    if institution is not None and institution.payer in ("1", "2"):
        return institution.payer == "1"
    return all(
        receipt.insurer is None or len(receipt.insurer.insurer_number.strip()) == 8 for receipt in receipts
    )
