# SPDX-License-Identifier: Apache-2.0
"""鍵で名乗る送信元 — what the doors of services (claims, the platform) do alike: a key shows itself twice, and gets a token of five minutes.

A sender is named by its key (RFC 7638), so that it needs nothing but the key. Nothing is read or written here: who keeps the
keys looks them up, and spends the proofs.

Cite: RFC 6749 4.4 client credentials, RFC 7523 private_key_jwt, RFC 9449 DPoP
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from joserfc.jwk import ECKey

from tasuki_server.api.bound_tokens import TOKEN_SECONDS, BoundToken, make_bound_token
from tasuki_server.api.proofs import (
    WORDS,
    NoProof,
    Proof,
    Target,
    claimed_client,
    public_key,
    read_assertion,
    read_proof,
)
from tasuki_server.api.token_form import NoToken, read_token_form
from tasuki_server.cli.words import Stop
from tasuki_server.settings_table import flag, text

log = logging.getLogger("tasuki.sender")
LARGEST_FORM = 16 * 1024
STATUS = {"invalid_client": 401}
CHALLENGE = ("DPoP", 'algs="ES256"')
_PORTS = {"http": 80, "https": 443}


class Named(NamedTuple):
    """名乗り — the key that a sender says it has, and the statement that must show it."""

    thumbprint: str
    assertion: str


class ShownTwice(NamedTuple):
    """二つの証明 — of the registered key, and of the key that will prove each request."""

    assertion: Proof
    held: Proof

    @property
    def both(self) -> list[Proof]:
        """両方 — to be spent together."""
        return [self.assertion, self.held]


def read_name(body: bytes) -> Named:
    """名乗りの読取り — nothing of it is believed yet. Raises :class:`NoToken`."""
    if len(body) > LARGEST_FORM:
        # The doors refuse it before; what is cut might say something else than was sent.
        raise NoToken("invalid_request", f"フォームは{LARGEST_FORM:,}バイトまでです。")
    form = read_token_form(body)
    try:
        claimed = claimed_client(form["client_assertion"])
    except NoProof:
        raise NoToken("invalid_client", WORDS["form"]) from None
    if form.get("client_id", claimed) != claimed:
        raise NoToken("invalid_client", WORDS["whose"])
    return Named(claimed, form["client_assertion"])


def check_sender(
    named: Named, public: Mapping[str, str] | None, address: str, proof: str, now: float
) -> ShownTwice:
    """名乗りの確認 — by the key as it is registered, None for nobody's. Raises :class:`NoToken`."""
    keys: dict[str, ECKey] = {}
    if public is not None:
        keys[named.thumbprint] = public_key(dict(public))[0]
    try:
        shown = read_assertion(named.assertion, named.thumbprint, frozenset({address}), keys, now)
    except NoProof as wrong:
        raise NoToken("invalid_client", WORDS[wrong.why]) from None
    try:
        return ShownTwice(shown, read_proof(proof, Target("POST", address), now))
    except NoProof as wrong:
        raise NoToken("invalid_dpop_proof", WORDS[wrong.why]) from None


def answer_of(shown: ShownTwice, now: float, purpose: str) -> dict[str, Any]:
    """短期トークンの応答 — after both proofs were spent."""
    key = shown.assertion.thumbprint
    token = make_bound_token(key, key, frozenset(), shown.held.thumbprint, int(now), purpose)
    return {"access_token": token, "token_type": "DPoP", "expires_in": TOKEN_SECONDS}


def check_holder(token: BoundToken, plain: str, target: Target, proof: str, now: float) -> Proof:
    """所持の確認 — the proof beside a token is of the key it was asked with. Raises :class:`NoProof`."""
    shown = read_proof(proof, target, now, plain)
    if shown.thumbprint != token.bound_to:
        raise NoProof("other_sender")
    return shown


def own_address(headers: Mapping[str, str], path: str) -> str:
    """要求のアドレス — as whoever asks reached it. Raises :class:`NoProof` as :func:`own_host` does."""
    host = headers.get("host", "")
    if "x-forwarded-host" in headers and flag("TASUKI_BEHIND_PROXY"):
        host = headers["x-forwarded-host"].rpartition(",")[2].strip()
    scheme = "https" if flag("TASUKI_HTTPS") else "http"
    domain, port = own_host(host.lower())
    is_usual = not port or int(port) == _PORTS[scheme]
    return f"{scheme}://{domain}{'' if is_usual else f':{port}'}{path}"


def own_host(host: str) -> tuple[str, str]:
    """自らの名前 — with its port, "" for none. Raises :class:`NoProof` for a name that is not ours: what was signed for
    somebody else must not serve here."""
    domain, port = split_domain_port(host)
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        raise NoProof("audience")
    return domain, port


def sent_from(scope: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """送信元のアドレス — told by the proxy where there is one."""
    if "x-forwarded-for" in headers and flag("TASUKI_BEHIND_PROXY"):
        return headers["x-forwarded-for"].rpartition(",")[2].strip()
    return str((scope.get("client") or ("",))[0]) or "?"


def shows_one_proof(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """証明は一つまでか — of two it could not be told which was checked (RFC 9449 4.3)."""
    return sum(name.lower() == b"dpop" for name, _ in headers) <= 1


def origin_of(address: str) -> str:
    """相手のアドレス — as proofs name it: without the port that goes without saying, and without a slash at its end.

    >>> origin_of("https://Claims.example:443/"), origin_of("http://127.0.0.1:8001")
    ('https://claims.example', 'http://127.0.0.1:8001')
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    is_usual = parts.port is None or parts.port == _PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}{'' if is_usual else f':{parts.port}'}{parts.path.rstrip('/')}"


def refusal_body(refusal: NoToken) -> bytes:
    """拒否の応答 — as RFC 6749 5.2 writes it; ``detail`` is ours."""
    return json.dumps({"error": refusal.code, "detail": refusal.detail}, ensure_ascii=False).encode()


def serves_its_holder(today: date) -> bool:
    """持参人トークンの猶予 — whether tokens that serve whoever has them are still taken from other machines today."""
    try:
        until = bearer_until()
    except Stop as wrong:
        # `up` told it before it served; whoever asks is refused, and not shown a fault.
        log.error("%s", wrong)
        return False
    return until is not None and today <= until


def bearer_until() -> date | None:
    """持参人トークンの期限 — the last day, None for never. Raises :class:`Stop` for what is no day; `up` reads it before it serves."""
    until = text("TASUKI_BEARER_UNTIL").strip()
    if not until:
        return None
    try:
        return date.fromisoformat(until)
    except ValueError as wrong:
        raise Stop(
            f"TASUKI_BEARER_UNTIL は YYYY-MM-DD で指定してください（今は「{until}」）。",
            f"TASUKI_BEARER_UNTIL must be YYYY-MM-DD, not “{until}”.",
        ) from wrong
