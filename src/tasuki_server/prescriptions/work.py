# SPDX-License-Identifier: Apache-2.0
"""一つの処理 — in one transaction, answered once for a key, by the table of operations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import asyncpg

from tasuki.eligibility.message import Message
from tasuki_server.platform.engine import Reply
from tasuki_server.prescriptions import (
    checking,
    clinic_acts,
    copies,
    finding,
    pharmacy_acts,
    results,
    storing,
)
from tasuki_server.prescriptions.asked import Asked
from tasuki_server.prescriptions.registering import kept_reply

Handler = Callable[[asyncpg.Connection, Asked], Awaitable[Message | Reply]]
# 同時に届いた同じ要求: the second waits for the first and is answered what it was.
_WAIT = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_KEPT = "SELECT digest, media_type, body FROM prescriptions_keptanswer WHERE caller_id = $1 AND key = $2"
_KEEP = """
    INSERT INTO prescriptions_keptanswer (id, caller_id, key, digest, media_type, body, at)
    VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6)
"""
OPERATIONS: Mapping[str, Handler] = {
    "101": checking.prepare,
    "203": clinic_acts.cancel,
    "205": clinic_acts.change,
    "207": clinic_acts.undo_cancel,
    "209": clinic_acts.undo_change,
    "211": copies.patient_copy,
    "213": finding.ask_results,
    "215": finding.collect_results,
    "217": finding.status,
    "219": checking.check,
    "220": finding.own_prescriptions,
    "301": pharmacy_acts.receive,
    "303": pharmacy_acts.release,
    "305": pharmacy_acts.collect,
    "307": results.register_result,
    "309": results.cancel_result,
    "311": results.change_result,
    "313": finding.own_dispensings,
    "315": checking.check,
    "316": finding.dispensed_prescription,
    "318": pharmacy_acts.undo_collect,
    "320": finding.waiting_prescriptions,
    "322": finding.result_ids,
    "324": storing.store,
    "328": storing.fetch_stored,
    "403": clinic_acts.cancel_inhouse,
    "405": clinic_acts.change_inhouse,
    "407": finding.own_inhouse,
    "409": checking.check,
}


async def in_one_piece(asked: Asked, handler: Handler) -> Reply:
    """一つの処理 — all of it or nothing; raises what the handler raises."""
    async with asked.pool.acquire() as connection, connection.transaction():
        if asked.key is not None:
            await connection.execute(_WAIT, f"{asked.caller.id}{asked.key}")
            kept = await connection.fetchrow(_KEPT, asked.caller.id, asked.key)
            if kept is not None:
                return kept_reply(asked, kept)
        made = await handler(connection, asked)
        reply = made if isinstance(made, Reply) else asked.reply(made)
        if asked.key is not None:
            await connection.execute(
                _KEEP, asked.caller.id, asked.key, asked.digest, reply.media_type, reply.body, asked.at
            )
        return reply
