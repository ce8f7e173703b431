# SPDX-License-Identifier: Apache-2.0
"""接続プログラムの試験の道具 — a made-up program of an institution, its key, its statements and its proofs."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from joserfc import jws
from joserfc.jwk import ECKey

from exchange import Place, Told

BASE = "http://localhost:8443/platform/v1/fhir"


@dataclass
class Program:
    """A program of an institution, with its key and the token it has."""

    client: Any
    key: ECKey
    token: str = ""
    algorithm: str = "ES384"

    def ask_token(self, scope: str = "", **more: Any) -> Told:
        now = int(time.time())
        said = {"iss": str(self.client.id), "sub": str(self.client.id), "aud": f"{BASE}/token", "exp": now + 200, "jti": str(uuid4()), **more.pop("said", {})}  # fmt: skip
        header = {"alg": self.algorithm, "typ": "JWT", "kid": self.key.thumbprint()}
        assertion = jws.serialize_compact(
            header, json.dumps(said).encode(), self.key, algorithms=[self.algorithm]
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        }
        form |= {"scope": scope} if scope else {}
        return asked("POST", "token", urlencode({**form, **more.pop("form", {})}).encode(), **more)

    def __call__(self, method: str, path: str, value: Any = b"", **headers: str) -> Told:
        body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        return asked(method, path, body, self.token, **headers)

    def raw(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        return asked_raw(method, path, body, self.token, **headers)


def asked(method: str, path: str, body: bytes = b"", token: str = "", **headers: str) -> Told:
    reply = asked_raw(method, path, body, token, **headers)
    return Told(reply.status, json.loads(reply.body) if reply.body else None, dict(reply.headers))


def asked_raw(method: str, path: str, body: bytes = b"", token: str = "", **headers: str) -> Any:
    """The answer as it is."""
    from tasuki_server.platform.engine import Pairs
    from tasuki_server.platform.house import ask_in_house

    where, _, query = path.partition("?")
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    return ask_in_house(
        method, f"fhir/{where}", Pairs.read(query), {"host": "localhost:8443", **given}, token, body
    )


def proof(key: ECKey, method: str, address: str, token: str = "") -> str:
    said = {"htm": method, "htu": address, "iat": int(time.time()), "jti": str(uuid4())}
    from tasuki_server.api.proofs import token_digest

    said |= {"ath": token_digest(token)} if token else {}
    bare = {
        name: value for name, value in key.as_dict(private=False).items() if name in ("kty", "crv", "x", "y")
    }
    header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": bare}
    return jws.serialize_compact(header, json.dumps(said).encode(), key, algorithms=["ES256"])


def program(place: Place, *scopes: str, is_bearer: bool = True, curve: str = "P-384") -> Program:
    from django.utils import timezone

    from tasuki_server.exchange.clients import register_client

    key = ECKey.generate_key(curve)
    text = json.dumps(key.as_dict(private=False))
    client = register_client(place.row, "試験の接続", scopes, text, timezone.now(), is_bearer=is_bearer)
    # 登録 counts within a second; a test does not wait for it.
    forget_scopes()
    return Program(client, key, algorithm="ES384" if curve == "P-384" else "ES256")


def forget_scopes() -> None:
    from tasuki_server.exchange.service import _rooms

    for _, room in _rooms.values():
        room.grants.told.forget()


def opened(place: Place, *scopes: str) -> Program:
    made = program(place, *scopes)
    made.token = made.ask_token().value["access_token"]
    return made
