# SPDX-License-Identifier: Apache-2.0
"""盗まれたトークン — what another system showed is shown again: by somebody else, twice, elsewhere, later, or made up.

Each theft begins with a client whose own request is answered, so that a refusal proves something.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

if TYPE_CHECKING:
    from uuid import UUID

    from tasuki_server.api.models import ServiceClient
    from tasuki_server.api.service_call import ServiceCaller
    from tasuki_server.drills.asgi_request import Told

ORIGIN = "http://localhost"
ISSUE = "/api/token"
BASE = "/api/calculation/v1"
PLACE = f"{BASE}/calculate"
ELSEWHERE, HERE = "192.0.2.1", "127.0.0.1"
JSON_FORM = {"Content-Type": "application/json"}


class Asks(NamedTuple):
    """要求する側 — a service of its own process, a client, and another institution's with its key."""

    ask: Callable[..., Awaitable[Told]]
    row: ServiceClient
    caller: ServiceCaller
    stranger: ServiceCaller
    bearer: str
    institution_id: UUID


Theft = Callable[[Asks], Awaitable["Told"]]


async def _calculate(asks: Asks, headers: dict[str, str], path: str = PLACE, client: str = ELSEWHERE) -> Told:
    kept = {name: value for name, value in headers.items() if value}
    return await asks.ask("POST", path, b"{}", kept | JSON_FORM, client)


async def _issue(asks: Asks, assertion: str, proof: str = "") -> Told:
    from urllib.parse import urlencode

    from tasuki_server.api.proofs import ASSERTION_TYPE, GRANT

    form = {"grant_type": GRANT, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "DPoP": proof or asks.caller.proof("POST", ISSUE),
    }
    return await asks.ask("POST", ISSUE, urlencode(form).encode(), headers, ELSEWHERE)


def _own(asks: Asks, **other: Any) -> dict[str, str]:
    return asks.caller.headers("POST", PLACE) | {"DPoP": asks.caller.proof("POST", PLACE, **other)}


async def other_sender(asks: Asks) -> Told:
    """トークンだけの盗み — with proofs of the thief's own key."""
    from tasuki_server.api.service_call import new_key

    thief = type(asks.caller)(asks.caller.client_id, new_key(), ORIGIN, new_key(), asks.caller.token)
    return await _calculate(asks, thief.headers("POST", PLACE))


async def without_proof(asks: Asks) -> Told:
    """証明なし."""
    return await _calculate(asks, _own(asks) | {"DPoP": ""})


async def as_bearer(asks: Asks) -> Told:
    """持っているだけのトークンとして."""
    return await _calculate(asks, {"Authorization": f"Bearer {asks.caller.token}"}, client=HERE)


async def proof_again(asks: Asks) -> Told:
    """使用済みの証明."""
    headers = _own(asks)
    await _calculate(asks, headers)
    return await _calculate(asks, headers)


async def proof_of_another_address(asks: Asks) -> Told:
    """別のアドレスの証明."""
    return await _calculate(asks, _own(asks), f"{BASE}/copay")


async def proof_of_another_method(asks: Asks) -> Told:
    """別のメソッドの証明."""
    return await _calculate(asks, _own(asks, htm="GET"))


async def proof_of_another_host(asks: Asks) -> Told:
    """別の設置の証明."""
    return await _calculate(asks, _own(asks, htu=f"http://127.0.0.1{PLACE}"))


async def proof_of_another_token(asks: Asks) -> Told:
    """別のトークンの証明."""
    return await _calculate(asks, _own(asks, ath="A" * 43))


async def old_proof(asks: Asks) -> Told:
    """古い証明."""
    return await _calculate(asks, _own(asks, iat=int(time.time()) - 90))


async def proof_made_ahead(asks: Asks) -> Told:
    """先の時刻の証明."""
    return await _calculate(asks, _own(asks, iat=int(time.time()) + 120))


async def unsigned_proof(asks: Asks) -> Told:
    """署名のない証明（none）."""
    _, said, _ = _own(asks)["DPoP"].split(".")
    return await _calculate(asks, _own(asks) | {"DPoP": f"{_head(alg='none', typ='dpop+jwt')}.{said}."})


async def proof_with_a_broken_signature(asks: Asks) -> Told:
    """署名を壊した証明."""
    head, said, _ = _own(asks)["DPoP"].split(".")
    return await _calculate(asks, _own(asks) | {"DPoP": f"{head}.{said}.{'A' * 86}"})


async def expired_token(asks: Asks) -> Told:
    """期限の切れたトークン."""
    from tasuki_server.api.bound_tokens import make_bound_token

    told = make_bound_token(
        asks.caller.client_id, asks.caller.key.thumbprint(), frozenset({"calculate"}),
        asks.caller.holder.thumbprint(), int(time.time()) - 301,
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
    return await _issue(
        asks,
        type(asks.caller)(asks.caller.client_id, asks.stranger.key, ORIGIN, asks.caller.holder).assertion(),
    )


async def unsigned_assertion(asks: Asks) -> Told:
    """署名のない名乗り（none）."""
    return await _issue(asks, f"{_head(alg='none')}.{asks.caller.assertion().split('.')[1]}.")


async def assertion_by_the_public_key(asks: Asks) -> Told:
    """公開鍵を合言葉にした名乗り（HS256）."""
    from joserfc import jws
    from joserfc.jwk import OctKey

    from tasuki_server.api.service_call import public_jwk

    said = base64.urlsafe_b64decode(asks.caller.assertion().split(".")[1] + "==")
    public = OctKey.import_key(json.dumps(public_jwk(asks.caller.key)).encode())
    head = {"alg": "HS256", "kid": asks.caller.key.thumbprint()}
    return await _issue(asks, jws.serialize_compact(head, said, public, algorithms=["HS256"]))


async def assertion_for_another_server(asks: Asks) -> Told:
    """別の宛先の名乗り."""
    return await _issue(asks, asks.caller.assertion(aud="https://elsewhere.example/api/token"))


async def assertion_again(asks: Asks) -> Told:
    """使用済みの名乗り."""
    assertion = asks.caller.assertion()
    await _issue(asks, assertion)
    return await _issue(asks, assertion)


async def bearer_from_another_machine(asks: Asks) -> Told:
    """この機械だけのトークンを、別の機械から."""
    return await _calculate(asks, {"Authorization": f"Bearer {asks.bearer}"})


async def bearer_through_a_proxy(asks: Asks) -> Told:
    """この機械だけのトークンを、中継サーバから."""
    headers = {"Authorization": f"Bearer {asks.bearer}", "X-Forwarded-For": ELSEWHERE}
    return await _calculate(asks, headers, client=HERE)


async def after_the_key_was_stopped(asks: Asks) -> Told:
    """鍵の停止のあと."""
    from tasuki_server.api.models import ClientKey
    from tasuki_server.api.service_clients import revoke_key

    await _in_clinic(asks, lambda: revoke_key(ClientKey.objects.get(client=asks.row)))
    return await _calculate(asks, _own(asks))


async def after_the_client_was_stopped(asks: Asks) -> Told:
    """接続先の停止のあと."""
    from tasuki_server.api.service_clients import revoke_client

    await _in_clinic(asks, lambda: revoke_client(asks.row))
    return await _calculate(asks, _own(asks))


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


def stolen_tokens(mine: UUID, theirs: UUID, thefts: tuple[Theft, ...] = THEFTS) -> list[str]:
    """盗まれたトークンの訓練 — which thefts were answered."""
    return asyncio.run(_tried(mine, theirs, thefts))


async def _tried(mine: UUID, theirs: UUID, thefts: tuple[Theft, ...]) -> list[str]:
    from tasuki_server.api.calculation import CalculationApi
    from tasuki_server.drills.asgi_request import ask

    service = CalculationApi(workers=_AtOnce())  # type: ignore[arg-type]
    service.start()

    async def asked(method: str, path: str, body: bytes, headers: dict[str, str], client: str) -> Told:
        service._callers.failures._left.clear()
        return await ask(service, method, path, body, {"Host": "localhost"} | headers, client)

    wrong: list[str] = []
    try:
        while not service._known.is_listening:
            await asyncio.sleep(0.02)
        for theft in thefts:
            asks = await asyncio.to_thread(_prepared, asked, mine, theirs)
            asks.caller.token = (await _issue(asks, asks.caller.assertion())).json()["access_token"]
            if (await _calculate(asks, _own(asks))).status != 200:
                wrong.append(f"{theft.__name__}: 本人の要求に答えません（訓練が確かめられていません）。")
                continue
            told = await theft(asks)
            if told.status != 401:
                wrong.append(f"{theft.__name__}: {told.status} で開きました。")
    finally:
        await service.stop()
    return wrong


class _AtOnce:
    """算定の作業者の代わり — answers at once: who may ask is drilled, not what is calculated."""

    async def ask(self, _question: object) -> Any:
        from tasuki_server.api.frames import Reply

        return Reply(200, "application/json", b"{}")

    def close(self) -> None:
        """終了 — nothing to end."""


def _prepared(asked: Callable[..., Awaitable[Told]], mine: UUID, theirs: UUID) -> Asks:
    from django.db import connections

    from tasuki_server.api.tokens import make_token
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    try:
        with as_institution(mine, system_actor(mine)):
            row, caller = _registered()
            bearer = make_token("訓練", ("calculate",), 1)[1]
        with as_institution(theirs, system_actor(theirs)):
            _, stranger = _registered()
    finally:
        connections.close_all()
    return Asks(asked, row, caller, stranger, bearer, mine)


def _registered() -> tuple[ServiceClient, ServiceCaller]:
    from tasuki_server.api.service_call import ServiceCaller, new_key, public_jwk
    from tasuki_server.api.service_clients import public_name, register_client

    key = new_key()
    row = register_client("訓練", ("calculate", "copay"), json.dumps(public_jwk(key)))
    return row, ServiceCaller.made(public_name(row), key, ORIGIN)


async def _in_clinic(asks: Asks, act: Callable[[], None]) -> None:
    from django.db import connections

    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    def work() -> None:
        try:
            with as_institution(asks.institution_id, system_actor(asks.institution_id)):
                act()
        finally:
            connections.close_all()

    await asyncio.to_thread(work)


async def _shown(asks: Asks, token: str, by: ServiceCaller | None = None) -> Told:
    from tasuki_server.api.proofs import token_digest

    proof = (by or asks.caller).proof("POST", PLACE, ath=token_digest(token))
    return await _calculate(asks, {"Authorization": f"DPoP {token}", "DPoP": proof})


def _head(**said: str) -> str:
    return _encoded(said)


def _encoded(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


@contextmanager
def _any_sender() -> Iterator[None]:
    """A good token is enough: the proof is not looked at."""
    from tasuki_server.api.callers import Caller, Callers

    with patch.object(Callers, "_with_proof", lambda _self, client, *_: Caller(client)):
        yield


@contextmanager
def _spent_nowhere() -> Iterator[None]:
    """Nobody remembers what was shown before."""
    from tasuki_server.api import token_door, uses

    def all_fresh(proofs: Any) -> set[str]:
        return {each.digest for each in proofs}

    with (
        patch.object(uses, "spend", all_fresh),
        patch.object(token_door, "spend", all_fresh),
    ):
        yield


@contextmanager
def _untold() -> Iterator[None]:
    """A stop is written down, and told to nobody who remembers the token."""
    from tasuki_server.api import service_clients

    with patch.object(service_clients, "forget_everywhere", lambda: None):
        yield


@contextmanager
def _unsigned() -> Iterator[None]:
    """What a proof says is believed, signed or not."""
    from tasuki_server.api import proofs

    def believed(text: str, _key: object, _algorithm: str = "") -> dict[str, Any]:
        said: dict[str, Any] = json.loads(proofs._part(text, 1))
        return said

    with patch.object(proofs, "_signed", believed):
        yield


FAULTS: dict[str, tuple[Callable[[], Any], tuple[Theft, ...]]] = {
    "token_of_any_sender": (_any_sender, (other_sender, without_proof)),
    "proofs_not_spent": (_spent_nowhere, (proof_again, assertion_again)),
    "stop_not_told": (_untold, (after_the_client_was_stopped,)),
    "proof_not_verified": (_unsigned, (proof_with_a_broken_signature, key_of_another_institution)),
}


def tokens_with_faults(mine: UUID, theirs: UUID) -> dict[str, int]:
    """盗まれたトークンの対照 — how many thefts are answered with each fault planted."""
    found = {}
    for name, (plant, thefts) in FAULTS.items():
        with plant():
            found[name] = len(stolen_tokens(mine, theirs, thefts))
    return found
