# SPDX-License-Identifier: Apache-2.0
"""医科以外のファイル — named items where they are known, everything kept where they are not."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest

from claims.other_files import DENTAL, DISPENSING, DPC, NURSING
from tasuki.claims.compare import compare_receipts
from tasuki.claims.dental_items import DENTAL_ITEMS
from tasuki.claims.dispensing_items import DISPENSING_ITEMS
from tasuki.claims.fee_tables import FeeTable, fee_table_of
from tasuki.claims.reader import ClaimReader, read
from tasuki.claims.rewrite import conform, rewrite
from tasuki.claims.view import other_receipt_text, other_receipt_view

SHARED = Path(os.environ.get("TASUKI_SHARED", Path(__file__).parents[3] / "shared"))
SAMPLE = SHARED / "reference" / "claims" / "samples" / "uke-parser" / "shika_shaho.csv"


@pytest.mark.parametrize(
    ("data", "table"),
    [
        (DENTAL, FeeTable.DENTAL),
        (DISPENSING, FeeTable.DISPENSING),
        (DPC, FeeTable.DPC),
        (NURSING, FeeTable.NURSING),
    ],
)
def test_the_table_is_told_and_every_byte_comes_back(data: bytes, table: FeeTable) -> None:
    file = read(data)
    assert fee_table_of(file.before, file.receipts[0]) is table
    assert rewrite(data) == data


@pytest.mark.parametrize("data", [DENTAL, DISPENSING, DPC, NURSING])
def test_mending_changes_the_file_and_no_item(data: bytes) -> None:
    assert conform(data.decode("cp932").replace("\r\n", "\n").encode()) == data


def test_a_dental_receipt_shows_patient_payer_and_lines() -> None:
    view = other_receipt_view(read(DENTAL).receipts[0], FeeTable.DENTAL)
    assert (view["patient"]["id"], view["patient"]["born"], view["month"]) == (
        "00012",
        "1980-04-04",
        "202606",
    )
    assert view["payers"] == [{"record": "HO", "payer_number": "01130012", "days": "1", "points": 226}]
    text = other_receipt_text(view)
    assert "歯科診療行為コード 301072810  点数 226  回数 1" in text
    assert "歯式（傷病名） 102400" in text
    assert view["unread"] == []


def test_a_pharmacy_receipt_names_its_fees() -> None:
    view = other_receipt_view(read(DISPENSING).receipts[0], FeeTable.DISPENSING)
    assert view["patient"]["id"] == "77"
    text = other_receipt_text(view)
    for shown in (
        "薬剤調製料点数 24",
        "薬剤料点数 56",
        "調剤基本料点数 45",
        "医薬品コード 620000001  使用量 3",
    ):
        assert shown in text


def test_what_is_not_described_is_kept_and_said() -> None:
    view = other_receipt_view(read(DPC).receipts[0], FeeTable.DPC)
    assert view["unread"] == [["BU", "040080x099x0xx", "20260601"]]
    assert "項目の並びを確かめていないレコード 1件" in other_receipt_text(view)


def test_special_notes_of_a_dental_receipt_are_no_chart_number() -> None:
    other = DENTAL.replace("架空　一郎".encode("cp932"), "架空　二郎".encode("cp932")).replace(
        b",00012,", b",00013,"
    )
    kinds = [
        one.kind for one in compare_receipts(read(DENTAL).receipts, read(other).receipts, FeeTable.DENTAL)
    ]
    assert kinds == ["removed", "added"]


def test_record_sizes_are_the_official_ones() -> None:
    assert {key: len(DENTAL_ITEMS[key]) for key in ("UK", "IR", "RE", "HS", "SS")} == {
        "UK": 10, "IR": 9, "RE": 27, "HS": 13, "SS": 109,
    }  # fmt: skip
    assert {key: len(names) - 1 for key, names in DISPENSING_ITEMS.items() if key != "YK"} == {
        "RE": 41, "HO": 13, "KO": 9, "SN": 8, "JD": 32, "MF": 32, "SH": 9, "CZ": 70, "IY": 9, "TO": 6, "CO": 2,
        "TK": 2, "KI": 113, "ST": 15, "GO": 3,
    }  # fmt: skip


@pytest.mark.official
@pytest.mark.skipif(not SAMPLE.exists(), reason="the public sample files are not beside the checkout")
def test_old_dates_of_the_public_dental_sample_are_read() -> None:
    reader = ClaimReader(BytesIO(SAMPLE.read_bytes()))
    views = [other_receipt_view(one, FeeTable.DENTAL) for one in reader]
    assert [view["month"] for view in views] == ["201901"] * 3
    assert [one["points"] for view in views for one in view["payers"]] == [438, 1175, 601]
    assert int(reader.after[0].value(3)) == 438 + 1175 + 601
