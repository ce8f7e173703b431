# SPDX-License-Identifier: Apache-2.0
"""Reading official files: what they are, what is wrong with a row, and that nothing else is lost."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook

from masters.invented_rows import act, act_change, comment, disease, drug, encoded
from tasuki.kernel.messages import sentence
from tasuki.masters.book import Book
from tasuki.masters.official.compiling import compile_tables
from tasuki.masters.official.importing import Import
from tasuki.masters.rows import PointsKind, Step, Window


def one(name: str, data: bytes) -> tuple[Import, Book]:
    reading = Import()
    reading.read(name, data)
    return reading, Book(compile_tables(reading).tables)


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [
        (12, "abc", "項目12"),
        (87, "20241301", "項目87"),
        (3, "12", "項目3"),
        (1, "7", "項目1"),
        (11, "", "項目11"),
    ],
)
def test_a_bad_row_is_named_by_file_line_and_column_and_the_others_stay(
    column: int, value: str, field: str
) -> None:
    data = encoded(act(), act({3: "199990020", column: value}), act({3: "199990030"}))
    reading, book = one("s_ALL20240531.csv", data)
    assert (reading.reports[0].rows_read, reading.reports[0].rows_kept, reading.reports[0].rows_bad) == (
        3,
        2,
        1,
    )
    where = reading.findings[0].where
    assert (where.file, where.line, where.field) == ("s_ALL20240531.csv", 2, field)
    assert set(book.acts) == {"199990010", "199990030"}
    assert "この行は取り込みませんでした" in sentence(reading.findings[0])


def test_a_row_of_the_wrong_width_is_refused_with_both_widths() -> None:
    short = act({3: "199990020"}).replace(',""\r\n', "\r\n")
    reading, book = one("s.csv", encoded(act(), short))
    assert reading.findings[0].code == "masters.columns"
    assert reading.findings[0].facts == {"value": "149", "expected": "150項目"}
    assert set(book.acts) == {"199990010"}


def test_a_line_in_another_encoding_is_a_finding_with_its_line() -> None:
    broken = encoded(act({3: "199990020"})).replace("架空".encode("cp932"), b"\xff\xfe", 1)
    data = encoded(act()) + broken + encoded(act({3: "199990030"}))
    reading, book = one("s.csv", data)
    assert reading.reports[0].rows_read == 3
    assert [(f.code, f.where.line) for f in reading.findings] == [("masters.encoding", 2)]
    assert set(book.acts) == {"199990010", "199990030"}


def test_a_file_in_another_encoding_is_refused_rather_than_read_as_half_width_kana() -> None:
    reading = Import()
    (report,) = reading.read("s.csv", act().encode("euc_jp"))
    assert report.reason == "masters.encoding"
    assert "EUC-JP" in sentence(reading.findings[0])


def test_utf8_with_a_mark_is_read_too() -> None:
    _, book = one("s.csv", b"\xef\xbb\xbf" + act().encode())
    assert book.acts["199990010"][0].name == "架空行為"


def test_a_quote_left_open_costs_one_line_only() -> None:
    reading, book = one("s.csv", encoded(act(), '"0","S","199990020\r\n', act({3: "199990030"})))
    assert [f.where.line for f in reading.findings] == [2]
    assert set(book.acts) == {"199990010", "199990030"}


def test_a_truncated_gz_is_refused_by_name() -> None:
    data = gzip.compress(encoded(*(act({3: f"19999{n:04d}"}) for n in range(50))))
    reading = Import()
    (report,) = reading.read("s_ALL20240531.csv.gz", data[: len(data) // 2])
    assert not report.is_read
    assert reading.findings[0].code == "masters.broken-archive"
    assert reading.findings[0].where.file == "s_ALL20240531.csv.gz"


def test_a_zip_with_japanese_member_names_is_opened() -> None:
    name = "背反テーブル２.csv".encode("cp932")
    row = '"0","199990010","甲","199990020","乙","2","1","0","20240601","99999999"\r\n'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("x" * len(name), row.encode("cp932"))
    # The official zips write names in CP932 without saying so, which zipfile itself will not write.
    data = made.getvalue().replace(b"x" * len(name), name)
    reading = Import()
    (report,) = reading.read("tensuhyo.zip", data)
    assert report.kind == "03-2"
    (pair,) = compile_tables(reading).tables.exclusions
    assert (pair.window, pair.keep, pair.is_special) == (Window.MONTH, 2, True)


def test_an_exclusion_table_that_does_not_say_which_is_not_guessed() -> None:
    reading = Import()
    row = '"0","199990010","甲","199990020","乙","2","0","0","20240601","99999999"\r\n'
    (report,) = reading.read("table.csv", row.encode("cp932"))
    assert report.reason == "masters.which-exclusion"


def test_a_tar_of_differences_is_applied_by_date_not_by_place() -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, points in (("s_20250401.csv", "12.00"), ("s_20241001.csv", "11.00")):
            data = encoded(act_change("199990010", {12: points, 87: name[2:10]}))
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    reading = Import()
    reading.read("diff.tar.gz", made.getvalue())
    reading.read("s_ALL20240531.csv", encoded(act()))
    book = Book(compile_tables(reading).tables)
    assert [
        book.at(day).act("199990010").points
        for day in (date(2024, 9, 30), date(2024, 10, 1), date(2025, 4, 1))
    ] == [
        100,
        11,
        12,
    ]


def test_the_same_content_is_read_once() -> None:
    reading = Import()
    reading.read("a.csv", encoded(act()))
    (again,) = reading.read("b.csv", encoded(act()))
    assert again.reason == "masters.duplicate"


def test_a_file_that_is_no_master_is_said_to_be_none() -> None:
    reading = Import()
    assert reading.read("notes.csv", b"a,b,c\n1,2,3\n")[0].reason == "masters.unrecognised"
    assert reading.read("empty.csv", b"")[0].reason == "masters.empty"
    assert reading.findings == []


def test_the_columns_of_an_act_reach_their_fields() -> None:
    data = encoded(
        act({30: "1", 31: "1", 32: "5", 33: "1", 34: "34.00", 35: "1", 72: "3001", 93: "02", 100: "00", 101: "06", 102: "199990070", 16: "1"})
    )  # fmt: skip
    _, book = one("s.csv", data)
    (row,) = book.acts["199990010"]
    assert row.step == Step(1, 5, 1, Decimal(34), 1)
    assert row.standards[0] == "3001"
    assert len(row.standards) == 10
    assert row.section == "D007-2"
    assert row.age_additions[0].code == "199990070"
    assert (row.test_bundle, row.points_kind, row.full_name) == ("1", PointsKind.ADD, "架空の行為")


def test_drugs_of_40_and_42_columns_are_one_history() -> None:
    reading = Import()
    reading.read("y_ALL20240321.csv", encoded(drug({40: "0"}, width=40)))
    change = "".join(
        f'"{ {1: "5", 2: "Y", 3: "699990010", 30: "20241001", 42: "1"}.get(n, "") }",' for n in range(1, 43)
    )
    reading.read("y_20240906.csv", encoded(change[:-1] + "\r\n"))
    rows = sorted(compile_tables(reading).tables.drugs, key=lambda d: d.validity.since)
    assert [(d.validity.since, d.elective_kind, d.price) for d in rows] == [
        (date(2024, 4, 1), "0", 20),
        (date(2024, 10, 1), "1", 20),
    ]


def test_a_disease_without_a_listing_date_has_always_counted() -> None:
    _, book = one(
        "b_20240601.txt", encoded(disease(), disease({3: "9990002", 22: "20150101", 23: "20240601"}))
    )
    assert date(2010, 1, 1) in book.diseases["9990001"][0].validity
    assert book.diseases["9990002"][0].validity.since == date(2015, 1, 1)
    assert book.diseases["9990001"][0].specific == "05"


def test_a_comment_difference_is_keyed_by_its_parts() -> None:
    reading = Import()
    reading.read("c_ALL20240601.csv", encoded(comment()))
    ended = "".join(
        f'"{ {1: "9", 2: "C", 3: "8", 4: "20", 5: "999001", 22: "20241231"}.get(n, "") }",'
        for n in range(1, 31)
    )
    reading.read("c_20241001.csv", encoded(ended[:-1] + "\r\n"))
    (row,) = compile_tables(reading).tables.comments
    assert (row.code, row.validity.until) == ("820999001", date(2024, 12, 31))


def test_the_comment_links_of_an_unseen_form_are_refused() -> None:
    cells = ["0"] * 30
    cells[5], cells[8] = "199990010", "820999001"
    reading = Import()
    (report,) = reading.read("ck_ALL20260605.csv", encoded(",".join(cells) + "\r\n"))
    assert report.reason == "masters.comment-link-form"


def test_a_price_list_and_the_generic_names_are_told_by_their_headings() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(
        [
            "区分",
            "薬価基準収載医薬品コード",
            "成分名",
            "規格",
            None,
            None,
            None,
            "品名",
            "メーカー名",
            "",
            "",
            "",
            "薬価",
        ]
    )
    sheet.append(
        [
            "内用薬",
            "9999001F1018",
            "架空",
            "５ｍｇ１錠",
            None,
            None,
            None,
            "架空錠５ｍｇ",
            "架空製薬",
            "",
            "",
            "",
            18.5,
        ]
    )
    sheet.append(
        ["内用薬", "短い", "架空", "５ｍｇ１錠", None, None, None, "架空錠", "架空製薬", "", "", "", 1]
    )
    made = io.BytesIO()
    book.save(made)
    reading = Import()
    reading.read("y_ALL20240321.csv", encoded(drug()))
    (report,) = reading.read("tp20250814-01_01.xlsx", made.getvalue())
    assert (report.kind, report.rows_read, report.rows_bad) == ("price_list", 2, 1)
    assert reading.findings[0].where.line == 3
    rows = {d.validity.since: d for d in compile_tables(reading).tables.drugs}
    assert rows[date(2024, 4, 1)].price == 20
    assert (rows[date(2025, 4, 1)].price, rows[date(2025, 4, 1)].price_on) == (
        Decimal("18.5"),
        date(2025, 8, 14),
    )
