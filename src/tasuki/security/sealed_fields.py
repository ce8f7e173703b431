# SPDX-License-Identifier: Apache-2.0
"""項目の暗号化 — one column of one row, sealed so that it opens at its own place only.

AES-256-GCM; the associated data are institution, table, column and row, so that a ciphertext copied to any other
place fails. The header names the data key, so that keys change while rows wait their turn. Data keys are random,
one set an institution, and are kept wrapped by a key that the database never has.

Layout: form (1 byte) | number of the data key (4 bytes) | nonce (12 bytes) | ciphertext and tag.

Cite: 医療情報システムの安全管理に関するガイドライン（暗号化と鍵の管理）, NIST SP 800-38D
"""

from __future__ import annotations

import hashlib
import hmac
import os
import zlib
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# 形式: not sealed yet (rows from before the column was sealed), sealed, sealed after compression.
PLAIN, SEALED, SEALED_SHORTENED = 0, 1, 2
# Before a ciphertext that a masked view hands out: whoever reads it gets the mask of the value (maintenance.masking).
MASKED = b"\x03"
NONCE_BYTES = 12
HEADER_BYTES = 5
LEAST_BYTES = HEADER_BYTES + NONCE_BYTES + 16
KEY_BYTES = 32
# Below this a text is not worth compressing; telephone numbers keep their plain length.
_SHORT = 512
_LONGEST = 256 * 1024 * 1024


class Place(NamedTuple):
    """暗号文の場所 — where a value lives, and the only place it opens at."""

    institution: UUID
    table: str
    column: str
    row: UUID

    @property
    def bound(self) -> bytes:
        """場所の符号 — the associated data; lengths first, so that no two places read alike."""
        parts = (self.institution.bytes, self.table.encode(), self.column.encode(), self.row.bytes)
        return b"".join(len(each).to_bytes(2, "big") + each for each in parts)

    def __str__(self) -> str:
        return f"{self.table}.{self.column} {self.row}"


class DataKey(NamedTuple):
    """データ鍵 — 256 bits with the number that headers name it by."""

    number: int
    key: bytes


class WrappingKey(NamedTuple):
    """鍵を包む鍵 — of the installation or of a key service; ``name`` tells with which a data key was wrapped."""

    name: str
    key: bytes


class BrokenSeal(Exception):
    """開けない暗号文 — names the place and why: ``form``, ``key`` (unknown), ``tag`` (altered, moved, or a wrong key)."""

    def __init__(self, place: Place, why: str) -> None:
        self.place = place
        self.why = why
        super().__init__(f"{place}: {why}")


def seal(key: DataKey, place: Place, plain: bytes, fresh: Callable[[int], bytes] = os.urandom) -> bytes:
    """封印 — ``plain`` for its place; long values are compressed first.

    >>> from uuid import UUID
    >>> home = Place(UUID(int=1), "patients_demographics", "phone", UUID(int=2))
    >>> key = DataKey(1, bytes(32))
    >>> open_sealed({1: bytes(32)}.get, home, seal(key, home, b"00-0000-0001"))
    b'00-0000-0001'
    """
    form = SEALED
    if len(plain) >= _SHORT:
        shorter = zlib.compress(plain, 1)
        if len(shorter) < len(plain):
            form, plain = SEALED_SHORTENED, shorter
    header = bytes((form,)) + key.number.to_bytes(4, "big")
    nonce = fresh(NONCE_BYTES)
    return header + nonce + AESGCM(key.key).encrypt(nonce, plain, header + place.bound)


def open_sealed(key_of: Callable[[int], bytes | None], place: Place, sealed: bytes) -> bytes:
    """開封 — the plain value. Raises :class:`BrokenSeal`, which names the row and leaves every other alone."""
    if len(sealed) < LEAST_BYTES or sealed[0] not in (SEALED, SEALED_SHORTENED):
        raise BrokenSeal(place, "form")
    key = key_of(key_number(sealed))
    if key is None:
        raise BrokenSeal(place, "key")
    header, nonce = sealed[:HEADER_BYTES], sealed[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
    try:
        plain = AESGCM(key).decrypt(nonce, sealed[HEADER_BYTES + NONCE_BYTES :], header + place.bound)
    except InvalidTag:
        raise BrokenSeal(place, "tag") from None
    if sealed[0] == SEALED_SHORTENED:
        return zlib.decompressobj().decompress(plain, _LONGEST)
    return plain


def key_number(sealed: bytes) -> int:
    """データ鍵の番号 — as the header names it; 0 is a value that was never sealed."""
    return int.from_bytes(sealed[1:HEADER_BYTES], "big") if sealed[:1] not in (b"", b"\0") else 0


def wrap(wrapping: WrappingKey, institution: UUID, data: DataKey, purpose: str) -> bytes:
    """鍵の包装 — a data key as the database keeps it, bound to its institution, number and purpose."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(wrapping.key).encrypt(
        nonce, data.key, _wrapped_for(institution, data.number, purpose)
    )


def unwrap(wrapping: WrappingKey, institution: UUID, number: int, purpose: str, wrapped: bytes) -> DataKey:
    """鍵の開包 — raises :class:`BrokenSeal` when it was wrapped with another key or for another place."""
    bound = _wrapped_for(institution, number, purpose)
    try:
        key = AESGCM(wrapping.key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        raise BrokenSeal(Place(institution, "key", purpose, UUID(int=number)), "tag") from None
    return DataKey(number, key)


def _wrapped_for(institution: UUID, number: int, purpose: str) -> bytes:
    return institution.bytes + number.to_bytes(4, "big") + purpose.encode()


def blind_index(key: bytes, column: str, text: str) -> str:
    """検索用の符号 — twelve hexadecimal digits that are equal for equal texts, and tell nothing without the key.

    >>> blind_index(bytes(32), "phone", "0312345678") == blind_index(bytes(32), "phone", "0312345678")
    True
    >>> blind_index(bytes(32), "phone", "0312345678") == blind_index(bytes(32), "number", "0312345678")
    False
    """
    return hmac.new(key, f"{column}:{text}".encode(), hashlib.sha256).hexdigest()[:12]
