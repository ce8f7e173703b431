# SPDX-License-Identifier: Apache-2.0
"""カードレス署名サービスの代役のHTTP — on this machine alone: one side asks with a token, the other approves with a PIN."""

from __future__ import annotations

import base64
import hmac
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.prescriptions.signature.safe_xml import decode_base64

if TYPE_CHECKING:
    from tasuki.prescriptions.signature.signers import Approval
    from tasuki.prescriptions.signature.stand_in import CardlessStandIn

_MOST_BYTES = 16 * 1024
_REQUEST = re.compile(r"/requests/([0-9a-f]{16})")
_ACT = re.compile(r"/requests/([0-9a-f]{16})/(approve|decline)")


class CardlessServer(ThreadingHTTPServer):
    """カードレス署名サービスの代役 — bound to 127.0.0.1; ``token`` is asked of whoever wants a signature."""

    daemon_threads = True

    def __init__(self, stand_in: CardlessStandIn, token: str, port: int = 0) -> None:
        self.stand_in = stand_in
        self.token = token
        # Requests come in threads; the stand-in is a plain value holder.
        self.turn = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def address(self) -> str:
        """アドレス — as the client takes it."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: CardlessServer

    def do_GET(self) -> None:
        self._answer(self._read)

    def do_POST(self) -> None:
        self._answer(self._write)

    def _answer(self, act: Any) -> None:
        # A page of another site cannot ask: it has no token, and a browser adds an Origin.
        given = self.headers.get("Authorization", "").encode()
        if self.headers.get("Origin") or not hmac.compare_digest(
            given, f"Bearer {self.server.token}".encode()
        ):
            self._say(403, {"message": "許可されていません"})
            return
        try:
            with self.server.turn:
                said = act(self.server.stand_in)
        except BadInput as refused:
            self._say(422, {"message": sentence(refused.findings[0])})
            return
        except (ValueError, KeyError):
            self._say(400, {"message": "依頼の形が正しくありません"})
            return
        self._say(404 if said is None else 200, said or {"message": "そのような宛先はありません"})

    def _read(self, stand_in: CardlessStandIn) -> dict[str, Any] | None:
        if self.path == "/certificates":
            pem = serialization.Encoding.PEM
            return {"pem": "".join(each.public_bytes(pem).decode() for each in stand_in.certificates())}
        if self.path == "/requests":
            return {
                "requests": [
                    {"request": each.request, "what": each.what, "asked_at": each.asked_at.isoformat()}
                    for each in stand_in.waiting()
                ]
            }
        found = _REQUEST.fullmatch(self.path)
        return _view(stand_in.answer(found[1])) if found else None

    def _write(self, stand_in: CardlessStandIn) -> dict[str, Any] | None:
        body = self._body()
        if self.path == "/requests":
            digest = decode_base64(str(body["digest"]), "digest")
            return {"request": stand_in.ask(digest, str(body["what"]))}
        found = _ACT.fullmatch(self.path)
        if found is None:
            return None
        if found[2] == "approve":
            stand_in.approve(found[1], str(body["pin"]))
        else:
            stand_in.decline(found[1], str(body.get("reason", "")))
        return {"state": stand_in.answer(found[1]).state.value}

    def _body(self) -> dict[str, Any]:
        size = int(self.headers.get("Content-Length", "0"))
        if not 0 <= size <= _MOST_BYTES:
            raise ValueError("too large")
        body = json.loads(self.rfile.read(size) or b"{}")
        if not isinstance(body, dict):
            raise ValueError("not an object")
        return body

    def _say(self, status: int, said: dict[str, Any]) -> None:
        data = json.dumps(said, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged: requests name what a person signs."""


def _view(approval: Approval) -> dict[str, Any]:
    return {
        "request": approval.request,
        "state": approval.state.value,
        "signature": base64.b64encode(approval.signature).decode("ascii"),
        "reason": approval.reason,
    }
