# SPDX-License-Identifier: Apache-2.0
"""請求書（国保・後期）の印字内容 — one sheet an insurer, the programmes below it or on a sheet of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tasuki.forms.invoice_amounts import InvoiceAmounts, shown
from tasuki.forms.invoice_sheet import Column, Place, Sheet
from tasuki.forms.payer_invoices import (
    InvoiceScheme,
    PayerInvoice,
    PayerInvoices,
    PayerRow,
)

_COLUMNS = (
    Column("receipts", 48, 17, ("件　数",)),
    Column("days", 65, 18, ("診療実日数",)),
    Column("points", 83, 24, ("点　数",)),
    Column("share_yen", 107, 24, ("一部負担金",)),
    Column("meal_receipts", 131, 14, ("件　数",)),
    Column("meal_count", 145, 14, ("回　数",)),
    Column("meal_yen", 159, 22, ("金　額",)),
    Column("meal_burden_yen", 181, 22, ("標準負担額",)),
)
_PROGRAMME_COLUMNS = (
    Column("receipts", 40, 13, ("件　数",)),
    Column("days", 53, 14, ("診　療", "実日数")),
    Column("points", 67, 24, ("点　数",)),
    Column("share_yen", 91, 25, ("一部負担金",)),
    Column("patient_yen", 116, 24, ("患者負担額",)),
    Column("meal_receipts", 140, 12, ("件　数",)),
    Column("meal_count", 152, 12, ("回　数",)),
    Column("meal_yen", 164, 20, ("金　額",)),
    Column("meal_burden_yen", 184, 19, ("標準負担額", "（公費分）")),
)
_MEALS_FROM = "meal_receipts"
_LEFT, _RIGHT = 7.0, 203.0
_LATE_PROGRAMMES, _NATIONAL_PROGRAMMES = 5, 7


@dataclass(frozen=True, slots=True)
class _Group:
    """区分 — its words, the marks of its types, and its two lines."""

    words: tuple[str, ...]
    marks: tuple[str, str]
    inpatient: InvoiceAmounts | None
    outpatient: InvoiceAmounts | None


_NATIONAL_ROWS = (
    (PayerRow.ELDER, ("70歳以上", "一般・", "低所得"), ("⑦", "⑧")),
    (PayerRow.ELDER_ACTIVE, ("70歳以上", "7割"), ("⑨", "⓪")),
    (PayerRow.ORDINARY, ("一　般", "被保険者"), ("", "")),
    (PayerRow.PRESCHOOL, ("六　歳",), ("③", "④")),
)
_RETIRED = (
    (PayerRow.RETIRED, ("本　人",), ("①", "②")),
    (PayerRow.RETIRED_FAMILY, ("被扶養者",), ("⑤", "⑥")),
    (PayerRow.RETIRED_PRESCHOOL, ("六　歳",), ("③", "④")),
)
_LATE_ROWS = (
    (PayerRow.LATE, ("後期高齢", "一般・", "低所得"), ("⑦", "⑧")),
    (PayerRow.LATE_ACTIVE, ("後期高齢", "7割"), ("⑨", "⓪")),
)


def layout(bundle: PayerInvoices) -> dict[str, Any]:
    """請求書の印字内容 — the sheets of every insurer in order."""
    sheets: list[Sheet] = []
    for invoice in bundle.invoices:
        if invoice.scheme is InvoiceScheme.LATE:
            sheets += _late_sheets(bundle, invoice)
        else:
            sheets += _national_sheets(bundle, invoice)
    return {"sheets": [sheet.plain() for sheet in sheets]}


def _national_sheets(bundle: PayerInvoices, invoice: PayerInvoice) -> list[Sheet]:
    sheet = Sheet()
    _head(sheet, bundle, invoice, "国民健康保険", "様式第六")
    _column_heads(sheet, _COLUMNS, 54, 12, 48)
    y = _groups(sheet, _COLUMNS, 66, 7, "国民健康保険", _of(invoice, _NATIONAL_ROWS))
    _groups(sheet, _COLUMNS, y, 7, "67退職者", _of(invoice, _RETIRED))
    sheet.label(Place(_LEFT, 266, 100, 4), "注意　※印の欄は記入しないこと。", size=6, to="left")
    return [sheet, *_programme_sheets(bundle, invoice, _programmes_of(invoice))]


def _late_sheets(bundle: PayerInvoices, invoice: PayerInvoice) -> list[Sheet]:
    sheet = Sheet()
    _head(sheet, bundle, invoice, "後期高齢者医療", "様式第八")
    _column_heads(sheet, _COLUMNS, 54, 12, 48)
    _groups(sheet, _COLUMNS, 66, 5.5, "39後期高齢者医療", _of(invoice, _LATE_ROWS))
    sheet.label(Place(_LEFT, 113, 40, 4), "公費負担医療", to="left")
    programmes = _programmes_of(invoice)
    _column_heads(sheet, _PROGRAMME_COLUMNS, 117, 12, 40)
    _programme_groups(sheet, 129, 5.5, programmes[:_LATE_PROGRAMMES], _LATE_PROGRAMMES)
    sheet.box(_LEFT, 242, _RIGHT - _LEFT, 18)
    sheet.label(Place(_LEFT + 1, 243, 20, 4), "備　考", to="left")
    sheet.label(Place(144, 263, 24, 12.5), "※高額療養費", size=6.5, frame=True)
    for n, (word, unit) in enumerate((("件数", "件"), ("金額", "円"))):
        sheet.label(Place(168, 263 + n * 6.25, 11, 6.25), word, size=6.5, to="left", frame=True)
        sheet.label(Place(179, 263 + n * 6.25, 24, 6.25), unit, size=6.5, to="right", frame=True)
    sheet.label(Place(_LEFT, 278, 100, 4), "注意　※印の欄は記入しないこと。", size=6, to="left")
    return [sheet, *_programme_sheets(bundle, invoice, programmes[_LATE_PROGRAMMES:])]


def _programme_sheets(bundle: PayerInvoices, invoice: PayerInvoice, groups: Sequence[_Group]) -> list[Sheet]:
    """公費負担医療の紙面 — as many as the programmes need, none without one."""
    sheets = []
    for first in range(0, len(groups), _NATIONAL_PROGRAMMES):
        sheet = Sheet()
        number = "様式第八" if invoice.scheme is InvoiceScheme.LATE else "様式第六"
        _head(sheet, bundle, invoice, "公費負担医療", f"{number}（公費負担医療）")
        _column_heads(sheet, _PROGRAMME_COLUMNS, 54, 12, 40)
        _programme_groups(sheet, 66, 5.7, groups[first : first + _NATIONAL_PROGRAMMES], _NATIONAL_PROGRAMMES)
        sheet.box(_LEFT, 232, _RIGHT - _LEFT, 28)
        sheet.label(Place(_LEFT + 1, 233, 20, 4), "備　考", to="left")
        sheet.label(Place(_LEFT, 263, 100, 4), "注意　※印の欄は記入しないこと。", size=6, to="left")
        sheets.append(sheet)
    return sheets


def _of(
    invoice: PayerInvoice, rows: Sequence[tuple[PayerRow, tuple[str, ...], tuple[str, str]]]
) -> list[_Group]:
    return [
        _Group(words, marks, invoice.at(row, is_inpatient=True), invoice.at(row, is_inpatient=False))
        for row, words, marks in rows
    ]


def _programmes_of(invoice: PayerInvoice) -> list[_Group]:
    found = {(one.law_number, one.is_inpatient): one.amounts for one in invoice.programmes}
    return [
        _Group((law,), ("", ""), found.get((law, True)), found.get((law, False)))
        for law in sorted({one.law_number for one in invoice.programmes})
    ]


def _head(sheet: Sheet, bundle: PayerInvoices, invoice: PayerInvoice, scheme: str, number: str) -> None:
    if bundle.month is not None:
        sheet.month(8, 9, bundle.month)
    sheet.label(Place(76, 9, 90, 6), "診療報酬請求書（医科・歯科）", size=11, to="left")
    sheet.label(Place(150, 9, 53, 5), number, size=6.5, to="right")
    sheet.label(Place(8, 18, 16, 7), "保　険　者", size=6.5, to="left")
    sheet.number(Place(24, 18, 45.7, 7), invoice.insurer_number, 8)
    sheet.value(Place(8, 26, 58, 6), invoice.insurer_name, size=9, to="left")
    sheet.label(Place(66, 26, 8, 6), "殿", size=9)
    sheet.claimed_on(14, 33, bundle.claimed_on)
    sheet.label(Place(8, 48, 40, 5), scheme, size=8, to="left")
    sheet.institution(18, bundle.issuer, bundle.opener)


def _column_heads(sheet: Sheet, columns: Sequence[Column], y: float, height: float, first: float) -> None:
    meals = next(column.x for column in columns if column.name == _MEALS_FROM)
    sheet.label(Place(_LEFT, y, first - _LEFT, height), "区　　分", frame=True)
    sheet.label(Place(first, y, meals - first, 5), "療　養　の　給　付", frame=True)
    sheet.label(Place(meals, y, _RIGHT - meals, 5), "食事療養・生活療養", frame=True)
    sheet.headings(columns, y + 5, height - 5)


def _groups(
    sheet: Sheet, columns: Sequence[Column], y: float, pitch: float, side: str, groups: Sequence[_Group]
) -> float:
    sheet.stacked(Place(_LEFT, y, 6, len(groups) * 4 * pitch), side)
    for group in groups:
        sheet.label(Place(13, y, 12, 4 * pitch), group.words, size=6, frame=True)
        _lines(sheet, columns, y, pitch, group, 25)
        y += 4 * pitch
    return y


def _programme_groups(sheet: Sheet, y: float, pitch: float, groups: Sequence[_Group], count: int) -> None:
    empty = _Group(("",), ("", ""), None, None)
    for group in (*groups, *(empty,) * (count - len(groups))):
        sheet.box(_LEFT, y, 12, 4 * pitch)
        sheet.value(Place(_LEFT, y, 12, 4 * pitch), group.words[0], size=13, to="center")
        _lines(sheet, _PROGRAMME_COLUMNS, y, pitch, group, 19)
        y += 4 * pitch


def _lines(
    sheet: Sheet, columns: Sequence[Column], y: float, pitch: float, group: _Group, left: float
) -> None:
    """請求 and ※決定, each for 入院 and 入院外; meals are never eaten by outpatients."""
    names = tuple(column.name for column in columns)
    meals = next(column.x for column in columns if column.name == _MEALS_FROM)
    for part, word in enumerate(("請求", "※決定")):
        top = y + part * 2 * pitch
        sheet.stacked(Place(left, top, 6, 2 * pitch), word, size=6.5)
        for at, (setting, amounts) in enumerate((("入　院", group.inpatient), ("入院外", group.outpatient))):
            here = top + at * pitch
            words = f"{group.marks[at]} {setting}".strip()
            sheet.label(Place(left + 6, here, columns[0].x - left - 6, pitch), words, size=6.5, frame=True)
            sheet.line(columns, here, pitch, shown(None if part else amounts, names))
            if at:
                sheet.cross(meals, here, _RIGHT - meals, pitch)
