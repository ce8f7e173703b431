# SPDX-License-Identifier: Apache-2.0
"""`./tasuki prescription test-hpki|sign|verify`: from records to a verified document, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prescriptions.made_contents import CONTENTS
from tasuki.prescriptions.record_making import service_data
from tasuki_server.cli.main import main


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    assert main(["prescription", "test-hpki", str(folder)]) == 0
    return folder


def sign(pki: Path, file: Path, out: Path, who: str = "doctor", *more: str) -> int:
    key = ["--key", str(pki / f"{who}.p12"), "--password-file", str(pki / "password.txt")]
    return main(["prescription", "sign", str(file), *key, "--out", str(out), *more])


def test_records_are_signed_verified_and_dispensed(
    pki: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    records, signed, dispensed = tmp_path / "rx.csv", tmp_path / "rx.xml", tmp_path / "disp.xml"
    records.write_bytes(service_data(CONTENTS))
    assert sign(pki, records, signed) == 0
    assert main(["prescription", "verify", str(signed), "--trust", str(pki)]) == 0
    shown = capsys.readouterr().out
    assert "電子処方箋: 有効" in shown
    assert "医師" in shown
    assert "失効: ○" in shown
    given = tmp_path / "cj.csv"
    given.write_bytes("CJ1,\n1,髙橋　花子,2,19600606\n".encode())
    assert sign(pki, signed, dispensed, "pharmacist", "--dispensing", str(given)) == 0
    assert main(["prescription", "verify", str(dispensed), "--trust", str(pki), "--format", "json"]) == 0
    view = json.loads(capsys.readouterr().out)
    assert (view["valid"], view["roles"], view["prescription"]["roles"]) == (
        True, ["Pharmacist"], ["Medical Doctor"],
    )  # fmt: skip


def test_a_changed_document_is_told_item_by_item(
    pki: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    records, signed = tmp_path / "rx.csv", tmp_path / "rx.xml"
    records.write_bytes(service_data(CONTENTS))
    assert sign(pki, records, signed) == 0
    signed.write_bytes(signed.read_bytes().replace(b">U0ox", b">U0ow"))
    assert main(["prescription", "verify", str(signed), "--trust", str(pki)]) == 1
    shown = capsys.readouterr().out
    assert "電子処方箋: 無効" in shown
    assert "処方データのダイジェスト: × 不合格" in shown
    assert "RX-G-10" in shown


def test_who_may_not_sign_is_refused(pki: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    records, out = tmp_path / "rx.csv", tmp_path / "rx.xml"
    records.write_bytes(service_data(CONTENTS))
    assert sign(pki, records, out, "pharmacist") == 2
    assert "薬剤師" in capsys.readouterr().err
    assert not out.exists()
    key = ["--key", str(pki / "doctor.p12"), "--out", str(out)]
    assert main(["prescription", "sign", str(records), *key]) == 2
    assert "RX-G-27" in capsys.readouterr().err
    assert main(["prescription", "test-hpki", str(pki)]) == 2
