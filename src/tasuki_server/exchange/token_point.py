# SPDX-License-Identifier: Apache-2.0
"""トークンの窓口（SMART Backend Services） — a program signs a statement with its key, and gets a token of five minutes.

Cite: SMART App Launch 2.2 Backend Services, RFC 6749 4.4, RFC 7523 private_key_jwt, RFC 9449 5
"""

from __future__ import annotations

import json
import logging
import time
from typing import Any
from uuid import UUID

import msgspec
from joserfc.jwk import ECKey

from tasuki_server.api.patience import NOBODY
from tasuki_server.api.proofs import (
    GRANT,
    WORDS,
    NoProof,
    Proof,
    Target,
    claimed_client,
    read_assertion,
    read_proof,
)
from tasuki_server.api.token_form import NoToken, read_token_form
from tasuki_server.exchange.app_point import KEYS, REVOKE, app_token, authorize_address, is_of_an_app
from tasuki_server.exchange.app_scopes import WORDS as WORDS_OF_APPS
from tasuki_server.exchange.app_tokens import CODE_GRANT, REFRESH_GRANT
from tasuki_server.exchange.asked import base_of
from tasuki_server.exchange.client_tokens import TOKEN_SECONDS, address_of, make_token
from tasuki_server.exchange.scopes import BadScope, granted, kept_scopes, read_scopes
from tasuki_server.platform.engine import Call, Reply
from tasuki_server.platform.spent import forget_spent, spent

log = logging.getLogger("tasuki.exchange")
TOKEN, CONFIGURATION = "token", ".well-known/smart-configuration"
# 曲線と方式: one algorithm a curve; SMART asks for ES384, the house's own clients use ES256.
CURVES = {"P-384": "ES384", "P-256": "ES256"}
LARGEST = 32 * 1024
_STATUS = {"invalid_client": 401}
_JSON = "application/json"
_KEYS = """
    SELECT c.is_bearer, c.scopes::text AS scopes, k.thumbprint, k.public::text AS public
    FROM exchange_exchangeclient c JOIN exchange_exchangeclientkey k ON k.client_id = c.id
    JOIN platform_connectedinstitution i ON i.id = c.connected_id
    WHERE c.id = $1 AND c.revoked_at IS NULL AND k.revoked_at IS NULL AND k.expires_at > now() AND i.revoked_at IS NULL
"""


async def configuration(call: Call) -> Reply:
    """SMARTの設定 — what this door does, open to everyone; nothing stands here that is not so."""
    base = base_of(call)
    told = {
        "issuer": base,
        "jwks_uri": f"{base}/{KEYS}",
        "authorization_endpoint": authorize_address(base),
        "token_endpoint": f"{base}/{TOKEN}",
        "revocation_endpoint": f"{base}/{REVOKE}",
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": [GRANT, CODE_GRANT, REFRESH_GRANT],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": sorted(CURVES.values()),
        "dpop_signing_alg_values_supported": ["ES256"],
        "scopes_supported": ["system/*.cruds", "system/*.rs", "patient/*.rs", *WORDS_OF_APPS],
        "capabilities": [
            "launch-standalone",
            "client-public",
            "client-confidential-asymmetric",
            "sso-openid-connect",
            "context-standalone-patient",
            "permission-patient",
            "permission-offline",
            "permission-v1",
            "permission-v2",
        ],
    }
    return Reply(200, _JSON, json.dumps(told).encode())


async def token(call: Call) -> Reply:
    """トークンの発行 — the refusal says why to who builds the client; a stranger learns nothing by it."""
    if is_of_an_app(call):
        return await app_token(call)
    try:
        told = await _given(call)
    except NoToken as refusal:
        log.info("token refused %s", refusal.code)
        body = json.dumps({"error": refusal.code, "error_description": refusal.detail}, ensure_ascii=False)
        return Reply(_STATUS.get(refusal.code, 400), _JSON, body.encode())
    return Reply(200, _JSON, json.dumps(told).encode(), (("pragma", "no-cache"),))


async def _shown(call: Call, assertion: str, name: str, rows: list[Any]) -> tuple[Proof, str]:
    """Both proofs, spent: the statement, and the thumbprint of the key that the token is bound to, if it is to one."""
    keys = {row["thumbprint"]: ECKey.import_key(msgspec.json.decode(row["public"])) for row in rows}
    now = time.time()
    try:
        address = address_of(call)
        shown = read_assertion(assertion, name, frozenset({address}), keys, now, CURVES)
    except NoProof as wrong:
        raise NoToken("invalid_client", WORDS[wrong.why]) from None
    proofs, bound_to = [shown], ""
    if "dpop" in call.headers:
        try:
            held = read_proof(call.headers["dpop"], Target("POST", address), now)
        except NoProof as wrong:
            raise NoToken("invalid_dpop_proof", WORDS[wrong.why]) from None
        proofs, bound_to = [shown, held], held.thumbprint
    elif not rows[0]["is_bearer"]:
        raise NoToken("invalid_dpop_proof", WORDS["missing"])
    if not await spent(call.pool, proofs):
        raise NoToken("invalid_client", WORDS["replayed"])
    return shown, bound_to


async def _given(call: Call) -> dict[str, Any]:
    with call.turn.judged(NOBODY):
        form = read_token_form(call.body[:LARGEST])
        try:
            name = claimed_client(form["client_assertion"])
            client = UUID(name)
        except (NoProof, ValueError):
            raise NoToken("invalid_client", WORDS["form"]) from None
    rows = await call.pool.fetch(_KEYS, client)
    with call.turn.judged(str(client) if rows else NOBODY):
        shown, bound_to = await _shown(call, form["client_assertion"], name, rows)
    await forget_spent(call.pool)
    registered = kept_scopes(msgspec.json.decode(rows[0]["scopes"]))
    try:
        asked = read_scopes(form.get("scope", "").split())
    except BadScope as bad:
        raise NoToken("invalid_scope", str(bad)) from None
    scopes = granted(asked, registered) if asked else registered
    if not scopes:
        raise NoToken("invalid_scope", "求めた利用範囲は、どれもこの接続に登録されていません。")
    return {
        "access_token": make_token(client, shown.thumbprint, scopes, bound_to),
        "token_type": "DPoP" if bound_to else "bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": " ".join(each.text for each in scopes),
    }
