# SPDX-License-Identifier: Apache-2.0
"""レセプト表示 — names of codes, comments as sentences, and every point in a row of the form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claims.invented_file import act, data, disease, file, header, insurer, one_receipt, programme
from tasuki.claims.points import payer_sums
from tasuki.claims.reader import read
from tasuki.claims.view import receipt_text, receipt_view
from tasuki.claims.view.comment_text import comment_text
from tasuki.claims.view.naming import Naming
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book, Revision, Tables
from tasuki.masters.rows import Act, Comment, Disease, Drug, Modifier

OPEN = Validity(date(2020, 1, 1))


def _comment(code: str, name: str, pattern: str, *slots: tuple[int, int]) -> Comment:
    return Comment(code=code, name=name, validity=OPEN, pattern=pattern, slots=slots)


def _act(code: str, tally: str, section: str = "", until: date | None = None) -> Act:
    days = Validity(date(2020, 1, 1), until)
    return Act(
        code=code, name=f"架空{code[-2:]}", validity=days, tally_out=tally, section=section, unit_name="分"
    )


BOOK = Book(
    Tables(
        (Revision("架空", OPEN),),
        acts=(
            _act("112000001", "120"), _act("112000002", "122"), _act("112000003", "123"),
            _act("112000004", "124"), _act("112000005", "125"), _act("114000001", "140", "C000"),
            _act("114000002", "140", "C001"), _act("114000003", "140", "C101"), _act("120000001", "210"),
            _act("120000002", "230"), _act("120000003", "250"), _act("120000004", "800", "F400"),
            _act("180000001", "800", "H000"),
        ),
        drugs=(Drug(code="620000001", name="架空錠", validity=OPEN, price=Decimal(10), unit_name="錠"),),
        diseases=(Disease(code="8833421", name="高血圧症", validity=OPEN),),
        modifiers=(
            Modifier(code="4001", name="急性", validity=OPEN),
            Modifier(code="8002", name="の疑い", validity=OPEN),
        ),
        comments=(
            _comment("810000001", "", "10"),
            _comment("820000001", "定型の文", "20"),
            _comment("830000001", "理由", "30"),
            _comment("830000002", "部位；", "30"),
            _comment("831000001", "診療行為", "31"),
            _comment("840000001", "算定開始　令和　　年　　月", "40", (8, 2), (11, 2)),
            _comment("842000001", "検査値", "42"),
            _comment("853000001", "開始日時", "53"),
            _comment("850000001", "実施年月日", "50"),
            _comment("851000001", "開始時刻", "51"),
            _comment("852000001", "所要時間", "52"),
            _comment("880000001", "検査日と値", "80"),
            _comment("890000001", "部位", "90"),
        ),
    )
)  # fmt: skip
NAMING = Naming(BOOK, date(2026, 6, 30))


@pytest.mark.parametrize(
    ("code", "text", "shown"),
    [
        ("810000001", "自由な文", "自由な文"),
        ("820000001", "", "定型の文"),
        ("830000001", "架空", "理由；架空"),
        ("830000002", "架空", "部位；架空"),
        ("831000001", "１１２０００００１", "診療行為；架空01"),
        ("840000001", "０８０６", "算定開始　令和　８年　６月"),
        ("840000001", "１８１２", "算定開始　令和１８年１２月"),
        ("842000001", "１．５", "検査値；１．５"),
        ("850000001", "５０８０６０１", "実施年月日；令和8年6月1日"),
        ("850000001", "不明", "実施年月日；不明"),
        ("851000001", "０９３０", "開始時刻；９時３０分"),
        ("851000001", "００００", "開始時刻；０時０分"),
        ("852000001", "０００７５", "所要時間；７５分"),
        ("853000001", "０１１１１１", "開始日時；１日１１時１１分"),
        ("880000001", "５０４１１０１００００１０．５", "検査日と値；令和4年11月1日　検査値：１０．５"),
        ("880000001", "５０４１１０１０００００．５０", "検査日と値；令和4年11月1日　検査値：０．５０"),
        ("890000001", "４００１８００２", "部位；急性の疑い"),
        ("830999999", "名のない文", "名のない文"),
        ("820999999", "", ""),
    ],
)
def test_a_comment_reads_as_its_pattern_says(code: str, text: str, shown: str) -> None:
    assert comment_text(code, text, NAMING) == shown


def test_names_come_from_the_book_and_unknown_codes_stand_in_brackets() -> None:
    rows = (
        disease("8833421", modifiers="40018002", comment="右"),
        disease("9999999"),
        disease("0000999", disease_name="架空病"),
    )
    body = one_receipt(
        header(1, "1112", "架空　一郎"),
        insurer(20),
        *rows,
        act("12", "112000001", 10),
        act("80", "199999999", 10),
    )
    (receipt,) = read(body).receipts
    view = receipt_view(receipt, None, BOOK)
    assert [one["name"] for one in view["diseases"]] == ["急性高血圧症の疑い（右）", "［9999999］", "架空病"]
    assert [unit["items"][0]["name"] for unit in view["units"]] == ["架空01", "［199999999］"]
    unnamed = receipt_view(receipt, None, None)
    assert unnamed["units"][0]["items"][0]["name"] == "［112000001］"


ROWS = [
    (("12", "112000001"), "12.revisit"),
    (("12", "112000002"), "12.management"),
    (("12", "112000003"), "12.after_hours"),
    (("12", "112000004"), "12.holiday"),
    (("12", "112000005"), "12.night"),
    (("13", "113000001"), "13"),
    (("14", "114000001"), "14.call"),
    (("14", "114000002"), "14.visit"),
    (("14", "114000003"), "14.other"),
    (("14", "620000001"), "14.drug"),
    (("21", "620000001"), "21.drug"),
    (("21", "120000001"), "21.dispensing"),
    (("22", "620000001"), "22.drug"),
    (("23", "620000001"), "23.drug"),
    (("23", "120000002"), "23.dispensing"),
    (("25", "120000003"), "25"),
    (("31", "130000001"), "31"),
    (("33", "620000001"), "33"),
    (("40", "140000001"), "40.act"),
    (("40", "620000001"), "40.drug"),
    (("54", "150000001"), "50.act"),
    (("60", "160000001"), "60.act"),
    (("70", "620000001"), "70.drug"),
    (("80", "120000004"), "80.prescription"),
    (("80", "180000001"), "80.other"),
]


@pytest.mark.parametrize(("line", "row"), ROWS)
def test_each_unit_stands_in_its_row(line: tuple[str, str], row: str) -> None:
    section, code = line
    kind, items = act(section, code, 10)
    body = one_receipt(
        header(1, "1112", "架空　一郎"), insurer(10), disease(), ("IY" if code[0] == "6" else kind, items)
    )
    view = receipt_view(read(body).receipts[0], None, BOOK)
    times = {"unit_points": 10} if section == "12" else {}
    assert view["rows"] == {row: {"points": 10, "count": 1} | times}


def test_a_programmes_points_stand_beside_a_row_only_where_they_differ() -> None:
    body = one_receipt(
        header(1, "1122", "架空　一郎"),
        insurer(30),
        programme("54136015", "1234566", 20),
        disease(),
        act("60", "160000001", 10, payer_code="1"),
        act("60", "160000002", 10, payer_code="2"),
        act("80", "180000001", 10, payer_code="2"),
    )
    rows = receipt_view(read(body).receipts[0], None, BOOK)["rows"]
    assert rows["60.act"] == {"points": 20, "count": 2, "programme_points": [10]}
    assert "programme_points" not in rows["80.other"]


def test_every_point_of_the_made_up_file_stands_in_a_row_of_outpatients() -> None:
    for receipt in file().receipts[:3]:
        view = receipt_view(receipt, file().institution, None)
        assert sum(cell["points"] for cell in view["rows"].values()) == max(
            one.points for one in payer_sums(receipt)
        )


def test_text_shows_payers_marks_and_narratives() -> None:
    first, combined, alone, _ = (receipt_view(r, file().institution, None) for r in file().receipts)
    assert "保険 01130012  12345678・１２  2日  496点" in receipt_text(first)
    assert "詳記 頭痛が続く。" in receipt_text(first)
    assert "特記事項 29区エ" in receipt_text(combined)
    assert "公① 54136015  1234566  1日  175点  負担 0円" in receipt_text(combined)
    assert "保険" not in receipt_text(alone)


def test_what_the_file_does_not_say_is_shown_as_unknown() -> None:
    (receipt,) = read(b"RE,1\r\nSY,1\r\nSI,11\r\nCO\r\n").receipts
    text = receipt_text(receipt_view(receipt, None, BOOK))
    assert "診療年月不明" in text
    assert "日付不明" in text


def test_the_form_accepts_every_view() -> None:
    pytest.importorskip("typst")
    from tasuki.forms import render

    views = [receipt_view(one, file().institution, None) for one in read(data()).receipts]
    assert render("claim_receipts", {"month": "2026-07-01", "receipts": views}).startswith(b"%PDF")
