# SPDX-License-Identifier: Apache-2.0
"""A user's list of R8 fees over official R6 rows: certain evidence only, and marked as not official."""

from __future__ import annotations

import gzip
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from masters.invented_rows import act, encoded
from tasuki.kernel.finding import BadInput
from tasuki.masters.book import Book, EndedCode
from tasuki.masters.describe import describe
from tasuki.masters.layering import layer_starter
from tasuki.masters.official.compiling import compile_tables
from tasuki.masters.official.importing import Import
from tasuki.masters.point_list import lay_points, read_point_list
from tasuki.masters.starter import starter_tables
from tasuki_server import masters_source
from tasuki_server.cli import main

EVE, DAY = date(2026, 5, 31), date(2026, 6, 1)
LIST = (
    "code,name,points_r8,evidence\n"
    "199990010,架空行為,120,K1\n"
    "199990020,架空行為2,7,WEAK\n"
    "199990030,架空行為3,abolished,M\n"
    "112007410,再診料,99,M\n"
)
OFFICIAL = encoded(act(), act({3: "199990020"}), act({3: "199990030"}), act({3: "112007410", 12: "75.00"}))


def official(**files: bytes):  # type: ignore[no-untyped-def]
    reading = Import()
    for name, data in files.items():
        reading.read(f"{name}.csv", data)
    return compile_tables(reading).tables


def test_only_certain_evidence_of_the_list_is_read() -> None:
    listed = read_point_list("mine.csv.gz", gzip.compress(LIST.encode()))
    assert listed.points == {"199990010": Decimal(120), "112007410": Decimal(99)}
    assert listed.left_out == {"WEAK": 1, "abolished": 1}
    assert listed.findings == ()


def test_listed_fees_fill_what_the_starter_does_not_know_and_say_so() -> None:
    tables = official(s_ALL20240531=OFFICIAL)
    layered, _ = layer_starter(tables, starter_tables())
    laid, count = lay_points(layered, tables.acts, read_point_list("mine.csv", LIST.encode()))
    book = Book(laid)
    assert count == 1
    assert book.at(EVE).act("199990010").points == 100
    row = book.at(DAY).act("199990010")
    assert (row.points, row.unofficial) == (120, "mine.csv")
    assert "公式の令和8年度マスターではない" in book.at(DAY).revision.source
    assert "スターター" in book.at(DAY).revision.source
    assert ("公式でない点数の出所", "mine.csv") in [(d.label, d.value) for d in describe(row, DAY, book)]
    # The starter's own reading of the 告示 stands above the list.
    assert book.at(DAY).act("112007410").points == 76
    for uncertain in ("199990020", "199990030"):
        with pytest.raises(EndedCode):
            book.at(DAY).act(uncertain)


def test_without_the_starter_the_list_alone_makes_the_revision() -> None:
    tables = official(s_ALL20240531=OFFICIAL)
    laid, count = lay_points(tables, tables.acts, read_point_list("mine.csv", LIST.encode()))
    book = Book(laid)
    assert count == 2
    assert book.at(DAY).act("112007410").points == 99
    assert book.at(EVE).act("112007410").points == 75
    with pytest.raises(EndedCode):
        book.at(DAY).act("199990020")


def test_an_act_in_steps_keeps_its_steps_only_with_the_same_points() -> None:
    stepped = act({30: "1", 31: "10", 32: "100", 33: "10", 34: "5.00"})
    tables = official(s_ALL20240531=encoded(stepped))
    assert lay_points(tables, tables.acts, read_point_list("a", LIST.encode()))[1] == 0
    same = "code,points_r8,evidence\n199990010,100,K0\n"
    assert lay_points(tables, tables.acts, read_point_list("a", same.encode()))[1] == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"code,points\n1,2\n", "masters.point-list"), (b"\x1f\x8b\x08broken", "masters.unreadable")],
)
def test_a_list_of_another_form_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_point_list("mine.csv", data)
    assert refused.value.findings[0].code == code


@pytest.mark.parametrize("line", ["199990010,many,M", "19999,7,M", "199990010,-1,K1", "199990010,NaN,K1"])
def test_a_bad_line_of_the_list_is_a_finding_and_not_used(line: str) -> None:
    listed = read_point_list("mine.csv", f"code,points_r8,evidence\n{line}\n".encode())
    assert listed.points == {}
    assert [(f.code, f.where.line) for f in listed.findings] == [("masters.field", 2)]


def test_two_fees_of_one_code_are_a_finding() -> None:
    data = b"code,points_r8,evidence\n199990010,7,M\n199990010,8,K1\n"
    assert [f.where.line for f in read_point_list("mine.csv", data).findings] == [3]


def test_the_command_says_what_it_took_from_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TASUKI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    (tmp_path / "s_ALL20240531.csv").write_bytes(OFFICIAL)
    (tmp_path / "mine.csv").write_text(LIST, encoding="utf-8")
    command = [
        "masters",
        "import",
        str(tmp_path / "s_ALL20240531.csv"),
        "--points",
        str(tmp_path / "mine.csv"),
    ]
    assert main([*command, "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["point_list"] == {
        "file": "mine.csv", "used": 1, "left_out": {"WEAK": 1, "abolished": 1}, "is_official": False,
    }  # fmt: skip
    assert masters_source.current_book().at(DAY).act("199990010").unofficial == "mine.csv"
    assert main(command) == 0
    assert "公式の点数ではありません" in capsys.readouterr().out


def test_an_official_r8_master_makes_the_list_needless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TASUKI_DATA", str(tmp_path / "data"))
    (tmp_path / "s_ALL20240531.csv").write_bytes(OFFICIAL)
    (tmp_path / "s_ALL20260605.csv").write_bytes(encoded(act({12: "111.00", 87: "20260601"})))
    (tmp_path / "mine.csv").write_text(LIST, encoding="utf-8")
    files = [str(tmp_path / name) for name in ("s_ALL20240531.csv", "s_ALL20260605.csv")]
    assert (
        main(["masters", "import", *files, "--points", str(tmp_path / "mine.csv"), "--format", "json"]) == 0
    )
    assert json.loads(capsys.readouterr().out)["point_list"]["used"] == 0
    row = masters_source.current_book().at(DAY).act("199990010")
    assert (row.points, row.unofficial) == (111, "")
