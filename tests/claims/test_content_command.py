# SPDX-License-Identifier: Apache-2.0
"""`./tasuki claims read|check` with what claims are held against: earlier months, pharmacies, patients, a check master."""

from __future__ import annotations

import csv
import json
import os
import shutil
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("numpy")
pytest.importorskip("pyarrow")

from tasuki.claims.checks.catalogue import CATALOGUE
from tasuki.claims.checks.run import check_file
from tasuki.claims.content.patients_file import patients_schema, read_patients
from tasuki.claims.generate.beside_errors import BESIDE_KINDS
from tasuki.claims.reader import read as read_file
from tasuki.claims.records import IR
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.kernel.workers import can_share
from tasuki.masters.starter import load_starter
from tasuki_server.cli import claims_content
from tasuki_server.cli.claims_beside import Beside
from tasuki_server.cli.main import main


@pytest.fixture(autouse=True)
def japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder: Path = tmp_path_factory.mktemp("month")
    given = ["--receipts", "150", "--planted", "150", "--seed", "4", "--beside", "--out", str(folder)]
    assert main(["claims", "generate", *given]) == 0
    yield folder


def options(month: Path, *names: str) -> list[str]:
    return [each for name in names for each in (f"--{name.replace('_', '-')}", str(month / name))]


ALL = ("past", "pharmacy", "patients", "check_master")


def read(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    main(["claims", "read", *arguments, "--format", "json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_read_finds_what_shows_only_beside_other_files(
    month: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (claims,) = (month / "claims").glob("*.UKE")
    planted = json.loads((month / "planted.json").read_text("utf-8"))["planted"]
    names = {kind.name for kind in BESIDE_KINDS}
    wanted = [one for one in planted if one["kind"] in names]
    assert len({one["kind"] for one in wanted}) >= len(names) - 1  # the starter is asked by its own receipts
    told = read(capsys, str(claims), *options(month, *ALL))
    for one in wanted:
        found = {each["code"] for each in told["findings"] if one["line"] <= each["line"] <= one["last_line"]}
        assert one["expected"] in found, one
    assert [one["code"] for one in told["not_checked"]] == ["UKE-G-04", "UKE-G-05", "UKE-G-06"]


def test_read_says_what_it_could_not_check(month: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (claims,) = (month / "claims").glob("*.UKE")
    told = read(capsys, str(claims), *options(month, "past"))
    codes = [one["code"] for one in told["not_checked"]]
    assert codes == [f"UKE-G-0{nth}" for nth in range(2, 7)]
    assert not {one["code"][4] for one in told["findings"]} & {"P", "E"}
    assert main(["claims", "read", str(claims)]) == 1
    assert "点検せず UKE-G-01 過去の月のレセプトがないため" in capsys.readouterr().out
    assert read(capsys, str(claims), "--no-check")["not_checked"] == []


def test_check_with_content_writes_its_findings_beside_those_of_the_tables(
    month: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(month / "claims"), *options(month, *ALL), "--workers", "1"]
    main(["claims", "check", *given, "--out", str(tmp_path), "--content", "--format", "json"])
    out, err = capsys.readouterr()
    told = json.loads(out)["rules"]
    assert {"UKE-H-01/confirm", "UKE-P-01/advice", "UKE-E-08/confirm", "UKE-I-05/advice"} <= set(told)
    assert any(code.startswith("UKE-T-") for code in told)
    assert "IY_Tekio.csv 12行" in err
    assert "内容（縦覧）" in (tmp_path / "findings.csv").read_text("utf-8-sig")
    main(["claims", "check", *given, "--format", "json"])
    without = json.loads(capsys.readouterr().out)["rules"]
    assert not any(code.startswith(("UKE-H-", "UKE-P-", "UKE-E-", "UKE-I-")) for code in without)


def broken(month: Path, folder: Path) -> Path:
    """The made-up claims with numbers of receipts missing, repeated and without a form, and a trailer that is wrong."""
    (claims,) = (month / "claims").glob("*.UKE")
    heads = claims.read_bytes().split(b"\r\nRE,")
    numbers = {40: b"", 41: b"x1", 60: b"7", 90: b"1234567", 91: b"", 120: b"900"}
    for at, number in numbers.items():
        heads[at] = number + heads[at][heads[at].index(b",") :]
    folder.mkdir()
    path = folder / claims.name
    path.write_bytes(b"\r\nRE,".join(heads).replace(b"\r\nGO,", b"\r\nGO,x", 1))
    return path


def test_all_processes_and_ranges_find_what_one_finds_in_the_whole_file(
    month: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = broken(month, tmp_path / "claims")
    # A dozen ranges and more, of some receipts each.
    monkeypatch.setattr("tasuki.claims.tables.month_run.RANGE_BYTES", 9_000)
    given = [str(path), *options(month, *ALL), "--content", "--workers", "2", "--out", str(tmp_path)]
    main(["claims", "check", *given])
    assert "[12/" in capsys.readouterr().err
    file = read_file(path.read_bytes(), path.name)
    beside = Beside(Namespace(**{each: [month / each] for each in ALL}), load_starter())
    whole = check_file(file, None, beside.content(IR(file.before[0]).institution_code))
    owners = {record.line: receipt.header for receipt in file.receipts for record in receipt.records}
    wanted = [
        (
            str(one.where.line), str(owners[one.where.line].receipt_number or "") if one.where.line in owners else "",
            owners[one.where.line].chart_number if one.where.line in owners else "", one.code, sentence(one),
        )
        for one in whole
    ]  # fmt: skip
    codes = [one.code for one in whole]
    assert codes.count(CATALOGUE["19170"].public_code) >= 3
    assert codes.count(CATALOGUE["19100"].public_code) >= 4
    with (tmp_path / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
        _, *rows = csv.reader(stream)
    # Those of the tables come after.
    assert [(row[1], row[4], row[5], row[7], row[10]) for row in rows[: len(wanted)]] == wanted


@pytest.mark.skipif(not can_share(), reason="processes are no copies of one another here")
def test_what_is_beside_the_claims_is_read_once_for_all_processes(
    month: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year of months takes gigabytes: no process may read its own."""
    monkeypatch.setattr("tasuki.claims.tables.month_run.RANGE_BYTES", 9_000)
    read_by = tmp_path / "read_by"
    begun = Beside.__init__

    def noted(self: Beside, *args: Any, **more: Any) -> None:
        with read_by.open("a") as file:
            file.write(f"{os.getpid()}\n")
        begun(self, *args, **more)

    monkeypatch.setattr(Beside, "__init__", noted)
    # Another process finds nothing there, should it read for itself.
    gone = tmp_path / "past"
    shutil.copytree(month / "past", gone)
    find = claims_content.receipt_findings

    def found_after(*args: Any) -> Iterator[Any]:
        shutil.rmtree(gone)
        return find(*args)

    monkeypatch.setattr(claims_content, "receipt_findings", found_after)
    path = broken(month, tmp_path / "claims")
    main(["claims", "check", str(path), "--past", str(gone), "--content", "--workers", "2"])
    assert read_by.read_text() == f"{os.getpid()}\n"


def test_other_institutions_patients_and_months_are_not_asked(
    month: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (claims,) = (month / "claims").glob("*.UKE")
    (notes,) = (month / "patients").glob("*.json")
    others = tmp_path / "others.json"
    others.write_text(
        notes.read_text("utf-8").replace('"institution_code": "99', '"institution_code": "88'), "utf-8"
    )
    told = read(capsys, str(claims), "--patients", str(others))
    assert not [one for one in told["findings"] if one["code"].startswith(("UKE-E-", "UKE-P-0"))]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "UKE-K-06"),
        ('{"form": "other"}', "UKE-K-06"),
        ('{"form": "tasuki/claim-patients/1", "patients": [{"chart_number": "1", "cards": []}]}', "UKE-K-06"),
        ('{"form": "tasuki/claim-patients/1", "patients": [{"chart_number": "1"}, {"chart_number": "1"}]}', "UKE-K-07"),
        ('{"form": "tasuki/claim-patients/1", "patients": [{"chart_number": "1", "insurances": [{"kind": "employees", '
         '"validity": {"since": "2026-06-02", "until": "2026-06-01"}}]}]}', "UKE-K-08"),
    ],
)  # fmt: skip
def test_notes_of_patients_that_are_wrong_are_refused_by_member(text: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as raised:
        read_patients(text.encode(), "控え.json")
    (finding,) = raised.value.findings
    assert finding.code == code
    assert "{" not in sentence(finding)
    path = tmp_path / "控え.json"
    path.write_text(text, "utf-8")
    assert main(["claims", "read", "-", "--patients", str(path)]) == 2


def test_read_proposes_what_a_recalculation_would_bill(
    month: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (claims,) = (month / "claims").glob("*.UKE")
    assert not [one for one in read(capsys, str(claims))["findings"] if one["code"] == "UKE-N-01"]
    told = read(capsys, str(claims), "--proposals", "--receipt", "1")["findings"]
    assert any(one["code"] == "UKE-N-01" and "物価対応料" in one["message"] for one in told)
    assert main(["claims", "read", "-", "--proposals"]) == 2


def test_what_is_not_there_is_said(month: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (claims,) = (month / "claims").glob("*.UKE")
    for option in ("--past", "--pharmacy", "--patients", "--check-master"):
        assert main(["claims", "read", str(claims), option, str(tmp_path / "none")]) == 2
        assert "none がありません" in capsys.readouterr().err


def test_the_example_of_the_guide_is_read() -> None:
    example = Path(__file__).parents[2] / "docs" / "guide" / "claims" / "patients.json"
    notes = read_patients(example.read_bytes(), example.name)
    assert notes.institution_code == "9999991"
    assert [len(notes.prescribed[number]) for number in ("00001", "00002")] == [1, 0]


def test_the_schema_of_the_notes_is_published(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "claim-patients"]) == 0
    assert json.loads(capsys.readouterr().out) == patients_schema()
