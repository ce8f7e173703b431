# SPDX-License-Identifier: Apache-2.0
"""盗まれたトークン — what another system showed is shown again: by somebody else, twice, elsewhere, later, or made up.

Each theft begins with a client whose own request is answered, so that a refusal proves something. The same thefts are
tried at every door that takes tokens of a key (:mod:`.stolen_doors`).
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tasuki_server.drills.stolen_doors import ELSEWHERE, HERE, ORIGIN, Asks

if TYPE_CHECKING:
    from tasuki_server.api.service_call import ServiceCaller
    from tasuki_server.drills.asgi_request import Told

Theft = Callable[[Asks], Awaitable["Told"]]


async def asked(asks: Asks, headers: dict[str, str], path: str = "", client: str = ELSEWHERE) -> Told:
    """要求 — of the place that the door has for it; a header without a value is left out."""
    door = asks.door
    kept = {name: value for name, value in headers.items() if value}
    return await asks.ask(door.method, path or door.place, door.body, kept | door.headers, client)


async def issue(asks: Asks, assertion: str, proof: str = "") -> Told:
    """トークンの求め — with a statement, and a proof of the caller's own where none is given."""
    from urllib.parse import urlencode

    from tasuki_server.api.proofs import ASSERTION_TYPE, GRANT

    form = {"grant_type": GRANT, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "DPoP": proof or asks.caller.proof("POST", asks.door.issue),
    }
    return await asks.ask("POST", asks.door.issue, urlencode(form).encode(), headers, ELSEWHERE)


def own(asks: Asks, **other: Any) -> dict[str, str]:
    """自らの見出し — of the caller, with a part of the proof changed."""
    method, place = asks.door.method, asks.door.place
    return asks.caller.headers(method, place) | {"DPoP": asks.caller.proof(method, place, **other)}


async def other_sender(asks: Asks) -> Told:
    """トークンだけの盗み — with proofs of the thief's own key."""
    from tasuki_server.api.service_call import new_key

    thief = type(asks.caller)(asks.caller.client_id, new_key(), ORIGIN, new_key(), asks.caller.token)
    return await asked(asks, thief.headers(asks.door.method, asks.door.place))


async def without_proof(asks: Asks) -> Told:
    """証明なし."""
    return await asked(asks, own(asks) | {"DPoP": ""})


async def as_bearer(asks: Asks) -> Told:
    """持っているだけのトークンとして."""
    return await asked(asks, {"Authorization": f"Bearer {asks.caller.token}"}, client=HERE)


async def proof_again(asks: Asks) -> Told:
    """使用済みの証明."""
    headers = own(asks)
    await asked(asks, headers)
    return await asked(asks, headers)


async def proof_of_another_address(asks: Asks) -> Told:
    """別のアドレスの証明."""
    return await asked(asks, own(asks), asks.door.other)


async def proof_of_another_method(asks: Asks) -> Told:
    """別のメソッドの証明."""
    return await asked(asks, own(asks, htm="DELETE"))


async def proof_of_another_host(asks: Asks) -> Told:
    """別の設置の証明."""
    return await asked(asks, own(asks, htu=f"http://127.0.0.1{asks.door.place}"))


async def proof_of_another_token(asks: Asks) -> Told:
    """別のトークンの証明."""
    return await asked(asks, own(asks, ath="A" * 43))


async def old_proof(asks: Asks) -> Told:
    """古い証明."""
    return await asked(asks, own(asks, iat=int(time.time()) - 90))


async def proof_made_ahead(asks: Asks) -> Told:
    """先の時刻の証明."""
    return await asked(asks, own(asks, iat=int(time.time()) + 120))


async def unsigned_proof(asks: Asks) -> Told:
    """署名のない証明（none）."""
    _, said, _ = own(asks)["DPoP"].split(".")
    return await asked(asks, own(asks) | {"DPoP": f"{_head(alg='none', typ='dpop+jwt')}.{said}."})


async def proof_with_a_broken_signature(asks: Asks) -> Told:
    """署名を壊した証明."""
    head, said, _ = own(asks)["DPoP"].split(".")
    return await asked(asks, own(asks) | {"DPoP": f"{head}.{said}.{'A' * 86}"})


async def expired_token(asks: Asks) -> Told:
    """期限の切れたトークン."""
    from tasuki_server.api.bound_tokens import make_bound_token

    told = make_bound_token(
        asks.caller.client_id, asks.caller.key.thumbprint(), frozenset({"calculate"}),
        asks.caller.holder.thumbprint(), int(time.time()) - 301, asks.door.purpose,
    )  # fmt: skip
    return await _shown(asks, told)


async def token_of_another_door(asks: Asks) -> Told:
    """別の窓口のトークン — made by this installation for the same key, to be shown somewhere else."""
    from tasuki_server.api.bound_tokens import make_bound_token

    told = make_bound_token(
        asks.caller.client_id, asks.caller.key.thumbprint(), frozenset({"calculate"}),
        asks.caller.holder.thumbprint(), int(time.time()), "token of another door",
    )  # fmt: skip
    return await _shown(asks, told)


async def altered_token(asks: Asks) -> Told:
    """書き換えたトークン — bound to the thief's key."""
    head, said, mac = asks.caller.token.split(".")
    words = json.loads(base64.urlsafe_b64decode(said + "=="))
    words["cnf"] = {"jkt": asks.stranger.holder.thumbprint()}
    return await _shown(asks, f"{head}.{_encoded(words)}.{mac}", asks.stranger)


async def unsigned_token(asks: Asks) -> Told:
    """署名のないトークン（none）."""
    said = asks.caller.token.split(".")[1]
    return await _shown(asks, f"{_head(alg='none', typ='at+jwt')}.{said}.")


async def key_of_another_institution(asks: Asks) -> Told:
    """別の医療機関の鍵."""
    thief = type(asks.caller)(asks.caller.client_id, asks.stranger.key, ORIGIN, asks.caller.holder)
    thief.issue = asks.door.issue
    return await issue(asks, thief.assertion())


async def unsigned_assertion(asks: Asks) -> Told:
    """署名のない名乗り（none）."""
    return await issue(asks, f"{_head(alg='none')}.{asks.caller.assertion().split('.')[1]}.")


async def assertion_by_the_public_key(asks: Asks) -> Told:
    """公開鍵を合言葉にした名乗り（HS256）."""
    from joserfc import jws
    from joserfc.jwk import OctKey

    from tasuki_server.api.service_call import public_jwk

    said = base64.urlsafe_b64decode(asks.caller.assertion().split(".")[1] + "==")
    public = OctKey.import_key(json.dumps(public_jwk(asks.caller.key)).encode())
    head = {"alg": "HS256", "kid": asks.caller.key.thumbprint()}
    return await issue(asks, jws.serialize_compact(head, said, public, algorithms=["HS256"]))


async def assertion_for_another_server(asks: Asks) -> Told:
    """別の宛先の名乗り."""
    return await issue(asks, asks.caller.assertion(aud="https://elsewhere.example/api/token"))


async def assertion_again(asks: Asks) -> Told:
    """使用済みの名乗り."""
    assertion = asks.caller.assertion()
    await issue(asks, assertion)
    return await issue(asks, assertion)


async def bearer_from_another_machine(asks: Asks) -> Told:
    """この機械だけのトークンを、別の機械から."""
    return await asked(asks, {"Authorization": f"Bearer {asks.bearer}"})


async def bearer_through_a_proxy(asks: Asks) -> Told:
    """この機械だけのトークンを、中継サーバから."""
    headers = {"Authorization": f"Bearer {asks.bearer}", "X-Forwarded-For": ELSEWHERE}
    return await asked(asks, headers, client=HERE)


async def after_the_key_was_stopped(asks: Asks) -> Told:
    """鍵の停止のあと."""
    await asyncio.to_thread(asks.stop_key)
    return await asked(asks, own(asks))


async def after_the_client_was_stopped(asks: Asks) -> Told:
    """接続先の停止のあと."""
    await asyncio.to_thread(asks.stop_client)
    return await asked(asks, own(asks))


THEFTS: tuple[Theft, ...] = (
    other_sender,
    without_proof,
    as_bearer,
    proof_again,
    proof_of_another_address,
    proof_of_another_method,
    proof_of_another_host,
    proof_of_another_token,
    old_proof,
    proof_made_ahead,
    unsigned_proof,
    proof_with_a_broken_signature,
    expired_token,
    token_of_another_door,
    altered_token,
    unsigned_token,
    key_of_another_institution,
    unsigned_assertion,
    assertion_by_the_public_key,
    assertion_for_another_server,
    assertion_again,
    bearer_from_another_machine,
    bearer_through_a_proxy,
    after_the_key_was_stopped,
    after_the_client_was_stopped,
)


async def _shown(asks: Asks, token: str, by: ServiceCaller | None = None) -> Told:
    from tasuki_server.api.proofs import token_digest

    proof = (by or asks.caller).proof(asks.door.method, asks.door.place, ath=token_digest(token))
    return await asked(asks, {"Authorization": f"DPoP {token}", "DPoP": proof})


def _head(**said: str) -> str:
    return _encoded(said)


def _encoded(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
