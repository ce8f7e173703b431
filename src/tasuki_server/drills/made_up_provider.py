# SPDX-License-Identifier: Apache-2.0
"""架空の認証基盤 — an OpenID provider of this process, that tells whatever it is told to tell; for drills and tests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

CLIENT, CLIENT_SECRET = "tasuki", "himitsu no aikotoba"
SUBJECT = "8f1c2d3e-0001"


class MadeUpProvider:
    """架空の認証基盤 — answers on the loopback; ``told`` and the switches are what a test changes."""

    def __init__(self) -> None:
        self.key: Any = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.algorithm = "RS256"
        self.told: dict[str, Any] = {}
        self.said_issuer = ""
        self.is_down = False
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        provider = self

        class Answers(BaseHTTPRequestHandler):
            """応答 — of the three addresses that are asked."""

            def do_GET(self) -> None:
                """説明と公開鍵."""
                provider.answer(self, b"")

            def do_POST(self) -> None:
                """コードの引換え."""
                provider.answer(self, self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def log_message(self, *args: Any) -> None:
                """記録 — none."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """終了 — of the server."""
        self._server.shutdown()
        self._server.server_close()

    def authorise(self, address: str) -> dict[str, str]:
        """承認 — what the person's browser brings back from the address it was sent to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """応答 — see the class."""
        self.asked.append(request.path)
        status, said = (503, {}) if self.is_down else self._said(request, body)
        text = json.dumps(said).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)

    def _said(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, Any]]:
        if request.path.endswith("/.well-known/openid-configuration"):
            places = {
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
            return 200, {"issuer": self.said_issuer or self.issuer, **places}
        if request.path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        pair = base64.b64decode(request.headers.get("Authorization", "").partition(" ")[2]).decode()
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        wanted = f"{CLIENT}:{CLIENT_SECRET.replace(' ', '%20')}"
        if asked is None or pair != wanted or asked["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"id_token": self.identity(asked["nonce"]), "token_type": "Bearer", "access_token": "x"}

    def identity(self, nonce: str) -> str:
        """身元トークン — signed as the switches say."""
        now = int(time.time())
        said = {
            "iss": self.issuer, "sub": SUBJECT, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce,
            **self.told,
        }  # fmt: skip
        said = {name: value for name, value in said.items() if value is not None}
        head = {"alg": self.algorithm, "kid": "one"}
        parts = (json.dumps(each).encode() for each in (head, said))
        text = ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)
        if self.algorithm == "none":
            return text + "."
        if self.algorithm == "HS256":
            # The public key as if it were a secret that both know.
            mac = hmac.digest(self.key.as_pem(private=False), text.encode(), "sha256")
            return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        return jws.serialize_compact(head, json.dumps(said).encode(), self.key, algorithms=[self.algorithm])


@contextmanager
def made_up_provider() -> Iterator[MadeUpProvider]:
    """架空の認証基盤 — for as long as the block lasts; nothing of it is remembered afterwards."""
    from tasuki_server.providers.wire import forget

    forget()
    provider = MadeUpProvider()
    try:
        yield provider
    finally:
        provider.stop()
        forget()


def another_key() -> Any:
    """別の鍵 — of the same name, unknown to whoever knows the provider."""
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


def elliptic_key() -> Any:
    """楕円曲線の鍵 — for ES256."""
    return ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
