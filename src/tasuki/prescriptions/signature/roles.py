# SPDX-License-Identifier: Apache-2.0
"""保健医療福祉分野の資格 — hcRole in subjectDirectoryAttributes of an HPKI certificate, read and written.

``SubjectDirectoryAttributes { hcRole (1.0.17090.0.1) { SET { HCActor { [0] CodedData { [0] scheme, [2] text }}}}}``;
the scheme of Japan is 1.2.392.100495.1.6.1.1. "Medical Doctor" and "Pharmacist" were seen in test certificates of MEDIS.

Cite: ISO 17090-2; 保健医療福祉分野PKI認証局 署名用証明書ポリシ 7.1.2
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from cryptography import x509

from tasuki.kernel.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

DIRECTORY_ATTRIBUTES = x509.ObjectIdentifier("2.5.29.9")
# DER of the two object identifiers, contents only.
_HC_ROLE = bytes.fromhex("288185420001")
_SCHEME = bytes.fromhex("2a830886910f01060101")
_SEQUENCE, _SET, _OID, _UTF8, _SCHEME_TAG, _TEXT_TAG = 0x30, 0x31, 0x06, 0x0C, 0xA0, 0xA2


class MedicalRole(StrEnum):
    """資格 — values as the certificate writes them."""

    DOCTOR = "Medical Doctor"
    DENTIST = "Dentist"
    PHARMACIST = "Pharmacist"

    @property
    def label(self) -> str:
        """資格の表示 — 医師, 歯科医師, 薬剤師."""
        return {"Medical Doctor": "医師", "Dentist": "歯科医師", "Pharmacist": "薬剤師"}[self.value]


def roles_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """証明書の資格 — every text of the Japanese scheme, empty where there is none or it cannot be read."""
    try:
        found = certificate.extensions.get_extension_for_oid(DIRECTORY_ATTRIBUTES)
    except (x509.ExtensionNotFound, ValueError):
        return ()
    value = found.value
    if not isinstance(value, x509.UnrecognizedExtension):
        return ()
    try:
        return tuple(_roles(value.value))
    except ValueError:
        return ()


def role_label(text: str) -> str:
    """資格の表示 — in Japanese where it is one of ours.

    >>> role_label("Pharmacist"), role_label("Midwife")
    ('薬剤師', 'Midwife')
    """
    return MedicalRole(text).label if text in set(MedicalRole) else printable(text, 40)


def role_extension(role: MedicalRole) -> x509.UnrecognizedExtension:
    """資格の拡張領域 — as a certificate authority writes it."""
    scheme = _der(_SCHEME_TAG, _der(_OID, _SCHEME))
    text = _der(_TEXT_TAG, _der(_UTF8, role.value.encode()))
    actor = _der(_SEQUENCE, _der(_SCHEME_TAG, _der(_SET, scheme + text)))
    attribute = _der(_SEQUENCE, _der(_OID, _HC_ROLE) + _der(_SET, _der(_SET, actor)))
    return x509.UnrecognizedExtension(DIRECTORY_ATTRIBUTES, _der(_SEQUENCE, attribute))


def _roles(data: bytes) -> Iterator[str]:
    for attribute in _inside(_one(data, _SEQUENCE), _SEQUENCE):
        parts = list(_parts(attribute))
        if len(parts) != 2 or parts[0] != (_OID, _HC_ROLE) or parts[1][0] != _SET:
            continue
        for values in _inside(parts[1][1], _SET):
            for actor in _inside(values, _SEQUENCE):
                yield from _coded(actor)


def _coded(actor: bytes) -> Iterator[str]:
    for tag, tagged in _parts(actor):
        if tag != _SCHEME_TAG:
            continue
        items = dict(_parts(_one(tagged, _SET)))
        if _SCHEME_TAG in items and _TEXT_TAG in items and _one(items[_SCHEME_TAG], _OID) == _SCHEME:
            yield _one(items[_TEXT_TAG], _UTF8).decode("utf-8")


def _inside(data: bytes, tag: int) -> Iterator[bytes]:
    return (value for found, value in _parts(data) if found == tag)


def _one(data: bytes, tag: int) -> bytes:
    parts = list(_parts(data))
    if len(parts) != 1 or parts[0][0] != tag:
        raise ValueError("not the value expected")
    return parts[0][1]


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Values of DER one after the other, by tag; lengths of up to two bytes are enough for an extension."""
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise ValueError("cut short")
        tag, size, at = data[at], data[at + 1], at + 2
        if size & 0x80:
            width = size & 0x7F
            if width not in (1, 2) or at + width > len(data):
                raise ValueError("length of a kind that is not used here")
            size, at = int.from_bytes(data[at : at + width], "big"), at + width
        if at + size > len(data):
            raise ValueError("cut short")
        yield tag, data[at : at + size]
        at += size


def _der(tag: int, value: bytes) -> bytes:
    size = len(value)
    head = (
        bytes([size])
        if size < 0x80
        else bytes([0x81, size])
        if size < 0x100
        else bytes([0x82, *size.to_bytes(2, "big")])
    )
    return bytes([tag]) + head + value
