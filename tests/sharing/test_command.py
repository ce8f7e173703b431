# SPDX-License-Identifier: Apache-2.0
"""fhir コマンドの試験 — verdicts, exit codes, and a guide compiled and used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sharing import invented
from tasuki_server.cli import main


def written(path: Path, value: object) -> str:
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    return str(path)


def test_verdicts_and_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    good = written(tmp_path / "good.json", invented.condition())
    bad = written(tmp_path / "bad.json", {**invented.patient(), "gender": "kakuu"})
    assert main(["fhir", "validate", good]) == 0
    assert "適合（誤り0件" in capsys.readouterr().out
    assert main(["fhir", "validate", good, bad]) == 1
    out = capsys.readouterr().out
    assert "不適合（誤り1件" in out
    assert "Patient.gender" in out
    (tmp_path / "broken.json").write_text("{")
    assert main(["fhir", "validate", str(tmp_path / "broken.json"), good]) == 2
    assert "JSONとして読めません" in capsys.readouterr().out
    assert main(["fhir", "validate", str(tmp_path / "none.json")]) == 2


def test_json_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    bad = written(tmp_path / "bad.json", {**invented.patient(), "gender": "kakuu"})
    assert main(["fhir", "validate", bad, "--format", "json"]) == 1
    (one,) = json.loads(capsys.readouterr().out)["files"]
    assert one["valid"] is False
    assert one["findings"][0]["code"] == "FHIR-B-01"


def test_a_guide_is_compiled_and_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "guide"
    folder.mkdir()
    url = "http://example.org/StructureDefinition/tall"
    written(
        folder / "StructureDefinition-tall.json",
        {
            "resourceType": "StructureDefinition", "url": url, "kind": "resource", "type": "Patient",
            "derivation": "constraint", "baseDefinition": "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCS",
            "differential": {"element": [{"id": "Patient.photo", "path": "Patient.photo", "min": 1}]},
        },
    )  # fmt: skip
    table = str(tmp_path / "guide.fhirtable")
    assert main(["fhir", "compile-ig", str(folder), "--out", table]) == 0
    assert "プロファイル1" in capsys.readouterr().out
    patient = written(tmp_path / "patient.json", invented.patient())
    assert main(["fhir", "validate", patient, "--ig", table, "--profile", url]) == 1
    assert "Patient.photo" in capsys.readouterr().out
    assert main(["fhir", "validate", patient, "--profile", url]) == 1
    assert "compile-ig" in capsys.readouterr().out
    (tmp_path / "empty").mkdir()
    assert main(["fhir", "compile-ig", str(tmp_path / "empty"), "--out", table]) == 2
