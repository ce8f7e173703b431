# SPDX-License-Identifier: Apache-2.0
"""短期トークンの窓口 — ``POST /api/token``: a client shows its key twice, and gets a token of a few minutes.

Cite: RFC 6749 4.4 client credentials, RFC 7521, RFC 7523 private_key_jwt, RFC 9449 5 DPoP access token request
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils import timezone

from tasuki.calculation.openapi import ISSUE
from tasuki_server.api.bound_tokens import TOKEN_SECONDS, make_bound_token, named_client
from tasuki_server.api.models import ServiceClient
from tasuki_server.api.proofs import (
    WORDS,
    NoProof,
    Proof,
    Target,
    claimed_client,
    read_assertion,
    read_proof,
)
from tasuki_server.api.service_clients import spend, usable_keys
from tasuki_server.api.token_form import NoToken, read_token_form
from tasuki_server.audit.trail import record
from tasuki_server.institutions.work import Actor, as_institution

FORM = b"application/x-www-form-urlencoded"
LARGEST = 16 * 1024

# Codes of RFC 6749 5.2 and RFC 9449; the sentence is for who builds the client.
STATUS = {
    "invalid_request": 400,
    "invalid_client": 401,
    "unsupported_grant_type": 400,
    "invalid_scope": 400,
    "invalid_dpop_proof": 400,
}


class Asked(NamedTuple):
    """発行の求め — as read from the form."""

    client_id: str
    assertion: str
    scopes: frozenset[str]


def read_form(body: bytes) -> Asked:
    """求めの読取り — each member once. Raises :class:`NoToken`."""
    form = read_token_form(body)
    try:
        claimed = claimed_client(form["client_assertion"])
    except NoProof:
        raise NoToken("invalid_client", WORDS["form"]) from None
    if form.get("client_id", claimed) != claimed:
        raise NoToken("invalid_client", WORDS["whose"])
    return Asked(claimed, form["client_assertion"], frozenset(form.get("scope", "").split()))


def give_token(
    asked: Asked, proof: str, address: str, origin: str, use: Callable[[str], None]
) -> dict[str, Any]:
    """短期トークンの発行 — in a thread; the issue is in the trail before it is answered. Raises :class:`NoToken`.

    ``use`` is told the client once it is proved, and may raise; then nothing is given, and no proof is spent.
    """
    name = named_client(asked.client_id)
    if name is None:
        raise NoToken("invalid_client", WORDS["signature"])
    now = timezone.now()
    with as_institution(name.institution_id, Actor(label="API", address=address[:45])):
        client = ServiceClient.objects.filter(id=name.client_id).first()
        if client is None:
            raise NoToken("invalid_client", WORDS["signature"])
        try:
            keys = usable_keys(client, now)
            shown = read_assertion(
                asked.assertion,
                asked.client_id,
                frozenset({origin + ISSUE, origin}),
                keys,
                now.timestamp(),
            )
        except NoProof as wrong:
            raise NoToken("invalid_client", WORDS[wrong.why]) from None
        try:
            held = read_proof(proof, Target("POST", origin + ISSUE), now.timestamp())
        except NoProof as wrong:
            raise NoToken("invalid_dpop_proof", WORDS[wrong.why]) from None
        scopes = _scopes(asked, client)
        fresh = spend([shown, held])
        refusal = _replayed(shown, held, fresh)
        if refusal is None:
            use(asked.client_id)
            token = make_bound_token(
                asked.client_id, shown.thumbprint, scopes, held.thumbprint, int(now.timestamp())
            )
            detail = {"scopes": sorted(scopes), "key": shown.thumbprint, "for": held.thumbprint}
            record("api.token", client, detail=detail)
        else:
            record("api.refused", client, detail={"operation": "token", "why": "replayed"})
    if refusal is not None:
        raise refusal
    return {
        "access_token": token,
        "token_type": "DPoP",
        "expires_in": TOKEN_SECONDS,
        "scope": " ".join(sorted(scopes)),
    }


def _scopes(asked: Asked, client: ServiceClient) -> frozenset[str]:
    allowed = frozenset(client.scopes)
    if asked.scopes - allowed:
        raise NoToken("invalid_scope", "この接続先の利用範囲にありません。")
    return asked.scopes or allowed


def _replayed(shown: Proof, held: Proof, fresh: set[str]) -> NoToken | None:
    if shown.digest not in fresh:
        return NoToken("invalid_client", WORDS["replayed"])
    if held.digest not in fresh:
        return NoToken("invalid_dpop_proof", WORDS["replayed"])
    return None
