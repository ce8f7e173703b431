# SPDX-License-Identifier: Apache-2.0
"""重複投薬等チェック — before a prescription is final, and before drugs are handed over; nothing is registered by it.

Cite: 電子処方箋管理サービス EPS-IF-101/102, 219/103, 315/103, 409/103
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date
from uuid import UUID

import asyncpg

from tasuki.eligibility.message import Message
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.prescriptions.item_checks import read_day
from tasuki.prescriptions.reader import read_prescription
from tasuki.prescriptions.records import Document
from tasuki.prescriptions.service.courses import Course, dispensed_courses, drafted_courses
from tasuki.prescriptions.service.messages import CheckResult
from tasuki.prescriptions.service.overlap import find_alerts
from tasuki.prescriptions.service.parts import part_of
from tasuki.prescriptions.service.refusals import Refused
from tasuki_server.institutions.ids import new_id
from tasuki_server.prescriptions.alerting import alert_values, alert_view, has_consent
from tasuki_server.prescriptions.asked import Asked
from tasuki_server.prescriptions.container import records_of
from tasuki_server.prescriptions.drug_codes import claim_code_to_price_list
from tasuki_server.prescriptions.intake import Identity, Unacceptable
from tasuki_server.prescriptions.knowledge import contraindicated
from tasuki_server.prescriptions.rows import note
from tasuki_server.prescriptions.split_sets import ids_beside, other_parts
from tasuki_server.prescriptions.statements import KNOWN, past_courses, span

_DISPENSINGS = ("CJ", "JAHISTC")
_PREPARED = """
    SELECT t.insurer, t.symbol, t.number, t.branch FROM prescriptions_preparation p
    JOIN prescriptions_patient t ON t.id = p.patient_id
    WHERE p.number = $1 AND p.caller_id = $2 AND p.kind = 'check' AND p.at >= $3
"""
_PERSON = """
    SELECT id FROM prescriptions_patient WHERE insurer = $1 AND symbol = $2 AND number = $3 AND branch = $4
"""


async def prepare(connection: asyncpg.Connection, asked: Asked) -> Message:
    """重複投薬等チェック 事前処理 — whether anything is known of the person; the number stands for them that day."""
    identity = asked.identity()
    patient = await connection.fetchval(_PERSON, *identity)
    number = f"{secrets.randbelow(10**20):020}"
    if patient is not None:
        await connection.execute(
            "INSERT INTO prescriptions_preparation (id, kind, number, caller_id, patient_id, asked, at)"
            " VALUES ($1, 'check', $2, $3, $4, '{}', $5)",
            new_id(), number, asked.caller.id, patient, asked.at,
        )  # fmt: skip
    rows = await connection.fetch(KNOWN, *identity, asked.caller.id, None, asked.today, asked.today)
    count = len(past_courses(rows))
    await note(connection, asked, patient, known=count)
    return asked.answer(
        (
            ("ReceptionNumber", number if patient is not None else ""),
            ("PastMedicationFlg", "1" if count else "0"),
        )
    )


async def check(connection: asyncpg.Connection, asked: Asked) -> Message:
    """重複投薬等チェック — of records 101, 111, 201, against every institution's drugs on the same days.

    ``PrescriptionId`` names the prescription being changed or dispensed: it is not compared with itself, and a part of a
    split prescription with none of its parts.
    """
    identity = await _identity(connection, asked)
    document = _document(asked)
    courses = _courses(asked, document)
    rows = await connection.fetch(KNOWN, *identity, asked.caller.id, None, *span(courses, asked.today))
    patient: UUID | None = rows[0]["patient"]
    own: set[str] = set()
    if asked.value("PrescriptionId"):
        number = asked.id("PrescriptionId")
        own = {str(number), *await ids_beside(connection, patient, number)}
    if document.format.name not in _DISPENSINGS:
        issued_on = _issued_on(asked, document)
        others = await other_parts(connection, patient, asked.caller.id, issued_on, part_of(document))
        own |= {str(each.id) for each in others}
        courses = _courses(asked, document, (each.document for each in others))
    past = tuple(each for each in past_courses(rows) if each.prescription_id not in own)
    is_consented = has_consent(asked.value("OnlineConsent"), asked.value("OralBrowsingConsent"))
    alerts = find_alerts(courses, past, contraindicated)
    views = [alert_view(each, asked.caller.number, is_consented=is_consented) for each in alerts]
    flags, nodes = alert_values(views, asked.value("Comment"))
    await note(connection, asked, patient, alerts=len(alerts), consent=is_consented)
    unknown = sum(1 for each in courses if not each.ingredient)
    return asked.answer((*flags, ("NumberOfUncheckedDrugs", str(unknown) if unknown else "")), nodes)


async def _identity(connection: asyncpg.Connection, asked: Asked) -> Identity:
    number = asked.value("ReceptionNumber")
    if not number:
        return asked.identity()
    row = await connection.fetchrow(_PREPARED, number[:20], asked.caller.id, asked.day_begun)
    if row is None:
        raise Refused("TSKE018")
    return Identity(*row)


def _document(asked: Asked) -> Document:
    try:
        return read_prescription(records_of(asked.data("PrescriptionInfo")))
    except BadInput as bad:
        results = tuple(CheckResult(each.code, sentence(each)) for each in bad.findings)
        raise Unacceptable("TSKE014", csv_checks=results) from bad


def _issued_on(asked: Asked, document: Document) -> date:
    said = document.value("51", "issued_on")
    return (read_day(said) if said else None) or asked.today


def _courses(asked: Asked, document: Document, beside: Iterable[Document] = ()) -> tuple[Course, ...]:
    if document.format.name in _DISPENSINGS:
        return dispensed_courses(document, claim_code_to_price_list)
    return drafted_courses(document, _issued_on(asked, document), claim_code_to_price_list, beside)
