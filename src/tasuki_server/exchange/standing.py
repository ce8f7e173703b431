# SPDX-License-Identifier: Apache-2.0
"""閲覧の判断の材料 — what permissions need to know of a written resource: who a Patient or a document is about, whom a
Communication names.

Kept in the transaction of the write, so that no resource stands without it.
"""

# ruff: noqa: S608 - a statement of our own in two; what was asked goes in as arguments

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from tasuki.sharing.build.names import INSTITUTION_NUMBER
from tasuki.sharing.permission import insured_key
from tasuki_server.exchange.consent import unjoined
from tasuki_server.exchange.outcome import refuse
from tasuki_server.institutions.ids import new_id

OF_PERSONS = frozenset(("Bundle", "Patient"))
# 宛先の上限: of one Communication, and of all that are written at once, with each insured number of a document.
MOST_RECEIVERS, MOST_ABOUTS, MOST_ADDRESSED = 50, 20, 5_000
_FORGET = "DELETE FROM records_insured WHERE patient = ANY($1::text[])"
_KNOW = """
    INSERT INTO records_insured (id, patient, person) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
    ON CONFLICT (patient, person) DO NOTHING
"""
# 宛先: the sender says by it that the patient agreed; only of what the sender wrote itself.
_NAMED = """
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS a(number, institution, about, note)
      JOIN exchange_resource r ON r.type = 'Bundle' AND r.id = substr(a.about, 8) AND r.writer_id = $5
      JOIN records_insured i ON i.patient = a.about
"""
_COUNT = f"SELECT count(*) {_NAMED}"
_ADDRESS = f"""
    WITH told AS (
      SELECT a.number, a.institution, a.about, a.note, i.person
      {_NAMED}
    ), noted AS (
      INSERT INTO records_permission
        (id, number, person, act, at, institution, kinds, document, reason, proxy, ends, caller_id)
      SELECT gen_random_uuid(), number, person, 'oral', $6, institution, '["referral", "discharge"]', about, '', '', '', $5
      FROM told
    )
    INSERT INTO records_opening (id, number, person, institution, kind, document, since)
    SELECT gen_random_uuid(), number, person, institution, kind, place, $6
    FROM told, unnest(ARRAY['referral', 'discharge']) kind, unnest(ARRAY[about, note]) place
"""
_UNJOINED = unjoined()
_END = """
    WITH ended AS (
      UPDATE records_opening SET until = $2 WHERE (until IS NULL OR until > $2)
        AND number IN (SELECT number FROM records_opening WHERE document = ANY($1::text[]))
      RETURNING number, person, institution
    )
    INSERT INTO records_permission
      (id, number, person, act, at, institution, kinds, document, reason, proxy, ends, caller_id)
    SELECT DISTINCT ON (number, person) gen_random_uuid(), gen_random_uuid(), person, 'expiry', $2, institution, '[]'::jsonb,
      '', '', '', number::text, $3 FROM ended
"""


class Written(NamedTuple):
    """書かれたもの — a resource with its place; no value is a deletion."""

    type: str
    id: str
    value: dict[str, Any] | None
    is_new: bool


async def keep_standing(
    connection: asyncpg.Connection, caller: UUID, written: Sequence[Written], at: datetime
) -> None:
    """材料の保存 — nothing for what is neither a Patient, a document nor a Communication."""
    people = [each for each in written if each.type in OF_PERSONS and each.value is not None]
    if people:
        await connection.execute(_FORGET, [person_place(each.type, each.id) for each in people])
        rows = [row for each in people for row in insured_rows(each.type, each.id, each.value)]
        if rows:
            await connection.execute(_KNOW, *zip(*rows, strict=True))
    notes = [each for each in written if each.type == "Communication"]
    gone = [f"Communication/{each.id}" for each in notes if each.value is None]
    if gone:
        await connection.execute(_END, gone, at, caller)
    # 宛先 is settled when it is first written: a later version opens nothing again that was withdrawn.
    addressed = [row for each in notes if each.is_new and each.value for row in _addressed(each)]
    if addressed:
        columns = list(zip(*addressed, strict=True))
        count = len(addressed)
        if count <= MOST_ADDRESSED:
            # Each insured number in a document is a row of its own.
            count = max(count, await connection.fetchval(_COUNT, *columns, caller))
        if count > MOST_ADDRESSED:
            raise refuse("addressed", found=f"一度に{count}組", wanted=f"一度に{MOST_ADDRESSED}組")
        await connection.execute(_ADDRESS, *columns, caller, at)


async def refuse_of_several(
    connection: asyncpg.Connection, written: Sequence[Written], denied: Sequence[str]
) -> None:
    """二人の番号の断り — of a denial under a Patient that carries the numbers of two, whichever of both was written last."""
    asked = {*denied}
    asked.update(
        each.id
        for each in written
        if each.type == "Patient" and each.value is not None and len(insured_keys(each.value)) > 1
    )
    if asked and (found := await connection.fetchval(_UNJOINED, sorted(asked))) is not None:
        raise refuse("several", f"Patient/{found}")


def person_place(type_name: str, logical_id: str) -> str:
    """被保険者の行の所在 — of a Patient its identifier, of a document its place."""
    return logical_id if type_name == "Patient" else f"{type_name}/{logical_id}"


def insured_rows(
    type_name: str, logical_id: str, value: dict[str, Any] | None
) -> list[tuple[UUID, str, str]]:
    """患者の被保険者の行 — of the identifiers of a Patient, or of the Patients in a document."""
    place = person_place(type_name, logical_id)
    held = [value or {}]
    if type_name == "Bundle":
        held = [each["resource"] for each in _dicts((value or {}).get("entry")) if _is_patient(each)]
    keys = {key for each in held for key in insured_keys(each)}
    return [(new_id(), place, key) for key in sorted(keys)]


def insured_keys(patient: dict[str, Any]) -> set[str]:
    """患者の被保険者 — the insured numbers of a Patient, as they are compared."""
    found = {
        insured_key(each["value"], each["system"])
        for each in _dicts(patient.get("identifier"))
        if isinstance(each.get("value"), str) and isinstance(each.get("system"), str)
    }
    return found - {""}


def _is_patient(entry: dict[str, Any]) -> bool:
    resource = entry.get("resource")
    return isinstance(resource, dict) and resource.get("resourceType") == "Patient"


def _addressed(note: Written) -> Iterator[tuple[UUID, str, str, str]]:
    value = note.value or {}
    receivers = {
        identifier["value"][:10]: None
        for each in _dicts(value.get("recipient"))
        if isinstance(identifier := each.get("identifier"), dict)
        and identifier.get("system") == INSTITUTION_NUMBER
        and isinstance(identifier.get("value"), str)
    }
    pointed = (
        "/".join(each["reference"].split("/")[-2:])
        for each in _dicts(value.get("about"))
        if isinstance(each.get("reference"), str)
    )
    abouts = dict.fromkeys(each for each in pointed if each.startswith("Bundle/"))
    if len(receivers) > MOST_RECEIVERS or len(abouts) > MOST_ABOUTS:
        found = f"宛先{len(receivers)}・文書{len(abouts)}"
        raise refuse("addressed", found=found, wanted=f"宛先{MOST_RECEIVERS}・文書{MOST_ABOUTS}")
    for receiver in receivers:
        for about in abouts:
            yield new_id(), receiver, about, f"Communication/{note.id}"


def _dicts(value: Any) -> Iterable[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else ()
