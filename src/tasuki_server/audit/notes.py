# SPDX-License-Identifier: Apache-2.0
"""署名付きの記録 — signed notes and cosignatures (C2SP signed-note, tlog-cosignature), with Ed25519."""

from __future__ import annotations

import base64
import hashlib
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519, _COSIGNATURE = b"\x01", b"\x04"
_DASH = "— "
MOST_SIGNATURES = 16


class BadNote(ValueError):
    """読めない署名 — the note has no body, no signature, or lines that are none."""


class Note(NamedTuple):
    """署名付きの記録 — a text that ends with a newline, and its signatures by the name of who made them."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]

    @property
    def whole(self) -> str:
        """全文 — text, empty line, signatures."""
        lines = [f"{_DASH}{name} {base64.b64encode(made).decode()}\n" for name, made in self.signatures]
        return f"{self.text}\n{''.join(lines)}"


def read_note(whole: str) -> Note:
    """署名付きの記録の読込 — raises :class:`BadNote`."""
    text, gap, rest = whole.rpartition("\n\n")
    lines = rest.split("\n")
    if not gap or lines.pop() or not 1 <= len(lines) <= MOST_SIGNATURES:
        raise BadNote("a text, an empty line and signatures are expected")
    signatures = []
    for line in lines:
        name, space, value = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space or not name:
            raise BadNote(f"{line[:40]!r} is no signature")
        try:
            signatures.append((name, base64.b64decode(value, validate=True)))
        except ValueError as error:
            raise BadNote("a signature is not base64") from error
    return Note(text + "\n", tuple(signatures))


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """公開鍵 — 32 bytes."""
    return key.public_key().public_bytes_raw()


def sign(text: str, name: str, key: Ed25519PrivateKey) -> Note:
    """署名 — of a log over its own checkpoint."""
    made = _key_id(name, _ED25519, public_bytes(key)) + key.sign(text.encode())
    return Note(text, ((name, made),))


def is_signed_by(note: Note, name: str, public: bytes) -> bool:
    """署名の検証 — whether the holder of a key signed the text under a name."""
    expected = _key_id(name, _ED25519, public)
    return any(
        who == name and made[:4] == expected and _holds(public, made[4:], note.text.encode())
        for who, made in note.signatures
    )


def cosign(text: str, name: str, key: Ed25519PrivateKey, at: int) -> tuple[str, bytes]:
    """副署 — of a witness, over the text and the second at which it was seen."""
    message = f"cosignature/v1\ntime {at}\n{text}".encode()
    made = _key_id(name, _COSIGNATURE, public_bytes(key)) + at.to_bytes(8, "big") + key.sign(message)
    return name, made


def cosigned_at(note: Note, name: str, public: bytes) -> int | None:
    """副署の検証 — the second at which a witness saw the text, None when it has not signed it."""
    expected = _key_id(name, _COSIGNATURE, public)
    for who, made in note.signatures:
        if who != name or made[:4] != expected or len(made) != 76:
            continue
        at = int.from_bytes(made[4:12], "big")
        if _holds(public, made[12:], f"cosignature/v1\ntime {at}\n{note.text}".encode()):
            return at
    return None


class Verifier(NamedTuple):
    """証人の検証鍵 — its name and public key, as others write them (C2SP signed-note, verifier keys)."""

    name: str
    public: bytes

    @property
    def text(self) -> str:
        """検証鍵の表記 — ``name+hash+key``.

        >>> read_verifier(Verifier("tasuki/witness", bytes(32)).text).name
        'tasuki/witness'
        """
        kept = base64.b64encode(_COSIGNATURE + self.public).decode()
        return f"{self.name}+{self.named[1]}+{kept}"

    @property
    def named(self) -> tuple[str, str]:
        """名前と鍵のハッシュ — as a cosignature names who made it."""
        return self.name, _key_id(self.name, _COSIGNATURE, self.public).hex()


def read_verifier(text: str) -> Verifier:
    """検証鍵の読取り — of a witness, with the hash that belongs to it. Raises :class:`BadNote`."""
    name, _, rest = text.partition("+")
    told, _, key = rest.partition("+")
    try:
        value = base64.b64decode(key, validate=True)
    except ValueError as error:
        raise BadNote("the key is not base64") from error
    found = Verifier(name, value[1:])
    if not name or value[:1] != _COSIGNATURE or len(value) != 33 or found.text != text:
        raise BadNote(f"{text[:40]!r} (hash {told[:8]}) is no key of a witness")
    return found


def _holds(public: bytes, made: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(made, message)
    except InvalidSignature:
        return False
    return True


def _key_id(name: str, kind: bytes, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]
