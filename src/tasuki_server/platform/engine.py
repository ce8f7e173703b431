# SPDX-License-Identifier: Apache-2.0
"""窓口の中身 — one request of a connected institution: who asks, what goes wrong on purpose, and the room that answers.

The same engine stands behind the ASGI door and behind callers of the same installation (:mod:`.house`).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from uuid import UUID

import asyncpg
import msgspec

from tasuki_server.api.patience import RETRY_SECONDS, Impatient, Patience, Turn
from tasuki_server.operations.shared_table import PLACES, SharedTable
from tasuki_server.platform.clients import PREFIX, digest_key, token_digest
from tasuki_server.platform.faults import NO_FAULTS, NOTHING_DRAWN, Faults, draw
from tasuki_server.platform.pool import open_pool
from tasuki_server.platform.remembered import Remembered

log = logging.getLogger("tasuki.platform")
BASE = "/platform/v1/"
LARGEST = 32 * 1024 * 1024
LONGEST_TOKEN = 128


class Caller(NamedTuple):
    """接続機関 — who asks; ``number`` is the ten digits of messages.

    ``client`` is the program of the institution that asks, where it is known by a key of its own, and ``scopes`` are
    those of its token; None for the institution's own token. ``app`` is the app that one of its people allowed to ask.
    """

    id: UUID
    number: str
    fee_table: str
    name: str
    client: UUID | None = None
    scopes: tuple[str, ...] | None = None
    app: UUID | None = None


# 誰でもない: whoever asks at an address that is open to everyone.
NOBODY = Caller(UUID(int=0), "", "", "")


# 書き換えの要らない条件: every name and value of letters that an address writes as they are.
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+=[A-Za-z0-9_.~-]+(?:&[A-Za-z0-9_.~-]+=[A-Za-z0-9_.~-]+)*")


class Pairs(dict[str, str]):
    """問合せの条件 — by name, the last of each; ``pairs`` keeps all of them in their order."""

    pairs: tuple[tuple[str, str], ...] = ()
    # 書かれたまま: where nothing in it is written otherwise than it means, so that it need not be written again.
    plain: str = ""

    @classmethod
    def read(cls, text: str) -> Pairs:
        """条件の読込み — of what follows the question mark.

        >>> Pairs.read("a=1&a=2").pairs
        (('a', '1'), ('a', '2'))
        """
        if _PLAIN.fullmatch(text):
            made = cls(found := [tuple(each.split("=")) for each in text.split("&")])
            made.plain = text
        else:
            made = cls(found := parse_qsl(text))
        made.pairs = tuple(found)
        return made


class Call(NamedTuple):
    """要求 — ``parts`` are what follows the service's name in the path; ``turn`` counts the failures of whoever asks."""

    method: str
    parts: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    caller: Caller
    pool: asyncpg.Pool
    turn: Turn


class Reply(NamedTuple):
    """応答 — status, media type and body, with headers beyond those of every answer."""

    status: int
    media_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Cut(ConnectionResetError):
    """切断 — the wire broke on purpose; ``reply`` is what a truncated answer would have been, if anything was sent."""

    def __init__(self, reply: Reply | None = None) -> None:
        self.reply = reply
        super().__init__("cut on purpose")


Handler = Callable[[Call], Awaitable[Reply]]
# 持参の確認: whose token of the service's own kind it is, told by its request (without a caller yet), None for nobody's.
Recognition = Callable[[Call, str], Awaitable[Caller | None]]
# 鍵の照合: the same for every service, of a token that a key was shown for, at a path.
KeyRecognition = Callable[[Call, str, str], Awaitable[Caller | None]]
# What a service answers when an error was ordered or it is closed: its own kind of message.
Refusal = Callable[[int, str, str], Reply]


class Service(NamedTuple):
    """サービス — a name in the path, the addresses below it, and who answers. ``refuse`` makes its error messages.

    ``paths`` are its part of the OpenAPI document, ``samples`` messages as they go over the wire, by file name.
    ``opened`` are the addresses that need no token, by method and path; ``recognise`` knows tokens of the service's own.
    ``refuse_json`` makes the error messages of whoever asks in JSON, where that is another form; ``refuse_at_door`` those
    that come before anybody is known (401, 413), where even these have a form of the service.
    """

    name: str
    addresses: Mapping[str, str]
    handle: Handler
    refuse: Refusal
    paths: Callable[[], Mapping[str, Any]] = dict
    samples: Callable[[], Mapping[str, bytes]] = dict
    refuse_json: Refusal | None = None
    opened: Mapping[tuple[str, str], Handler] = {}
    recognise: Recognition | None = None
    refuse_at_door: Callable[[int, str], Reply] | None = None

    def refusing(self, body: bytes) -> Refusal:
        """断り方 — in the form that the request came in."""
        if self.refuse_json is None or body.lstrip(b" \t\r\n")[:1] != b"{":
            return self.refuse
        return self.refuse_json


class Engine:
    """窓口の中身 — owns its connections; started and stopped in the loop that serves."""

    def __init__(
        self,
        conninfo: str,
        services: Mapping[str, Service],
        connections: int = 8,
        recognise: KeyRecognition | None = None,
    ) -> None:
        self._conninfo = conninfo
        self._recognise = recognise
        self._services = services
        self._connections = connections
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        self.patience = Patience("platform")
        # Read once: it lies in a file.
        self._key = digest_key()
        # By the token as it came: whoever is remembered was proved by its digest within the last second.
        self._callers: Remembered[str, Caller | None] = Remembered(self._read_caller)
        self._faults: Remembered[str, tuple[UUID | None, Faults]] = Remembered(self._read_faults)
        # Over all processes, so that the same seed draws the same whoever answers.
        self._places = SharedTable(PLACES)

    async def answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        token: str,
        body: bytes,
        address: str = "",
    ) -> Reply:
        """応答 — of one request whose body is here, which came from an address or from this house.

        Raises :class:`Cut` when a break of the wire was ordered, and :class:`~tasuki_server.api.patience.Impatient`
        where too many proofs were wrong.
        """
        caller = await self.caller_of(method, path, query, headers, token, address)
        if isinstance(caller, Reply):
            return caller
        return await self.answer_to(caller, method, path, query, headers, body, address)

    async def caller_of(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        token: str,
        address: str = "",
    ) -> Caller | Reply:
        """接続機関の照合 — before a byte of the body is asked for; NOBODY at an open address, else the refusal.

        Raises :class:`~tasuki_server.api.patience.Impatient`.
        """
        name, *parts = path.removeprefix(BASE).rstrip("/").split("/")
        service = self._services.get(name)
        if service is None:
            return refusal(404, "not-found")
        if (method, "/".join(parts)) in service.opened:
            return NOBODY
        pool = await self._opened()
        turn = self.patience.turn_of(address)
        call = Call(method, tuple(parts), query, headers, b"", NOBODY, pool, turn)
        caller = await self._caller(token)
        if caller is None and self._recognise is not None:
            caller = await self._recognise(call, path, token)
        if caller is None and service.recognise is not None:
            caller = await service.recognise(call, token)
        if caller is None and token.startswith(PREFIX):
            turn.guessed()
        return caller or refused_at_door(self._services, path, 401, "unauthorized")

    async def answer_to(
        self,
        caller: Caller,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
        address: str = "",
    ) -> Reply:
        """接続機関への応答 — of one whom :meth:`caller_of` knew. Raises what :meth:`answer` does."""
        name, *parts = path.removeprefix(BASE).rstrip("/").split("/")
        service = self._services[name]
        pool = await self._opened()
        turn = self.patience.turn_of(address)
        call = Call(method, tuple(parts), query, headers, body, caller, pool, turn)
        handle = service.opened.get((method, "/".join(parts)), service.handle)
        setting, faults = await self._faults.of(name)
        drawn = NOTHING_DRAWN if setting is None or faults == NO_FAULTS else draw(faults, self._next(setting))
        if drawn.delay_seconds:
            await asyncio.sleep(drawn.delay_seconds)
        if drawn.is_cut_before:
            raise Cut
        if faults.is_maintenance:
            return service.refusing(body)(503, "maintenance", faults.maintenance_text)
        if drawn.is_error:
            return service.refusing(body)(200, faults.error_code, faults.error_text)
        try:
            reply = await handle(call)
        except Impatient:
            raise
        except Exception as fault:
            log.error("%s %s", name, type(fault).__name__, exc_info=log.isEnabledFor(logging.DEBUG))
            return service.refusing(body)(500, "our-fault", "サービスの側の誤りです。")
        if drawn.is_cut_after:
            raise Cut
        if drawn.is_truncated:
            raise Cut(reply._replace(body=reply.body[: len(reply.body) // 2]))
        return reply

    def _next(self, setting: UUID) -> int:
        return int(self._places.change(setting.bytes, lambda place: place + 1))

    async def stop(self) -> None:
        """終了 — closes the connections."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def _opened(self) -> asyncpg.Pool:
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await open_pool(self._conninfo, self._connections)
        return self._pool

    async def _caller(self, token: str) -> Caller | None:
        # What a header may hold is not what is remembered: a token of ours has its length.
        if not token.startswith(PREFIX) or len(token) > LONGEST_TOKEN:
            return None
        return await self._callers.of(token)

    async def _read_caller(self, token: str) -> Caller | None:
        row = await (await self._opened()).fetchrow(
            "SELECT id, prefecture || fee_table || code AS number, fee_table, name FROM platform_connectedinstitution"
            " WHERE digest = $1 AND revoked_at IS NULL",
            token_digest(token, self._key),
        )
        return Caller(*row) if row is not None else None

    async def _read_faults(self, service: str) -> tuple[UUID | None, Faults]:
        row = await (await self._opened()).fetchrow(
            "SELECT id, faults::text FROM platform_faultsetting WHERE service = $1 ORDER BY made_at DESC LIMIT 1",
            service,
        )
        return (row[0], msgspec.json.decode(row[1], type=Faults)) if row is not None else (None, NO_FAULTS)


def is_open(services: Mapping[str, Service], method: str, path: str) -> bool:
    """誰にでも開いているか — an address that needs no token."""
    name, _, rest = path.removeprefix(BASE).rstrip("/").partition("/")
    service = services.get(name)
    return service is not None and (method, rest) in service.opened


def refused_at_door(services: Mapping[str, Service], path: str, status: int, error: str) -> Reply:
    """入口の断り — in the form of the service that was meant; who must show a token is told how.

    Cite: RFC 9110 15.5.2 (401), RFC 6750 3
    """
    service = services.get(path.removeprefix(BASE).partition("/")[0])
    made = refusal if service is None else service.refuse_at_door or refusal
    reply = made(status, error)
    if status == 429:
        return reply._replace(headers=(*reply.headers, ("retry-after", str(RETRY_SECONDS))))
    if status == 401:
        challenges = (
            ("www-authenticate", 'DPoP realm="platform", algs="ES256"'),
            ("www-authenticate", 'Bearer realm="platform"'),
        )
        reply = reply._replace(headers=(*reply.headers, *challenges))
    return reply


def refusal(status: int, error: str) -> Reply:
    """拒否 — before a service is known; as JSON."""
    return Reply(status, "application/json", msgspec.json.encode({"error": error}))
