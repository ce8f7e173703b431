# SPDX-License-Identifier: Apache-2.0
"""`./tasuki masters`: exit codes, what is kept, and what is said of files that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from masters.invented_rows import act, encoded
from tasuki_server import masters_source
from tasuki_server.cli import main


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASUKI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")


def spoken(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    read = capsys.readouterr()
    return read.out, read.err


def test_import_keeps_a_store_that_the_process_then_uses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "official"
    folder.mkdir()
    (folder / "s_ALL20240531.csv").write_bytes(encoded(act(), act({3: "199990020", 12: "7.00"})))
    (folder / "notes.txt").write_text("nothing official")
    assert main(["masters", "import", str(folder), "--format", "json"]) == 0
    report = json.loads(spoken(capsys)[0])
    read = {file["file"]: file for file in report["files"]}
    assert (read["s_ALL20240531.csv"]["rows_read"], read["s_ALL20240531.csv"]["rows_bad"]) == (2, 0)
    assert read["notes.txt"]["reason"] == "masters.unrecognised"
    assert report["filled_from_starter"] == ["R8"]
    assert "199990020" in masters_source.current_book().acts
    assert main(["masters", "show", "199990020", "--on", "2025-01-01"]) == 0
    assert "点数\t7" in spoken(capsys)[0]
    assert main(["masters", "list"]) == 0
    assert "s_ALL20240531.csv" in spoken(capsys)[0]


def test_a_bad_row_makes_exit_code_one_and_the_rest_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "s_ALL20240531.csv"
    file.write_bytes(encoded(act(), act({3: "199990020", 12: "many"})))
    assert main(["masters", "import", str(file)]) == 1
    assert "2行目" in spoken(capsys)[1]
    assert set(masters_source.current_book().acts) >= {"199990010"}


def test_nothing_to_read_is_bad_input_and_leaves_the_old_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = tmp_path / "s_ALL20240531.csv"
    good.write_bytes(encoded(act()))
    assert main(["masters", "import", str(good)]) == 0
    before = masters_source.store_path().read_bytes()
    assert main(["masters", "import", str(tmp_path / "missing.csv")]) == 2
    assert masters_source.store_path().read_bytes() == before
    assert "missing.csv" in spoken(capsys)[1]


def test_without_an_import_the_starter_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["masters", "list"]) == 0
    assert "スターターセット" in spoken(capsys)[0]
    assert main(["masters", "search", "さいしんりょう", "--on", "2026-06-01", "--limit", "1"]) == 0
    assert "112007410" in spoken(capsys)[0]
    assert main(["masters", "diff", "2026-05-31", "2026-06-01", "--format", "json"]) == 0
    changes = {change["code"]: change for change in json.loads(spoken(capsys)[0])["changes"]}
    assert changes["112007410"]["before"] == ["再診料", "75点"]
    assert (changes["112007410"]["chapter"], changes["112007410"]["section"]) == ("A", "A001")


def test_a_difference_is_told_by_chapter(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["masters", "diff", "2026-05-31", "2026-06-01"]
    assert main([*words, "--chapter", "a", "--format", "json"]) == 0
    told = json.loads(spoken(capsys)[0])
    assert {change["chapter"] for change in told["changes"]} == {"A"}
    assert sum(count for *_, count in told["by_chapter"]) == len(told["changes"])
    assert main([*words, "--summary"]) == 0
    rows = [line.split("\t") for line in spoken(capsys)[0].splitlines()]
    by_hand = {(row[1], row[2]): int(row[3]) for row in rows if row[0] == "acts"}
    assert by_hand["A", "amount"] == next(n for t, c, w, n in told["by_chapter"] if w == "amount")
    assert main(words) == 0
    assert "# acts A" in spoken(capsys)[0]


@pytest.mark.parametrize(
    "words",
    [
        ["show", "999999999"],
        ["show", "112007410", "--on", "2019-01-01"],
        ["show", "112708970", "--on", "2026-06-01"],
        ["show", "112007410", "--on", "June"],
        ["search", "再診", "--kind", "nothing"],
        ["diff", "2019-01-01", "2026-06-01"],
    ],
)
def test_a_question_that_cannot_be_answered_is_bad_input(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["masters", *words]) == 2
    assert spoken(capsys)[1]


def test_a_broken_store_is_refused_not_replaced_by_the_starter(capsys: pytest.CaptureFixture[str]) -> None:
    path = masters_source.store_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a store")
    assert main(["masters", "search", "再診"]) == 2
    assert "masters.store-broken" in spoken(capsys)[1]
