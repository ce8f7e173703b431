# SPDX-License-Identifier: Apache-2.0
"""checkup コマンドの試験 — files checked and converted, exit codes, what is not carried."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sharing import made_up_checkups as made_up
from tasuki.sharing.checkups import build_report, read_checkup, write_checkup_xml, write_json
from tasuki_server.cli import main

MADE_AT = "2026-06-30T09:00:00+09:00"


@pytest.fixture
def xml(tmp_path: Path) -> Path:
    path = tmp_path / "h1319999999.xml"
    path.write_bytes(write_checkup_xml(made_up.checkup()))
    return path


@pytest.fixture
def fhir(tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    path.write_bytes(write_json(build_report(made_up.report())))
    return path


def test_check_tells_form_kind_and_verdict(
    xml: Path, fhir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["checkup", "check", str(xml), str(fhir)]) == 0
    out = capsys.readouterr().out
    assert "h1319999999.xml: 適合（特定健診XML、特定健診、31項目）" in out
    assert "report.json: 適合（健診結果報告書、特定健診、31項目）" in out
    bad = tmp_path / "bad.xml"
    bad.write_bytes(xml.read_bytes().replace(b'unit="kg"', b'unit="g"'))
    assert main(["checkup", "check", str(bad)]) == 1
    assert "項目9N006000000000001 体重: 単位が「g」です。「kg」にしてください。" in capsys.readouterr().out
    broken = tmp_path / "broken.xml"
    broken.write_text("<a/>")
    assert main(["checkup", "check", str(broken), str(xml)]) == 2
    assert "読み取れません" in capsys.readouterr().out
    assert main(["checkup", "check", str(tmp_path / "none.xml")]) == 2


def test_check_for_machines(xml: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["checkup", "check", str(xml), "--format", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["files"]
    assert (one["form"], one["kind"], one["items"], one["valid"], one["findings"]) == (
        "特定健診XML",
        "特定健診",
        31,
        True,
        [],
    )


def test_convert_there_and_back(xml: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    report, again = tmp_path / "made.json", tmp_path / "again.xml"
    assert (
        main(["checkup", "convert", str(xml), "--out", str(report), "--made-at", MADE_AT, "--number", "k-1"])
        == 0
    )
    assert "健診結果報告書、31項目" in capsys.readouterr().out
    made = read_checkup(report.read_bytes()).checkup
    assert made.numbers.bundle == "1319999999^2026^k-1"
    assert main(["checkup", "convert", str(report), "--out", str(again)]) == 1
    err = capsys.readouterr().err
    assert "文書の番号: 特定健診XMLでは表せないため、失われます（1319999999^2026^k-1）" in err
    assert "項目" not in err.replace("31項目", "")
    results = [
        (each.code, each.value, each.absence) for each in read_checkup(again.read_bytes()).checkup.items()
    ]
    assert results == [(each.code, each.value, each.absence) for each in made_up.checkup().items()]
    assert main(["fhir", "validate", str(report), "--errors-only"]) == 0


def test_many_files_go_to_a_folder(xml: Path, fhir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["checkup", "convert", str(xml), str(fhir)]) == 2
    out = tmp_path / "out"
    asked = [
        "checkup",
        "convert",
        str(xml),
        str(fhir),
        "--out",
        str(out),
        "--made-at",
        MADE_AT,
        "--format",
        "json",
    ]
    assert main(asked) == 1
    said = json.loads(capsys.readouterr().out)["files"]
    assert [Path(each["out"]).name for each in said] == ["h1319999999.json", "report.xml"]
    assert sorted(each.name for each in out.iterdir()) == ["h1319999999.json", "report.xml"]


def test_a_doctor_is_asked_for_and_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "none.xml"
    text = write_checkup_xml(made_up.checkup()).decode()
    path.write_text(
        text[: text.index("<author>", text.index("9N511"))]
        + text[text.index("</author>", text.index("9N511")) + 9 :]
    )
    out = tmp_path / "none.json"
    assert main(["checkup", "convert", str(path), "--out", str(out)]) == 2
    assert "--doctor" in capsys.readouterr().err
    assert (
        main(
            [
                "checkup",
                "convert",
                str(path),
                "--out",
                str(out),
                "--doctor",
                "架空 花子",
                "--made-at",
                MADE_AT,
            ]
        )
        == 0
    )
    assert "架空 花子" in out.read_text()
    assert main(["checkup", "convert", str(path), "--out", str(out), "--made-at", "2026-06-30"]) == 2
