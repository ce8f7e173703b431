# SPDX-License-Identifier: Apache-2.0
"""XAdES署名の作成 — ES: three references, the time of signing and the digest of the certificate, nothing to be added later.

Made in two steps, since the key may be elsewhere: what is to be signed, and the signature put in. Every reference names
its own canonicalization, so that any verifier computes what was computed here.

Cite: ETSI EN 319 132-1 XAdES-B-B; JIS X 5093; 電子処方箋 署名仕様の概要
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from tasuki.prescriptions.signature.messages import refuse
from tasuki.prescriptions.signature.names import (
    DISPENSING,
    DS,
    EXCLUSIVE,
    PRESCRIPTION,
    RSA_SHA256,
    SHA256,
    SIGNED_PROPERTIES_TYPE,
    XADES,
    DocumentShape,
    ds,
    xades,
)
from tasuki.prescriptions.signature.roles import MedicalRole, role_label, roles_of
from tasuki.prescriptions.signature.safe_xml import Node, canonical, only, parse_safely

if TYPE_CHECKING:
    from datetime import datetime

    from tasuki.prescriptions.signature.signers import Signer

ROLES = {
    PRESCRIPTION.sign_id: (MedicalRole.DOCTOR, MedicalRole.DENTIST),
    DISPENSING.sign_id: (MedicalRole.PHARMACIST,),
}


class PreparedSignature(NamedTuple):
    """署名待ちの文書 — the document with its place for the signature, and the bytes to sign."""

    document: bytes
    data: bytes
    certificate: x509.Certificate
    shape: DocumentShape


def sign_document(document: bytes, signer: Signer, at: datetime) -> bytes:
    """文書への署名 — of a prescription or of a dispensing, by what it is.

    Raises :class:`BadInput` for a certificate without the right profession, a document that is signed already, a time
    outside the certificate, or a signature that does not fit the certificate.
    """
    prepared = prepare_signature(document, signer.chain, at)
    return complete_signature(prepared, signer.sign(prepared.data))


def prepare_signature(
    document: bytes, chain: tuple[x509.Certificate, ...], at: datetime
) -> PreparedSignature:
    """署名の準備 — everything but the signature value; ``at`` is the time of signing."""
    if at.tzinfo is None:
        raise ValueError("the time of signing needs a time zone")
    root = parse_safely(document)
    shape = shape_of(root)
    certificate = chain[0]
    _check_signer(certificate, shape, at)
    signed = only(root, shape.path)
    parent = only(root, shape.sign_path[:-1])
    if any(child.tag == shape.sign_path[-1] for child in parent):
        refuse("RX-G-04", path="/".join(shape.sign_path), count=2)
    holder = etree.SubElement(parent, shape.sign_path[-1])
    moment = at.isoformat(timespec="seconds")
    der = certificate.public_bytes(serialization.Encoding.DER)
    mark = (
        f"id{hashlib.sha256(canonical(signed, is_exclusive=True) + der + moment.encode()).hexdigest()[:16]}"
    )
    signature = etree.SubElement(holder, ds("Signature"), nsmap={"ds": DS}, Id=shape.sign_id)
    info = etree.SubElement(signature, ds("SignedInfo"))
    etree.SubElement(info, ds("CanonicalizationMethod"), Algorithm=EXCLUSIVE)
    etree.SubElement(info, ds("SignatureMethod"), Algorithm=RSA_SHA256)
    etree.SubElement(signature, ds("SignatureValue"), Id=f"{mark}-SignatureValue")
    key_info = _key_info(signature, f"{mark}-KeyInfo", chain)
    properties = _properties(signature, f"{mark}-SignedProperties", shape.sign_id, der, moment)
    _reference(info, shape.signed_id, signed)
    _reference(info, f"{mark}-KeyInfo", key_info)
    _reference(info, f"{mark}-SignedProperties", properties, SIGNED_PROPERTIES_TYPE)
    return PreparedSignature(_bytes(root), canonical(info, is_exclusive=True), certificate, shape)


def complete_signature(prepared: PreparedSignature, signature: bytes) -> bytes:
    """署名の完成 — the signed document. Raises :class:`BadInput` when the signature is not of that certificate."""
    key = prepared.certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        refuse("RX-G-26")
    try:
        key.verify(signature, prepared.data, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        refuse("RX-G-26")
    root = parse_safely(prepared.document)
    value = only(root, (*prepared.shape.sign_path, ds("Signature"), ds("SignatureValue")))
    value.text = base64.b64encode(signature).decode("ascii")
    return _bytes(root)


def shape_of(root: Node) -> DocumentShape:
    """文書の種類 — by what stands in it. Raises :class:`BadInput` for anything else."""
    names = {child.tag for child in root} if root.tag == "Document" else set()
    if "Prescription" in names:
        return PRESCRIPTION
    if "Dispensing" in names:
        return DISPENSING
    refuse("RX-G-03", path="Document/Prescription")


def _check_signer(certificate: x509.Certificate, shape: DocumentShape, at: datetime) -> None:
    allowed = ROLES[shape.sign_id]
    roles = roles_of(certificate)
    if not roles:
        refuse("RX-G-22")
    if not any(role in {each.value for each in allowed} for role in roles):
        refuse(
            "RX-G-21",
            found="、".join(role_label(role) for role in roles),
            what=shape.term,
            expected="・".join(each.label for each in allowed),
        )
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not since <= at <= until:
        refuse(
            "RX-G-17",
            subject="署名者",
            at=f"{at:%Y-%m-%d}",
            since=f"{since:%Y-%m-%d}",
            until=f"{until:%Y-%m-%d}",
        )


def _key_info(signature: Node, name: str, chain: tuple[x509.Certificate, ...]) -> Node:
    """The signer's certificate and those below the root: whoever verifies has the root, and trusts none sent along."""
    key_info = etree.SubElement(signature, ds("KeyInfo"), Id=name)
    data = etree.SubElement(key_info, ds("X509Data"))
    for nth, certificate in enumerate(chain):
        if nth and certificate.subject == certificate.issuer:
            continue
        der = certificate.public_bytes(serialization.Encoding.DER)
        etree.SubElement(data, ds("X509Certificate")).text = base64.b64encode(der).decode("ascii")
    return key_info


def _properties(signature: Node, name: str, target: str, der: bytes, moment: str) -> Node:
    holder = etree.SubElement(signature, ds("Object"))
    qualifying = etree.SubElement(
        holder, xades("QualifyingProperties"), nsmap={"xades": XADES}, Target=f"#{target}"
    )
    properties = etree.SubElement(qualifying, xades("SignedProperties"), Id=name)
    of_signature = etree.SubElement(properties, xades("SignedSignatureProperties"))
    etree.SubElement(of_signature, xades("SigningTime")).text = moment
    used = etree.SubElement(of_signature, xades("SigningCertificateV2"))
    digest = etree.SubElement(etree.SubElement(used, xades("Cert")), xades("CertDigest"))
    etree.SubElement(digest, ds("DigestMethod"), Algorithm=SHA256)
    etree.SubElement(digest, ds("DigestValue")).text = _digest(der)
    return properties


def _reference(info: Node, name: str, node: Node, kind: str = "") -> None:
    said = {"URI": f"#{name}"} | ({"Type": kind} if kind else {})
    reference = etree.SubElement(info, ds("Reference"), said)
    etree.SubElement(etree.SubElement(reference, ds("Transforms")), ds("Transform"), Algorithm=EXCLUSIVE)
    etree.SubElement(reference, ds("DigestMethod"), Algorithm=SHA256)
    etree.SubElement(reference, ds("DigestValue")).text = _digest(canonical(node, is_exclusive=True))


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")


def _bytes(root: Node) -> bytes:
    made: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made
