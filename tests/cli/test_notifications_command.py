# SPDX-License-Identifier: Apache-2.0
"""`./tasuki notifications`: the list of forms, a sheet imported and used from its day, a notice checked and printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from notifications.notices import disease, notice
from tasuki.notifications.response import questionnaire_response
from tasuki_server.cli.main import main

SHEET = "#category,EHEC\n#since,2026-09-01\npart,code,label\nsymptom,1,腹痛\n"


@pytest.fixture(autouse=True)
def own_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    monkeypatch.setenv("TASUKI_DATA", str(tmp_path / "data"))


def written(path: Path, **changes: object) -> Path:
    made = questionnaire_response(notice("ehec", **changes), disease("ehec"))
    path.write_text(json.dumps(made, ensure_ascii=False))
    return path


def test_the_list_is_of_a_day(capsys: pytest.CaptureFixture[str]):
    assert main(["notifications", "list", "--on", "2026-06-15"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 92 and any(
        "五類感染症\t5-16\t梅毒\t診断から7日以内\t氏名なし" in each for each in lines
    )
    assert main(["notifications", "list", "--on", "2023-05-25"]) == 2
    assert "2023-05-26から" in capsys.readouterr().err
    assert main(["notifications", "list", "--on", "2026-06-15", "--format", "json"]) == 0
    assert {"code": "measles", "identity": True}.items() <= next(
        each for each in json.loads(capsys.readouterr().out) if each["code"] == "measles"
    ).items()


def test_a_sheet_counts_from_its_day_and_a_faulty_one_is_not_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    sheet = tmp_path / "ehec.csv"
    sheet.write_text(SHEET.replace("part", "parts"))
    assert main(["notifications", "import", str(sheet)]) == 2
    assert "NTF-0034 ehec.csv 3行目 part" in capsys.readouterr().err
    assert not list((tmp_path / "data").rglob("*.sheet"))
    sheet.write_text(SHEET)
    assert main(["notifications", "import", str(sheet)]) == 0
    assert "2026-09-01 から使います（項目 1）" in capsys.readouterr().out
    for day, count in (("2026-08-31", len(disease("ehec").items)), ("2026-09-01", 1)):
        main(["notifications", "list", "--on", day, "--format", "json"])
        rows = json.loads(capsys.readouterr().out)
        assert next(each for each in rows if each["code"] == "ehec")["items"] == count
    assert main(["notifications", "questionnaire", "ehec", "--on", "2026-09-01"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == "2026-09-01"
    assert main(["notifications", "questionnaire", "cold"]) == 2


def test_a_notice_is_checked_and_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = written(tmp_path / "notice.json")
    assert main(["notifications", "check", str(file)]) == 0
    assert "0件" in capsys.readouterr().out
    assert main(["notifications", "check", str(written(file, onset_on=None)), "--format", "json"]) == 0
    assert [each["code"] for each in json.loads(capsys.readouterr().out)] == ["NTF-0014"]
    assert main(["notifications", "check", str(written(file, methods=()))]) == 1
    assert "NTF-0001\t誤り" in capsys.readouterr().out
    out = tmp_path / "notice.pdf"
    assert main(["notifications", "print", str(written(file)), "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    file.write_text("{}")
    assert main(["notifications", "check", str(file)]) == 2
    assert "NTF-0021" in capsys.readouterr().err
