# SPDX-License-Identifier: Apache-2.0
"""他の検証器 — xmlsec1, openssl and signxml, which share no code with ours, agree with what we sign and with what we refuse."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import Certificate
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.verifier import XMLVerifier

from prescriptions.made_contents import AT, CONTENTS, hpki, trust
from tasuki.prescriptions.documents import dispensing_document, registration_document
from tasuki.prescriptions.record_making import service_data
from tasuki.prescriptions.signature.names import DS, XADES
from tasuki.prescriptions.signature.safe_xml import canonical
from tasuki.prescriptions.signature.verify import verify_document
from tasuki.prescriptions.signature.xades import sign_document

DISPENSED = "CJ1,\n1,髙橋　花子,2,19600606\n".encode()
PEM = serialization.Encoding.PEM


@cache
def signed() -> bytes:
    return registration_document(CONTENTS, hpki().doctor, AT)


@cache
def dispensed() -> bytes:
    return sign_document(dispensing_document(signed(), DISPENSED), hpki().pharmacist, AT)


def changed(document: bytes) -> bytes:
    data = service_data(CONTENTS)
    return document.replace(base64.b64encode(data), base64.b64encode(data.replace(b",3,1,", b",9,1,")))


def written(folder: Path, name: str, certificate: Certificate) -> str:
    path = folder / name
    path.write_bytes(certificate.public_bytes(PEM))
    return str(path)


def xmlsec(folder: Path, document: bytes, signature: str, *names: str) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("xmlsec1")
    if tool is None:
        pytest.skip("xmlsec1 is not installed")
    path = folder / "document.xml"
    path.write_bytes(document)
    ids = [part for name in names for part in ("--id-attr:id", name)]
    return subprocess.run(
        [
            tool, "--verify",
            "--trusted-pem", written(folder, "root.pem", hpki().root.certificate),
            "--untrusted-pem", written(folder, "authority.pem", hpki().authority.certificate),
            "--verification-gmt-time", f"{AT + timedelta(hours=1) - timedelta(hours=9):%Y-%m-%d %H:%M:%S}",
            *ids, "--id-attr:Id", f"{XADES}:SignedProperties",
            "--node-xpath", f"//*[local-name()='Signature'][@Id='{signature}']",
            str(path),
        ],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_xmlsec1_agrees_with_a_prescription_and_refuses_a_changed_one(tmp_path: Path):
    good = xmlsec(tmp_path, signed(), "PrescriptionSign", "PrescriptionDocument")
    assert good.returncode == 0, good.stderr
    assert "SignedInfo References (ok/all): 3/3" in good.stdout + good.stderr
    bad = xmlsec(tmp_path, changed(signed()), "PrescriptionSign", "PrescriptionDocument")
    assert bad.returncode != 0
    assert "data and digest do not match" in bad.stdout + bad.stderr


def test_xmlsec1_agrees_with_both_signatures_of_a_dispensing(tmp_path: Path):
    for signature, name in (("DispensingSign", "Dispensing"), ("PrescriptionSign", "PrescriptionDocument")):
        good = xmlsec(tmp_path, dispensed(), signature, name)
        assert good.returncode == 0, good.stderr
        assert "3/3" in good.stdout + good.stderr
    bad = dispensed().replace(base64.b64encode(DISPENSED), base64.b64encode(DISPENSED.replace(b"2,", b"1,")))
    assert bad != dispensed()
    assert xmlsec(tmp_path, bad, "DispensingSign", "Dispensing").returncode != 0


def test_openssl_agrees_with_the_signature_value_and_the_chain(tmp_path: Path):
    tool = shutil.which("openssl")
    if tool is None:
        pytest.skip("openssl is not installed")
    root = etree.fromstring(signed())
    info, value = root.find(f".//{{{DS}}}SignedInfo"), root.find(f".//{{{DS}}}SignatureValue")
    (tmp_path / "info").write_bytes(canonical(info, is_exclusive=True))
    (tmp_path / "value").write_bytes(base64.b64decode(value.text))
    signer = hpki().doctor.chain[0]
    key = signer.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(key)
    verify = [tool, "dgst", "-sha256", "-verify", tmp_path / "key.pem", "-signature", tmp_path / "value"]
    assert "Verified OK" in subprocess.run(
        [*verify, tmp_path / "info"], capture_output=True, text=True, check=True, timeout=60
    ).stdout  # fmt: skip
    lists = b"".join(each.public_bytes(PEM) for each in trust().revocations)
    (tmp_path / "lists.pem").write_bytes(lists)
    chain = subprocess.run(
        [
            tool, "verify", "-x509_strict", "-crl_check_all", "-CRLfile", tmp_path / "lists.pem",
            "-attime", str(int(AT.timestamp())),
            "-CAfile", written(tmp_path, "root.pem", hpki().root.certificate),
            "-untrusted", written(tmp_path, "authority.pem", hpki().authority.certificate),
            written(tmp_path, "signer.pem", signer),
        ],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert chain.returncode == 0, chain.stderr


def test_signxml_agrees_and_shows_the_same_data():
    expected = SignatureConfiguration(
        require_x509=True,
        location=".//",
        expect_references=3,
        signature_methods=frozenset({SignatureMethod.RSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
    )

    def verify(document: bytes) -> list[bytes]:
        found = XMLVerifier().verify(
            document, x509_cert=hpki().doctor.chain[0], expect_config=expected, validate_schema=True
        )
        assert isinstance(found, list)
        return [each.signed_data for each in found]

    data = re.search(rb">([^<]+)<", verify(signed())[0])
    assert data
    assert base64.b64decode(data[1]) == verify_document(signed(), trust(), AT).data
    with pytest.raises(InvalidDigest):
        verify(changed(signed()))
    with pytest.raises(InvalidSignature):
        at = signed().index(b"<ds:DigestValue>") + len(b"<ds:DigestValue>")
        verify(signed()[:at] + (b"B" if signed()[at : at + 1] == b"A" else b"A") + signed()[at + 1 :])
