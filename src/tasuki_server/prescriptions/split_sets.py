# SPDX-License-Identifier: Apache-2.0
"""分割指示の組 — the parts of one split prescription as they are registered, each a prescription of its own.

Parts of one are no duplicates of each other, and what one tells of its length places the others.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from tasuki.prescriptions.reader import read_prescription
from tasuki.prescriptions.records import Document
from tasuki.prescriptions.service.courses import prescribed_courses
from tasuki.prescriptions.service.parts import Part, part_of
from tasuki_server.prescriptions.drug_codes import claim_code_to_price_list
from tasuki_server.prescriptions.statements import course_columns

# Nothing numbers the parts of one as such: they have the person, the clinic, the day and the number of parts in common.
# Two of the same number are two prescriptions, and compared like any others.
_OTHERS = """
    SELECT p.id, p.split_nth, s.records FROM prescriptions_prescription p
    JOIN prescriptions_storeddocument s ON s.id = p.document_id
    WHERE p.patient_id = $1 AND p.clinic_id = $2 AND p.issued_on = $3 AND p.split_count = $4 AND p.split_nth <> $5
      AND p.setting = 'outside' AND p.state <> 'cancelled'
"""
_NAMED = """
    SELECT o.id FROM prescriptions_prescription p JOIN prescriptions_prescription o
      ON o.patient_id = p.patient_id AND o.clinic_id = p.clinic_id AND o.issued_on = p.issued_on
      AND o.split_count = p.split_count AND o.setting = p.setting
    WHERE p.id = $1 AND p.patient_id = $2 AND p.split_count > 0 AND o.split_nth <> p.split_nth
"""
_PLACED = """
    SELECT ingredient, yj, code_kind, code, name, amount, unit, usage, dosage_form, since, until, id
    FROM prescriptions_drugcourse WHERE source_id = $1
"""
_PLACE = """
    UPDATE prescriptions_drugcourse d SET since = x.since, until = x.until
    FROM unnest($1::uuid[], $2::date[], $3::date[]) AS x (id, since, until) WHERE d.id = x.id
"""
Connection = asyncpg.Pool | asyncpg.Connection


class OtherPart(NamedTuple):
    """ほかの回 — another part of the set, as it is registered."""

    id: UUID
    nth: int
    document: Document


async def other_parts(
    connection: Connection, patient: UUID | None, clinic: UUID, issued_on: date, part: Part
) -> tuple[OtherPart, ...]:
    """ほかの回の一覧 — of the set a part is of; none where a prescription is whole."""
    if not part.nth or patient is None:
        return ()
    rows = await connection.fetch(_OTHERS, patient, clinic, issued_on, part.out_of, part.nth)
    return tuple(
        OtherPart(row["id"], row["split_nth"], read_prescription(bytes(row["records"]))) for row in rows
    )


async def ids_beside(connection: Connection, patient: UUID | None, number: UUID) -> set[str]:
    """名指した処方箋の組 — the ids of the other parts where it is one: whoever asks of it asks of the whole."""
    return {str(row["id"]) for row in await connection.fetch(_NAMED, number, patient)} if patient else set()


async def place_again(connection: Connection, others: tuple[OtherPart, ...], made: Document) -> None:
    """ほかの回の日の見直し — now that a further part is known; until then a part has more days, never fewer.

    Only a part between two others moves: the first and the last are placed by their own records.
    """
    for each in others:
        if not 1 < each.nth < part_of(each.document).out_of:
            continue
        beside = (made, *(other.document for other in others if other.id != each.id))
        courses = prescribed_courses(each.document, claim_code_to_price_list, beside)
        days: dict[tuple[str, ...], list[tuple[date, date]]] = {}
        for *drug, since, until in zip(*course_columns(courses), strict=True):
            days.setdefault(tuple(drug), []).append((since, until))
        moved = []
        for row in await connection.fetch(_PLACED, each.id):
            *drug, since, until, course = row
            found = days.get(tuple(drug))
            if found and (now := found.pop()) != (since, until):
                moved.append((course, *now))
        if moved:
            await connection.execute(_PLACE, *map(list, zip(*moved, strict=True)))
