# SPDX-License-Identifier: Apache-2.0
"""停止時の写しの暗号 — charts sealed so that a copy opens with a person's card and with nothing on the server's side of it.

Each member of staff who may read charts has a key pair. The private key lies in the copy itself, wrapped by the code on
their card; whoever makes copies knows public keys only. A copy has one root key, sealed to each holder; a chart's key
comes from the root, except for a sealed chart (閲覧制限), whose key is given to its readers alone.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 7③（持ち出す情報の暗号化）、NIST SP 800-38D、RFC 5869、RFC 7748、RFC 7914
"""

from __future__ import annotations

import os
import secrets
import zlib
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

KEY_BYTES = 32
NONCE_BYTES = 12
SALT_BYTES = 16
# 読み間違えない32文字（Crockford）: twenty of them are 100 bits, so that guessing at a stolen copy is hopeless.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LETTERS = 20
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
# The code itself is beyond guessing; the work factor is for the one who writes it down badly.
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 1
_LONGEST = 64 * 1024 * 1024


class CannotOpen(Exception):
    """開けない写し — the code is not this card's, or the content was altered or belongs elsewhere."""


class CardKeys(NamedTuple):
    """開封カードの鍵 — the private key of a person, and the public key that signs their institution's copies."""

    private: bytes
    signer: bytes


class NewCard(NamedTuple):
    """新しい開封カード — ``code`` is printed once and kept nowhere."""

    code: str
    public: bytes
    wrapped: bytes


def new_card(owner: str, signer: bytes) -> NewCard:
    """開封カードの発行 — ``owner`` names institution and person, and binds the wrapped key to them.

    >>> card = new_card("clinic/person", bytes(32))
    >>> open_card(card.code.lower(), "clinic/person", card.wrapped).signer == bytes(32)
    True
    """
    code = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LETTERS))
    private = X25519PrivateKey.generate()
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    plain = private.private_bytes_raw() + signer
    wrapped = salt + nonce + AESGCM(_stretched(code, salt)).encrypt(nonce, plain, _bound("card", owner))
    return NewCard(spaced(code), private.public_key().public_bytes_raw(), wrapped)


def open_card(code: str, owner: str, wrapped: bytes) -> CardKeys:
    """開封カードで開く — raises :class:`CannotOpen` for a code that is not this card's."""
    salt, nonce, sealed = wrapped[:SALT_BYTES], wrapped[SALT_BYTES:28], wrapped[28:]
    try:
        plain = AESGCM(_stretched(read_code(code), salt)).decrypt(nonce, sealed, _bound("card", owner))
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("card") from error
    return CardKeys(plain[:KEY_BYTES], plain[KEY_BYTES:])


def read_code(typed: str) -> str:
    """コードの読取り — in any case, with or without hyphens; letters that look alike are one.

    >>> read_code("abcd-o1il u") == "ABCD0111V"
    True
    """
    return "".join(each for each in typed.upper().translate(_ALIKE) if each in _LETTERS)


def spaced(code: str) -> str:
    """コードの表記 — in groups of four.

    >>> spaced("ABCD0123")
    'ABCD-0123'
    """
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def seal_to(public: bytes, plain: bytes, place: str) -> bytes:
    """一人に宛てた封印 — with a key made for this once (X25519, HKDF, AES-256-GCM)."""
    once = X25519PrivateKey.generate()
    own = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(public))
    nonce = os.urandom(NONCE_BYTES)
    key = _derived(shared, own + public, "holder")
    return own + nonce + AESGCM(key).encrypt(nonce, plain, _bound("holder", place))


def open_as(private: bytes, sealed: bytes, place: str) -> bytes:
    """宛てられた封印を開く — raises :class:`CannotOpen`.

    >>> person = X25519PrivateKey.generate()
    >>> letter = seal_to(person.public_key().public_bytes_raw(), b"root", "copy 1")
    >>> open_as(person.private_bytes_raw(), letter, "copy 1")
    b'root'
    """
    own, nonce, content = sealed[:KEY_BYTES], sealed[KEY_BYTES:44], sealed[44:]
    try:
        key = X25519PrivateKey.from_private_bytes(private)
        shared = key.exchange(X25519PublicKey.from_public_bytes(own))
        derived = _derived(shared, own + key.public_key().public_bytes_raw(), "holder")
        return AESGCM(derived).decrypt(nonce, content, _bound("holder", place))
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("holder") from error


def part_key(root: bytes, part: str) -> bytes:
    """部分の鍵 — of one chart, of the catalogue or of the log, from the root."""
    return _derived(root, b"", f"part {part}")


def seal_part(key: bytes, plain: bytes, place: str) -> bytes:
    """写しの部分の封印 — compressed, and bound to its place, so that it opens nowhere else.

    >>> open_part(bytes(32), seal_part(bytes(32), b"chart", "a/1"), "a/1")
    b'chart'
    """
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, zlib.compress(plain), _bound("part", place))


def open_part(key: bytes, sealed: bytes, place: str) -> bytes:
    """写しの部分を開く — raises :class:`CannotOpen` for one that was altered or moved."""
    try:
        shortened = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound("part", place))
        unpacked = zlib.decompressobj()
        plain = unpacked.decompress(shortened, _LONGEST)
    except (InvalidTag, ValueError, zlib.error) as error:
        raise CannotOpen("part") from error
    if unpacked.unconsumed_tail:
        raise CannotOpen("part")
    return plain


def signed(key: bytes, text: bytes) -> bytes:
    """署名 — of the copy's cover, by the installation."""
    return Ed25519PrivateKey.from_private_bytes(key).sign(b"tasuki downtime copy\n" + text)


def signer_of(key: bytes) -> bytes:
    """署名者の公開鍵 — what a card remembers."""
    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()


def check_signature(signer: bytes, text: bytes, signature: bytes) -> None:
    """署名の検証 — raises :class:`CannotOpen` for a cover that the installation did not write."""
    try:
        key = Ed25519PublicKey.from_public_bytes(signer)
        key.verify(signature, b"tasuki downtime copy\n" + text)
    except (InvalidSignature, ValueError) as error:
        raise CannotOpen("signature") from error


def _stretched(code: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P).derive(code.encode())


def _derived(secret: bytes, salt: bytes, purpose: str) -> bytes:
    info = f"tasuki downtime {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(secret)


def _bound(kind: str, place: str) -> bytes:
    return f"{kind}\n{place}".encode()
