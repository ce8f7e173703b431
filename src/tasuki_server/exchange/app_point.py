# SPDX-License-Identifier: Apache-2.0
"""連携アプリの窓口（SMART App Launch） — tokens for a code, new ones later, taking them back, and keys to check an identity with.

The app is public: it has no secret. What it sends is a form, what it gets is JSON; scripts of other origins are not let in.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from tasuki_server.api.sender_door import LARGEST_FORM
from tasuki_server.api.token_form import NoToken
from tasuki_server.exchange.app_tokens import (
    CODE_GRANT,
    REFRESH_GRANT,
    exchange_code,
    refresh,
)
from tasuki_server.exchange.app_tokens import revoke as take_back
from tasuki_server.exchange.asked import base_of
from tasuki_server.exchange.identities import ALGORITHM, identity_token, public_keys
from tasuki_server.platform.engine import Call, Reply

log = logging.getLogger("tasuki.exchange")
REVOKE, KEYS, OPENID_CONFIGURATION = "revoke", ".well-known/jwks.json", ".well-known/openid-configuration"
AUTHORIZE = "/connections/authorize/"
_JSON = "application/json"
_GRANTS: dict[str, Callable[[Any, dict[str, str]], Awaitable[Any]]] = {
    CODE_GRANT: exchange_code,
    REFRESH_GRANT: refresh,
}
_STATUS = {"invalid_client": 401}


def is_of_an_app(call: Call) -> bool:
    """アプリの求めか — by the grant it names; anything else is a program's."""
    return any(f"grant_type={each}".encode() in call.body for each in _GRANTS)


async def app_token(call: Call) -> Reply:
    """トークンの発行 — the refusal says why to who builds the app; a stranger learns nothing by it."""
    try:
        form = read_form(call.body)
        given = await _GRANTS[form.get("grant_type", "")](call.pool, form)
    except KeyError:
        return _refused(NoToken("unsupported_grant_type", "grant_type を読めません。"))
    except NoToken as refusal:
        return _refused(refusal)
    told = dict(given.told)
    if given.allowed_by is not None:
        told["id_token"] = identity_token(given, base_of(call))
    return _told(told)


async def revoke(call: Call) -> Reply:
    """トークンの取消し — what is not known is as good as taken back (RFC 7009 2.2)."""
    try:
        await take_back(call.pool, read_form(call.body))
    except NoToken as refusal:
        return _refused(refusal)
    return _told({})


async def keys(call: Call) -> Reply:
    """公開鍵の一覧 — open to everyone."""
    return _told(public_keys())


async def openid_configuration(call: Call) -> Reply:
    """OpenIDの設定 — what an app needs to check who allowed it."""
    base = base_of(call)
    return _told({
        "issuer": base, "authorization_endpoint": authorize_address(base), "token_endpoint": f"{base}/token",
        "jwks_uri": f"{base}/{KEYS}", "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM], "code_challenge_methods_supported": ["S256"],
    })  # fmt: skip


def authorize_address(base: str) -> str:
    """許可のアドレス — the page of whoever allows, beside the door of machines."""
    return base.partition("/platform/")[0] + AUTHORIZE


def read_form(body: bytes) -> dict[str, str]:
    """フォームの読取り — each member once. Raises :class:`NoToken`."""
    if len(body) > LARGEST_FORM:
        raise NoToken("invalid_request", f"フォームは{LARGEST_FORM:,}バイトまでです。")
    try:
        members = parse_qs(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=20
        )
    except (UnicodeDecodeError, ValueError):
        raise NoToken("invalid_request", "フォームとして読めません。") from None
    if any(len(values) > 1 for values in members.values()):
        raise NoToken("invalid_request", "同じ項目が2つあります。")
    return {name: values[0].replace("\0", "") for name, values in members.items()}


def _refused(refusal: NoToken) -> Reply:
    log.info("app token refused %s", refusal.code)
    body = json.dumps({"error": refusal.code, "error_description": refusal.detail}, ensure_ascii=False)
    return Reply(_STATUS.get(refusal.code, 400), _JSON, body.encode())


def _told(value: dict[str, Any]) -> Reply:
    return Reply(200, _JSON, json.dumps(value).encode(), (("pragma", "no-cache"),))
