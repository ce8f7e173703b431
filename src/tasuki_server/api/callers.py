# SPDX-License-Identifier: Apache-2.0
"""接続元の確認 — whose request this is: a short-lived token beside a proof of its key, or a token of this machine.

Behind a proxy, over HTTPS or from another machine only the first kind serves: a token that serves whoever holds it must
not travel.
"""

from __future__ import annotations

import time
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from tasuki_server.api.allowance import Allowance, place_of
from tasuki_server.api.known_clients import KnownClients
from tasuki_server.api.machine_door import was_handed_on
from tasuki_server.api.proofs import ALGORITHM, WORDS, NoProof, Proof, Target, read_proof
from tasuki_server.api.refusals import Refused, Scope
from tasuki_server.api.tokens import Client
from tasuki_server.settings_table import flag

# Failures of one address: ten at once, then one in six seconds.
FAILURE_RATE, FAILURE_BURST = 1 / 6, 10
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_BEARER, _DPOP = 'Bearer realm="tasuki"', f'DPoP realm="tasuki", algs="{ALGORITHM}"'


class Caller(NamedTuple):
    """接続元 — the client, the proof it showed, and why it is refused although its token is good."""

    client: Client
    proof: Proof | None = None
    refusal: str = ""


class Callers:
    """接続元の確認 — of every request; counts failures by address."""

    def __init__(self, known: KnownClients) -> None:
        self._known = known
        self.failures = Allowance("api-failure", FAILURE_RATE, FAILURE_BURST)
        self._needs_https = flag("TASUKI_HTTPS")
        self._is_behind_proxy = flag("TASUKI_BEHIND_PROXY")

    async def caller(self, scope: Scope, headers: dict[bytes, bytes]) -> Caller:
        """接続元 — a token that cannot be used is refused here; a good token in wrong hands is told to the trail first."""
        address = self.address(scope, headers)
        self.require_patience(address)
        kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        kind, token = kind.lower(), token.strip()
        if kind not in ("bearer", "dpop"):
            raise self._unknown()
        client = await self._known.client_of(token)
        if client is None or (kind == "dpop") is not bool(client.bound_to):
            self.failed(address)
            raise self._unknown('error="invalid_token"')
        if kind == "bearer":
            self._require_same_machine(scope)
            return Caller(client)
        caller = self._with_proof(client, token, scope, headers)
        if caller.refusal:
            self.failed(address)
        return caller

    def _with_proof(self, client: Client, token: str, scope: Scope, headers: dict[bytes, bytes]) -> Caller:
        target = Target(scope["method"], self.origin(scope, headers) + scope["path"])
        try:
            proof = read_proof(self.proof_in(scope), target, time.time(), token)
        except NoProof as wrong:
            return Caller(client, None, wrong.why)
        return Caller(client, proof, "" if proof.thumbprint == client.bound_to else "other_sender")

    def proof_in(self, scope: Scope) -> str:
        """所持の証明の見出し — exactly one. Raises :class:`NoProof`."""
        found = [value for name, value in scope["headers"] if name.lower() == b"dpop"]
        if len(found) != 1:
            raise NoProof("missing")
        return str(found[0].decode("latin-1"))

    def origin(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        """この設置のアドレス — as the client wrote it; a host that is not ours is refused."""
        scheme = self._scheme(scope, headers)
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if self._is_behind_proxy and b"x-forwarded-host" in headers:
            host = headers[b"x-forwarded-host"].decode("latin-1").rpartition(",")[2].strip().lower()
        if not host:
            name, port = scope.get("server") or ("", None)
            host = f"{name}:{port}"
        domain, port = split_domain_port(host)
        if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
            raise Refused("not-found")
        return f"{scheme}://{domain}" + (f":{port}" if port and port != _DEFAULT_PORTS.get(scheme) else "")

    def address(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        """送信元のアドレス — told by the proxy where there is one."""
        if self._is_behind_proxy and b"x-forwarded-for" in headers:
            return headers[b"x-forwarded-for"].decode("latin-1").rpartition(",")[2].strip()
        return str((scope.get("client") or ("",))[0])

    def require_https(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        """HTTPSの確認 — where this installation asks for it."""
        if self._needs_https and self._scheme(scope, headers) != "https":
            raise Refused("insecure")

    def require_patience(self, address: str) -> None:
        """失敗の抑制 — of an address that failed too often."""
        if not self.failures.has(place_of(address)):
            raise Refused("too-many", "照合の失敗が続いています。", [(b"retry-after", b"60")])

    def failed(self, address: str) -> None:
        """失敗の記録 — of an address."""
        self.failures.take(place_of(address))

    def _scheme(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        if self._is_behind_proxy:
            return headers.get(b"x-forwarded-proto", b"").decode("latin-1")
        return str(scope.get("scheme", "http"))

    def _require_same_machine(self, scope: Scope) -> None:
        if not is_this_machine(scope):
            raise self._unknown('error="invalid_token"')

    def _unknown(self, more: str = "") -> Refused:
        return refused_proof(more)


def refused_proof(more: str = "", detail: str = "") -> Refused:
    """照合できない — the one answer to whatever cannot be used; both ways of asking are named."""
    asked = [_DPOP] if detail or not bearer_serves_here() else [_DPOP, _BEARER]
    headers = [
        (b"www-authenticate", (each + (f", {more}" if more else "")).encode("ascii")) for each in asked
    ]
    return Refused("unauthorized", detail, headers)


def proof_refusal(why: str) -> Refused:
    """証明の拒否 — tells the client's developer which member was wrong (RFC 9449 7.1)."""
    return refused_proof('error="invalid_dpop_proof"', WORDS[why])


def is_this_machine(scope: Scope) -> bool:
    """この機械からの要求か — by the address of the connection, where no proxy stands before us."""
    return bearer_serves_here() and asks_from_here(scope)


def asks_from_here(scope: Scope) -> bool:
    """この機械のアドレスからか — of the connection, which no proxy handed on."""
    return not was_handed_on(scope) and _is_loopback(str((scope.get("client") or ("",))[0]))


@lru_cache(maxsize=1024)
def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def bearer_serves_here() -> bool:
    """この機械だけのトークンが使えるか — only where neither HTTPS nor a proxy says that others reach this server."""
    return not flag("TASUKI_HTTPS") and not flag("TASUKI_BEHIND_PROXY")
