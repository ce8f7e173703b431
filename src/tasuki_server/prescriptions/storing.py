# SPDX-License-Identifier: Apache-2.0
"""調剤済み処方箋の保存サービス — an electronic prescription kept for the pharmacy as the original, for years.

Cite: 電子処方箋管理サービス EPS-IF-324/325・328/329 (5年間と猶予3か月、登録は調剤結果から100日以内、電子処方箋に限る)
"""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from tasuki.eligibility.message import Message, Node
from tasuki.eligibility.times import JAPAN, day_text
from tasuki.prescriptions.service import rules
from tasuki.prescriptions.service.messages import filled, to_base64
from tasuki.prescriptions.service.refusals import Refused
from tasuki_server.institutions.ids import new_id
from tasuki_server.prescriptions.asked import Asked
from tasuki_server.prescriptions.intake import ELECTRONIC
from tasuki_server.prescriptions.rows import note

_OWN = """
    SELECT d.*, p.issue_type, f.prefecture || f.fee_table || f.code AS pharmacy_number, r.stored_until
    FROM prescriptions_dispensing d JOIN platform_connectedinstitution f ON f.id = d.pharmacy_id
    LEFT JOIN prescriptions_prescription p ON p.id = d.prescription_id
    LEFT JOIN prescriptions_storedprescription r ON r.dispensing_id = d.id
    WHERE d.id = $1
"""
_KEPT = """
    SELECT r.dispensing_id, r.dispensed_on, r.stored_until, d.prescription_id, d.patient_id, s.data AS result,
      (SELECT o.data FROM prescriptions_prescription p JOIN prescriptions_storeddocument o ON o.id = p.document_id
       WHERE p.id = d.prescription_id) AS prescription
    FROM prescriptions_storedprescription r JOIN prescriptions_dispensing d ON d.id = r.dispensing_id
    JOIN platform_connectedinstitution f ON f.id = r.pharmacy_id
    LEFT JOIN prescriptions_storeddocument s ON s.id = d.document_id
    WHERE f.prefecture || f.fee_table || f.code = $1 AND r.stored_until >= $2
"""


async def store(connection: asyncpg.Connection, asked: Asked) -> Message:
    """保管登録 — within the days after the result was registered; asking again changes nothing."""
    row = await connection.fetchrow(_OWN, asked.id("DispensingId"))
    if row is None or row["pharmacy_number"] != asked.caller.number or row["state"] != "live":
        raise Refused("TSKE012")
    if row["issue_type"] != ELECTRONIC:
        raise Refused("TSKE019", reason="電子的に交付された処方箋だけが保存の対象です")
    last = row["registered_at"].astimezone(JAPAN).date() + timedelta(
        days=rules.number_on(rules.STORABLE_DAYS, asked.today)
    )
    if asked.today > last:
        raise Refused("TSKE019", reason=f"登録は{last:%Y年%-m月%-d日}まででした")
    until = row["stored_until"] or rules.stored_until(row["dispensed_on"], asked.today)
    await connection.execute(
        "INSERT INTO prescriptions_storedprescription (id, dispensing_id, pharmacy_id, dispensed_on, stored_until, at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (dispensing_id) DO NOTHING",
        new_id(), row["id"], asked.caller.id, row["dispensed_on"], until, asked.at,
    )  # fmt: skip
    await note(
        connection, asked, row["patient_id"], prescription=row["prescription_id"], dispensing=row["id"]
    )
    return asked.answer((("DispensingId", str(row["id"])), ("StoredUntil", day_text(until))))


async def fetch_stored(connection: asyncpg.Connection, asked: Asked) -> Message:
    """保管取得 — one by its id, or those dispensed on the days asked."""
    if asked.value("DispensingId"):
        rows = await connection.fetch(
            f"{_KEPT} AND r.dispensing_id = $3", asked.caller.number, asked.today, asked.id("DispensingId")
        )
        if not rows:
            raise Refused("TSKE012")
    else:
        since, until = asked.day("StartDate") or asked.today, asked.day("EndDate") or asked.today
        rows = await connection.fetch(
            f"{_KEPT} AND r.dispensed_on BETWEEN $3 AND $4 ORDER BY r.dispensed_on LIMIT 1000",
            asked.caller.number, asked.today, since, until,
        )  # fmt: skip
    for each in rows:
        await note(
            connection,
            asked,
            each["patient_id"],
            prescription=each["prescription_id"],
            dispensing=each["dispensing_id"],
        )
    nodes = tuple(
        Node(
            "StoredPrescriptionList",
            "",
            filled(
                ("DispensingId", str(each["dispensing_id"])),
                ("PrescriptionId", str(each["prescription_id"] or "")),
                ("DispensingDate", day_text(each["dispensed_on"])),
                ("StoredUntil", day_text(each["stored_until"])),
                ("PrescriptionInfo", to_base64(each["prescription"]) if each["prescription"] else ""),
                ("DispensingResult", to_base64(each["result"]) if each["result"] else ""),
            ),
        )
        for each in rows
    )
    return asked.answer((("NumberOfResult", str(len(rows))),), nodes)
