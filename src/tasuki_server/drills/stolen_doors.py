# SPDX-License-Identifier: Apache-2.0
"""盗まれたトークンを試す窓口 — the calculation API, the receiving of claims and the platform, each with clients of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from uuid import UUID

    from tasuki_server.api.service_call import ServiceCaller
    from tasuki_server.drills.asgi_request import Told

ORIGIN = "http://localhost"
ELSEWHERE, HERE = "192.0.2.1", "127.0.0.1"
_FORM: Mapping[str, str] = {"Content-Type": "application/json"}
_codes = count(1)


class Doorway(NamedTuple):
    """窓口 — what a client asks there, another address of the same, where tokens are given, and what its tokens are for."""

    name: str
    method: str
    place: str
    other: str
    issue: str
    purpose: str
    body: bytes = b""
    headers: Mapping[str, str] = {}


CALCULATION = Doorway(
    "calculation", "POST", "/api/calculation/v1/calculate", "/api/calculation/v1/copay", "/api/token",
    "api-bound-token", b"{}", _FORM,
)  # fmt: skip
RECEIVING = Doorway(
    "receiving", "GET", "/receiving/v1/files", "/receiving/v1/submissions", "/receiving/v1/token",
    "receiving-bound-token",
)  # fmt: skip
PLATFORM = Doorway(
    "platform", "GET", "/platform/v1/status", "/platform/v1/records", "/platform/v1/token", "platform-bound-token"
)  # fmt: skip


class Client(NamedTuple):
    """登録された側 — how it asks, the token that would serve its holder, and what stops its key or all of it."""

    caller: ServiceCaller
    bearer: str
    stop_key: Callable[[], object]
    stop_client: Callable[[], object]


class Asks(NamedTuple):
    """要求する側 — a client at a door, and another institution's with its key."""

    door: Doorway
    ask: Callable[..., Awaitable[Told]]
    caller: ServiceCaller
    stranger: ServiceCaller
    bearer: str
    stop_key: Callable[[], object]
    stop_client: Callable[[], object]


class Open(NamedTuple):
    """開いた窓口 — asks of it, and registers a client of the first or the second institution."""

    door: Doorway
    ask: Callable[..., Awaitable[Told]]
    registered: Callable[[UUID], Client]

    async def asks(self, mine: UUID, theirs: UUID) -> Asks:
        """要求する側の用意 — both are registered anew."""
        own, stranger = await asyncio.to_thread(self._both, mine, theirs)
        return Asks(
            self.door, self.ask, own.caller, stranger.caller, own.bearer, own.stop_key, own.stop_client
        )

    def _both(self, mine: UUID, theirs: UUID) -> tuple[Client, Client]:
        from django.db import connections

        try:
            return self.registered(mine), self.registered(theirs)
        finally:
            connections.close_all()


@asynccontextmanager
async def opened() -> AsyncIterator[list[Open]]:
    """窓口を開く — all of them, in this process."""
    from tasuki_server.api.calculation import CalculationApi
    from tasuki_server.drills.asgi_request import ask
    from tasuki_server.platform.asgi_door import PlatformDoor
    from tasuki_server.receiving.asgi_door import ReceivingDoor

    service, platform = CalculationApi(workers=_AtOnce()), PlatformDoor()  # type: ignore[arg-type]
    receiving = ReceivingDoor()
    service.start()

    def asking(application: Any) -> Callable[..., Awaitable[Told]]:
        async def asked(method: str, path: str, body: bytes, headers: dict[str, str], client: str) -> Told:
            # Each theft is judged: the drill is about the proofs, not about how many a minute.
            service._callers.failures._left.clear()
            platform.forget_failures()
            receiving.patience.forget()
            return await ask(application, method, path, body, {"Host": "localhost"} | headers, client)

        return asked

    try:
        while not service._known.is_listening:
            await asyncio.sleep(0.02)
        yield [
            Open(CALCULATION, asking(service), _of_the_api),
            Open(RECEIVING, asking(receiving), _of_receiving),
            Open(PLATFORM, asking(platform), _of_the_platform),
        ]
    finally:
        await service.stop()
        await platform.stop()


class _AtOnce:
    """算定の作業者の代わり — answers at once: who may ask is drilled, not what is calculated."""

    async def ask(self, _question: object) -> Any:
        from tasuki_server.api.frames import Reply

        return Reply(200, "application/json", b"{}")

    def close(self) -> None:
        """終了 — nothing to end."""


def _of_the_api(institution_id: UUID) -> Client:
    from tasuki_server.api.models import ClientKey
    from tasuki_server.api.service_call import ServiceCaller, new_key, public_jwk
    from tasuki_server.api.service_clients import public_name, register_client, revoke_client, revoke_key
    from tasuki_server.api.tokens import make_token
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    key = new_key()
    with as_institution(institution_id, system_actor(institution_id)):
        row = register_client("訓練", ("calculate", "copay"), json.dumps(public_jwk(key)))
        bearer = make_token("訓練", ("calculate",), 1)[1]

    def in_clinic(act: Callable[[], None]) -> Callable[[], None]:
        def work() -> None:
            with as_institution(institution_id, system_actor(institution_id)):
                act()

        return _alone(work)

    return Client(
        ServiceCaller.made(public_name(row), key, ORIGIN),
        bearer,
        in_clinic(lambda: revoke_key(ClientKey.objects.get(client=row))),
        in_clinic(lambda: revoke_client(row)),
    )


def _of_receiving(_institution_id: UUID) -> Client:
    from django.utils import timezone

    from tasuki_server.receiving.clients import register_client, revoke_client
    from tasuki_server.receiving.senders import add_key, revoke_key

    row, bearer = register_client("13", f"{next(_codes):07d}", "訓練")
    return _named_by_key(
        RECEIVING,
        bearer,
        lambda key: add_key(row, key, timezone.now()),
        lambda thumbprint: revoke_key(row.pk, thumbprint, timezone.now()),
        lambda: revoke_client(row, timezone.now()),
    )


def _of_the_platform(_institution_id: UUID) -> Client:
    from django.utils import timezone

    from tasuki_server.platform.clients import register_institution, revoke_institution
    from tasuki_server.platform.keys_registered import add_key, revoke_key
    from tasuki_server.platform.models import FeeTable

    row, bearer = register_institution("13", FeeTable.MEDICAL, f"{next(_codes):07d}", "訓練")
    return _named_by_key(
        PLATFORM,
        bearer,
        lambda key: add_key(row, key, timezone.now()),
        lambda thumbprint: revoke_key(row.pk, thumbprint, timezone.now()),
        lambda: revoke_institution(row, timezone.now()),
    )


def _named_by_key(
    door: Doorway,
    bearer: str,
    add: Callable[[str], object],
    stop_key: Callable[[str], object],
    stop_client: Callable[[], object],
) -> Client:
    """A sender that is named by its key, as receiving and platform know them."""
    from tasuki_server.api.service_call import ServiceCaller, new_key, public_jwk

    key = new_key()
    add(json.dumps(public_jwk(key)))
    caller = ServiceCaller.made(key.thumbprint(), key, ORIGIN, door.issue)
    return Client(caller, bearer, _alone(lambda: stop_key(key.thumbprint())), _alone(stop_client))


def _alone(act: Callable[[], object]) -> Callable[[], None]:
    """In a thread of its own, whose connections are not kept."""

    def work() -> None:
        from django.db import connections

        try:
            act()
        finally:
            connections.close_all()

    return work
