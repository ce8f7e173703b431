# SPDX-License-Identifier: Apache-2.0
"""領収額 — the insured share, meals and charges outside insurance in one sum, with the tax inside it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class TaxClass(StrEnum):
    """課税区分 — whether a charge outside insurance bears consumption tax."""

    EXEMPT = "exempt"  # 非課税（社会保険診療、助産の一部、自賠責の保険扱い）
    TEN_PERCENT = "10"  # 課税10%


class OutsideCharge(NamedTuple):
    """保険外負担 — one charge as the patient pays it, tax included."""

    name: str
    yen: int
    tax_class: TaxClass


class ReceiptTotal(NamedTuple):
    """領収額 — the parts a receipt must show apart, and the tax inside the total."""

    insured_yen: int
    meals_yen: int
    outside_yen: int
    total_yen: int
    tax_included_yen: int


def receipt_total(
    insured_yen: int, outside: tuple[OutsideCharge, ...] = (), meals_yen: int = 0
) -> ReceiptTotal:
    """領収額 — insured share and meals are exempt; the tax is that of the taxed charges together.

    Cite: 療養担当規則 第5条の2（領収証）; 消費税法 別表第二第6号

    >>> receipt_total(870, (OutsideCharge("診断書", 3300, TaxClass.TEN_PERCENT),))[3:]
    (4170, 300)
    """
    taxed = sum(charge.yen for charge in outside if charge.tax_class is TaxClass.TEN_PERCENT)
    outside_yen = sum(charge.yen for charge in outside)
    total = insured_yen + meals_yen + outside_yen
    return ReceiptTotal(insured_yen, meals_yen, outside_yen, total, taxed * 10 // 110)
