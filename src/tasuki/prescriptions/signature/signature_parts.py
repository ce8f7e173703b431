# SPDX-License-Identifier: Apache-2.0
"""署名の部品 — the parts of one signature, each found by its place alone, never by searching for its name.

A signature that refers to something else, or stands somewhere else, is refused before anything is computed: a signed
element moved aside and another put in its place (XML signature wrapping) never gets to the digests.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from tasuki.kernel.finding import BadInput
from tasuki.kernel.printable import printable
from tasuki.prescriptions.signature.certificates import read_certificate
from tasuki.prescriptions.signature.messages import fault, refuse
from tasuki.prescriptions.signature.names import SIGNED_PROPERTIES_TYPE, DocumentShape, ds, xades
from tasuki.prescriptions.signature.safe_xml import Node, decode_base64, only, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography import x509

_BODY = (
    "PrescriptionManagement",
    "PrescriptionDocument",
    "AdditionalPrescriptionInformation",
    "PrescriptionSign",
)
_MANAGEMENT = ("Version", "PrescriptionId")
# What may stand in an element, and whether it must; nothing else may.
_CHILDREN: Mapping[tuple[str, ...], Mapping[str, bool]] = {
    ("Document", "Prescription"): dict(zip(_BODY, (True, True, False, False), strict=True)),
    ("Document", "Prescription", "PrescriptionManagement"): dict(
        zip(_MANAGEMENT, (True, False), strict=True)
    ),
    ("Document", "Prescription", "PrescriptionSign"): {ds("Signature"): True},
    ("Document", "DispensingManagement"): {"Version": True, "DispensingId": False},
    ("Document", "Dispensing"): {"ReferencePrescription": True, "DispensingDocument": True},
    ("Document", "Dispensing", "ReferencePrescription"): dict(
        zip(_BODY, (True, True, False, False), strict=True)
    ),
    ("Document", "Dispensing", "ReferencePrescription", "PrescriptionManagement"): dict(
        zip(_MANAGEMENT, (True, False), strict=True)
    ),
    ("Document", "Dispensing", "ReferencePrescription", "PrescriptionSign"): {ds("Signature"): True},
    ("Document", "DispensingSign"): {ds("Signature"): True},
}
_ROOTS: Mapping[str, Mapping[str, bool]] = {
    "Prescription": {"Prescription": True},
    "Dispensing": {
        "DispensingManagement": True,
        "Dispensing": True,
        "AdditionalDispensedInformation": False,
        "DispensingSign": False,
    },
}
# A path is four long; each certificate costs time to read.
_MOST_CERTIFICATES = 8
_SIGNATURE = {ds("SignedInfo"): True, ds("SignatureValue"): True, ds("KeyInfo"): True, ds("Object"): True}


class SignatureParts(NamedTuple):
    """署名の部品 — elements and what was read from them; ``digests`` in the order data, certificate, properties."""

    signed: Node
    info: Node
    value: bytes
    key_info: Node
    properties: Node
    references: tuple[Node, Node, Node]
    certificates: tuple[x509.Certificate, ...]
    signed_at: datetime
    certificate_digest: tuple[str, bytes]
    has_later_levels: bool


def check_document_shape(root: Node) -> None:
    """文書の構造の点検 — every element down to the signed data is one we know. Raises :class:`BadInput`."""
    kind = next((name for name in _ROOTS if any(child.tag == name for child in root)), "")
    if root.tag != "Document" or not kind:
        refuse("RX-G-03", path="Document/Prescription")
    _check_children(root, ("Document",), _ROOTS[kind])
    for path, children in _CHILDREN.items():
        for node in root.iterfind("/".join(path[1:])):
            _check_children(node, path, children)


def _check_children(node: Node, path: tuple[str, ...], allowed: Mapping[str, bool]) -> None:
    shown = "/".join(etree.QName(name).localname for name in path)
    names = [child.tag for child in node]
    for name in names:
        if name not in allowed:
            refuse("RX-G-05", field=shown, path=f"{shown}/{printable(etree.QName(name).localname, 40)}")
        if names.count(name) > 1:
            refuse(
                "RX-G-04", field=shown, path=f"{shown}/{etree.QName(name).localname}", count=names.count(name)
            )
    for name, is_needed in allowed.items():
        if is_needed and name not in names:
            missing = f"{shown}/{etree.QName(name).localname}"
            refuse("RX-G-03", field=shown, path=missing)
    if any(text and text.strip() for text in (node.text, *(child.tail for child in node))):
        refuse("RX-G-05", field=shown, path=f"{shown}（文字）")


def read_parts(root: Node, shape: DocumentShape) -> SignatureParts:
    """署名の部品の読取 — of the signature that belongs to ``shape``. Raises :class:`BadInput`."""
    place = (*shape.sign_path, ds("Signature"))
    signature = only(root, place)
    if signature.get("Id") != shape.sign_id:
        refuse("RX-G-07", uri=printable(signature.get("Id", ""), 60), expected=shape.sign_id)
    _check_children(signature, place, _SIGNATURE)
    info, key_info = only(root, (*place, ds("SignedInfo"))), only(root, (*place, ds("KeyInfo")))
    qualifying = only(root, (*place, ds("Object"), xades("QualifyingProperties")))
    if qualifying.get("Target") != f"#{shape.sign_id}":
        refuse("RX-G-07", uri=printable(qualifying.get("Target", ""), 60), expected=shape.sign_id)
    inside = (*place, ds("Object"), xades("QualifyingProperties"), xades("SignedProperties"))
    properties = only(root, inside)
    of_signature = (*inside, xades("SignedSignatureProperties"))
    signed = only(root, shape.path)
    return SignatureParts(
        signed,
        info,
        decode_base64(text_of(only(root, (*place, ds("SignatureValue")))), "SignatureValue"),
        key_info,
        properties,
        _references(info, signed, key_info, properties),
        _certificates(key_info),
        _time(text_of(only(root, (*of_signature, xades("SigningTime"))))),
        _certificate_digest(only(root, of_signature)),
        any(child.tag == xades("UnsignedProperties") for child in qualifying),
    )


def _references(info: Node, *targets: Node) -> tuple[Node, Node, Node]:
    """One reference to each of the three, in whatever order, and no other: by identity of the element, not by name."""
    found = [child for child in info if child.tag == ds("Reference")]
    if len(found) != len(targets):
        refuse("RX-G-08", count=len(found))
    words = ("処方データ", "署名者の証明書", "署名属性")
    by_id: dict[str, list[Node]] = {}
    for each in info.getroottree().iter():
        for name, value in each.attrib.items():
            if etree.QName(name).localname.lower() == "id":
                by_id.setdefault(value, []).append(each)
    placed: list[Node] = []
    for target, word in zip(targets, words, strict=True):
        fitting = [
            each
            for each in found
            if by_id.get(each.get("URI", "")[1:]) == [target] and each.get("URI", "")[:1] == "#"
        ]
        if len(fitting) != 1:
            shown = "、".join(printable(each.get("URI", ""), 40) for each in found)
            refuse("RX-G-07", uri=shown, expected=word)
        placed.append(fitting[0])
    if placed[2].get("Type") != SIGNED_PROPERTIES_TYPE:
        refuse("RX-G-07", uri=printable(placed[2].get("Type", ""), 60), expected="署名属性の種別")
    return placed[0], placed[1], placed[2]


def _certificates(key_info: Node) -> tuple[x509.Certificate, ...]:
    if [child.tag for child in key_info] != [ds("X509Data")]:
        refuse("RX-G-05", path="KeyInfo", field="KeyInfo")
    if len(key_info[0]) > _MOST_CERTIFICATES:
        refuse("RX-G-12", reason=f"{_MOST_CERTIFICATES}枚を超えています")
    found = []
    for each in key_info[0]:
        if each.tag != ds("X509Certificate"):
            name = f"X509Data/{printable(etree.QName(each).localname, 40)}"
            refuse("RX-G-05", path=name, field="KeyInfo")
        found.append(read_certificate(decode_base64(text_of(each), "X509Certificate")))
    if not found:
        refuse("RX-G-12", reason="証明書がありません")
    return tuple(found)


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        refuse("RX-G-14", text=printable(text, 40))
    return at


def _certificate_digest(properties: Node) -> tuple[str, bytes]:
    used = [
        child
        for child in properties
        if child.tag in (xades("SigningCertificateV2"), xades("SigningCertificate"))
    ]
    if len(used) != 1 or not len(used[0]) or used[0][0].tag != xades("Cert"):
        refuse("RX-G-04", path="SigningCertificateV2/Cert", count=len(used))
    found = [child for child in used[0][0] if child.tag == xades("CertDigest")]
    if len(found) != 1:
        raise BadInput([fault("RX-G-04", path="SigningCertificateV2/Cert/CertDigest", count=len(found))])
    return digest_of(found[0])


def digest_of(node: Node) -> tuple[str, bytes]:
    """ダイジェストの読取 — algorithm and value that stand in an element. Raises :class:`BadInput`."""
    methods = [child for child in node if child.tag == ds("DigestMethod")]
    values = [child for child in node if child.tag == ds("DigestValue")]
    if len(methods) != 1 or len(values) != 1:
        refuse("RX-G-04", path="DigestMethod・DigestValue", count=max(len(methods), len(values)))
    return methods[0].get("Algorithm", ""), decode_base64(text_of(values[0]), "DigestValue")
