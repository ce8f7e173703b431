# SPDX-License-Identifier: Apache-2.0
"""検索と取得 — where a prescription stands, results one by one or of a period, ids of a person; nothing older than may be read.

Cite: 電子処方箋管理サービス EPS-IF-213〜218・220/221・313/314・316/317・320〜323・407/408
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta

import asyncpg
import msgspec

from tasuki.eligibility.message import Message, Node
from tasuki.eligibility.times import JAPAN, time_text
from tasuki.prescriptions.service.messages import filled, to_base64
from tasuki.prescriptions.service.refusals import Refused
from tasuki.prescriptions.service.rules import readable_since
from tasuki.prescriptions.service.states import PrescriptionState
from tasuki_server.institutions.ids import new_id
from tasuki_server.prescriptions.asked import Asked
from tasuki_server.prescriptions.pharmacy_acts import dispensing_node
from tasuki_server.prescriptions.registering import INHOUSE, OUTSIDE
from tasuki_server.prescriptions.rows import PRESCRIPTIONS, Row, note, own_prescription

MOST_ROWS = 1000
_NUMBER = "{0}.prefecture || {0}.fee_table || {0}.code"
_DISPENSINGS = f"""
    SELECT d.*, s.data, f.name AS pharmacy_name, {_NUMBER.format("f")} AS pharmacy_number,
      {_NUMBER.format("k")} AS clinic_number
    FROM prescriptions_dispensing d JOIN platform_connectedinstitution f ON f.id = d.pharmacy_id
    LEFT JOIN platform_connectedinstitution k ON k.id = d.clinic_id
    LEFT JOIN prescriptions_storeddocument s ON s.id = d.document_id
"""  # noqa: S608 - made of constants
_SAME = "(SELECT id FROM platform_connectedinstitution x WHERE {} = ${})"
# An institution may have more than one token: it is one institution all the same.
_CLINIC = f"d.clinic_id IN {_SAME.format(_NUMBER.format('x'), 1)}"
_PHARMACY = f"d.pharmacy_id IN {_SAME.format(_NUMBER.format('x'), 1)}"
_PERSON = (
    "SELECT id FROM prescriptions_patient WHERE insurer = $1 AND symbol = $2 AND number = $3"
    " AND (branch = $4 OR branch = '' OR $4 = '')"
)


async def status(connection: asyncpg.Connection, asked: Asked) -> Message:
    """処方箋状況・調剤結果 単件取得 — of one's own prescription."""
    row = await own_prescription(connection, asked)
    found = await connection.fetch(
        f"{_DISPENSINGS} WHERE d.prescription_id = $1 AND d.state = 'live' ORDER BY d.round_number", row["id"]
    )
    newest = found[-1] if found else None
    await note(connection, asked, row["patient_id"], prescription=row["id"], results=len(found))
    state = PrescriptionState(row["state"])
    return asked.answer(
        (
            ("PrescriptionId", str(row["id"])),
            ("PrescriptionStatus", state.label),
            (
                "ReceptionPharmacyCode",
                row["pharmacy_number"] or (newest["pharmacy_number"] if newest else ""),
            ),
            ("ReceptionPharmacyName", row["pharmacy_name"] or (newest["pharmacy_name"] if newest else "")),
            ("MessageFlg", ("2" if newest["message"] else "1") if newest else ""),
            ("MessageContents", newest["message"] if newest else ""),
            ("DispensingResult", to_base64(newest["data"]) if newest and newest["data"] else ""),
            ("RefillCount", str(row["rounds"]) if row["rounds"] > 1 else ""),
            ("RefillRound", str(row["rounds_done"]) if row["rounds"] > 1 else ""),
        ),
        tuple(dispensing_node(each) for each in found),
    )


async def ask_results(connection: asyncpg.Connection, asked: Asked) -> Message:
    """調剤結果 一括取得 受付 — of a period; gives the number to collect with."""
    since, until = _period(asked, "StartDate", "EndDate")
    number = f"{secrets.randbelow(10**20):020}"
    await connection.execute(
        "INSERT INTO prescriptions_preparation (id, kind, number, caller_id, asked, at) VALUES ($1, 'bulk', $2, $3, $4, $5)",
        new_id(), number, asked.caller.id, msgspec.json.encode({"since": since, "until": until}).decode(), asked.at,
    )  # fmt: skip
    await note(connection, asked, None, since=since, until=until)
    return asked.answer((("ReceptionNumber", number),))


async def collect_results(connection: asyncpg.Connection, asked: Asked) -> Message:
    """調剤結果 一括取得 結果 — every result of one's own prescriptions that was registered in the period."""
    said = await connection.fetchval(
        "SELECT asked::text FROM prescriptions_preparation WHERE number = $1 AND caller_id = $2 AND kind = 'bulk'",
        asked.needed("ReceptionNumber")[:20], asked.caller.id,
    )  # fmt: skip
    if said is None:
        raise Refused("TSKE018")
    period = msgspec.json.decode(said)
    since, until = date.fromisoformat(period["since"]), date.fromisoformat(period["until"])
    found = await connection.fetch(
        f"{_DISPENSINGS} WHERE {_CLINIC} AND d.registered_at >= $2 AND d.registered_at < $3 AND d.state = 'live'"
        f" ORDER BY d.registered_at LIMIT {MOST_ROWS}",
        asked.caller.number, max(_start(since), asked.readable_from), _start(until + timedelta(days=1)),
    )  # fmt: skip
    for each in found:
        await note(
            connection, asked, each["patient_id"], prescription=each["prescription_id"], dispensing=each["id"]
        )
    return asked.answer(
        (("ReceptionNumber", asked.value("ReceptionNumber")), ("NumberOfResult", str(len(found)))),
        tuple(dispensing_node(each) for each in found),
    )


async def own_prescriptions(connection: asyncpg.Connection, asked: Asked) -> Message:
    """処方箋ID検索（医療機関） — what this institution registered for a person."""
    return await _ids(connection, asked, OUTSIDE, is_own=True)


async def own_inhouse(connection: asyncpg.Connection, asked: Asked) -> Message:
    """院内処方等情報ID検索 — what this institution gave a person itself."""
    return await _ids(connection, asked, INHOUSE, is_own=True)


async def waiting_prescriptions(connection: asyncpg.Connection, asked: Asked) -> Message:
    """処方箋ID検索（薬局） — what waits for a person who agreed at the card reader."""
    if asked.value("OnlineConsent") != "1":
        raise Refused("TSKE017")
    return await _ids(connection, asked, OUTSIDE, is_own=False)


async def _ids(connection: asyncpg.Connection, asked: Asked, setting: str, *, is_own: bool) -> Message:
    since, until = _period(asked, "IssueDateFrom", "IssueDateTo")
    rows = await connection.fetch(
        f"{PRESCRIPTIONS} WHERE p.patient_id IN ({_PERSON}) AND p.issued_on BETWEEN $5 AND $6 AND p.setting = $7"
        f" AND p.registered_at >= $8 ORDER BY p.registered_at DESC LIMIT {MOST_ROWS}",
        *asked.identity(), since, until, setting, asked.readable_from,
    )  # fmt: skip
    shown = [
        each
        for each in rows
        if (each["clinic_number"] == asked.caller.number if is_own else _is_open(each, asked))
    ]
    patient = rows[0]["patient_id"] if rows else None
    await note(connection, asked, patient, found=len(shown))
    return asked.answer((("NumberOfResult", str(len(shown))),), tuple(map(_id_node, shown)))


def _is_open(row: Row, asked: Asked) -> bool:
    if row["state"] != PrescriptionState.WAITING:
        return False
    return bool(row["rounds_done"]) or row["usable_until"] is None or row["usable_until"] >= asked.today


def _id_node(row: Row) -> Node:
    return Node(
        "PrescriptionIdList",
        "",
        filled(
            ("PrescriptionId", str(row["id"])),
            ("AccessCode", row["access_code"] or ""),
            ("CreateDateTime", time_text(row["registered_at"])),
            ("PrescriptionStatus", PrescriptionState(row["state"]).label),
            ("MedicalInstitutionName", row["clinic_name"]),
        ),
    )


async def own_dispensings(connection: asyncpg.Connection, asked: Asked) -> Message:
    """調剤済処方箋 検索 — what this pharmacy dispensed in a period."""
    since, until = _period(asked, "StartDate", "EndDate")
    rows = await connection.fetch(
        f"{_DISPENSINGS} WHERE {_PHARMACY} AND d.dispensed_on BETWEEN $2 AND $3 AND d.state = 'live'"
        f" AND d.registered_at >= $4 ORDER BY d.registered_at LIMIT {MOST_ROWS}",
        asked.caller.number, since, until, asked.readable_from,
    )  # fmt: skip
    await note(connection, asked, None, found=len(rows))
    nodes = tuple(
        Node(
            "DispensingIdList",
            "",
            filled(
                ("DispensingId", str(each["id"])),
                ("PrescriptionId", str(each["prescription_id"] or "")),
                ("CreateDateTime", time_text(each["registered_at"])),
            ),
        )
        for each in rows
    )
    return asked.answer((("NumberOfResult", str(len(rows))),), nodes)


async def result_ids(connection: asyncpg.Connection, asked: Asked) -> Message:
    """調剤結果ID検索 — this pharmacy's results of one prescription or of one person."""
    if asked.value("PrescriptionId"):
        where, values = "d.prescription_id = $2", (asked.id("PrescriptionId"),)
    else:
        person = await connection.fetch(_PERSON, *asked.identity())
        where, values = "d.patient_id = ANY ($2::uuid[])", ([each["id"] for each in person],)
    rows = await connection.fetch(
        f"{_DISPENSINGS} WHERE {_PHARMACY} AND {where} AND d.registered_at >= $3"
        f" ORDER BY d.registered_at DESC LIMIT {MOST_ROWS}",
        asked.caller.number, *values, asked.readable_from,
    )  # fmt: skip
    await note(connection, asked, rows[0]["patient_id"] if rows else None, found=len(rows))
    nodes = tuple(
        Node(
            "DispensingIdList",
            "",
            filled(
                ("DispensingId", str(each["id"])),
                ("PrescriptionId", str(each["prescription_id"] or "")),
                ("RefillRound", str(each["round_number"])),
                (
                    "DispensingStatus",
                    {"live": "有効", "cancelled": "取消", "replaced": "変更済み"}[each["state"]],
                ),
                ("CreateDateTime", time_text(each["registered_at"])),
            ),
        )
        for each in rows
    )
    return asked.answer((("NumberOfResult", str(len(rows))),), nodes)


async def dispensed_prescription(connection: asyncpg.Connection, asked: Asked) -> Message:
    """調剤済処方箋 取得 — the prescription and the result of it, to the pharmacy that dispensed it."""
    row = await connection.fetchrow(
        f"{_DISPENSINGS} WHERE {_PHARMACY} AND d.id = $2 AND d.registered_at >= $3",
        asked.caller.number, asked.id("DispensingId"), asked.readable_from,
    )  # fmt: skip
    if row is None:
        raise Refused("TSKE012")
    data = await connection.fetchval(
        "SELECT s.data FROM prescriptions_prescription p JOIN prescriptions_storeddocument s ON s.id = p.document_id"
        " WHERE p.id = $1",
        row["prescription_id"],
    )
    await note(
        connection, asked, row["patient_id"], prescription=row["prescription_id"], dispensing=row["id"]
    )
    return asked.answer(
        (
            ("PrescriptionId", str(row["prescription_id"] or "")),
            ("PrescriptionInfo", to_base64(data) if data else ""),
        ),
        (dispensing_node(row),),
    )


def _period(asked: Asked, first: str, last: str) -> tuple[date, date]:
    since = asked.day(first) or readable_since(asked.today)
    until = asked.day(last) or asked.today
    if until < since:
        raise Refused("TSKE006", field=last, text=asked.value(last), reason=f"{first}より前です")
    return since, until


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)
