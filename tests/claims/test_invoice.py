# SPDX-License-Identifier: Apache-2.0
"""請求書の集計 — every part of every receipt in one row, and the count that the claim file states."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from claims.invented_file import Row, act, data, disease, file, header, insurer, programme, record
from tasuki.claims.invoice import claimed_parts, invoices_by_insurer, is_social, social_invoice
from tasuki.claims.points import file_totals
from tasuki.claims.reader import read
from tasuki.claims.receipt import Receipt
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book, Revision, Tables
from tasuki.masters.rows import Act

OPEN = Validity(date(2020, 1, 1))
BOOK = Book(
    Tables(
        (Revision("架空", OPEN),),
        acts=tuple(
            Act(code=code, name=f"架空{code[-4:]}", validity=OPEN, tally_in=tally)
            for code, tally in (("197000110", "970"), ("197000810", "971"))
        ),
    )
)


def receipt(receipt_type: str, *rows: Row, number: int = 1, **items: Any) -> Receipt:
    head = header(number, receipt_type, "架空　一郎", **items)
    # A number of six digits stands at the right of its eight places.
    padded = (
        (
            name,
            values | {"insurer_number": str(values["insurer_number"]).rjust(8)} if name == "HO" else values,
        )
        for name, values in (head, *rows, disease())
    )
    return Receipt([record(name, **values) for name, values in padded])


def insured(made: dict[str, Any]) -> dict[tuple[str, str], dict[str, int]]:
    return {(one["group"], one["row"]): one["amounts"] for one in made["insured"]}


@pytest.mark.parametrize(
    ("receipt_type", "number", "items", "place"),
    [
        ("1112", "01130012", {}, ("self", "01")),
        ("1116", "06130012", {}, ("family", "06")),
        ("1114", "31130012", {}, ("preschool", "31-34")),
        ("1118", "63130012", {}, ("elder", "63")),
        ("1118", "74130012", {}, ("elder", "63")),
        ("1110", "34130012", {}, ("elder_active", "31-34")),
        ("1112", "07130012", {}, ("self", "07")),
        ("1112", "02130012", {}, ("self", "02")),
        ("1112", "02130012", {"duty_reason": "1"}, ("self", "02.duty")),
        ("1112", "32130012", {"duty_reason": "2"}, ("self", "31-34.ship")),
    ],
)
def test_a_receipt_stands_by_its_kind_and_its_insurer(
    receipt_type: str, number: str, items: dict[str, str], place: tuple[str, str]
) -> None:
    one = receipt(receipt_type, insurer(300, 2, insurer_number=number, **items), act("11", "111000110", 300))
    assert insured(social_invoice([one], None, None)) == {place: {"receipts": 1, "days": 2, "points": 300}}


def test_beside_a_programme_the_insurer_stands_under_combined() -> None:
    one = receipt("1122", insurer(300, share_yen=800), programme("54136015", "1", 200, share_yen=500, outpatient_share_yen=400))  # fmt: skip
    made = social_invoice([one], None, None)
    assert insured(made) == {
        ("self", "combined"): {"receipts": 1, "days": 1, "points": 300, "share_yen": 800}
    }
    assert made["programmes"] == [
        {
            "group": "with_insurance",
            "law_number": "54",
            "amounts": {"receipts": 1, "days": 1, "points": 200, "share_yen": 400, "patient_yen": 500},
        }
    ]


def test_programmes_without_an_insurer_stand_alone_or_together() -> None:
    alone = receipt("1212", programme("12131234", "1", 300))
    together = receipt("1222", programme("12131234", "1", 300), programme("21131234", "1", 200))
    made = social_invoice([alone, together], None, None)
    assert [(one["group"], one["law_number"]) for one in made["programmes"]] == [
        ("alone", "12"),
        ("with_programme", "12"),
        ("with_programme", "21"),
    ]


def test_the_count_of_all_is_that_of_the_claim_file() -> None:
    kept = [one for one in file().receipts if one.insurer is None or one.insurer.insurer_number != "39131156"]
    made = social_invoice(kept, None, None)
    counted = sum(one["amounts"]["receipts"] for one in (*made["insured"], *made["programmes"]))
    assert counted == file_totals(kept).receipt_count


@pytest.mark.parametrize(
    ("receipt_type", "number"), [("1112", "138057"), ("1318", "39131156"), ("1412", "67138057"), ("1112", "99130012")]
)  # fmt: skip
def test_what_has_no_row_on_the_social_invoice_is_named(receipt_type: str, number: str) -> None:
    one = receipt(receipt_type, insurer(300, insurer_number=number), number=7)
    made = social_invoice([one], None, None)
    assert made["uncounted"] == ["7"]
    assert made["insured"] == []


def test_a_receipt_of_unknown_type_is_named_everywhere() -> None:
    one = receipt("1312", insurer(300), number=9)
    assert claimed_parts(one, None) == ()
    assert social_invoice([one], None, None)["uncounted"] == ["9"]
    assert invoices_by_insurer([one], None, None)["uncounted"] == ["9"]


def by_insurer(*receipts: Receipt) -> dict[str, Any]:
    made = invoices_by_insurer(receipts, None, BOOK)
    assert made["uncounted"] == []
    return {one["insurer_number"]: one for one in made["invoices"]}


@pytest.mark.parametrize(
    ("receipt_type", "number", "insurer_number", "scheme", "row"),
    [
        ("1112", "138057", "138057", "national", "ordinary"),
        ("1116", "138057", "138057", "national", "ordinary"),
        ("1114", "138057", "138057", "national", "preschool"),
        ("1118", "138057", "138057", "national", "elder"),
        ("1110", "138057", "138057", "national", "elder_active"),
        ("1412", "67138057", "138057", "national", "retired"),
        ("1416", "67138057", "138057", "national", "retired_family"),
        ("1414", "67138057", "138057", "national", "retired_preschool"),
        ("1318", "39131156", "39131156", "late", "late"),
        ("1310", "39131156", "39131156", "late", "late_active"),
    ],
)
def test_an_insurers_receipts_stand_in_the_row_of_their_type(
    receipt_type: str, number: str, insurer_number: str, scheme: str, row: str
) -> None:
    one = by_insurer(receipt(receipt_type, insurer(300, 2, insurer_number=number)))[insurer_number]
    assert one["scheme"] == scheme
    assert one["rows"] == [
        {"row": row, "is_inpatient": False, "amounts": {"receipts": 1, "days": 2, "points": 300}}
    ]


def test_meals_and_their_burden_stand_with_the_inpatients() -> None:
    one = receipt(
        "1111",
        insurer(300, 2, insurer_number="138057", meal_count=6, meal_yen=4140),
        act("97", "197000110", 690, count=6),
        act("97", "197000810", 510, count=6),
        admitted_on="20260610",
    )
    assert by_insurer(one)["138057"]["rows"][0]["amounts"] == {
        "receipts": 1,
        "days": 2,
        "points": 300,
        "meal_receipts": 1,
        "meal_count": 6,
        "meal_yen": 4140,
        "meal_burden_yen": 3060,
    }


def test_a_programme_alone_does_not_belong_to_an_insurer() -> None:
    made = invoices_by_insurer([receipt("1212", programme("12131234", "1", 300), number=5)], None, None)
    assert made["uncounted"] == ["5"]
    assert made["invoices"] == []


def test_the_programmes_of_an_insurers_receipts_are_summed_by_law() -> None:
    one = receipt(
        "1122", insurer(300, insurer_number="138057"), programme("21131234", "1", 200, 2, share_yen=500)
    )
    other = receipt(
        "1122", insurer(100, insurer_number="138057"), programme("21131234", "2", 100, share_yen=100)
    )
    made = by_insurer(one, other)["138057"]
    assert made["programmes"] == [
        {
            "law_number": "21",
            "is_inpatient": False,
            "amounts": {"receipts": 2, "days": 3, "points": 300, "patient_yen": 600},
        }
    ]
    assert made["rows"][0]["amounts"]["receipts"] == 2


def test_the_month_is_that_of_most_receipts() -> None:
    late = receipt("1112", insurer(300), service_month="202605")
    made = social_invoice(
        [late, receipt("1112", insurer(1)), receipt("1112", insurer(1))],
        None,
        None,
        claimed_on=date(2026, 7, 10),
        opener="架空",
    )
    assert (made["month"], made["claimed_on"], made["opener"]) == ("2026-06-01", "2026-07-10", "架空")


def test_the_file_says_whose_claim_it_is() -> None:
    whole = read(data())
    assert is_social(whole.institution, whole.receipts)
    assert is_social(None, [receipt("1112", insurer(1))])
    assert not is_social(None, [receipt("1112", insurer(1, insurer_number="138057"))])


def test_the_forms_accept_what_is_counted() -> None:
    pytest.importorskip("typst")
    from tasuki.forms import render

    social = social_invoice([receipt("1112", insurer(300))], file().institution, None)
    assert render("social_invoice", social).startswith(b"%PDF")
    national = invoices_by_insurer([receipt("1112", insurer(300, insurer_number="138057"))], None, None)
    for form in ("payer_invoices", "claim_totals"):
        assert render(form, national).startswith(b"%PDF")
