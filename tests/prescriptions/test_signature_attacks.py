# SPDX-License-Identifier: Apache-2.0
"""電子署名への攻撃 — changed bytes, moved elements, hidden text, weak methods: each is refused, and for its own reason."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from prescriptions.made_contents import AT, CONTENTS, hpki, trust
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.prescriptions.documents import dispensing_document, registration_document
from tasuki.prescriptions.record_making import service_data
from tasuki.prescriptions.signature.names import DS, EXCLUSIVE, RSA_SHA256, SHA256, XADES
from tasuki.prescriptions.signature.results import ItemState, VerifiedItem
from tasuki.prescriptions.signature.safe_xml import canonical
from tasuki.prescriptions.signature.verify import verify_document
from tasuki.prescriptions.signature.xades import sign_document

LATER = AT + timedelta(minutes=3)
DISPENSED = "CJ1,\n1,髙橋　花子,2,19600606\n".encode()


@cache
def signed() -> bytes:
    return registration_document(CONTENTS, hpki().doctor, AT)


@cache
def dispensed() -> bytes:
    return sign_document(dispensing_document(signed(), DISPENSED), hpki().pharmacist, AT)


def codes(document: bytes) -> list[str]:
    result = verify_document(document, trust(), LATER)
    assert not result.is_valid
    assert result.data == b""
    assert all(sentence(each) for each in result.findings)
    return [each.code for each in result.findings]


def span(document: bytes, name: str) -> tuple[int, int]:
    """From the beginning of an element to its end."""
    found = re.search(
        rb"<(?:\w+:)?%b[ >].*?</(?:\w+:)?%b>" % (name.encode(), name.encode()), document, re.DOTALL
    )
    assert found
    return found.start(), found.end()


PARTS = ["PrescriptionDocument", "SignedInfo", "SignatureValue", "KeyInfo", "SignedProperties"]


@pytest.mark.parametrize("name", PARTS)
def test_no_byte_of_what_is_signed_can_change(name: str):
    document = signed()
    start, end = span(document, name)
    if name == "SignatureValue":
        # Its name is not signed: only the value counts.
        start = document.index(b">", start) + 1
    for at in range(start, end, 61 if end - start > 1500 else 7):
        changed = document[:at] + bytes([document[at] ^ 1]) + document[at + 1 :]
        result = verify_document(changed, trust(), LATER)
        assert not result.is_valid, (at, document[at - 20 : at + 20])
        assert result.data == b""


def test_no_byte_of_a_dispensing_can_change():
    document = dispensed()
    start, end = span(document, "Dispensing")
    # The prescription inside is part of what the pharmacist signed, its unsigned elements too.
    for at in range(start, end, 97):
        changed = document[:at] + bytes([document[at] ^ 1]) + document[at + 1 :]
        assert not verify_document(changed, trust(), LATER).is_valid, document[at - 20 : at + 20]


def test_a_change_anywhere_gives_the_same_data_or_nothing():
    document = signed()
    for at in range(0, len(document), 67):
        changed = document[:at] + bytes([document[at] ^ 2]) + document[at + 1 :]
        assert verify_document(changed, trust(), LATER).data in (b"", service_data(CONTENTS))


def test_a_changed_amount_is_told_as_a_change_of_the_data():
    data = service_data(CONTENTS)
    other = data.replace("架空錠２．５ｍｇ,3,".encode(), "架空錠２．５ｍｇ,9,".encode())
    assert other != data
    document = signed().replace(base64.b64encode(data), base64.b64encode(other))
    assert codes(document) == ["RX-G-10"]
    result = verify_document(document, trust(), LATER)
    states = {each.item: each.state for each in result.items}
    assert states.pop(VerifiedItem.DATA_DIGEST) is ItemState.BAD
    assert set(states.values()) == {ItemState.GOOD}


def edited(change: Callable[[etree._Element], None], document: bytes | None = None) -> bytes:
    root = etree.fromstring(document or signed())
    change(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def forged_body(name: str = "PrescriptionDocument") -> etree._Element:
    body = etree.Element(name, id="PrescriptionDocument")
    body.text = base64.b64encode(service_data(CONTENTS).replace(b"14", b"90")).decode()
    return body


def wrap_in_object(root: etree._Element) -> None:
    """The signed element moves under the signature, a forged one takes its place."""
    body = root.find("Prescription/PrescriptionDocument")
    forged = forged_body()
    del forged.attrib["id"]
    root.find("Prescription").replace(body, forged)
    etree.SubElement(root.find(f".//{{{DS}}}Signature"), f"{{{DS}}}Object").append(body)


def wrap_beside(root: etree._Element) -> None:
    root.find("Prescription").insert(1, forged_body())


def wrap_with_another_id(root: etree._Element) -> None:
    body = root.find("Prescription/PrescriptionDocument")
    forged = forged_body()
    forged.set("id", "Another")
    root.find("Prescription").replace(body, forged)
    etree.SubElement(root, "Extra").append(body)


def wrap_whole(root: etree._Element) -> None:
    """A whole signed prescription within a forged one."""
    inner = etree.fromstring(signed()).find("Prescription")
    holder = etree.SubElement(root.find("Prescription"), "AdditionalPrescriptionInformation")
    holder.append(inner)
    root.find("Prescription/PrescriptionDocument").text = forged_body().text


def move_the_signature(root: etree._Element) -> None:
    root.append(root.find("Prescription/PrescriptionSign"))


def second_signature(root: etree._Element) -> None:
    holder = root.find("Prescription/PrescriptionSign")
    holder.append(etree.fromstring(etree.tostring(holder[0])))


def same_id_in_capitals(root: etree._Element) -> None:
    root.find("Prescription/PrescriptionManagement/Version").set("ID", "PrescriptionDocument")


def reference_to_the_root(root: etree._Element) -> None:
    root.find(f".//{{{DS}}}Reference").set("URI", "")


def reference_elsewhere(root: etree._Element) -> None:
    root.find(f".//{{{DS}}}Reference").set("URI", "http://example.invalid/data")


def reference_by_xpointer(root: etree._Element) -> None:
    root.find(f".//{{{DS}}}Reference").set("URI", "#xpointer(id('PrescriptionDocument'))")


def one_reference_less(root: etree._Element) -> None:
    info = root.find(f".//{{{DS}}}SignedInfo")
    info.remove(info.findall(f"{{{DS}}}Reference")[1])


def one_reference_more(root: etree._Element) -> None:
    info = root.find(f".//{{{DS}}}SignedInfo")
    info.append(etree.fromstring(etree.tostring(info.findall(f"{{{DS}}}Reference")[0])))


def properties_unnamed(root: etree._Element) -> None:
    del root.findall(f".//{{{DS}}}Reference")[2].attrib["Type"]


def key_value(root: etree._Element) -> None:
    etree.SubElement(root.find(f".//{{{DS}}}KeyInfo"), f"{{{DS}}}KeyValue")


def many_certificates(root: etree._Element) -> None:
    data = root.find(f".//{{{DS}}}X509Data")
    for _ in range(9):
        data.append(etree.fromstring(etree.tostring(data[0])))


def element_within_the_text(root: etree._Element) -> None:
    etree.SubElement(root.find("Prescription/PrescriptionDocument"), "x")


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (wrap_in_object, "RX-G-04"),
        (wrap_beside, "RX-G-04"),
        (wrap_with_another_id, "RX-G-05"),
        (wrap_whole, "RX-G-06"),
        (move_the_signature, "RX-G-05"),
        (second_signature, "RX-G-04"),
        (same_id_in_capitals, "RX-G-06"),
        (reference_to_the_root, "RX-G-07"),
        (reference_elsewhere, "RX-G-07"),
        (reference_by_xpointer, "RX-G-07"),
        (one_reference_less, "RX-G-08"),
        (one_reference_more, "RX-G-08"),
        (properties_unnamed, "RX-G-07"),
        (key_value, "RX-G-05"),
        (many_certificates, "RX-G-12"),
        (element_within_the_text, "RX-G-05"),
    ],
)
def test_an_element_moved_or_added_is_refused(attack: Callable[[etree._Element], None], code: str):
    assert codes(edited(attack))[0] == code


def replaced(old: str, new: str) -> bytes:
    assert old.encode() in signed()
    return signed().replace(old.encode(), new.encode())


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (lambda: b'<!DOCTYPE Document [<!ENTITY a "b">]>' + signed().split(b"?>", 1)[1], "RX-G-02"),
        (lambda: replaced("SjEK", "SjEK<!-- hidden -->") if b"SjEK" in signed() else commented(), "RX-G-02"),
        (lambda: commented(), "RX-G-02"),
        (lambda: signed().replace(b"<Prescription>", b"<Prescription><?php x?>"), "RX-G-02"),
        (lambda: signed() + b"<!-- after -->", "RX-G-02"),
        (lambda: signed().decode().replace("UTF-8", "UTF-16").encode("utf-16"), "RX-G-01"),
        (lambda: signed().replace(b"UTF-8", b"Shift_JIS"), "RX-G-01"),
        (lambda: signed()[:-5], "RX-G-01"),
        (lambda: b"", "RX-G-01"),
        (lambda: b"<x/>", "RX-G-03"),
        (lambda: b"a" * (5 * 1024 * 1024), "RX-G-31"),
        (lambda: b"<a>" * 5000, "RX-G-01"),
    ],
)
def test_what_hides_or_is_no_document_is_refused(document: Callable[[], bytes], code: str):
    assert codes(document()) == [code]


def commented() -> bytes:
    """A comment within the text: a reader that takes the first piece of text would see another prescription."""
    start, _ = span(signed(), "PrescriptionDocument")
    at = signed().index(b">", start) + 41
    return signed()[:at] + b"<!---->" + signed()[at:]


def resigned(change: Callable[[etree._Element], None]) -> bytes:
    """Signed again with the doctor's own key after a change of SignedInfo: the method is all that is wrong."""
    root = etree.fromstring(signed())
    change(root)
    info = root.find(f".//{{{DS}}}SignedInfo")
    value = hpki().doctor.key.sign(canonical(info, is_exclusive=True), padding.PKCS1v15(), hashes.SHA256())
    root.find(f".//{{{DS}}}SignatureValue").text = base64.b64encode(value).decode()
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def test_resigning_without_a_change_is_good():
    assert verify_document(resigned(lambda root: None), trust(), LATER).is_valid


def algorithm(name: str, old: str, new: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        found = [each for each in root.iter(f"{{{DS}}}{name}") if each.get("Algorithm") == old]
        assert found
        found[0].set("Algorithm", new)

    return change


@pytest.mark.parametrize(
    "change",
    [
        algorithm("SignatureMethod", RSA_SHA256, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        algorithm("SignatureMethod", RSA_SHA256, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
        algorithm("DigestMethod", SHA256, "http://www.w3.org/2000/09/xmldsig#sha1"),
        algorithm("DigestMethod", SHA256, "http://www.w3.org/2001/04/xmldsig-more#md5"),
        algorithm("Transform", EXCLUSIVE, "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        algorithm("Transform", EXCLUSIVE, "http://www.w3.org/2002/06/xmldsig-filter2"),
        algorithm("Transform", EXCLUSIVE, "http://www.w3.org/2000/09/xmldsig#base64"),
        algorithm("CanonicalizationMethod", EXCLUSIVE, f"{EXCLUSIVE}WithComments"),
    ],
)
def test_a_weak_or_a_running_method_is_refused(change: Callable[[etree._Element], None]):
    assert "RX-G-09" in codes(resigned(change))


def test_the_certificate_cannot_be_exchanged_for_another():
    """The same key under another certificate: the digest within what was signed tells which was meant."""
    other = base64.b64encode(hpki().pharmacist.chain[0].public_bytes(serialization.Encoding.DER)).decode()

    def change(root: etree._Element) -> None:
        root.find(f".//{{{DS}}}X509Certificate").text = other

    assert {"RX-G-10", "RX-G-11", "RX-G-13"} <= set(codes(edited(change)))


def test_the_time_of_signing_must_be_a_time_with_a_zone():
    def change(root: etree._Element) -> None:
        root.find(f".//{{{XADES}}}SigningTime").text = "2026-11-30T09:00:00"

    assert codes(edited(change)) == ["RX-G-14"]


def test_a_document_is_signed_once():
    with pytest.raises(BadInput) as refused:
        sign_document(signed(), hpki().doctor, AT)
    assert [each.code for each in refused.value.findings] == ["RX-G-04"]
