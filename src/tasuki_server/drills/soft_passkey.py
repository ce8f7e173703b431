# SPDX-License-Identifier: Apache-2.0
"""ソフトウェアの認証器 — answers the portal's questions as a telephone would, for tests and measurements; no device's key.

Cite: W3C Web Authentication Level 2 §6 (authenticator data, attestation "none")
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


class SoftPasskey:
    """ソフトウェアのパスキー — one key of one host; ``is_verifying`` no is a device that does not ask its holder."""

    def __init__(self, origin: str, *, is_verifying: bool = True) -> None:
        self.origin = origin
        self.host = origin.partition("://")[2].partition(":")[0]
        self.id = secrets.token_bytes(32)
        self.count = 0
        self.handle = b""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._flags = _PRESENT | (_VERIFIED if is_verifying else 0)

    def credential(self) -> bytes:
        """公開鍵 — with the name of the key, as a server keeps it."""
        key = cbor.encode(dict(ES256.from_cryptography_key(self._key.public_key())))
        return b"\0" * 16 + struct.pack(">H", len(self.id)) + self.id + key

    def made(self, options: str) -> str:
        """登録の答え — to ``navigator.credentials.create`` options."""
        asked = json.loads(options)
        self.handle = websafe_decode(asked["user"]["id"])
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(_ATTESTED) + self.credential()}
        response = {
            "clientDataJSON": websafe_encode(self._client("webauthn.create", asked)),
            "attestationObject": websafe_encode(cbor.encode(statement)),
        }
        return self._answer(response)

    def proved(self, options: str) -> str:
        """サインインの答え — to ``navigator.credentials.get`` options."""
        asked = json.loads(options)
        self.count += 1
        client, data = self._client("webauthn.get", asked), self._data(0)
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
            "userHandle": websafe_encode(self.handle),
        }
        return self._answer(response)

    def _answer(self, response: dict[str, Any]) -> str:
        named = websafe_encode(self.id)
        return json.dumps(
            {
                "id": named,
                "rawId": named,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _data(self, more: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + struct.pack(">BI", self._flags | more, self.count)
