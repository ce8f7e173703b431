# SPDX-License-Identifier: Apache-2.0
"""労災診療費請求内訳書・請求書."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from forms.invented import WORK_ACCIDENT, WORK_ACCIDENT_CLAIM
from forms.pages import reader, sizes_mm, squeezed, text
from tasuki.forms import FORMS, render
from tasuki.forms.accident import AccidentCell, AccidentRow
from tasuki.forms.claim_receipt import SummaryItem, SummaryUnit
from tasuki.forms.work_accident_layout import era_digits, right_aligned
from tasuki.kernel.finding import BadInput

pytest.importorskip("typst")


def front(form: str, data: object) -> dict[str, Any]:
    sheet: dict[str, Any] = FORMS[form].layout(data)["sheets"][0]
    return sheet


def boxed(sheet: dict[str, Any], x: float, y: float, count: int) -> str:
    """What stands in reading boxes, a blank for an empty one."""
    at = {
        round(one["x"] + 0.5, 2): one["words"]
        for one in sheet["values"]
        if one["y"] == y and one["size"] == 12
    }
    assert all([round(x + n * 6, 2), y, 5.0, 7] in [[round(b[0], 2), *b[1:]] for b in sheet["boxes"]] for n in range(count))  # fmt: skip
    return "".join(at.get(round(x + n * 6, 2), " ") for n in range(count))


def beside(sheet: dict[str, Any], words: str, nth: int = 0) -> list[str]:
    label = [one for one in sheet["labels"] if one["lines"] == [words]][nth]
    values = [one for one in sheet["values"] if one["y"] == label["y"] and label["x"] <= one["x"] < 106]
    return [one["words"] for one in sorted(values, key=lambda one: one["x"])]


def test_the_yen_are_points_at_the_price_and_fees() -> None:
    # 2,934 points at 11.5 yen are 33,741; fees 3,850 + 4,260 + 920 + 2,000
    assert (WORK_ACCIDENT.points, WORK_ACCIDENT.points_yen, WORK_ACCIDENT.fees_yen) == (2934, 33741, 11030)
    assert WORK_ACCIDENT.total_yen == 44771
    odd = replace(WORK_ACCIDENT, rows={AccidentRow.FIRST: AccidentCell(101)}, fees=())
    assert odd.total_yen == 1161
    assert replace(odd, unit_price_yen=Decimal(12)).total_yen == 1212


def test_the_reading_boxes_hold_one_character_each() -> None:
    sheet = front("work_accident_statement", WORK_ACCIDENT)
    assert boxed(sheet, 15, 23.5, 5) == "34722"
    assert boxed(sheet, 80, 23.5, 1) == "1"
    assert boxed(sheet, 104, 23.5, 1) == "3"
    assert boxed(sheet, 18.5, 36, 14) == "13101123456000"
    assert boxed(sheet, 18.5, 48.8, 7) == "525 1 2"
    assert boxed(sheet, 66.5, 48.8, 7) == "9 8 6 1"
    assert boxed(sheet, 18.5, 61.5, 7) == "9 8 6 2"
    assert boxed(sheet, 66.5, 61.5, 7) == "9 8 630"
    assert boxed(sheet, 18.5, 74.2, 3) == "  4"
    assert boxed(sheet, 48.5, 74.2, 8) == "  ¥44771"


def test_days_of_every_era_have_their_code() -> None:
    assert era_digits(None) == [""] * 7
    assert "".join(era_digits(date(2019, 5, 1))) == "9151"
    assert era_digits(date(1989, 1, 7))[0] == "5"
    assert era_digits(date(1989, 1, 8)) == ["7", "", "1", "", "1", "", "8"]
    assert right_aligned("12", 3) == ["", "1", "2"]


def test_points_stand_in_their_lines() -> None:
    sheet = front("work_accident_statement", WORK_ACCIDENT)
    assert beside(sheet, "再　　診") == ["75×", "3", "225"]
    assert beside(sheet, "往　診") == ["720×", "1", "720"]
    assert beside(sheet, "21内服　薬剤") == ["14", "84"]
    assert beside(sheet, "33そ　の　他") == ["12"]
    assert beside(sheet, "小　　計") == ["2,934", "33,741"]


@pytest.mark.parametrize("row", AccidentRow)
def test_no_row_is_lost_on_the_sheet(row: AccidentRow) -> None:
    sheet = front("work_accident_statement", replace(WORK_ACCIDENT, rows={row: AccidentCell(123, 0, 1)}))
    assert [one["words"] for one in sheet["values"] if one["x"] == 86] == ["123"]


def test_every_box_is_filled() -> None:
    pdf = render("work_accident_statement", WORK_ACCIDENT)
    assert set(sizes_mm(pdf)) == {(210, 297)}
    printed = text(pdf)
    for words in (
        "診療費請求内訳書（入院外用）",
        "9990001",
        "架空製作所",
        "右第2指挫創",
        "経過は良好",
        "11,030",
        "髙橋",
    ):
        assert squeezed(words) in printed, words


def test_a_long_course_and_many_diseases_are_not_cut() -> None:
    course = "".join(f"経過{n}、" for n in range(80))
    long = replace(WORK_ACCIDENT, course=course, diseases=tuple(f"架空傷{n}" for n in range(7)))
    printed = text(render("work_accident_statement", long))
    assert "経過79、" in printed
    assert "架空傷3ほか3" in printed


def test_what_the_summary_cannot_hold_goes_on() -> None:
    units = tuple(SummaryUnit("60", (SummaryItem(f"架空検査{n}番"),), 10, 1) for n in range(150))
    pages = reader(render("work_accident_statement", replace(WORK_ACCIDENT, units=units))).pages
    sheets = ["".join(page.extract_text().split()) for page in pages]
    assert len(sheets) == 3
    assert all(sum(sheet.count(f"架空検査{n}番") for sheet in sheets) == 1 for n in range(150))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rows": {}, "fees": ()}, "診療がありません"),
        ({"labour_number": "123"}, "労働保険番号は14桁"),
        ({"designated_number": "12345678"}, "7桁の数字"),
    ],
)
def test_what_does_not_fit_its_boxes_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        render("work_accident_statement", replace(WORK_ACCIDENT, **change))


def test_the_claim_sums_the_sheets() -> None:
    sheet = front("work_accident_claim", WORK_ACCIDENT_CLAIM)
    assert boxed(sheet, 11.5, 23.5, 5) == "34720"
    assert boxed(sheet, 62.5, 23.5, 7) == "9990001"
    assert boxed(sheet, 35.5, 48.5, 9) == "  ¥345678"
    assert boxed(sheet, 103.5, 48.5, 3) == " 12"
    assert boxed(sheet, 33.5, 69.5, 3) == "9 8"
    assert boxed(sheet, 60.5, 69.5, 2) == " 6"
    printed = text(render("work_accident_claim", WORK_ACCIDENT_CLAIM))
    assert [one["words"] for one in sheet["values"] if (one["x"], one["y"]) == (80, 96)] == ["11"]
    assert "令和8年7月10日" in printed


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sheets": 0}, "内訳書がありません"),
        ({"total_yen": 100_000_000}, "8桁まで"),
        ({"sheets": 1000}, "999枚まで"),
        ({"designated_number": "1"}, "7桁の数字"),
    ],
)
def test_a_claim_that_does_not_fit_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        render("work_accident_claim", replace(WORK_ACCIDENT_CLAIM, **change))
