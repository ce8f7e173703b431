# SPDX-License-Identifier: Apache-2.0
"""オフライン鍵 — backups are sealed for a key whose private half is nowhere in the installation.

HPKE (RFC 9180, X25519, HKDF-SHA256, AES-256-GCM) wraps a random key for each object; the private half is written once
to a place that the operator names (a medium that is taken out, a sheet in the safe) and is only needed to restore.

Cite: 医療情報システムの安全管理に関するガイドライン（暗号化と鍵の管理、バックアップ）, RFC 9180
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from tasuki_server.cli.words import Stop

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_HEX = re.compile(r"[0-9a-f]{64}")
FORM = "tasuki-offline-key/1"


class BrokenObject(RuntimeError):
    """壊れた控え — an object of a repository is not what was put there; ``name`` tells which."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        super().__init__(f"{name}: {why}")


class PublicHalf(NamedTuple):
    """公開鍵 — what an installation has: it can seal, and open nothing."""

    raw: bytes

    @classmethod
    def from_text(cls, text: str) -> PublicHalf:
        """読込み — 64 hexadecimal digits. Raises :class:`tasuki_server.cli.words.Stop`."""
        if not _HEX.fullmatch(text.strip()):
            raise Stop(
                "バックアップの公開鍵は64桁の16進数です。./tasuki backup keys で作れます。",
                "The public key of backups is 64 hexadecimal digits; ./tasuki backup keys makes one.",
            )
        return cls(bytes.fromhex(text.strip()))

    @property
    def text(self) -> str:
        """表記 — as settings and manifests hold it."""
        return self.raw.hex()

    def wrapped(self, key: bytes, purpose: bytes) -> bytes:
        """鍵の包み — opens with the private half and the same purpose only."""
        return bytes(_SUITE.encrypt(key, X25519PublicKey.from_public_bytes(self.raw), info=purpose))


class OfflineKey(NamedTuple):
    """オフライン鍵 — the private half, and the key by which objects of this installation are known as its own."""

    private: bytes
    signer: bytes

    @classmethod
    def made(cls, signer: bytes) -> OfflineKey:
        """作成 — from the system's randomness."""
        return cls(X25519PrivateKey.generate().private_bytes_raw(), signer)

    @property
    def public(self) -> PublicHalf:
        """公開鍵 — of this key."""
        key = X25519PrivateKey.from_private_bytes(self.private)
        return PublicHalf(key.public_key().public_bytes_raw())

    def unwrapped(self, wrapped: bytes, purpose: bytes) -> bytes:
        """包みの開封 — raises ``InvalidTag`` when it was wrapped for another key or purpose."""
        key = X25519PrivateKey.from_private_bytes(self.private)
        try:
            return bytes(_SUITE.decrypt(wrapped, key, info=purpose))
        except ValueError as error:
            raise InvalidTag from error

    @property
    def text(self) -> str:
        """鍵ファイルの中身 — what is kept offline."""
        told = {"form": FORM, "private": self.private.hex(), "signer": self.signer.hex()}
        return json.dumps(told, indent=1) + "\n"


def write_once(path: Path, key: OfflineKey) -> None:
    """秘密鍵の書出し — a file that was not there before, for its owner only. Raises :class:`Stop`."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Stop(
            f"{path} はもうあります。鍵は上書きしません。別の名前を指定してください。",
            f"{path} is there already; a key is never overwritten.",
        ) from error
    except OSError as error:
        raise Stop(
            f"{path} に書けません（{error.strerror}）。", f"Cannot write {path} ({error.strerror})."
        ) from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(key.text)
        file.flush()
        os.fsync(file.fileno())


def read_offline_key(path: Path) -> OfflineKey:
    """鍵ファイルの読込み — raises :class:`Stop`, which never quotes the file."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        key = OfflineKey(bytes.fromhex(told["private"]), bytes.fromhex(told["signer"]))
        is_whole = told["form"] == FORM and len(key.private) == 32 and len(key.signer) == 32
    except (OSError, ValueError, KeyError, TypeError):
        is_whole = False
    if not is_whole:
        raise Stop(
            f"{path} を復元の鍵として読めません。./tasuki backup keys が書き出したファイルを指定してください。",
            f"{path} is no key to restore with; name the file that ./tasuki backup keys wrote.",
        )
    return key
