# SPDX-License-Identifier: Apache-2.0
"""カードレス署名サービスへの接続 — the adapter of the stand-in; one for the real service has the same three members.

What the real one wants beside it (sign-in by OpenID Connect with an HPKI card, a マイナンバーカード or a passkey) is its
adapter's business: the interface goes to registered vendors only.
"""

from __future__ import annotations

import base64
import http.client
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tasuki.kernel.printable import printable
from tasuki.prescriptions.signature.certificates import read_certificates
from tasuki.prescriptions.signature.messages import refuse
from tasuki.prescriptions.signature.safe_xml import decode_base64
from tasuki.prescriptions.signature.signers import Approval, ApprovalState
from tasuki.prescriptions.signature.stand_in import SigningRequest

if TYPE_CHECKING:
    from cryptography import x509

_SECONDS = 10
_MOST_BYTES = 256 * 1024


class CardlessClient:
    """カードレス署名サービスへの接続 — ``address`` of the service on this machine, ``token`` that lets one ask."""

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address)
        if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            # The stand-in speaks without TLS: it is asked on this machine alone.
            refuse("RX-G-30", reason="代役のアドレスは http://127.0.0.1:ポート です")
        self._host, self._port, self._token = parts.hostname, parts.port or 80, token

    def certificates(self) -> tuple[x509.Certificate, ...]:
        """署名者の認証パス — of the person whose key the service holds."""
        return read_certificates(str(self._call("GET", "/certificates")["pem"]).encode())

    def ask(self, digest: bytes, what: str) -> str:
        """署名の依頼 — gives the number of the request."""
        asked = {"digest": base64.b64encode(digest).decode("ascii"), "what": what}
        return str(self._call("POST", "/requests", asked)["request"])

    def answer(self, request: str) -> Approval:
        """署名の結果 — of a request."""
        said = self._call("GET", f"/requests/{request}")
        try:
            state = ApprovalState(str(said["state"]))
        except ValueError:
            refuse("RX-G-30", reason=f"状態「{printable(str(said['state']), 20)}」は知られていません")
        return Approval(
            request, state, decode_base64(str(said["signature"]), "signature"), str(said["reason"])
        )

    def waiting(self) -> tuple[SigningRequest, ...]:
        """承認待ちの一覧 — what the person whose key it is shall decide."""
        try:
            return tuple(
                SigningRequest(
                    str(each["request"]),
                    b"",
                    str(each["what"]),
                    datetime.fromisoformat(str(each["asked_at"])),
                )
                for each in self._call("GET", "/requests")["requests"]
            )
        except (KeyError, TypeError, ValueError) as wrong:
            refuse("RX-G-30", reason=f"一覧が読めません（{type(wrong).__name__}）")

    def approve(self, request: str, pin: str) -> None:
        """承認 — by the person; raises :class:`BadInput` for a wrong PIN."""
        self._call("POST", f"/requests/{request}/approve", {"pin": pin})

    def decline(self, request: str, reason: str) -> None:
        """承認の拒否 — by the person."""
        self._call("POST", f"/requests/{request}/decline", {"reason": reason})

    def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_SECONDS)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            data = answer.read(_MOST_BYTES)
            said = json.loads(data)
        except (OSError, http.client.HTTPException, ValueError) as trouble:
            refuse("RX-G-30", reason=printable(str(trouble), 80) or type(trouble).__name__)
        finally:
            connection.close()
        if answer.status >= 400 or not isinstance(said, dict):
            reason = said.get("message", "") if isinstance(said, dict) else ""
            refuse("RX-G-30", reason=printable(str(reason), 100) or f"HTTP {answer.status}")
        return said
