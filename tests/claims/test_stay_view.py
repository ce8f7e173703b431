# SPDX-License-Identifier: Apache-2.0
"""入院の表示 — days of stay, meals by their kind, and rows of the inpatients' sheet."""

from __future__ import annotations

from datetime import date

import pytest

from claims.invented_file import act, disease, drug, header, insurer, one_receipt, programme
from tasuki.claims.reader import read
from tasuki.claims.view import receipt_view
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book, Revision, Tables
from tasuki.masters.rows import Act

OPEN = Validity(date(2020, 1, 1))
TALLIES = {
    "190000001": "903", "190000002": "903", "192000001": "920", "197000110": "970", "197000470": "970",
    "197000570": "970", "197000810": "971", "197001310": "972", "197001410": "974", "197001910": "975",
}  # fmt: skip
BOOK = Book(
    Tables(
        (Revision("架空", OPEN),),
        acts=tuple(
            Act(code=code, name=f"架空{code[-4:]}", validity=OPEN, tally_in=tally)
            for code, tally in TALLIES.items()
        ),
    )
)


def view(
    *rows: tuple[str, dict[str, object]], book: Book | None = BOOK, **items: object
) -> dict[str, object]:
    head = header(1, "1127", "架空　三郎", admitted_on="20260610", ward_kinds="0702", **items)
    body = one_receipt(
        head,
        insurer(30, 20, meal_count=45, meal_yen=34000),
        programme("54136015", "1234566", 20, 5, inpatient_share_yen=5000, meal_count=9, meal_yen=5436),
        disease(),
        *rows,
    )
    return receipt_view(read(body).receipts[0], None, book)


def test_an_outpatient_has_no_stay() -> None:
    body = one_receipt(header(1, "1112", "架空　一郎"), insurer(10), disease(), act("11", "111000110", 10))
    assert receipt_view(read(body).receipts[0], None, BOOK)["stay"] is None


def test_days_of_stay_stand_by_the_day_with_the_programmes_part() -> None:
    stay = view(
        act("90", "190000001", 1688, count=14),
        act("90", "190000002", 100, count=1, payer_code="2"),
        act("92", "192000001", 2000, count=3),
    )["stay"]
    assert stay["admitted_on"] == "2026-06-10"
    assert stay["wards"] == ["療養", "結核"]
    assert stay["basic"] == [
        {"points": 1688, "days": 14, "total": 23632, "programme_points": [0]},
        {"points": 100, "days": 1, "total": 100},
    ]
    assert stay["special"] == [{"points": 2000, "days": 3, "total": 6000, "programme_points": [0]}]
    assert stay["fee_names"] == ["架空0001", "架空0002"]


def test_meals_stand_by_kind_and_burdens_by_payer() -> None:
    stay = view(
        act("97", "197000110", 690, count=36),
        act("97", "197000470", 76, count=36),
        act("97", "197000570", 50, count=12),
        act("97", "197001310", 604, count=9, payer_code="2"),
        act("97", "197001410", 398, count=3, payer_code="2"),
        act("97", "197000810", 510, count=36),
        act("97", "197001910", 370, count=3, payer_code="2"),
    )["stay"]
    assert stay["meals"] == {
        "standard": [{"yen": 690, "count": 36, "grade": "Ⅰ"}],
        "special": [{"yen": 76, "count": 36, "grade": ""}],
        "dining_room": [{"yen": 50, "count": 12, "grade": ""}],
        "living_standard": [{"yen": 604, "count": 9, "grade": "Ⅰ"}],
        "environment": [{"yen": 398, "count": 3, "grade": "Ⅰ"}],
    }
    assert stay["payer_meals"] == [
        {"count": 45, "claimed_yen": 34000, "burden_yen": 510 * 36 + 370 * 3},
        {"count": 9, "claimed_yen": 5436, "burden_yen": 370 * 3},
    ]


def test_without_the_master_nothing_is_said_of_kind_and_burden() -> None:
    stay = view(act("97", "197009999", 690, count=36), book=None)["stay"]
    assert stay["meals"] == {}
    assert stay["payer_meals"][0] == {"count": 45, "claimed_yen": 34000, "burden_yen": None}


@pytest.mark.parametrize(
    ("share_class", "words"), [("1", ["Ⅱ"]), ("2", ["Ⅱ", "３月超"]), ("3", ["Ⅰ"]), ("4", ["Ⅰ"]), (None, [])]
)
def test_the_elders_class_of_relief_is_ringed(share_class: str | None, words: list[str]) -> None:
    assert view(act("11", "111000110", 10), share_class=share_class)["stay"]["reduced_as"] == words


def test_under_seventy_only_the_long_stay_is_ringed() -> None:
    body = one_receipt(
        header(1, "1111", "架空　三郎", admitted_on="20260610", share_class="2"),
        insurer(10),
        disease(),
        act("11", "111000110", 10),
    )
    assert receipt_view(read(body).receipts[0], None, BOOK)["stay"]["reduced_as"] == ["３月超"]


@pytest.mark.parametrize(("beds", "is_clinic"), [(19, True), (20, False), (None, None)])
def test_beds_tell_a_clinic_from_a_hospital(beds: int | None, is_clinic: bool | None) -> None:
    assert view(act("11", "111000110", 10), bed_count=beds)["stay"]["is_clinic"] is is_clinic


@pytest.mark.parametrize(
    ("section", "row"),
    [("11", "11"), ("14", "14"), ("24", "24"), ("33", "33"), ("40", "40.act"), ("54", "50.act"), ("80", "80.other")],
)  # fmt: skip
def test_acts_stand_in_the_rows_of_inpatients(section: str, row: str) -> None:
    assert set(view(act(section, "160000001", 10))["rows"]) == {row}


def test_drugs_of_inpatients_stand_in_the_row_of_their_class() -> None:
    rows = view(
        drug("21", "620000001", "3", 5, count=14),
        drug("60", "620000001", "1", 2),
        act("90", "190000001", 1688),
        act("97", "197000110", 690),
    )["rows"]
    assert set(rows) == {"21", "60.drug"}
    assert rows["21"]["count"] == 14


def test_the_inpatients_part_of_a_programme_is_shown() -> None:
    (one,) = view(act("11", "111000110", 10))["programmes"]
    assert one["insured_burden_yen"] == 5000
