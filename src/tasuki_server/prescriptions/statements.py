# SPDX-License-Identifier: Apache-2.0
"""登録のSQL — the two statements of the hot path: what is known of the person, and everything a registration writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from tasuki.prescriptions.service.courses import Course
from tasuki.prescriptions.service.overlap import PastCourse

# One round trip: the person, an answer that was given to the same key before, and every drug taken on these days.
KNOWN = """
    SELECT p.id AS patient, a.digest, a.media_type, a.body, c.*, k.prefecture || k.fee_table || k.code AS clinic_number,
      k.name AS clinic_name, f.prefecture || f.fee_table || f.code AS pharmacy_number, f.name AS pharmacy_name
    FROM (VALUES (1)) one (n)
    LEFT JOIN prescriptions_patient p ON p.insurer = $1 AND p.symbol = $2 AND p.number = $3 AND p.branch = $4
    LEFT JOIN prescriptions_keptanswer a ON a.caller_id = $5 AND a.key = $6
    LEFT JOIN LATERAL (
      SELECT ingredient, yj, code_kind, code, d.name, amount, unit, usage, dosage_form, since, until, clinic_id,
        pharmacy_id, prescription_id
      FROM prescriptions_drugcourse d
      WHERE d.patient_id = p.id AND d.until >= $7 AND d.since <= $8 AND d.is_live
    ) c ON true
    LEFT JOIN platform_connectedinstitution k ON k.id = c.clinic_id
    LEFT JOIN platform_connectedinstitution f ON f.id = c.pharmacy_id
"""
ADD_PATIENT = """
    INSERT INTO prescriptions_patient (id, insurer, symbol, number, branch, born, name, kana, sex)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (insurer, symbol, number, branch) DO UPDATE SET born = coalesce(prescriptions_patient.born, excluded.born)
    RETURNING id
"""
COURSES = """
    INSERT INTO prescriptions_drugcourse (id, patient_id, source_id, prescription_id, kind, clinic_id, pharmacy_id,
      ingredient, yj, code_kind, code, name, amount, unit, usage, dosage_form, since, until, is_live)
    SELECT gen_random_uuid(), $1, $2, $3, $4, $5, $6, x.ingredient, x.yj, x.code_kind, x.code, x.name, x.amount, x.unit,
      x.usage, x.dosage_form, x.since, x.until, true
    FROM unnest($7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
      $15::text[], $16::date[], $17::date[])
      AS x (ingredient, yj, code_kind, code, name, amount, unit, usage, dosage_form, since, until)
"""
# Nothing of it is there without the rest: document, prescription, first step, drugs, event, kept answer.
REGISTER = (
    """
    WITH document AS (
      INSERT INTO prescriptions_storeddocument (id, kind, data, records, made_at)
      VALUES ($18, 'prescription', $19, $20, $21)
    ), prescription AS (
      INSERT INTO prescriptions_prescription (id, patient_id, clinic_id, document_id, setting, issue_type, access_code,
        issued_on, usable_until, rounds, rounds_done, split_count, split_nth, state, replaces, alerts, comment,
        registered_at, changed_at)
      VALUES ($2, $1, $5, $18, $22, $23, $24, $25, $26, $27, 0, $28, $29, $30, $31, $32::jsonb, $33, $21, $21)
    ), step AS (
      INSERT INTO prescriptions_transition (id, prescription_id, act, state, rounds_done, caller_id, reason, at)
      VALUES (gen_random_uuid(), $2, 'register', $30, 0, $5, '', $21)
    ), event AS (
      INSERT INTO platform_serviceevent (id, at, caller_id, operation, person_id, outcome, detail)
      VALUES (gen_random_uuid(), $21, $5, $34, $1, 'ok', $35::jsonb)
    ), answer AS (
      INSERT INTO prescriptions_keptanswer (id, caller_id, key, digest, media_type, body, at)
      SELECT gen_random_uuid(), $5, $36, $37, $38, $39, $21 WHERE $36::uuid IS NOT NULL
    )
"""  # noqa: S608 - made of constants
    + COURSES
)
ANSWERED_ONCE, CODE_ONCE = "prescriptions_answer_once", "access_code"


def past_courses(rows: Iterable[asyncpg.Record]) -> tuple[PastCourse, ...]:
    """過去の投薬 — of the rows of :data:`KNOWN`."""
    return tuple(
        PastCourse(
            Course(
                row["ingredient"], row["code_kind"], row["code"], row["name"], row["amount"], row["unit"],
                row["usage"], row["dosage_form"], row["since"], row["until"], row["yj"],
            ),
            row["clinic_number"] or "",
            row["clinic_name"] or "",
            row["pharmacy_number"] or "",
            row["pharmacy_name"] or "",
            str(row["prescription_id"] or ""),
        )
        for row in rows
        if row["since"] is not None
    )  # fmt: skip


def course_values(
    patient: UUID,
    source: UUID,
    prescription: UUID | None,
    kind: str,
    clinic: UUID | None,
    pharmacy: UUID | None,
    courses: tuple[Course, ...],
) -> tuple[Any, ...]:
    """投薬のSQLの値 — the seventeen of :data:`COURSES`."""
    return (patient, source, prescription, kind, clinic, pharmacy, *course_columns(courses))


def course_columns(courses: tuple[Course, ...]) -> tuple[list[Any], ...]:
    """投薬の列 — from 同一成分 to the last day, as long as the table has room for."""
    return (
        [each.ingredient for each in courses],
        [each.yj[:13] for each in courses],
        [each.code_kind[:1] for each in courses],
        [each.code[:13] for each in courses],
        # A notebook sets no limit to names; the whole of them is in the document.
        [each.name[:120] for each in courses],
        [each.amount[:12] for each in courses],
        [each.unit[:24] for each in courses],
        [each.usage[:200] for each in courses],
        [each.dosage_form[:2] for each in courses],
        [each.since for each in courses],
        [each.until for each in courses],
    )


def span(courses: tuple[Course, ...], day: date) -> tuple[date, date]:
    """投薬の期間 — first and last day of all the drugs, the day itself where there are none."""
    return (
        min((each.since for each in courses), default=day),
        max((each.until for each in courses), default=day),
    )
