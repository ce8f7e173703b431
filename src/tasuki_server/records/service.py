# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービスの窓口 — which address is meant, who may, and answers as JSON; refusals as OperationOutcome."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from tasuki_server.exchange.outcome import Refused, outcome_reply
from tasuki_server.exchange.scopes import ANY, LETTERS
from tasuki_server.exchange.service import refuse_request, room_of
from tasuki_server.exchange.storing import now
from tasuki_server.platform.content_digest import DIGEST, is_damaged
from tasuki_server.platform.engine import Call, Reply, Service
from tasuki_server.records import (
    checkups,
    documents,
    informations,
    notifications,
    own_permissions,
    own_view,
    portal_codes,
    sending,
    views,
)
from tasuki_server.records.addresses import ADDRESSES, Address
from tasuki_server.records.asked import CLOSED, REFUSED, Asked
from tasuki_server.records.openapi import paths
from tasuki_server.records.refusals import BY_THE_PERSON, refuse
from tasuki_server.records.retention import tidy
from tasuki_server.records.rules import rules_now
from tasuki_server.records.samples import samples

log = logging.getLogger("tasuki.records")
JSON = "application/json"
ACTS: Mapping[str, Callable[[Asked], Awaitable[Any]]] = {
    "receivers": sending.receivers,
    "send-document": sending.send,
    "list-documents": documents.listed,
    "read-document": documents.read,
    "document-status": documents.status,
    "cancel-document": documents.cancel,
    "write-informations": informations.write,
    "read-informations": views.informations,
    "open-view": views.open_view,
    "write-checkup": checkups.write,
    "read-checkups": checkups.read,
    "notify": notifications.notify,
    "list-notifications": notifications.listed,
    "read-notification": notifications.read,
    "settle-notification": notifications.settle,
    "own-records": own_view.records,
    "own-looks": own_view.looks,
    "own-permissions": own_permissions.permissions,
    "grant": own_permissions.grant,
    "withdraw": own_permissions.withdraw,
    "portal-code": portal_codes.issue,
}


async def handle(call: Call) -> Reply:
    """要求の処理 — see the module."""
    asked: Asked | None = None
    try:
        address, logical_id = _address(call)
        asked = Asked(call, address, logical_id, now(), await rules_now(call.pool), room_of(call.pool))
        if call.caller.fee_table not in address.callers:
            raise refuse("not-yours", term=address.term)
        await _refuse_narrowed(asked)
        _refuse_damaged(call)
        _refuse_zeros(call)
        await tidy(asked)
        told = await ACTS[address.act](asked)
    except Refused as refused:
        if asked is not None:
            issue = asked.detail["issue"] = refused.issues[0].finding if refused.issues else ""
            await asked.note(call.pool, CLOSED if issue in BY_THE_PERSON else REFUSED)
        return outcome_reply(refused.status, refused.issues, refused.headers)
    return Reply(200, JSON, msgspec.json.encode(told))


def _address(call: Call) -> tuple[Address, str]:
    others = []
    for each in ADDRESSES:
        if len(each.shape) != len(call.parts):
            continue
        pairs = list(zip(each.shape, call.parts, strict=True))
        if not all(shape in ("I", part) for shape, part in pairs):
            continue
        if each.method != call.method:
            others.append(each)
            continue
        return each, next((_identifier(part) for shape, part in pairs if shape == "I"), "")
    if others:
        raise refuse("method", found=call.method)
    raise refuse("address", found="/".join(call.parts))


def _refuse_damaged(call: Call) -> None:
    """What lost bytes on its way is told so, that nobody takes it for a fault of its content."""
    told = call.headers.get(DIGEST.lower()) or call.headers.get(DIGEST, "")
    if is_damaged(told, call.body):
        raise refuse("damaged")


def _refuse_zeros(call: Call) -> None:
    for name, value in call.query.items():
        if "\0" in value:
            raise refuse("parameter", place=name, found=value, wanted="U+0000 のない文字")


async def _refuse_narrowed(asked: Asked) -> None:
    """Scopes are of types and acts of the exchange and bound none of these addresses: who has less than all has none."""
    caller = asked.call.caller
    grant = await asked.room.grants.of(caller.id, caller.client, caller.scopes)
    if not all(grant.is_open(ANY, each) for each in LETTERS):
        raise refuse("narrowed")


def _identifier(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as wrong:
        raise refuse("unknown", found=text) from wrong


SERVICE = Service(
    "records",
    {"/".join(each.shape): "client" for each in ADDRESSES},
    handle,
    refuse_request,
    paths,
    samples,
)
