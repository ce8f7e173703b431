# SPDX-License-Identifier: Apache-2.0
"""調剤結果の登録・取消・変更 — of a prescription that this pharmacy received, and of paper that was never registered.

Cite: 電子処方箋管理サービス EPS-IF-307〜312
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import asyncpg

from tasuki.eligibility.message import Message
from tasuki.prescriptions.service.messages import check_nodes, verify_nodes
from tasuki.prescriptions.service.refusals import Refused
from tasuki.prescriptions.service.states import ACTS, Act, PrescriptionState, after_dispensing
from tasuki_server.institutions.ids import new_id
from tasuki_server.prescriptions.asked import Asked
from tasuki_server.prescriptions.intake import PAPER, Dispensed, DispensingIntake, read_dispensing
from tasuki_server.prescriptions.rows import Row, held_prescription, locked_prescription, move, note
from tasuki_server.prescriptions.statements import ADD_PATIENT, COURSES, course_values

_ADD = """
    WITH document AS (
      INSERT INTO prescriptions_storeddocument (id, kind, data, records, made_at)
      VALUES ($2, 'dispensing', $3, $4, $5)
    )
    INSERT INTO prescriptions_dispensing (id, prescription_id, patient_id, pharmacy_id, clinic_id, document_id,
      round_number, dispensed_on, state, previous, message, is_signed, registered_at)
    VALUES ($1, $6, $7, $8, $9, $2, $10, $11, 'live', $12, $13, $14, $5)
"""
_OWN = """
    SELECT d.*, f.prefecture || f.fee_table || f.code AS pharmacy_number FROM prescriptions_dispensing d
    JOIN platform_connectedinstitution f ON f.id = d.pharmacy_id
    WHERE d.id = $1 AND d.registered_at >= $2 FOR UPDATE OF d
"""
_END = "UPDATE prescriptions_dispensing SET state = $2 WHERE id = $1"
_DEAD = "UPDATE prescriptions_drugcourse SET is_live = false WHERE source_id = $1"


async def register_result(connection: asyncpg.Connection, asked: Asked) -> Message:
    """調剤結果登録 — ends a round; while a refill has more, the prescription waits again."""
    flag = asked.choice("MessageFlg", "1", "2")
    message = asked.needed("MessageContents") if flag == "2" else ""
    if not asked.value("PrescriptionId"):
        return await _of_paper(connection, asked, message)
    row = await held_prescription(connection, asked)
    intake = await asyncio.to_thread(read_dispensing, asked.data("DispensingInfo"), _dispensed(row), asked.at)
    done = row["rounds_done"] + 1
    state = await move(
        connection, asked, row, Act.DISPENSE, to=after_dispensing(done, row["rounds"]), rounds_done=done
    )
    made = await _add(connection, asked, intake, row, done, message)
    return await _answer(connection, asked, intake, made, row["patient_id"], row["id"], state)


async def change_result(connection: asyncpg.Connection, asked: Asked) -> Message:
    """調剤結果変更 — a new result id for the same round; the one before is no longer counted."""
    flag = asked.choice("MessageFlg", "1", "2")
    message = asked.needed("MessageContents") if flag == "2" else ""
    before = await _own(connection, asked)
    row = None
    if before["prescription_id"] is not None:
        row = await locked_prescription(connection, asked, before["prescription_id"])
    intake = await asyncio.to_thread(read_dispensing, asked.data("DispensingInfo"), _dispensed(row), asked.at)
    await connection.execute(_END, before["id"], "replaced")
    await connection.execute(_DEAD, before["id"])
    made = await _add(
        connection, asked, intake, row, before["round_number"], message, before["id"], before["patient_id"]
    )
    state = PrescriptionState(row["state"]) if row else PrescriptionState.DISPENSED
    return await _answer(
        connection, asked, intake, made, before["patient_id"], before["prescription_id"], state
    )


async def cancel_result(connection: asyncpg.Connection, asked: Asked) -> Message:
    """調剤結果取消 — the prescription is in this pharmacy's hands again, unless its next round was received since."""
    before = await _own(connection, asked)
    state = PrescriptionState.DISPENSED
    if before["prescription_id"] is not None:
        row = await locked_prescription(connection, asked, before["prescription_id"])
        now = PrescriptionState(row["state"])
        is_newest = before["round_number"] == row["rounds_done"]
        if not is_newest or now not in (PrescriptionState.DISPENSED, PrescriptionState.WAITING):
            raise Refused("TSKE022", act=ACTS[Act.CANCEL_RESULT].term)
        state = await move(
            connection, asked, row, Act.CANCEL_RESULT, since=now, rounds_done=row["rounds_done"] - 1,
            reason=asked.value("CancelReason"),
        )  # fmt: skip
    await connection.execute(_END, before["id"], "cancelled")
    await connection.execute(_DEAD, before["id"])
    await note(
        connection,
        asked,
        before["patient_id"],
        prescription=before["prescription_id"],
        dispensing=before["id"],
    )
    return asked.answer(
        (
            ("DispensingId", str(before["id"])),
            ("PrescriptionId", str(before["prescription_id"] or "")),
            ("PrescriptionStatus", state.label),
        )
    )


async def _of_paper(connection: asyncpg.Connection, asked: Asked, message: str) -> Message:
    """A paper prescription that no clinic registered: the person by the insurance identity of the request."""
    asked.choice("IssueType", PAPER)
    identity = asked.identity()
    intake = await asyncio.to_thread(read_dispensing, asked.data("DispensingInfo"), Dispensed(), asked.at)
    patient = await connection.fetchval(ADD_PATIENT, new_id(), *identity, asked.day("Birthdate"), "", "", "")
    made = await _add(connection, asked, intake, None, 1, message, patient=patient)
    return await _answer(connection, asked, intake, made, patient, None, PrescriptionState.DISPENSED)


def _dispensed(row: Row | None) -> Dispensed:
    if row is None:
        return Dispensed()
    return Dispensed(row["issue_type"], row["issued_on"], row["registered_at"], str(row["id"]))


async def _own(connection: asyncpg.Connection, asked: Asked) -> Row:
    row = await connection.fetchrow(_OWN, asked.id("DispensingId"), asked.readable_from)
    if row is None or row["pharmacy_number"] != asked.caller.number or row["state"] != "live":
        raise Refused("TSKE012")
    return row


async def _add(
    connection: asyncpg.Connection,
    asked: Asked,
    intake: DispensingIntake,
    row: Row | None,
    round_number: int,
    message: str,
    previous: UUID | None = None,
    patient: UUID | None = None,
) -> UUID:
    made = new_id()
    prescription, clinic = (row["id"], row["clinic_id"]) if row else (None, None)
    person: Any = row["patient_id"] if row else patient
    await connection.execute(
        _ADD, made, new_id(), intake.data, intake.records, asked.at, prescription, person, asked.caller.id, clinic,
        round_number, intake.dispensed_on, previous, message[:1000], intake.is_signed,
    )  # fmt: skip
    await connection.execute(
        COURSES, *course_values(person, made, prescription, "D", clinic, asked.caller.id, intake.courses)
    )
    return made


async def _answer(
    connection: asyncpg.Connection,
    asked: Asked,
    intake: DispensingIntake,
    made: UUID,
    patient: UUID,
    prescription: UUID | None,
    state: PrescriptionState,
) -> Message:
    await note(connection, asked, patient, prescription=prescription, dispensing=made, state=state.value)
    return asked.answer(
        (
            ("DispensingId", str(made)),
            ("PrescriptionId", str(prescription or "")),
            ("PrescriptionStatus", state.label),
        ),
        (*check_nodes("CsvCheckResultList", intake.csv_checks), *verify_nodes(intake.verifications)),
    )
