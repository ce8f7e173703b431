# SPDX-License-Identifier: Apache-2.0
"""労災請求書の印字内容 — the claim to the 労働局: number of the institution, yen, sheets and month in boxes."""

from __future__ import annotations

from typing import Any

from tasuki.forms.invoice_sheet import Place, Sheet
from tasuki.forms.wording import era_parts
from tasuki.forms.work_accident import WorkAccidentClaim
from tasuki.forms.work_accident_layout import boxes, era_digits, right_aligned

_FORM_KIND = "34720"
_YEN_BOXES, _SHEET_BOXES = 9, 3


def layout(claim: WorkAccidentClaim) -> dict[str, Any]:
    """労災請求書の印字内容 — one sheet."""
    sheet = Sheet()
    _machine_fields(sheet, claim)
    _words(sheet, claim)
    _claimant(sheet, claim)
    return {"sheets": [sheet.plain()]}


def _machine_fields(sheet: Sheet, claim: WorkAccidentClaim) -> None:
    sheet.label(Place(40, 9, 130, 7), "労働者災害補償保険診療費請求書", size=13)
    sheet.label(Place(11.5, 18, 30, 4), "帳票種別", size=6.5, to="left")
    boxes(sheet, 11.5, 23.5, _FORM_KIND)
    sheet.label(Place(62, 18, 40, 4), "①指定病院等の番号", size=6.5, to="left")
    boxes(sheet, 62.5, 23.5, claim.designated_number.ljust(7))
    sheet.label(Place(124, 18, 60, 4), "②※受付年月日", size=6.5, to="left")
    boxes(sheet, 124.5, 23.5, [""] * 7)
    sheet.label(Place(41.5, 39, 50, 4), "③請求金額", size=6.5, to="left")
    boxes(sheet, 35.5, 48.5, right_aligned(f"¥{claim.total_yen}", _YEN_BOXES))
    sheet.label(Place(90, 48.5, 6, 7), "円", size=7)
    sheet.label(Place(35, 57, 70, 4), "金額の頭に¥記号を付けてください。", size=5.5, to="left")
    sheet.label(Place(103, 39, 40, 4), "④内訳書添付枚数", size=6.5, to="left")
    boxes(sheet, 103.5, 48.5, right_aligned(str(claim.sheets), _SHEET_BOXES))
    sheet.label(Place(122, 48.5, 6, 7), "枚", size=7)
    digits = era_digits(claim.month)
    sheet.label(Place(33.5, 65, 24, 4), "⑤請求年", size=6.5, to="left")
    boxes(sheet, 33.5, 69.5, digits[:3])
    sheet.label(Place(52, 69.5, 6, 7), "年", size=7)
    sheet.label(Place(60.5, 65, 24, 4), "⑥請求月", size=6.5, to="left")
    boxes(sheet, 60.5, 69.5, digits[3:5])
    sheet.label(Place(73, 69.5, 10, 7), "月分", size=7)
    sheet.label(Place(90, 69.5, 70, 7), "元号: １明治 ３大正 ５昭和 ７平成 ９令和", size=5.5, to="left")


def _words(sheet: Sheet, claim: WorkAccidentClaim) -> None:
    sheet.label(Place(12, 96, 12, 7), "ただし、", size=8, to="left")
    sheet.value(Place(24, 96, 46, 7), claim.first_name, size=11, to="left")
    others = claim.sheets - 1
    sheet.label(Place(70, 96, 10, 7), "ほか", size=8)
    sheet.value(Place(80, 96, 10, 7), str(others), size=11)
    sheet.label(Place(91, 96, 100, 7), "名に対する診療費の内容は、別紙内訳書のとおり。", size=8, to="left")
    sheet.label(Place(20, 112, 80, 7), "上記の金額を請求します。", size=9, to="left")
    if claim.claimed_on:
        era = era_parts(claim.claimed_on)
        words = f"{era.era}{era.year}年{era.month}月{era.day}日"
        sheet.value(Place(20, 130, 70, 7), words, size=10, to="left")
    else:
        sheet.label(Place(20, 130, 70, 7), "令和　　　年　　　月　　　日", size=9, to="left")


def _claimant(sheet: Sheet, claim: WorkAccidentClaim) -> None:
    sheet.label(Place(20, 165, 40, 14), ("請　求　人　の", "（病院又は診療所）"), size=8)
    for y, words, value in (
        (144, "郵便番号", claim.issuer.postal_code),
        (153, "住所（所在地）", claim.issuer.address),
        (168, "名　　称", claim.issuer.name),
        (186, "責任者氏名", claim.opener),
        (203, "電話番号", claim.issuer.telephone),
    ):
        sheet.label(Place(64, y, 28, 7), words, size=8, to="left")
        sheet.value(Place(93, y, 105, 7), value, size=10, to="left")
        sheet.box(93, y + 7, 105, 0.01)
    sheet.value(Place(20, 203, 28, 7), claim.labour_bureau, size=10, to="center")
    sheet.label(Place(48, 203, 16, 7), "労働局長殿", size=8, to="left")
    sheet.label(Place(20, 212, 46, 7), "（　　　　　　　　　　署分）", size=8, to="left")
    sheet.value(Place(24, 212, 28, 7), claim.inspection_office, size=10, to="center")
    sheet.label(Place(20, 226, 30, 5), "受付印", size=7, to="left")
    sheet.box(20, 231, 44, 40)
