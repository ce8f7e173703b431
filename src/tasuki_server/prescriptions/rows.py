# SPDX-License-Identifier: Apache-2.0
"""処方箋の行 — one prescription under lock, its next state, and what each step writes: state, step, drugs, event."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from tasuki.prescriptions.service.refusals import Refused
from tasuki.prescriptions.service.states import ACTS, Act, PrescriptionState, next_state
from tasuki_server.prescriptions.asked import Asked

Row = asyncpg.Record
_COLUMNS = """
    p.*, t.insurer, t.symbol, t.number, t.branch, t.born, t.name AS patient_name, t.kana AS patient_kana,
    k.prefecture || k.fee_table || k.code AS clinic_number, k.name AS clinic_name,
    f.prefecture || f.fee_table || f.code AS pharmacy_number, f.name AS pharmacy_name
"""
_JOINED = """
    FROM prescriptions_prescription p JOIN prescriptions_patient t ON t.id = p.patient_id
    JOIN platform_connectedinstitution k ON k.id = p.clinic_id
    LEFT JOIN platform_connectedinstitution f ON f.id = p.pharmacy_id
"""
PRESCRIPTIONS = f"SELECT {_COLUMNS} {_JOINED}"
_LOCKED = f"{PRESCRIPTIONS} WHERE p.id = $1 AND p.setting = $2 AND p.registered_at >= $3 FOR UPDATE OF p"
_BY_CODE = f"""{PRESCRIPTIONS} WHERE p.access_code = $1 AND t.insurer = $2 AND t.symbol = $3 AND t.number = $4
    AND (t.branch = $5 OR t.branch = '' OR $5 = '') AND p.registered_at >= $6 FOR UPDATE OF p"""
_STEP = """
    WITH moved AS (
      UPDATE prescriptions_prescription SET state = $2, rounds_done = $3, pharmacy_id = $4, changed_at = $5,
        replaced_by = $6 WHERE id = $1
    ), step AS (
      INSERT INTO prescriptions_transition (id, prescription_id, act, state, rounds_done, caller_id, reason, at)
      VALUES (gen_random_uuid(), $1, $7, $2, $3, $8, $9, $5)
    )
    UPDATE prescriptions_drugcourse SET is_live = $10 WHERE source_id = $1 AND is_live <> $10
"""
_EVENT = """
    INSERT INTO platform_serviceevent (id, at, caller_id, operation, person_id, outcome, detail)
    VALUES (gen_random_uuid(), $1, $2, $3, $4, 'ok', $5::jsonb)
"""
# 服用している（する）薬として数える状況: a dispensing brings drugs of its own.
_LIVE = (PrescriptionState.WAITING, PrescriptionState.TAKEN)


async def locked_prescription(
    connection: asyncpg.Connection, asked: Asked, number: UUID, setting: str = "outside"
) -> Row:
    """処方箋の参照 — under lock until this piece of work ends. Raises :class:`Refused`."""
    row = await connection.fetchrow(_LOCKED, number, setting, asked.readable_from)
    if row is None:
        raise Refused("TSKE007")
    return row


async def own_prescription(connection: asyncpg.Connection, asked: Asked, setting: str = "outside") -> Row:
    """自院の処方箋 — another institution's is not found rather than refused."""
    row = await locked_prescription(connection, asked, asked.id("PrescriptionId"), setting)
    if row["clinic_number"] != asked.caller.number:
        raise Refused("TSKE007")
    return row


async def prescription_by_code(connection: asyncpg.Connection, asked: Asked, code: str) -> Row:
    """引換番号による処方箋 — with the insurance identity; a wrong one of the two tells nothing of the other."""
    row = await connection.fetchrow(_BY_CODE, code, *asked.identity(), asked.readable_from)
    if row is None:
        raise Refused("TSKE007")
    return row


async def held_prescription(connection: asyncpg.Connection, asked: Asked) -> Row:
    """受け付けている処方箋 — which this pharmacy received. Raises :class:`Refused`."""
    row = await locked_prescription(connection, asked, asked.id("PrescriptionId"))
    refuse_other_holder(row, asked)
    return row


def refuse_other_holder(row: Row, asked: Asked) -> None:
    """別の薬局の拒否 — which has it is told only to say where the prescription is."""
    if row["pharmacy_id"] is not None and row["pharmacy_number"] != asked.caller.number:
        raise Refused("TSKE009", pharmacy=row["pharmacy_name"])


async def move(
    connection: asyncpg.Connection,
    asked: Asked,
    row: Row,
    act: Act,
    *,
    to: PrescriptionState | None = None,
    rounds_done: int | None = None,
    replaced_by: UUID | None = None,
    reason: str = "",
    since: PrescriptionState | None = None,
) -> PrescriptionState:
    """遷移 — one step, refused from any other state. ``to`` and ``since`` speak for refills, whose 調剤済 comes last.

    Raises :class:`Refused`.
    """
    state = PrescriptionState(row["state"])
    after = next_state(state, act) if since is None else (ACTS[act].to if state is since else None)
    if after is None or (
        ACTS[act].by_holder and since is None and row["pharmacy_number"] != asked.caller.number
    ):
        raise Refused("TSKE008", state=state.label, act=ACTS[act].term)
    after = to or after
    pharmacy = None
    if after is PrescriptionState.TAKEN:
        pharmacy = asked.caller.id
    elif after in (PrescriptionState.DISPENSED, PrescriptionState.COLLECTED):
        pharmacy = row["pharmacy_id"]
    done = row["rounds_done"] if rounds_done is None else rounds_done
    # リフィルの2回目からは前回の調剤が服用中の薬である。
    is_live = after in _LIVE and not done
    await connection.execute(
        _STEP, row["id"], after.value, done, pharmacy, asked.at, replaced_by, act.value, asked.caller.id,
        reason[:200], is_live,
    )  # fmt: skip
    return after


async def note(connection: asyncpg.Connection, asked: Asked, patient: UUID | None, **detail: Any) -> None:
    """利用の記録 — in the same piece of work as what it tells of."""
    text = msgspec.json.encode(
        {name: str(value) for name, value in detail.items() if value is not None}
    ).decode()
    await connection.execute(
        _EVENT, asked.at, asked.caller.id, f"prescriptions.{asked.operation.request}", patient, text
    )
