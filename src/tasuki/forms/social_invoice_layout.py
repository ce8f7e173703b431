# SPDX-License-Identifier: Apache-2.0
"""請求書（社保）の印字内容 — 様式第一 on two sheets: insurers by kind of insured, then the programmes and the count of all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tasuki.forms.invoice_amounts import NOTHING, InvoiceAmounts, shown
from tasuki.forms.invoice_sheet import Column, Place, Sheet
from tasuki.forms.social_invoice import (
    InsuredGroup,
    InsuredRow,
    ProgrammeGroup,
    SocialInvoice,
)
from tasuki.forms.wording import grouped

_COLUMNS = (
    Column("receipts", 60, 11, ("件数",)),
    Column("days", 71, 13, ("診　療", "実日数")),
    Column("points", 84, 22, ("点数",)),
    Column("share_yen", 106, 24, ("一部負担金",)),
    Column("meal_receipts", 130, 11, ("件数",)),
    Column("meal_count", 141, 13, ("回数",)),
    Column("meal_yen", 154, 22, ("金額",)),
    Column("meal_burden_yen", 176, 21, ("標準負担額",)),
)
_NAMES = tuple(column.name for column in _COLUMNS)
# The programmes' rows say what is taken off under 一部負担金, and no days.
_PROGRAMME_NAMES = (*_NAMES[:3], "patient_yen", *_NAMES[4:])
_LEFT, _TOP, _PITCH = 13.0, 66.0, 4.0
_PROGRAMME_PITCH = 5.0
_LEAST_LINES = {
    ProgrammeGroup.WITH_INSURANCE: 10,
    ProgrammeGroup.WITH_PROGRAMME: 5,
    ProgrammeGroup.ALONE: 8,
}
_SHEET_LINES = 32

_GROUP_WORDS = {
    InsuredGroup.ELDER: ("医保（70以上一般・低所得）と公費の併用", "医保単独七〇以上一般低所得"),
    InsuredGroup.ELDER_ACTIVE: ("医保（70以上7割）と公費の併用", "医保単独七〇以上七割"),
    InsuredGroup.SELF: ("医保本人と公費の併用", "医保単独本人"),
    InsuredGroup.FAMILY: ("医保家族と公費の併用", "医保単独家族"),
    InsuredGroup.PRESCHOOL: ("医保（6歳）と公費の併用", "医保単独六歳"),
}
_ROW_WORDS = {
    InsuredRow.ASSOCIATION: "01　　　（協会）",
    InsuredRow.SEAFARER_ON_DUTY: "02　（船）職務上",
    InsuredRow.SEAFARER: "02　（船）職務外",
    InsuredRow.DAY_LABOUR: "03　　　（日）",
    InsuredRow.DAY_LABOUR_SPECIAL: "04　　　（日特）",
    InsuredRow.MUTUAL_AID_AFTER_SHIP: "31～34（共）下船3月",
    InsuredRow.MUTUAL_AID: "31～34（共）一般",
    InsuredRow.SOCIETY: "06　　　（組）",
    InsuredRow.DEFENCE: "07　　　（自）",
    InsuredRow.SPECIAL_RETIRED: "63・72～75（退）",
}
_FAMILY_WORDS = {InsuredRow.SEAFARER: "02　　　（船）", InsuredRow.MUTUAL_AID: "31～34　（共）"}
_ALONE = tuple(row for row in InsuredRow if row is not InsuredRow.COMBINED)
_OWN_ROWS = {InsuredGroup.SELF: frozenset({InsuredRow.DEFENCE})}
_NOT_OF_FAMILY = frozenset({InsuredRow.SEAFARER_ON_DUTY, InsuredRow.MUTUAL_AID_AFTER_SHIP})
_PROGRAMME_WORDS = {
    ProgrammeGroup.WITH_INSURANCE: "公費と医保の併用",
    ProgrammeGroup.WITH_PROGRAMME: "公費と公費の併用",
    ProgrammeGroup.ALONE: "公費単独",
}


def layout(invoice: SocialInvoice) -> dict[str, Any]:
    """請求書の印字内容 — the sheets of one invoice."""
    return {"sheets": [_insured_sheet(invoice).plain(), *(one.plain() for one in _programme_sheets(invoice))]}


def rows_of(group: InsuredGroup, used: Iterable[InsuredRow] = ()) -> tuple[InsuredRow, ...]:
    """医保単独の行 — of a group as printed; a row of another group is added when something stands in it."""
    is_family = _is_of_family(group)
    taken = set(used)
    return tuple(
        row
        for row in _ALONE
        if row in taken
        or not (
            (row is InsuredRow.DEFENCE and row not in _OWN_ROWS.get(group, ()))
            or (is_family and row in _NOT_OF_FAMILY)
        )
    )


def _is_of_family(group: InsuredGroup) -> bool:
    return group in (InsuredGroup.FAMILY, InsuredGroup.PRESCHOOL)


def _insured_sheet(invoice: SocialInvoice) -> Sheet:
    sheet = Sheet()
    _head(sheet, invoice, 1)
    _column_heads(sheet, _TOP - 12)
    y = _TOP
    amounts = {(one.group, one.row): one.amounts for one in invoice.insured}
    for group in InsuredGroup:
        y = _group(
            sheet, y, group, {row: amounts[group, row] for row in InsuredRow if (group, row) in amounts}
        )
    total = invoice.insured_total()
    sheet.label(Place(_LEFT, y, 47, _PITCH), "①　合　計", frame=True)
    sheet.line(_COLUMNS, y, _PITCH, shown(total, _NAMES))
    return sheet


def _group(sheet: Sheet, y: float, group: InsuredGroup, amounts: dict[InsuredRow, InvoiceAmounts]) -> float:
    combined, alone = _GROUP_WORDS[group]
    sheet.label(Place(_LEFT, y, 47, _PITCH), combined, size=6.5, to="left", frame=True)
    sheet.line(_COLUMNS, y, _PITCH, shown(amounts.get(InsuredRow.COMBINED), _NAMES))
    y += _PITCH
    rows = rows_of(group, amounts)
    sheet.stacked(Place(_LEFT, y, 8, (len(rows) + 1) * _PITCH), alone, size=5.5)
    words = _ROW_WORDS | (_FAMILY_WORDS if _is_of_family(group) else {})
    for row in rows:
        sheet.label(Place(_LEFT + 8, y, 39, _PITCH), words[row], size=6.5, to="left", frame=True)
        sheet.line(_COLUMNS, y, _PITCH, shown(amounts.get(row), _NAMES))
        y += _PITCH
    sheet.label(Place(_LEFT + 8, y, 39, _PITCH), "小　計", size=6.5, frame=True)
    subtotal = sum((one for row, one in amounts.items() if row is not InsuredRow.COMBINED), NOTHING)
    sheet.line(_COLUMNS, y, _PITCH, shown(subtotal, _NAMES))
    return y + _PITCH


def _programme_sheets(invoice: SocialInvoice) -> list[Sheet]:
    """公費負担の紙面 — one as a rule; more 法別番号 than its lines go on to another."""
    lines: list[tuple[ProgrammeGroup, str, InvoiceAmounts | None]] = []
    for group in ProgrammeGroup:
        own = [one for one in invoice.programmes if one.group is group]
        spare = max(0, _LEAST_LINES[group] - len(own))
        lines += [(group, one.law_number, one.amounts) for one in own]
        lines += [(group, "", None)] * spare
    pages = [lines[n : n + _SHEET_LINES] for n in range(0, len(lines), _SHEET_LINES)]
    sheets = []
    for number, page in enumerate(pages, 2):
        sheet = Sheet()
        _head(sheet, invoice, number)
        _column_heads(sheet, _TOP - 12)
        y = _programme_lines(sheet, page)
        if number == len(pages) + 1:
            _closing(sheet, y, invoice)
        sheets.append(sheet)
    return sheets


def _programme_lines(sheet: Sheet, page: list[tuple[ProgrammeGroup, str, InvoiceAmounts | None]]) -> float:
    y = _TOP
    sheet.stacked(Place(_LEFT, y, 8, len(page) * _PROGRAMME_PITCH), "公費負担", size=7)
    for group in ProgrammeGroup:
        own = [line for line in page if line[0] is group]
        if not own:
            continue
        place = Place(_LEFT + 8, y, 8, len(own) * _PROGRAMME_PITCH)
        sheet.stacked(place, _PROGRAMME_WORDS[group], size=6)
        for _, law, amounts in own:
            sheet.box(_LEFT + 16, y, 31, _PROGRAMME_PITCH)
            sheet.value(Place(_LEFT + 16, y, 31, _PROGRAMME_PITCH), law, to="center")
            words = shown(amounts, _PROGRAMME_NAMES)
            sheet.line(_COLUMNS, y, _PROGRAMME_PITCH, [words[0], "", *words[2:]])
            sheet.cross(_COLUMNS[1].x, y, _COLUMNS[1].w, _PROGRAMME_PITCH)
            y += _PROGRAMME_PITCH
    return y


def _closing(sheet: Sheet, y: float, invoice: SocialInvoice) -> None:
    total = invoice.programme_total()
    sheet.label(Place(_LEFT, y, 47, _PROGRAMME_PITCH), "②　合　計", frame=True)
    words = shown(total, _PROGRAMME_NAMES)
    sheet.line(_COLUMNS, y, _PROGRAMME_PITCH, [words[0], "", *words[2:]])
    y += _PROGRAMME_PITCH
    sheet.label(Place(_LEFT, y, 47, 7), "総件数　①＋②", frame=True)
    sheet.box(60, y, 46, 7)
    sheet.value(Place(60, y, 40, 7), grouped(invoice.insured_total().receipts + total.receipts), size=11)
    sheet.label(Place(98, y, 8, 7), "件")
    sheet.label(Place(106, y, 24, 7), "※請求金額", frame=True)
    sheet.box(130, y, 67, 7)
    sheet.label(Place(189, y, 8, 7), "円")
    y += 7
    sheet.box(_LEFT, y, 184, 18)
    sheet.label(Place(_LEFT + 1, y + 1, 20, 4), "備　考", to="left")
    sheet.label(Place(_LEFT, y + 19, 120, 4), "※印の欄は、記入しないこと。", size=6, to="left")


def _head(sheet: Sheet, invoice: SocialInvoice, number: int) -> None:
    if invoice.month is not None:
        sheet.month(13, 12, invoice.month)
    sheet.label(Place(52, 12, 90, 6), "診療報酬請求書（医科・歯科　入院・入院外併用）", size=10, to="left")
    sheet.label(Place(150, 12, 47, 5), f"様式第一（一）　{number}枚目", size=6.5, to="right")
    sheet.label(Place(20, 20, 50, 5), "社会保険診療報酬支払基金　殿", size=8, to="left")
    sheet.claimed_on(20, 30, invoice.claimed_on)
    sheet.institution(20, invoice.issuer, invoice.opener)


def _column_heads(sheet: Sheet, y: float) -> None:
    sheet.label(Place(_LEFT, y, 47, 12), "区　　　分", frame=True)
    sheet.label(Place(60, y, 70, 5), "療　養　の　給　付", frame=True)
    sheet.label(Place(130, y, 67, 5), "食事療養・生活療養", frame=True)
    sheet.headings(_COLUMNS, y + 5, 7)
