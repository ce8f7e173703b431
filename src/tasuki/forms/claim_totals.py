# SPDX-License-Identifier: Apache-2.0
"""診療報酬総括表 — every invoice of a month to the 国保連 on one sheet: counts of insurers, sheets and receipts, and the sums.

Each 国保連 has its own drawing of it; what they ask is the same, and this sheet says it in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from tasuki.forms.invoice_amounts import NOTHING, InvoiceAmounts, shown
from tasuki.forms.invoice_sheet import Column, Place, Sheet
from tasuki.forms.payer_invoices import (
    RETIRED_ROWS,
    InvoiceScheme,
    PayerInvoice,
    PayerInvoices,
    PayerRow,
)
from tasuki.forms.wording import grouped

_COLUMNS = (
    Column("receipts", 60, 16, ("件　数",)),
    Column("points", 76, 28, ("点　数",)),
    Column("share_yen", 104, 26, ("一部負担金",)),
    Column("meal_receipts", 130, 16, ("件　数",)),
    Column("meal_yen", 146, 28, ("金　額",)),
    Column("meal_burden_yen", 174, 26, ("標準負担額",)),
)
_NAMES = tuple(column.name for column in _COLUMNS)
_LEFT = 10.0
_GROUPS = (
    ("国保", PayerRow.ELDER, "70以上一般・低所得"),
    ("国保", PayerRow.ELDER_ACTIVE, "70以上7割"),
    ("国保", PayerRow.ORDINARY, "一般被保険者"),
    ("国保", PayerRow.PRESCHOOL, "六歳"),
    ("退職", PayerRow.RETIRED, "本人"),
    ("退職", PayerRow.RETIRED_FAMILY, "被扶養者"),
    ("退職", PayerRow.RETIRED_PRESCHOOL, "六歳"),
    ("後期高齢", PayerRow.LATE, "一般・低所得"),
    ("後期高齢", PayerRow.LATE_ACTIVE, "7割"),
)
_PITCH, _TOP = 6.2, 98.0
_PROGRAMME_LINES = 8


def layout(bundle: PayerInvoices) -> dict[str, Any]:
    """総括表の印字内容 — one sheet; programmes beyond its lines are summed on the last."""
    sheet = Sheet()
    if bundle.month is not None:
        sheet.month(10, 10, bundle.month)
    sheet.label(Place(70, 9, 80, 8), "診療報酬総括表（医科）", size=13)
    sheet.label(Place(150, 11, 50, 5), "国民健康保険団体連合会　殿", size=7.5, to="right")
    sheet.claimed_on(10, 26, bundle.claimed_on)
    sheet.institution(20, bundle.issuer, bundle.opener)
    _counts(sheet, bundle.invoices)
    _sums(sheet, bundle.invoices)
    return {"sheets": [sheet.plain()]}


def _counts(sheet: Sheet, invoices: Sequence[PayerInvoice]) -> None:
    """件数の欄 — insurers asked, sheets of invoices and receipts, in all and by scheme."""
    late = [one for one in invoices if one.scheme is InvoiceScheme.LATE]
    national = [one for one in invoices if one.scheme is InvoiceScheme.NATIONAL]
    retired = [one for one in national if one.receipt_count(RETIRED_ROWS)]
    ordinary = [one for one in national if one.receipt_count(set(PayerRow) - RETIRED_ROWS)]
    blocks = (
        ("総　合　計", invoices, frozenset(PayerRow)),
        ("国保分", ordinary, frozenset(PayerRow) - RETIRED_ROWS),
        ("退職分", retired, RETIRED_ROWS),
        ("後期高齢者分", late, frozenset(PayerRow)),
    )
    width = 190 / len(blocks)
    for n, (name, own, rows) in enumerate(blocks):
        x = _LEFT + n * width
        sheet.label(Place(x, 58, width, 6), name, frame=True)
        numbers = (
            ("請求保険者数", len(own)),
            ("請求書枚数", len(own)),
            ("明細書件数", sum(one.receipt_count(rows) for one in own)),
        )
        for at, (label, number) in enumerate(numbers):
            place = Place(x + at * width / 3, 64, width / 3, 6)
            sheet.label(place, label, size=6, frame=True)
            sheet.box(place.x, 70, place.w, 8)
            sheet.value(Place(place.x, 70, place.w, 8), grouped(number) if number else "", size=10)


def _sums(sheet: Sheet, invoices: Sequence[PayerInvoice]) -> None:
    y = _TOP
    sheet.label(Place(_LEFT, y - 12, 50, 12), "区　　　分", frame=True)
    sheet.label(Place(60, y - 12, 70, 5), "療　養　の　給　付", frame=True)
    sheet.label(Place(130, y - 12, 70, 5), "食事療養・生活療養", frame=True)
    sheet.headings(_COLUMNS, y - 7, 7)
    total = NOTHING
    for side, rows in groupby(_GROUPS, key=lambda group: group[0]):
        group = list(rows)
        sheet.stacked(Place(_LEFT, y, 8, len(group) * 2 * _PITCH), side)
        for _, row, words in group:
            sheet.label(Place(18, y, 26, 2 * _PITCH), words, size=6.5, frame=True)
            for is_inpatient in (True, False):
                amounts = sum((one.at(row, is_inpatient=is_inpatient) for one in invoices), NOTHING)
                total += amounts
                _line(sheet, y, "入院" if is_inpatient else "入院外", amounts, with_meals=is_inpatient)
                y += _PITCH
    sheet.label(Place(_LEFT, y, 50, _PITCH), "合　　計", frame=True)
    sheet.line(_COLUMNS, y, _PITCH, shown(total, _NAMES))
    _programmes(sheet, y + _PITCH + 3, invoices)


def _line(sheet: Sheet, y: float, setting: str, amounts: InvoiceAmounts, *, with_meals: bool) -> None:
    sheet.label(Place(44, y, 16, _PITCH), setting, size=6.5, frame=True)
    sheet.line(_COLUMNS, y, _PITCH, shown(amounts, _NAMES))
    if not with_meals:
        sheet.cross(130, y, 70, _PITCH)


def _programmes(sheet: Sheet, y: float, invoices: Iterable[PayerInvoice]) -> None:
    """公費の再掲 — programmes by 法別番号; their receipts are counted above already."""
    sums: dict[str, InvoiceAmounts] = {}
    for one in (line for invoice in invoices for line in invoice.programmes):
        sums[one.law_number] = sums.get(one.law_number, NOTHING) + one.amounts
    lines = sorted(sums.items())
    if len(lines) > _PROGRAMME_LINES:
        kept, rest = lines[: _PROGRAMME_LINES - 1], lines[_PROGRAMME_LINES - 1 :]
        lines = [*kept, (f"他{len(rest)}法別", sum((amounts for _, amounts in rest), NOTHING))]
    names = tuple("patient_yen" if name == "share_yen" else name for name in _NAMES)
    pitch = 5.0
    sheet.stacked(Place(_LEFT, y, 8, _PROGRAMME_LINES * pitch), "公費再掲", size=6.5)
    for n in range(_PROGRAMME_LINES):
        law, amounts = lines[n] if n < len(lines) else ("", None)
        top = y + n * pitch
        sheet.box(18, top, 42, pitch)
        sheet.value(Place(18, top, 42, pitch), law, to="center")
        sheet.line(_COLUMNS, top, pitch, shown(amounts, names))
