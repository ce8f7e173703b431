# SPDX-License-Identifier: Apache-2.0
"""医療情報の交換の窓口 — FHIR R4 over the door of the platform: which interaction is meant, who may, and the record of it.

No answer leaves before its record of use is durable; when the record cannot be written, nothing is told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import asyncpg

from tasuki.sharing.search import is_resource_type
from tasuki.sharing.search.parameters import search_table
from tasuki_server.exchange.access_log import LONGEST_QUERY, Access
from tasuki_server.exchange.acting import check_id
from tasuki_server.exchange.app_point import (
    KEYS,
    OPENID_CONFIGURATION,
    REVOKE,
    keys,
    openid_configuration,
    revoke,
)
from tasuki_server.exchange.asked import NAME, Asked, Room
from tasuki_server.exchange.client_tokens import recognise
from tasuki_server.exchange.forms import formed
from tasuki_server.exchange.outcome import Issue, Refused, outcome_reply, refuse
from tasuki_server.exchange.routes import ROUTES, Route, paths
from tasuki_server.exchange.storing import now
from tasuki_server.exchange.token_point import CONFIGURATION, TOKEN, configuration, token
from tasuki_server.platform.engine import LARGEST, Call, Reply, Service
from tasuki_server.platform.models import FeeTable

log = logging.getLogger("tasuki.exchange")
# 使える機関: a person's own view goes through services of its own.
MAY_EXCHANGE = frozenset((FeeTable.MEDICAL, FeeTable.DENTAL, FeeTable.PHARMACY))
_rooms: dict[int, tuple[Any, Room]] = {}


async def handle(call: Call) -> Reply:
    """要求の処理 — see the module."""
    if call.method == "HEAD":
        # The door keeps the body back.
        call = call._replace(method="GET")
    asked = Asked(call, room_of(call.pool), now())
    try:
        if call.caller.fee_table not in MAY_EXCHANGE:
            raise refuse("not-yours", found=call.caller.name)
        asked.grant = await asked.room.grants.of(call.caller.id, call.caller.client, call.caller.scopes)
        reply = formed(await answer(asked), asked.form, may_refuse=call.method == "GET")
    except Refused as refused:
        if not refused.is_recorded:
            asked.accesses.append(_refusal(asked, refused))
        reply = formed(outcome_reply(refused.status, refused.issues, refused.headers), asked.form)
    if asked.accesses:
        try:
            await asked.room.log.kept(asked.accesses)
        except Exception as fault:  # noqa: BLE001 - without its record nothing is told
            log.error("record %s", type(fault).__name__)
            failed = refuse("log")
            return outcome_reply(failed.status, failed.issues)
    return reply


async def answer(asked: Asked) -> Reply:
    """一件の応答 — of a request whose caller may ask; its records wait in ``asked.accesses``."""
    route = _route(asked)
    asked.interaction = route.code
    asked.check_form()
    if asked.call.caller.app is not None and "$export" in route.shape:
        # An app was allowed one patient's data, while somebody looks on.
        raise refuse("not-for-apps")
    if asked.type:
        asked.need(asked.type, route.needs)
    return await route.act(asked)


def _route(asked: Asked) -> Route:
    parts = asked.call.parts
    if asked.call.method == "GET" and len(parts) == 2 and parts[0] in _READABLE and parts[1][:1] not in "_$":
        # What is asked most.
        asked.type, asked.id = parts[0], check_id(parts[1])
        return _READ
    if asked.call.method == "GET" and len(parts) == 1 and parts[0] in _READABLE:
        # And what comes next.
        asked.type = parts[0]
        return _SEARCH
    others = []
    for route in _BY_LENGTH.get(len(parts), ()):
        if all(_fits(shape, part) for shape, part in zip(route.shape, parts, strict=True)):
            if route.method != asked.call.method:
                others.append(route)
                continue
            for shape, part in zip(route.shape, parts, strict=True):
                _take(asked, shape, part)
            return route
    if others:
        raise refuse("method", found=asked.call.method)
    if parts and not is_resource_type(parts[0]) and parts[0][:1].isalpha():
        raise refuse("type", found=parts[0])
    raise refuse("address", found="/".join(parts))


def _fits(shape: str, part: str) -> bool:
    if shape == "T":
        return is_resource_type(part)
    if shape in ("I", "V"):
        return bool(part) and part[0] not in "_$"
    return shape == part


def _take(asked: Asked, shape: str, part: str) -> None:
    if shape == "T" or is_resource_type(shape):
        asked.type = part
    elif shape == "I":
        asked.id = check_id(part)
    elif shape == "V":
        asked.version = part


def _refusal(asked: Asked, refused: Refused) -> Access:
    query = "&".join(f"{name}={value}" for name, value in asked.call.query.items())
    return Access(
        asked.at, asked.caller, asked.interaction or "unknown", asked.type, asked.id, status=refused.status,
        patient=refused.patient, writer=refused.writer, query=query.replace("\0", "")[:LONGEST_QUERY],
    )  # fmt: skip


def room_of(pool: asyncpg.Pool) -> Room:
    """交換の部屋 — of this pool; those of pools that were closed go."""
    found = _rooms.get(id(pool))
    if found is None or found[0] is not pool:
        for key in [key for key, (held, _) in _rooms.items() if held.is_closing()]:
            del _rooms[key]
        found = _rooms[id(pool)] = (pool, Room(pool))
    return found[1]


def _by_length() -> Mapping[int, tuple[Route, ...]]:
    lengths = {len(route.shape) for route in ROUTES}
    return {length: tuple(route for route in ROUTES if len(route.shape) == length) for length in lengths}


_BY_LENGTH = _by_length()
_READ = next(route for route in ROUTES if route.code == "read" and route.shape == ("T", "I"))
_SEARCH = next(route for route in ROUTES if route.code == "search-type" and route.shape == ("T",))
_READABLE = frozenset(search_table().shapes) - {"AuditEvent"}


def refuse_request(status: int, code: str, text: str) -> Reply:
    """断り — of the engine: 閉局, an error that was ordered, or our own fault."""
    if code == "our-fault":
        failed = refuse("fault")
        return outcome_reply(failed.status, failed.issues)
    return outcome_reply(503, (Issue("error", "transient", text or "ただいま使えません。", "", code),))


def refuse_at_door(status: int, error: str) -> Reply:
    """入口の断り — of who showed no token that counts or failed too often, and of what is larger than any message."""
    kind = {401: "token", 429: "impatient"}.get(status, "too-large")
    failed = refuse(kind, found=f"{LARGEST // 2**20}MB")
    return outcome_reply(status, failed.issues)


SERVICE = Service(
    NAME, {"": "client", **dict.fromkeys((CONFIGURATION, OPENID_CONFIGURATION, KEYS, TOKEN, REVOKE), "public")},
    handle, refuse_request, paths,
    opened={
        ("GET", CONFIGURATION): configuration, ("GET", OPENID_CONFIGURATION): openid_configuration, ("GET", KEYS): keys,
        ("POST", TOKEN): token, ("POST", REVOKE): revoke,
    },
    recognise=recognise,
    refuse_at_door=refuse_at_door,
)  # fmt: skip
