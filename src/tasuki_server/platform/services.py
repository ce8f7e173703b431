# SPDX-License-Identifier: Apache-2.0
"""サービスの一覧 — what stands below ``/platform/v1/``; a service that comes later is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tasuki_server.eligibility.service import SERVICE as ELIGIBILITY
from tasuki_server.exchange.service import SERVICE as EXCHANGE
from tasuki_server.platform.engine import Call, Reply, Service, refusal
from tasuki_server.platform.senders import NAME as TOKEN_NAME
from tasuki_server.platform.senders import token
from tasuki_server.prescriptions.service import SERVICE as PRESCRIPTIONS
from tasuki_server.records.service import SERVICE as RECORDS


async def _status(call: Call) -> Reply:
    """接続の確認 — who the token says one is, and what can be asked here."""
    if call.method != "GET" or call.parts:
        return refusal(404, "not-found")
    told = {
        "institution": call.caller.number,
        "name": call.caller.name,
        "services": [name for name in SERVICES if name not in (STATUS.name, TOKEN.name)],
    }
    return Reply(200, "application/json", msgspec.json.encode(told))


def _token_paths() -> Mapping[str, Any]:
    """接続仕様 — of the door of tokens."""
    form = {"type": "object", "required": ["grant_type", "client_assertion_type", "client_assertion"]}
    return {
        "": {
            "post": {
                "summary": "短期トークンの発行（private_key_jwt と DPoP）",
                "description": "接続機関の鍵で署名した名乗り（iss・sub は鍵の拇印、aud はこのアドレス）と、要求に使う鍵の証明（DPoP 見出し）を示すと、300秒のトークンを返します。",
                "security": [],
                "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": form}}},
                "responses": {
                    "200": {"description": "トークン（token_type は DPoP）"},
                    "400": {"description": "求めの誤り（RFC 6749 5.2）"},
                    "401": {"description": "名乗りを確かめられない（invalid_client）"},
                },
            }
        }
    }


async def _only_opened(_call: Call) -> Reply:
    """Whoever asks for a token posts; there is nothing else at its door."""
    return refusal(404, "not-found")


STATUS = Service("status", {"": "client"}, _status, lambda status, error, _: refusal(status, error))
TOKEN = Service(
    TOKEN_NAME,
    {"": "public"},
    _only_opened,
    lambda status, error, _: refusal(status, error),
    opened={("POST", ""): token},
    paths=_token_paths,
)
SERVICES: Mapping[str, Service] = {
    each.name: each for each in (STATUS, TOKEN, ELIGIBILITY, PRESCRIPTIONS, EXCHANGE, RECORDS)
}
# 申告: every address is for the institution whose token it is.
ADDRESSES: Mapping[str, str] = {
    "/".join(filter(None, (service.name, address))): action
    for service in SERVICES.values()
    for address, action in service.addresses.items()
} | {"openapi.json": "public", "samples": "public"}
