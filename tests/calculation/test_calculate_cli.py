# SPDX-License-Identifier: Apache-2.0
"""`./tasuki calculate`: the bill as text and JSON, and exit code 2 with named findings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tasuki_server.cli.main import main

EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "guide" / "examples" / "visit.json"


def test_text_shows_what_is_billed_what_is_not_and_what_could_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calculate", str(EXAMPLE)]) == 0
    out = capsys.readouterr().out
    assert "合計 1248点" in out
    assert "外来管理加算は、超音波検査（断層撮影法）（胸腹部）を行ったため算定できません" in out
    assert (
        out.index("【12 再診】") < out.index("■ 算定できないもの") < out.index("■ 確かめれば算定できるもの")
    )


def test_json_is_the_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calculate", str(EXAMPLE), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["total_points"] == 1248


def test_a_faulty_file_ends_with_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = json.loads(EXAMPLE.read_text("utf-8"))
    value["orders"][0]["items"][0]["code"] = "160999999"
    path = tmp_path / "visit.json"
    path.write_text(json.dumps(value), "utf-8")
    assert main(["calculate", str(path)]) == 2
    assert "CAL-0001" in capsys.readouterr().err


def test_a_missing_file_ends_with_two(tmp_path: Path) -> None:
    assert main(["calculate", str(tmp_path / "none.json")]) == 2


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "visit"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "visit"


def test_batch_gives_one_result_a_line_and_names_the_faulty_one(tmp_path: Path) -> None:
    good = json.dumps(json.loads(EXAMPLE.read_text("utf-8")))
    (tmp_path / "in.jsonl").write_text(f"{good}\n\n{{}}\n{good}\n", "utf-8")
    out = tmp_path / "out.jsonl"
    assert main(["calculate", "batch", str(tmp_path / "in.jsonl"), str(out)]) == 1
    results = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [result.get("total_points") for result in results] == [1248, None, 1248]
    assert {finding["line"] for finding in results[1]["findings"]} == {3}
    assert list(tmp_path.glob("*.part")) == []


def test_batch_without_a_source_writes_nothing(tmp_path: Path) -> None:
    assert main(["calculate", "batch", str(tmp_path / "none"), str(tmp_path / "out.jsonl")]) == 2
    assert list(tmp_path.iterdir()) == []
