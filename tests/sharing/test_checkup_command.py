# SPDX-License-Identifier: Apache-2.0
"""checkup コマンドの試験 — files checked and converted, exit codes, what is not carried."""

from __future__ import annotations

import json
import zipfile
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
    broken.write_bytes(b"")
    assert main(["checkup", "check", str(broken)]) == 2
    assert "CHK-X-01" in capsys.readouterr().out


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
    assert main([*asked, "--number", "n-1"]) == 2
    assert main(["checkup", "convert", str(xml), str(xml), "--out", str(out), "--made-at", MADE_AT]) == 2


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


FOLDER = "1319999999_00999999_202606300_1"
RESULT = "h13199999992026063000000001.xml"
INDEX = (
    b'<index xmlns="https://www.mhlw.go.jp/stf/seisakunitsuite/bunya/0000161103.html">'
    b'<totalRecordCount value="1"/></index>'
)


def test_an_archive_is_checked_and_converted_file_by_file(
    xml: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    members = {f"{FOLDER}/ix08_V08.xml": INDEX, f"{FOLDER}/DATA/{RESULT}": xml.read_bytes()}
    path = zipped(tmp_path / "a.zip", members)
    assert main(["checkup", "check", str(path)]) == 0
    out = capsys.readouterr().out
    assert "a.zip: 送付用アーカイブ" in out
    assert f"a.zip:{FOLDER}/DATA/{RESULT}: 適合" in out
    assert "[" not in out
    assert main(["checkup", "convert", str(path)]) == 2
    assert main(["checkup", "convert", str(path), "--out", str(tmp_path / "made"), "--made-at", MADE_AT]) == 0
    assert (tmp_path / "made" / "h13199999992026063000000001.json").exists()


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        ({"x/ix08_V08.xml": INDEX, f"x/DATA/{RESULT}": b"<a/>"}, ["CHK-A-04", "CHK-X-04"]),
        ({f"{FOLDER}/DATA/{RESULT}": b"<a/>"}, ["CHK-A-06", "CHK-X-04"]),
        ({f"{FOLDER}/ix08_V08.xml": INDEX}, ["CHK-A-03", "CHK-A-07"]),
        ({f"{FOLDER}/ix08_V08.xml": INDEX, f"{FOLDER}/DATA/h1.xml": b"<a/>"}, ["CHK-A-05", "CHK-X-04"]),
        ({f"{FOLDER}/ix08_V08.xml": b"<!DOCTYPE a><a/>"}, ["CHK-X-02"]),
    ],
)
def test_what_is_wrong_with_an_archive_is_told(
    members, codes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = zipped(tmp_path / "a.zip", members)
    assert main(["checkup", "check", str(path), "--format", "json"]) == 2
    said = json.loads(capsys.readouterr().out)["files"]
    assert [each["code"] for file in said for each in file["findings"]] == codes


def test_a_broken_or_swollen_archive_is_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04" + b"x" * 100)
    assert main(["checkup", "check", str(broken)]) == 2
    assert "CHK-A-01" in capsys.readouterr().out
    swollen = zipped(tmp_path / "swollen.zip", {f"{FOLDER}/DATA/{RESULT}": b" " * (5 * 1024 * 1024)})
    assert main(["checkup", "check", str(swollen)]) == 2
    assert "4MBを超えています" in capsys.readouterr().out


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
