# SPDX-License-Identifier: Apache-2.0
"""`./tasuki eligibility read` and `./tasuki prescription read`: what is shown, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tasuki_server.cli.main import main

ANSWER = (
    '<?xml version="1.0" encoding="Shift_JIS"?><XmlMsg><MessageBody><QualificationValidity>3</QualificationValidity>'
    "<ResultList><ResultOfQualificationConfirmation><Name>架空　花子</Name><InsurerNumber>  138057</InsurerNumber>"
    "</ResultOfQualificationConfirmation></ResultList></MessageBody></XmlMsg>"
)
SLIP = "JAHIS10\r\n12,2\r\n82,1,1234567890123456\r\n\x1a"


@pytest.fixture(autouse=True)
def japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")


def test_a_message_is_shown_in_japanese(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "OQSsiquc01res_face_1.xml"
    file.write_bytes(ANSWER.encode("cp932"))
    assert main(["eligibility", "read", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "資格有効性: 3 無効（新しい資格あり）" in shown and "氏名: 架空　花子" in shown
    assert "保険者番号: 138057 国民健康保険" in shown and "顔認証付きカードリーダー" in shown
    assert main(["eligibility", "read", str(file), "--format", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["messages"]
    assert one["message"]["MessageBody"]["QualificationValidity"] == "3"
    assert (one["kind"], one["is_answer"], one["findings"]) == ("資格確認 単件照会", True, [])
    file.write_bytes(ANSWER.replace(">3<", ">8<").encode("cp932"))
    assert main(["eligibility", "read", str(file)]) == 1
    assert "OQS-V-02" in capsys.readouterr().out
    file.write_bytes(b"<!DOCTYPE x><XmlMsg/>")
    assert main(["eligibility", "read", str(file)]) == 2
    assert "OQS-F-02" in capsys.readouterr().err


def test_a_prescription_is_shown_in_japanese(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "rx.txt"
    file.write_bytes(SLIP.encode("cp932"))
    assert main(["prescription", "read", str(file)]) == 1
    shown = capsys.readouterr().out
    assert "患者性別 2 女" in shown and "処方箋番号種別 1 引換番号" in shown and "RX-C-10" in shown
    assert main(["prescription", "read", str(file), "--format", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["records"][0] == {"line": 2, "record": "12", "term": "患者性別", "sex": "2", "more": []}
    assert {each["code"] for each in said["findings"]} == {"RX-C-10"}
    file.write_bytes(b"1,2,3")
    assert main(["prescription", "read", str(file)]) == 2
    assert "RX-F-01" in capsys.readouterr().err
