# SPDX-License-Identifier: Apache-2.0
"""電子処方箋管理サービスの窓口 — one message in, one message out, by the interface id that the file's name says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

import msgspec

from tasuki.eligibility.message import Message
from tasuki.eligibility.xml_text import write_xml
from tasuki.prescriptions.service.messages import CheckResult, check_nodes, service_answer, verify_nodes
from tasuki.prescriptions.service.operations import Actor, read_operation
from tasuki.prescriptions.service.refusals import Refused, refusal
from tasuki_server.institutions.ids import new_id
from tasuki_server.platform.engine import Call, Reply, Service
from tasuki_server.platform.engine import refusal as plain_refusal
from tasuki_server.platform.models import GIVES_NO_CARE
from tasuki_server.prescriptions import registering
from tasuki_server.prescriptions.asked import Asked, read_asked
from tasuki_server.prescriptions.intake import Unacceptable
from tasuki_server.prescriptions.own_view import answer_own
from tasuki_server.prescriptions.work import OPERATIONS, in_one_piece

PHARMACY = "4"
# 自分で書き込みを終える処理: the hot path, without a transaction around it.
_DIRECT: Mapping[str, Callable[[Asked], Awaitable[Reply]]] = {
    "201": registering.register,
    "401": lambda asked: registering.register(asked, registering.INHOUSE),
}
EVENT = """
    INSERT INTO platform_serviceevent (id, at, caller_id, operation, outcome, detail)
    VALUES ($1, $2, $3, $4, $5, $6::jsonb)
"""


async def handle(call: Call) -> Reply:
    """要求の処理 — ``messages`` for institutions, ``person`` for the portal of the person."""
    if call.caller.fee_table in GIVES_NO_CARE:
        return plain_refusal(403, "not-an-institution")
    if call.parts == ("person",):
        return await answer_own(call)
    if call.parts != ("messages",) or call.method != "POST":
        return plain_refusal(404, "not-found")
    at = datetime.now(UTC)
    name = call.query.get("file", "")
    operation = read_operation(name)
    if operation is None:
        return _refused(None, at, refusal("TSKE001", file=name[:80]))
    asked: Asked | None = None
    try:
        asked = read_asked(call, operation, at)
        is_pharmacy = call.caller.fee_table == PHARMACY
        if operation.actor is (Actor.CLINIC if is_pharmacy else Actor.PHARMACY):
            raise Refused("TSKE004", term=operation.term, actor=operation.actor.value)
        direct = _DIRECT.get(operation.request)
        if direct is not None:
            return await direct(asked)
        return await in_one_piece(asked, OPERATIONS[operation.request])
    except Refused as refused:
        await _note(call, at, operation.request, refused.result.code)
        return _refused(asked, at, refused.result)
    except Unacceptable as bad:
        await _note(call, at, operation.request, bad.result.code)
        nodes = (
            *check_nodes("XmlCheckResultList", bad.xml_checks),
            *check_nodes("CsvCheckResultList", bad.csv_checks),
            *verify_nodes(bad.verifications),
        )
        assert asked is not None
        return asked.reply(service_answer(asked.message, at, (), nodes, bad.result))


async def _note(call: Call, at: datetime, operation: str, code: str) -> None:
    """A refused request is an event too; nothing was read or changed by it."""
    detail = msgspec.json.encode({"code": code}).decode()
    await call.pool.execute(
        EVENT, new_id(), at, call.caller.id, f"prescriptions.{operation}", "refused", detail
    )


def _refused(asked: Asked | None, at: datetime, result: CheckResult) -> Reply:
    message: Message = service_answer(asked.message if asked else None, at, error=result)
    return asked.reply(message) if asked else Reply(200, "application/xml", write_xml(message))


def refuse(status: int, code: str, text: str) -> Reply:
    """拒否 — an ordered error or a closed service, as this service's own kind of message."""
    ours = {"maintenance": "TSKE090", "our-fault": "TSKE099"}.get(code, code)
    message = service_answer(None, datetime.now(UTC), error=CheckResult(ours, text))
    return Reply(status, "application/xml", write_xml(message))


SERVICE = Service("prescriptions", {"messages": "client", "person": "client"}, handle, refuse)
