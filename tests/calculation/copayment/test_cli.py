# SPDX-License-Identifier: Apache-2.0
"""`./tasuki copay`: text, JSON, and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tasuki_server.cli.main import main

EXAMPLE = Path(__file__).parents[3] / "docs" / "guide" / "copay" / "rare-disease-and-limit.json"


def test_text_explains_every_yen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["copay", str(EXAMPLE)]) == 0
    shown = capsys.readouterr().out
    assert "徴収 7,500円" in shown
    assert "累計10,000円／上限10,000円" in shown
    assert "HO 負担金額 107,105円" in shown
    assert shown.strip().endswith("月の徴収額 90,491円")


def test_json_is_a_versioned_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["copay", str(EXAMPLE), "--format", "json"]) == 0
    trace = json.loads(capsys.readouterr().out)
    assert trace["version"] == 1
    assert [visit["collect_yen"] for visit in trace["visits"]] == [7_500, 82_991]
    assert all(reason["cite"] for visit in trace["visits"] for reason in visit["because"])


def test_bad_input_names_the_member_and_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "case.json"
    case = json.loads(EXAMPLE.read_text("utf-8"))
    case["insurance"]["income_class"] = "一般"
    file.write_text(json.dumps(case), "utf-8")
    assert main(["copay", str(file)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "COPAY-007" in shown.err
    assert "insurance.income_class" in shown.err


def test_a_file_that_is_not_there_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["copay", str(tmp_path / "none.json")]) == 2
    assert "none.json" in capsys.readouterr().err
