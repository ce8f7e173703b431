# SPDX-License-Identifier: Apache-2.0
"""接続する側 — what another system does with its key: names itself, proves each request. For the console, drills and tests.

Knows nothing of this server's rows; a vendor may read it as an example.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from joserfc import jws
from joserfc.jwk import ECKey

from tasuki.calculation.openapi import ISSUE
from tasuki_server.api.proofs import ALGORITHM, ASSERTION_TYPE, GRANT, token_digest

ASSERTION_SECONDS = 60


def new_key() -> ECKey:
    """鍵の組の作成 — P-256."""
    return ECKey.generate_key("P-256")


def public_jwk(key: ECKey) -> dict[str, Any]:
    """公開鍵 — what is handed to the administrator."""
    return dict(key.as_dict(private=False))


def private_jwk(key: ECKey) -> dict[str, Any]:
    """秘密鍵 — stays with the system that made it."""
    return dict(key.as_dict(private=True))


def signed(key: ECKey, header: dict[str, Any], said: dict[str, Any]) -> str:
    """署名 — one statement as JWS."""
    return jws.serialize_compact(
        {"alg": ALGORITHM, **header}, json.dumps(said).encode(), key, algorithms=[ALGORITHM]
    )


@dataclass(slots=True)
class ServiceCaller:
    """接続する側 — its name, the key it is registered with, and the key its requests are proved with."""

    client_id: str
    key: ECKey
    origin: str
    holder: ECKey
    token: str = ""
    # 窓口: where tokens are asked for.
    issue: str = ISSUE

    @classmethod
    def made(cls, client_id: str, key: ECKey, origin: str, issue: str = ISSUE) -> ServiceCaller:
        """新しい接続 — with a key of its own for the proofs, which never leaves this process."""
        return cls(client_id, key, origin, new_key(), issue=issue)

    def assertion(self, **other: Any) -> str:
        """接続先の証明 — private_key_jwt."""
        now = int(time.time())
        said = {
            "iss": self.client_id, "sub": self.client_id, "aud": self.origin + self.issue, "iat": now,
            "exp": now + ASSERTION_SECONDS, "jti": secrets.token_urlsafe(16),
        } | other  # fmt: skip
        return signed(self.key, {"typ": "JWT", "kid": self.key.thumbprint()}, said)

    def proof(self, method: str, path: str, **other: Any) -> str:
        """所持の証明 — of one request."""
        said: dict[str, Any] = {
            "htm": method, "htu": self.origin + path, "iat": int(time.time()), "jti": secrets.token_urlsafe(16)
        }  # fmt: skip
        if self.token and path != self.issue:
            said["ath"] = token_digest(self.token)
        return signed(self.holder, {"typ": "dpop+jwt", "jwk": public_jwk(self.holder)}, said | other)

    def token_request(self, scope: str = "") -> tuple[bytes, dict[str, str]]:
        """短期トークンの求め — body and headers of what is posted to the door."""
        form = {
            "grant_type": GRANT, "client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()
        }  # fmt: skip
        if scope:
            form["scope"] = scope
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "DPoP": self.proof("POST", self.issue),
        }
        return urlencode(form).encode(), headers

    def headers(self, method: str, path: str) -> dict[str, str]:
        """要求の見出し — the token and a proof of this one request."""
        return {"Authorization": f"DPoP {self.token}", "DPoP": self.proof(method, path)}
