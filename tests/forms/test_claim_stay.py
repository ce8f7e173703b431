# SPDX-License-Identifier: Apache-2.0
"""診療報酬明細書（医科入院）."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from forms.invented import CLAIM, STAY
from forms.pages import reader, sizes_mm, squeezed, text
from tasuki.forms import render
from tasuki.forms.claim_receipt import ClaimReceipts, SummaryItem, SummaryUnit
from tasuki.forms.claim_stay import ClaimStay, MealKind, MealLine, StayDays
from tasuki.forms.stay_layout import stay_boxes

pytest.importorskip("typst")


def test_every_box_of_the_inpatients_sheet_is_filled() -> None:
    pdf = render("claim_receipt", STAY)
    assert set(sizes_mm(pdf)) == {(210, 297)}
    printed = text(pdf)
    for words in (
        "診療報酬明細書（医科入院）",
        "7高入一",
        "1,688",
        "23,632",
        "12,000",
        "架空入院基本料１",
        "690・766",
        "42・3",
        "46,890",
        "25,740",
        "（5,000）",
        "他3件",
        "公負③ 21136010",
        "食事・生活 3回　1,800円　標準負担額 720円",
        "架空検査30番",
    ):
        assert squeezed(words) in printed, words
    assert "外来管理加算" not in printed


def test_the_admission_stands_in_its_row() -> None:
    with_day = text(render("claim_receipt", STAY))
    without = text(render("claim_receipt", replace(STAY, stay=replace(STAY.stay, admitted_on=None))))
    assert "令和8610" in with_day
    assert "令和8610" not in without


def test_days_beyond_their_lines_are_summed_on_the_last() -> None:
    lines = tuple(StayDays(100, n, 100 * n, (100 * n,) if n == 6 else ()) for n in range(1, 8))
    shown = stay_boxes(ClaimStay(basic=lines))["basic"]
    assert [line["total"] for line in shown] == ["100", "200", "300", "400", "1,800"]
    assert shown[-1]["points"] == "他3件"
    assert shown[-1]["programme"] == ["1,800"]


def test_more_names_than_lines_are_counted() -> None:
    shown = stay_boxes(ClaimStay(fee_names=tuple(f"架空料{n}" for n in range(15))))["names"]
    assert len(shown) == 11
    assert shown[-2:] == ["架空料9", "他5件"]


def test_the_summary_leaves_room_for_the_meals() -> None:
    units = tuple(SummaryUnit("60", (SummaryItem(f"架空検査{n}番"),), 10, 1, "1") for n in range(200))
    pdf = render("claim_receipt", replace(STAY, units=units, programmes=()))
    sheets = ["".join(page.extract_text().split()) for page in reader(pdf).pages]
    assert sum("架空検査" in sheet for sheet in sheets) == len(sheets) == 3
    assert [sheet.count("架空検査") for sheet in sheets] == [37, 146, 17]
    assert all("（医科入院）" in sheet and "髙橋" in sheet for sheet in sheets)


def test_a_stay_of_which_nothing_is_known_still_shows_its_form() -> None:
    printed = text(render("claim_receipt", replace(STAY, stay=ClaimStay(), rows={}, units=(), insurer=None)))
    assert "入院年月日" in printed


def test_one_month_may_hold_both_kinds_of_sheet() -> None:
    pdf = render("claim_receipts", ClaimReceipts(date(2026, 6, 1), (STAY, CLAIM)))
    sheets = ["".join(page.extract_text().split()) for page in reader(pdf).pages]
    assert ["（医科入院）" in sheet for sheet in sheets] == [True, False]
    assert "（医科入院外）" in sheets[1]


def test_two_prices_of_a_meal_stand_side_by_side() -> None:
    stay = ClaimStay(meals={MealKind.STANDARD: (MealLine(690, 3, "Ⅰ"), MealLine(556, 2, "Ⅱ"))})
    assert stay_boxes(stay)["meals"] == {"standard": {"grade": "Ⅰ・Ⅱ", "yen": "690・556", "count": "3・2"}}
