# SPDX-License-Identifier: Apache-2.0
"""`./tasuki prescription test-hpki|sign|verify`: from records to a verified document, and what is refused."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from prescriptions.made_contents import CONTENTS
from tasuki.prescriptions.contents_file import read_contents, write_contents
from tasuki.prescriptions.record_making import service_data, symbol_data
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


def test_a_remote_key_signs_once_its_person_approved(
    pki: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    from tasuki.prescriptions.signature.signers import read_pkcs12
    from tasuki.prescriptions.signature.stand_in import CardlessStandIn
    from tasuki_server.signing.cardless_service import CardlessServer

    records, out, pin, token = (tmp_path / name for name in ("rx.csv", "rx.xml", "pin.txt", "token.txt"))
    records.write_bytes(service_data(CONTENTS))
    pin.write_text("4649\n")
    token.write_text("a-token\n")
    signer = read_pkcs12((pki / "doctor.p12").read_bytes(), (pki / "password.txt").read_bytes().strip())
    service = CardlessStandIn(signer, "4649", lambda: datetime.now(UTC))
    with CardlessServer(service, "a-token") as server:
        Thread(target=server.serve_forever, daemon=True).start()
        reach = ["--service", server.address, "--token-file", str(token)]
        sign_it = ["prescription", "sign", str(records), *reach, "--out", str(out)]
        assert main([*sign_it, "--wait", "0"]) == 2
        assert "RX-G-28" in capsys.readouterr().err
        approver = Thread(target=_approve, args=(service, reach, str(pin)), daemon=True)
        approver.start()
        assert main([*sign_it, "--wait", "30"]) == 0
        approver.join(30)
        server.shutdown()
    assert main(["prescription", "verify", str(out), "--trust", str(pki)]) == 0
    assert main(["prescription", "sign", str(records), "--out", str(out)]) == 2


def _approve(service, reach: list[str], pin: str) -> None:
    """The person: looks at the list until the second request stands there, then approves it."""
    for _ in range(300):
        asked = service.waiting()
        if len(asked) == 2:
            main(["prescription", "approve", *reach, "--request", asked[1].request, "--pin-file", pin])
            return
        time.sleep(0.1)


def test_a_prescription_as_json_becomes_symbol_records_and_document(
    pki: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file, out = tmp_path / "rx.json", tmp_path / "out"
    file.write_bytes(write_contents(CONTENTS))
    assert main(["prescription", "encode", str(file), "--out", str(out)]) == 0
    assert "■" in capsys.readouterr().out
    assert out.read_bytes() == symbol_data(CONTENTS)
    assert main(["prescription", "encode", str(file), "--as", "records", "--out", str(out)]) == 0
    assert out.read_bytes() == service_data(CONTENTS)
    assert main(["prescription", "encode", str(file), "--as", "document", "--out", str(out)]) == 0
    assert sign(pki, out, tmp_path / "signed.xml") == 0
    assert main(["prescription", "verify", str(tmp_path / "signed.xml"), "--trust", str(pki)]) == 0


def test_a_prescription_as_json_that_is_wrong_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    good = json.loads(write_contents(CONTENTS))
    assert read_contents(json.dumps(good).encode()) == CONTENTS
    drug = good["rps"][0]["drugs"][0]
    for change, code, words in (
        ({"amount": "many"}, "RX-J-02", "rps[0].drugs[0].amount"),
        ({"amout": 1}, "RX-J-03", "rps[0].drugs[0].amout"),
        ({"amount": None}, "RX-C-02", "用量"),
        ({"unit": "とても長い単位の名前"}, "RX-C-04", "単位名"),
    ):
        file = tmp_path / "rx.json"
        wrong = json.loads(json.dumps(good))
        wrong["rps"][0]["drugs"][0] = {**drug, **change}
        file.write_text(json.dumps(wrong))
        assert main(["prescription", "encode", str(file), "--out", str(tmp_path / "out")]) == 2
        told = capsys.readouterr().err
        assert code in told and words in told
    file.write_text("{")
    assert main(["prescription", "encode", str(file), "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()
    assert main(["schema", "prescription"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "prescription"
