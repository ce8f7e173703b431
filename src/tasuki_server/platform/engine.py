# SPDX-License-Identifier: Apache-2.0
"""窓口の中身 — one request of a connected institution: who asks, what goes wrong on purpose, and the room that answers.

The same engine stands behind the ASGI door and behind callers of the same installation (:mod:`.house`).
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from uuid import UUID

import asyncpg
import msgspec
from psycopg.conninfo import conninfo_to_dict

from tasuki_server.api.patience import RETRY_SECONDS, Impatient, Patience, Turn
from tasuki_server.operations.shared_table import PLACES, SharedTable
from tasuki_server.platform.clients import PREFIX, digest_key, token_digest
from tasuki_server.platform.faults import NO_FAULTS, NOTHING_DRAWN, Faults, draw

log = logging.getLogger("tasuki.platform")
BASE = "/platform/v1/"
LARGEST = 32 * 1024 * 1024
# A caller that was proved and the faults that were read are remembered so long.
REMEMBERED_SECONDS = 1.0
MOST_REMEMBERED = 10_000


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
        self._callers: dict[str, tuple[Caller | None, float]] = {}
        self._faults: dict[str, tuple[UUID | None, Faults, float]] = {}
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
        """応答 — of one request, which came from an address or from this house.

        Raises :class:`Cut` when a break of the wire was ordered, and :class:`~tasuki_server.api.patience.Impatient`
        where too many proofs were wrong.
        """
        name, *parts = path.removeprefix(BASE).rstrip("/").split("/")
        service = self._services.get(name)
        if service is None:
            return refusal(404, "not-found")
        pool = await self._opened()
        call = Call(method, tuple(parts), query, headers, body, NOBODY, pool, self.patience.turn_of(address))
        handle = service.opened.get((method, "/".join(parts)))
        caller = None
        if handle is None:
            caller = await self._caller(pool, token)
            if caller is None and self._recognise is not None:
                caller = await self._recognise(call, path, token)
            if caller is None and service.recognise is not None:
                caller = await service.recognise(call, token)
            if caller is None:
                return refused_at_door(self._services, path, 401, "unauthorized")
        setting, faults = await self._faults_of(pool, name)
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
            reply = await (handle or service.handle)(call._replace(caller=caller or NOBODY))
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

    async def _caller(self, pool: asyncpg.Pool, token: str) -> Caller | None:
        if not token.startswith(PREFIX):
            return None
        now = time.monotonic()
        # By the token as it came: whoever is remembered was proved by its digest within the last second.
        known = self._callers.get(token)
        if known is not None and known[1] > now:
            return known[0]
        digest = token_digest(token, self._key)
        row = await pool.fetchrow(
            "SELECT id, prefecture || fee_table || code AS number, fee_table, name FROM platform_connectedinstitution"
            " WHERE digest = $1 AND revoked_at IS NULL",
            digest,
        )
        caller = Caller(*row) if row is not None else None
        if len(self._callers) > MOST_REMEMBERED:
            self._callers.clear()
        self._callers[token] = (caller, now + REMEMBERED_SECONDS)
        return caller

    async def _faults_of(self, pool: asyncpg.Pool, service: str) -> tuple[UUID | None, Faults]:
        now = time.monotonic()
        known = self._faults.get(service)
        if known is None or known[2] <= now:
            row = await pool.fetchrow(
                "SELECT id, faults::text FROM platform_faultsetting WHERE service = $1 ORDER BY made_at DESC LIMIT 1",
                service,
            )
            setting = (
                (row[0], msgspec.json.decode(row[1], type=Faults)) if row is not None else (None, NO_FAULTS)
            )
            known = self._faults[service] = (*setting, now + REMEMBERED_SECONDS)
        return known[0], known[1]


class PlainConnection(asyncpg.Connection):
    """接続 — given back as it is: no service leaves anything in a session, and cleaning up would double the round trips."""

    def get_reset_query(self) -> str:
        """後始末の文 — none; a transaction that was left open is rolled back all the same."""
        return ""


async def open_pool(conninfo: str, connections: int) -> asyncpg.Pool:
    """接続の用意 — from a connection string as the rest of the server has it."""
    parts = conninfo_to_dict(conninfo)
    known = {"host": "host", "port": "port", "user": "user", "password": "password", "dbname": "database"}
    given: dict[str, Any] = {name: parts[key] for key, name in known.items() if parts.get(key) is not None}
    # Opened before it is needed: a morning's first rush must not wait for handshakes.
    # A statement over many that ask together looks costly to the planner and takes a millisecond: compiling it takes more.
    return await asyncpg.create_pool(
        **given,
        min_size=min(2, connections),
        max_size=connections,
        connection_class=PlainConnection,
        server_settings={"jit": "off"},
    )


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
