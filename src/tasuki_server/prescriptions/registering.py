# SPDX-License-Identifier: Apache-2.0
"""処方箋情報登録 — the hot path: two statements, the check over all institutions between them.

Cite: 電子処方箋管理サービス EPS-IF-201/202, 401/402
"""

from __future__ import annotations

import asyncio
import secrets
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from tasuki.eligibility.message import Message
from tasuki.prescriptions.service.courses import prescribed_courses
from tasuki.prescriptions.service.messages import check_nodes, verify_nodes
from tasuki.prescriptions.service.overlap import find_alerts
from tasuki.prescriptions.service.parts import Part
from tasuki.prescriptions.service.refusals import Refused
from tasuki.prescriptions.service.states import PrescriptionState
from tasuki_server.institutions.ids import new_id
from tasuki_server.platform.engine import Reply
from tasuki_server.prescriptions.alerting import alert_values, alert_view, has_consent
from tasuki_server.prescriptions.asked import Asked
from tasuki_server.prescriptions.container import with_number
from tasuki_server.prescriptions.drug_codes import claim_code_to_price_list
from tasuki_server.prescriptions.intake import ELECTRONIC, PAPER, Intake, read_intake
from tasuki_server.prescriptions.knowledge import contraindicated
from tasuki_server.prescriptions.split_sets import other_parts, place_again
from tasuki_server.prescriptions.statements import (
    ADD_PATIENT,
    ANSWERED_ONCE,
    CODE_ONCE,
    KNOWN,
    REGISTER,
    course_values,
    past_courses,
    span,
)

CODE_DIGITS = 16
# 引換番号が既にある: chance brings it once in a very long time; more than a few times is a fault of ours.
MOST_TRIES = 5
OUTSIDE, INHOUSE = "outside", "inhouse"


class Made(NamedTuple):
    """登録した処方箋 — for whoever registered it within a change."""

    id: UUID
    access_code: str
    reply: Reply


def new_access_code() -> str:
    """引換番号 — sixteen digits of chance: nobody can tell one from another."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


async def register(asked: Asked, setting: str = OUTSIDE) -> Reply:
    """処方箋情報登録 — answers the same again when the idempotency key was answered before."""
    intake = await intake_of(asked, setting)
    return (await write(asked.pool, asked, intake, setting)).reply


async def intake_of(asked: Asked, setting: str = OUTSIDE) -> Intake:
    """受入れ — raises :class:`Refused` and :class:`Unacceptable`."""
    issue_type = asked.choice("IssueType", ELECTRONIC, PAPER) if setting == OUTSIDE else PAPER
    given = asked.data("PrescriptionInfo"), issue_type, asked.caller.number, asked.at
    # Verifying a signature takes milliseconds: others are answered meanwhile.
    intake = await asyncio.to_thread(read_intake, *given) if issue_type == ELECTRONIC else read_intake(*given)
    if setting == OUTSIDE and intake.usable_until is not None and intake.usable_until < asked.today:
        raise Refused("TSKE041", until=intake.usable_until)
    return intake


async def write(
    connection: asyncpg.Pool | asyncpg.Connection,
    asked: Asked,
    intake: Intake,
    setting: str,
    replaces: UUID | None = None,
) -> Made:
    """登録の書込み — with a new id and a new 引換番号.

    Left out of the check are what it replaces, and the other parts where it is one of a split prescription.
    """
    rows = await connection.fetch(
        KNOWN, *intake.identity, asked.caller.id, asked.key, *span(intake.courses, intake.issued_on)
    )
    if rows[0]["digest"] is not None:
        return Made(UUID(int=0), "", kept_reply(asked, rows[0]))
    patient = rows[0]["patient"]
    if patient is None:
        patient = await connection.fetchval(
            ADD_PATIENT, new_id(), *intake.identity, intake.born, intake.name, intake.kana, intake.sex
        )
    part = Part(intake.split_nth, intake.split_count) if setting == OUTSIDE else Part(0, 0)
    others = await other_parts(connection, patient, asked.caller.id, intake.issued_on, part)
    courses = intake.courses
    if others:
        beside = (each.document for each in others)
        courses = prescribed_courses(intake.document, claim_code_to_price_list, beside)
    own = {str(replaces), *(str(each.id) for each in others)}
    past = tuple(each for each in past_courses(rows) if each.prescription_id not in own)
    alerts = find_alerts(courses, past, contraindicated)
    is_consented = has_consent(asked.value("OnlineConsent"), asked.value("OralBrowsingConsent"))
    views = [alert_view(each, asked.caller.number, is_consented=is_consented) for each in alerts]
    state = PrescriptionState.WAITING if setting == OUTSIDE else PrescriptionState.DISPENSED
    detail = {"issue": asked.value("IssueType"), "alerts": len(alerts), "consent": is_consented}
    kept_alerts = msgspec.json.encode([alert_view(each, "", is_consented=True) for each in alerts]).decode()
    for _ in range(MOST_TRIES):
        made = new_id()
        code = new_access_code() if setting == OUTSIDE else None
        reply = asked.reply(_answer(asked, intake, str(made), code or "", views))
        keys = (asked.key, asked.digest, reply.media_type, reply.body) if replaces is None else (None,) * 4
        values = (
            *course_values(
                patient, made, made, "P" if setting == OUTSIDE else "H", asked.caller.id, None, courses
            ),
            new_id(), with_number(intake.data, str(made)), intake.records, asked.at, setting, asked.value("IssueType") or PAPER, code,
            intake.issued_on, intake.usable_until, intake.rounds, intake.split_count, intake.split_nth,
            state.value, replaces, kept_alerts, asked.value("Comment")[:400],
            f"prescriptions.{asked.operation.request}",
            msgspec.json.encode({**detail, "prescription": str(made)}).decode(), *keys,
        )  # fmt: skip
        try:
            if replaces is None:
                await connection.execute(REGISTER, *values)
            else:
                # Within a larger piece of work: a taken code must not spoil the rest of it.
                async with connection.transaction():
                    await connection.execute(REGISTER, *values)
        except asyncpg.UniqueViolationError as taken:
            if taken.constraint_name == ANSWERED_ONCE:
                # The same request at the same moment: the other one was first.
                return await write(connection, asked, intake, setting, replaces)
            if CODE_ONCE not in (taken.constraint_name or ""):
                raise
            continue
        await place_again(connection, others, intake.document)
        return Made(made, code or "", reply)
    raise RuntimeError("no free access code")


def kept_reply(asked: Asked, row: asyncpg.Record) -> Reply:
    """控えた回答 — to the same request; another request under the same key is refused."""
    if row["digest"] != asked.digest:
        raise Refused("TSKE013")
    return Reply(200, row["media_type"], bytes(row["body"]))


def _answer(asked: Asked, intake: Intake, number: str, code: str, views: list[dict[str, object]]) -> Message:
    flags, details = alert_values(views, asked.value("Comment"))
    return asked.answer(
        (("PrescriptionId", number), ("AccessCode", code), *flags),
        (
            *check_nodes("XmlCheckResultList", intake.xml_checks),
            *check_nodes("CsvCheckResultList", intake.csv_checks),
            *verify_nodes(intake.verifications),
            *details,
        ),
    )
