# SPDX-License-Identifier: Apache-2.0
"""請求欄の数 — what one line of an invoice says, and what every invoice has at its head."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from tasuki.forms.wording import grouped
from tasuki.kernel.finding import Finding, Severity, Where


@dataclass(frozen=True, slots=True)
class InvoiceAmounts:
    """請求欄の数 — 件数, 診療実日数, 点数, 一部負担金 and 患者負担額; of meals 件数, 回数, 金額 and 標準負担額."""

    receipts: int = 0
    days: int = 0
    points: int = 0
    share_yen: int = 0
    patient_yen: int = 0
    meal_receipts: int = 0
    meal_count: int = 0
    meal_yen: int = 0
    meal_burden_yen: int = 0

    def __add__(self, other: InvoiceAmounts) -> InvoiceAmounts:
        return InvoiceAmounts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


NOTHING = InvoiceAmounts()


def shown(amounts: InvoiceAmounts | None, names: tuple[str, ...]) -> list[str]:
    """請求欄の印字 — some members in order; an empty line where nothing is claimed.

    >>> shown(InvoiceAmounts(2, 3, 1200), ("receipts", "points", "share_yen"))
    ['2', '1,200', '']
    >>> shown(None, ("receipts", "points"))
    ['', '']
    """
    numbers = [getattr(amounts or NOTHING, name) for name in names]
    return [grouped(number) if number else "" for number in numbers]


def uncounted_findings(record: str, uncounted: tuple[str, ...]) -> list[Finding]:
    """数えられないレセプトの指摘 — an invoice short of a receipt is not printed."""
    if not uncounted:
        return []
    numbers = "、".join(f"{number}番" for number in dict.fromkeys(uncounted))
    reason = f"種別や保険者番号からこの請求書の欄が決まらないレセプトがあります（{numbers}）。"
    where = Where(record=record, field="uncounted")
    return [Finding("FORM004", Severity.BLOCK, where, "form.not_allowed", {"reason": reason})]


def nothing_claimed(record: str) -> list[Finding]:
    """請求なしの指摘 — an invoice of nothing is not printed."""
    where = Where(record=record, field="")
    return [
        Finding(
            "FORM004", Severity.BLOCK, where, "form.not_allowed", {"reason": "請求するレセプトがありません。"}
        )
    ]
