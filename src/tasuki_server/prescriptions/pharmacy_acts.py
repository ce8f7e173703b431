# SPDX-License-Identifier: Apache-2.0
"""薬局の処理 — receiving a prescription, giving it back, collecting it.

Cite: 電子処方箋管理サービス EPS-IF-301〜306, 318/319
"""

from __future__ import annotations

from datetime import date

import asyncpg

from tasuki.eligibility.message import Message, Node
from tasuki.eligibility.times import day_text, time_text
from tasuki.prescriptions.service.messages import filled, to_base64
from tasuki.prescriptions.service.refusals import Refused
from tasuki.prescriptions.service.rules import refill_window
from tasuki.prescriptions.service.states import Act, PrescriptionState
from tasuki_server.prescriptions.asked import Asked
from tasuki_server.prescriptions.rows import (
    Row,
    held_prescription,
    locked_prescription,
    move,
    note,
    prescription_by_code,
    refuse_other_holder,
)

_DATA = "SELECT data FROM prescriptions_storeddocument WHERE id = $1"
_EARLIER = """
    SELECT d.*, s.data, f.name AS pharmacy_name, (
      SELECT max(c.until - c.since + 1) FROM prescriptions_drugcourse c WHERE c.source_id = d.id
    ) AS supply_days
    FROM prescriptions_dispensing d JOIN platform_connectedinstitution f ON f.id = d.pharmacy_id
    LEFT JOIN prescriptions_storeddocument s ON s.id = d.document_id
    WHERE d.prescription_id = $1 AND d.state = 'live' ORDER BY d.round_number
"""


async def receive(connection: asyncpg.Connection, asked: Asked) -> Message:
    """処方箋受付 — by 引換番号 with the insurance identity, or one the person chose on the card reader."""
    code = asked.value("AccessCode")
    if code:
        row = await prescription_by_code(connection, asked, code)
    else:
        if asked.value("OnlineConsent") != "1":
            raise Refused("TSKE017")
        row = await locked_prescription(connection, asked, asked.id("PrescriptionId"))
        if asked.identity()[:3] != (row["insurer"], row["symbol"], row["number"]):
            raise Refused("TSKE016")
    refuse_other_holder(row, asked)
    is_past = row["usable_until"] is not None and row["usable_until"] < asked.today
    # リフィルの2回目以降は使用期間でなく次回調剤予定日による。
    if is_past and not row["rounds_done"] and row["state"] == PrescriptionState.WAITING:
        raise Refused("TSKE010", until=row["usable_until"])
    state = await move(connection, asked, row, Act.RECEIVE)
    await note(connection, asked, row["patient_id"], prescription=row["id"], state=state.value)
    earlier = await connection.fetch(_EARLIER, row["id"])
    data = await connection.fetchval(_DATA, row["document_id"])
    return asked.answer(_received(row, state, data, earlier), _earlier_nodes(earlier))


async def release(connection: asyncpg.Connection, asked: Asked) -> Message:
    """処方箋受付取消 — any pharmacy can receive it again."""
    return await _step(connection, asked, Act.RELEASE)


async def collect(connection: asyncpg.Connection, asked: Asked) -> Message:
    """処方箋回収 — it will not be dispensed."""
    return await _step(connection, asked, Act.COLLECT)


async def undo_collect(connection: asyncpg.Connection, asked: Asked) -> Message:
    """処方箋回収UNDO — back in the hands of the pharmacy that collected it."""
    return await _step(connection, asked, Act.RETURN_COLLECTED)


async def _step(connection: asyncpg.Connection, asked: Asked, act: Act) -> Message:
    row = await held_prescription(connection, asked)
    state = await move(connection, asked, row, act, reason=asked.value("CancelReason"))
    await note(connection, asked, row["patient_id"], prescription=row["id"], state=state.value)
    return asked.answer((("PrescriptionId", str(row["id"])), ("PrescriptionStatus", state.label)))


def _received(
    row: Row, state: PrescriptionState, data: bytes, earlier: list[Row]
) -> tuple[tuple[str, str], ...]:
    since, until = _window(row, earlier)
    return (
        ("PrescriptionId", str(row["id"])),
        ("AccessCode", row["access_code"]),
        ("IssueType", row["issue_type"]),
        ("PrescriptionStatus", state.label),
        ("PrescriptionInfo", to_base64(data)),
        ("IssueDate", day_text(row["issued_on"])),
        ("UsableUntil", day_text(row["usable_until"]) if row["usable_until"] else ""),
        ("RefillCount", str(row["rounds"]) if row["rounds"] > 1 else ""),
        ("RefillRound", str(row["rounds_done"] + 1) if row["rounds"] > 1 else ""),
        ("NextDispensingFrom", day_text(since) if since else ""),
        ("NextDispensingTo", day_text(until) if until else ""),
        ("Comment", row["comment"]),
        ("IssuerMedicalInstitutionCode", row["clinic_number"]),
        ("IssuerMedicalInstitutionName", row["clinic_name"]),
    )


def _window(row: Row, earlier: list[Row]) -> tuple[date | None, date | None]:
    """リフィルの次回 — told, not refused: whether it may be dispensed on another day is the pharmacist's judgement."""
    if not row["rounds_done"] or not earlier or not earlier[-1]["supply_days"]:
        return None, None
    return refill_window(earlier[-1]["dispensed_on"], earlier[-1]["supply_days"])


def _earlier_nodes(earlier: list[Row]) -> tuple[Node, ...]:
    return tuple(dispensing_node(each) for each in earlier)


def dispensing_node(row: Row) -> Node:
    """調剤結果の要素 — one result with the pharmacy that made it."""
    return Node(
        "DispensingResultList",
        "",
        filled(
            ("DispensingId", str(row["id"])),
            ("PrescriptionId", str(row["prescription_id"] or "")),
            ("RefillRound", str(row["round_number"])),
            ("DispensingDate", day_text(row["dispensed_on"])),
            ("PharmacyName", row["pharmacy_name"]),
            ("MessageFlg", "2" if row["message"] else "1"),
            ("MessageContents", row["message"]),
            ("CreateDateTime", time_text(row["registered_at"])),
            ("DispensingResult", to_base64(row["data"]) if row["data"] else ""),
        ),
    )
