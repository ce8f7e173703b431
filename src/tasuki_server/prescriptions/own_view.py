# SPDX-License-Identifier: Apache-2.0
"""本人の閲覧 — one's own prescriptions and dispensings, and who asked about them: for the portal of the person.

Cite: マイナポータルAPI 電子処方箋情報 (登録から約100日)
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from tasuki.eligibility.times import JAPAN
from tasuki.prescriptions.service.operations import OPERATIONS
from tasuki.prescriptions.service.rules import readable_since
from tasuki.prescriptions.service.states import PrescriptionState
from tasuki_server.platform.engine import Call, Reply, refusal
from tasuki_server.prescriptions.intake import Identity, identity_of

# 接続機関の点数表の桁: a portal is no institution that gives care, and no institution's token opens this.
PORTAL = "9"
_PEOPLE = (
    "SELECT id FROM prescriptions_patient WHERE insurer = $1 AND symbol = $2 AND number = $3 AND branch = $4"
)
_PRESCRIPTIONS = """
    SELECT p.id, p.access_code, p.issued_on, p.usable_until, p.state, p.rounds, p.rounds_done, p.setting, p.registered_at,
      k.name AS clinic, f.name AS pharmacy
    FROM prescriptions_prescription p JOIN platform_connectedinstitution k ON k.id = p.clinic_id
    LEFT JOIN platform_connectedinstitution f ON f.id = p.pharmacy_id
    WHERE p.patient_id = ANY ($1) AND p.registered_at >= $2 ORDER BY p.registered_at DESC
"""
_DISPENSINGS = """
    SELECT d.id, d.prescription_id, d.dispensed_on, d.round_number, f.name AS pharmacy
    FROM prescriptions_dispensing d JOIN platform_connectedinstitution f ON f.id = d.pharmacy_id
    WHERE d.patient_id = ANY ($1) AND d.registered_at >= $2 AND d.state = 'live' ORDER BY d.dispensed_on DESC
"""
_DRUGS = """
    SELECT source_id, name, amount, unit, usage, since, until FROM prescriptions_drugcourse
    WHERE source_id = ANY ($1) ORDER BY name
"""
_LOOKS = """
    SELECT e.at, e.operation, k.name AS institution FROM platform_serviceevent e
    LEFT JOIN platform_connectedinstitution k ON k.id = e.caller_id
    WHERE e.person_id = ANY ($1) AND e.operation LIKE 'prescriptions.%' AND e.at >= $2 ORDER BY e.at DESC LIMIT 1000
"""
_EVENT = """
    INSERT INTO platform_serviceevent (id, at, caller_id, operation, person_id, outcome, detail)
    SELECT gen_random_uuid(), $1, $2, 'prescriptions.own', each, 'ok', '{}' FROM unnest($3::uuid[]) each
"""


async def own_records(
    connection: asyncpg.Connection, identity: Identity, caller: UUID, at: datetime
) -> dict[str, Any]:
    """本人の処方・調剤 — with the 引換番号 of what still waits, and every look at them; this one is noted too."""
    people = [each["id"] for each in await connection.fetch(_PEOPLE, *identity)]
    since = readable_since(at.astimezone(JAPAN).date())
    begun = datetime.combine(since, datetime.min.time(), JAPAN)
    prescriptions = await connection.fetch(_PRESCRIPTIONS, people, begun)
    dispensings = await connection.fetch(_DISPENSINGS, people, begun)
    sources = [each["id"] for each in (*prescriptions, *dispensings)]
    drugs: dict[UUID, list[dict[str, Any]]] = {}
    for each in await connection.fetch(_DRUGS, sources):
        drugs.setdefault(each["source_id"], []).append(
            {
                "name": each["name"],
                "amount": f"{each['amount']}{each['unit']}",
                "usage": each["usage"],
                "since": each["since"],
                "until": each["until"],
            }
        )
    looks = await connection.fetch(_LOOKS, people, begun)
    await connection.execute(_EVENT, at, caller, people)
    return {
        "prescriptions": [_prescription(each, drugs.get(each["id"], [])) for each in prescriptions],
        "dispensings": [
            {
                "id": str(each["id"]),
                "prescription": str(each["prescription_id"] or ""),
                "dispensed_on": each["dispensed_on"],
                "round": each["round_number"],
                "pharmacy": each["pharmacy"],
                "drugs": drugs.get(each["id"], []),
            }
            for each in dispensings
        ],
        "looks": [
            {"at": each["at"], "institution": each["institution"] or "", "what": _what(each["operation"])}
            for each in looks
        ],
        "readable_since": since,
    }


async def answer_own(call: Call) -> Reply:
    """本人の閲覧の窓口 — ``GET person?insurer=&symbol=&number=&branch=``, for a portal that has proved who asks."""
    if call.method != "GET":
        return refusal(405, "method")
    if call.caller.fee_table != PORTAL:
        return refusal(403, "not-a-portal")
    identity = identity_of(*(call.query.get(name, "") for name in ("insurer", "symbol", "number", "branch")))
    if not identity.insurer or not identity.number:
        return refusal(400, "identity")
    async with call.pool.acquire() as connection, connection.transaction():
        told = await own_records(connection, identity, call.caller.id, datetime.now(UTC))
    return Reply(200, "application/json", msgspec.json.encode(told))


def _prescription(row: asyncpg.Record, drugs: list[dict[str, Any]]) -> dict[str, Any]:
    state = PrescriptionState(row["state"])
    is_open = state is PrescriptionState.WAITING
    return {
        "id": str(row["id"]),
        "state": state.label if row["setting"] == "outside" else "院内",
        "access_code": row["access_code"] if is_open else "",
        "issued_on": row["issued_on"],
        "usable_until": row["usable_until"],
        "rounds": row["rounds"],
        "rounds_done": row["rounds_done"],
        "clinic": row["clinic"],
        "pharmacy": row["pharmacy"] or "",
        "registered_at": row["registered_at"],
        "drugs": drugs,
    }


def _what(operation: str) -> str:
    number = operation.rpartition(".")[2]
    return OPERATIONS[number].term if number in OPERATIONS else "本人の閲覧"
