# SPDX-License-Identifier: Apache-2.0
"""証明書 — reading certificates and revocation lists from PEM or DER, and naming them in sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from tasuki.kernel.printable import printable
from tasuki.prescriptions.signature.messages import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)


# What the library raises for certificates that are broken within: it reads a part when it is asked for.
_BROKEN = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


def read_certificate(data: bytes) -> x509.Certificate:
    """証明書の読取 — one of DER, every part of it that is used later. Raises :class:`BadInput`."""
    try:
        found = x509.load_der_x509_certificate(data)
        for each in (found.subject, found.issuer):
            each.rfc4514_string()
        _ = (found.public_key(), found.extensions, found.serial_number, found.signature_hash_algorithm)
        _ = (found.version, found.not_valid_before_utc, found.not_valid_after_utc)
    except _BROKEN as wrong:
        refuse("RX-G-12", reason=printable(str(wrong), 80))
    return found


def read_certificates(data: bytes) -> tuple[x509.Certificate, ...]:
    """証明書の読取 — every one of a PEM file, or one of DER. Raises :class:`BadInput` when there is none."""
    if _BLOCK.search(data):
        try:
            pems = [x509.load_pem_x509_certificate(each) for each in _blocks(data, b"CERTIFICATE")]
            ders = [each.public_bytes(serialization.Encoding.DER) for each in pems]
        except _BROKEN as wrong:
            refuse("RX-G-12", reason=printable(str(wrong), 80))
    else:
        ders = [data]
    found = [read_certificate(each) for each in ders]
    if not found:
        refuse("RX-G-12", reason="証明書がありません")
    return tuple(found)


def read_revocations(data: bytes) -> tuple[x509.CertificateRevocationList, ...]:
    """失効リストの読取 — every CRL of a PEM file, or one of DER. Raises :class:`BadInput` when there is none."""
    try:
        if _BLOCK.search(data):
            found = [x509.load_pem_x509_crl(each) for each in _blocks(data, b"X509 CRL")]
        else:
            found = [x509.load_der_x509_crl(data)]
        for each in found:
            _ = (each.issuer, each.extensions, each.next_update_utc, each.signature_hash_algorithm)
    except _BROKEN as wrong:
        refuse("RX-G-12", reason=f"失効リスト: {printable(str(wrong), 80)}")
    if not found:
        refuse("RX-G-12", reason="失効リストがありません")
    return tuple(found)


def _blocks(data: bytes, kind: bytes) -> Iterable[bytes]:
    return (found[0] for found in _BLOCK.finditer(data) if found[1] == kind)


def subject_text(name: x509.Name) -> str:
    """名義 — the common name, or the whole name where it has none."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return printable(str(common[0].value) if common else name.rfc4514_string(), 80)
