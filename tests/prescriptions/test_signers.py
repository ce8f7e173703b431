# SPDX-License-Identifier: Apache-2.0
"""署名者 — a key in a file, and a key elsewhere that signs only what its person approved."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from threading import Thread

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from prescriptions.made_contents import AT, CONTENTS, hpki, trust
from tasuki.kernel.finding import BadInput
from tasuki.prescriptions.documents import registration_document
from tasuki.prescriptions.signature.signers import RemoteSigner, read_pem, read_pkcs12
from tasuki.prescriptions.signature.stand_in import CardlessStandIn
from tasuki.prescriptions.signature.verify import verify_document

WHAT = "処方箋 髙橋　花子 2026-11-30"
PEM = serialization.Encoding.PEM


def refused(call, *args) -> str:
    with pytest.raises(BadInput) as found:
        call(*args)
    return found.value.findings[0].code


def test_a_key_is_read_from_pkcs12_and_from_pem():
    doctor = hpki().doctor
    lock = serialization.BestAvailableEncryption(b"test")
    sealed = pkcs12.serialize_key_and_certificates(b"x", doctor.key, doctor.chain[0], doctor.chain[1:], lock)
    assert read_pkcs12(sealed, b"test").chain == doctor.chain
    assert refused(read_pkcs12, sealed, b"wrong") == "RX-G-27"
    assert refused(read_pkcs12, b"nothing", None) == "RX-G-27"
    key = doctor.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certificates = b"".join(each.public_bytes(PEM) for each in doctor.chain)
    assert read_pem(key, certificates).sign(b"x") == doctor.sign(b"x")
    assert refused(read_pem, key, hpki().pharmacist.chain[0].public_bytes(PEM)) == "RX-G-26"
    assert refused(read_pem, b"nothing", certificates) == "RX-G-27"
    assert refused(read_pem, key, b"nothing") == "RX-G-12"


class Clock:
    def __init__(self) -> None:
        self.at = AT

    def __call__(self):
        return self.at


def stand_in() -> tuple[CardlessStandIn, Clock]:
    clock = Clock()
    return CardlessStandIn(hpki().doctor, "4649", clock), clock


def test_nothing_is_signed_before_its_person_approves():
    service, _ = stand_in()
    signer = RemoteSigner(service, WHAT)
    for _ in range(2):
        assert refused(registration_document, CONTENTS, signer, AT) == "RX-G-28"
    (asked,) = service.waiting()
    assert asked.what == WHAT
    assert len(asked.digest) == 32
    service.approve(asked.request, "4649")
    document = registration_document(CONTENTS, signer, AT)
    assert verify_document(document, trust(), AT + timedelta(minutes=1)).is_valid
    assert service.waiting() == ()


def test_what_was_approved_is_good_for_that_data_alone():
    service, _ = stand_in()
    signer = RemoteSigner(service, WHAT)
    assert refused(signer.sign, b"one") == "RX-G-28"
    service.approve(service.waiting()[0].request, "4649")
    assert signer.sign(b"one") == hpki().doctor.sign(b"one")
    assert refused(signer.sign, b"two") == "RX-G-28"
    assert service.waiting()[0].digest == hashlib.sha256(b"two").digest()


def test_a_declined_request_is_told_and_may_be_asked_again():
    service, _ = stand_in()
    signer = RemoteSigner(service, WHAT)
    assert refused(signer.sign, b"one") == "RX-G-28"
    service.decline(service.waiting()[0].request, "内容が違います")
    with pytest.raises(BadInput) as found:
        signer.sign(b"one")
    assert found.value.findings[0].facts["reason"] == "内容が違います"
    assert refused(signer.sign, b"one") == "RX-G-28"


def test_a_request_expires_and_wrong_pins_lock():
    service, clock = stand_in()
    old = service.ask(b"1" * 32, WHAT)
    clock.at += timedelta(minutes=11)
    assert service.waiting() == ()
    assert refused(service.approve, old, "4649") == "RX-G-29"
    assert service.answer(old).state == "refused"
    new = service.ask(b"1" * 32, WHAT)
    for _ in range(5):
        assert refused(service.approve, new, "0000") == "RX-G-29"
    assert refused(service.approve, new, "4649") == "RX-G-29"
    assert service.answer(new).signature == b""


def test_only_a_digest_is_signed():
    service, _ = stand_in()
    assert refused(service.ask, b"a whole document", WHAT) == "RX-G-30"
    for _ in range(100):
        service.ask(b"1" * 32, WHAT)
    assert refused(service.ask, b"1" * 32, WHAT) == "RX-G-30"


def test_the_same_over_http_and_without_the_token_nothing():
    from tasuki_server.signing.cardless_client import CardlessClient
    from tasuki_server.signing.cardless_service import CardlessServer

    service, _ = stand_in()
    with CardlessServer(service, "token") as server:
        Thread(target=server.serve_forever, daemon=True).start()
        signer = RemoteSigner(CardlessClient(server.address, "token"), WHAT)
        assert refused(registration_document, CONTENTS, signer, AT) == "RX-G-28"
        service.approve(service.waiting()[0].request, "4649")
        document = registration_document(CONTENTS, signer, AT)
        assert verify_document(document, trust(), AT + timedelta(minutes=1)).is_valid
        assert refused(CardlessClient(server.address, "other").certificates) == "RX-G-30"
        assert refused(CardlessClient(server.address, "token").ask, b"short", WHAT) == "RX-G-30"
        server.shutdown()
    assert refused(CardlessClient(server.address, "token").certificates) == "RX-G-30"
    assert refused(CardlessClient, "https://example.invalid/", "token") == "RX-G-30"
