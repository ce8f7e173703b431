# SPDX-License-Identifier: Apache-2.0
"""登録の参照 — for other services of the platform: who a card is, and what was prescribed and dispensed for the drug information."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from tasuki_server.eligibility.keys import card_key
from tasuki_server.institutions.ids import new_id

_FIND = """
    SELECT DISTINCT person_id FROM eligibility_heldqualification
    WHERE insurer_number = $1 AND number_key = $2 AND ($3 = '' OR symbol_key = $3) AND ($4 = '' OR branch = $4) LIMIT 2
"""
_ADD = """
    INSERT INTO eligibility_drugrecord (id, person_id, day, source, institution_number, institution_name, is_inpatient,
      prescription_id, code, name, ingredient, quantity, unit, usage, times, instruction, treatment_class)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::text[], $5::text[], $6::text[], $7::bool[],
      $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
      $17::text[])
"""


class DrugLine(NamedTuple):
    """薬剤情報の一行 — one drug of a prescription or of its dispensing."""

    code: str
    name: str
    quantity: str = ""
    unit: str = ""
    usage: str = ""
    times: str = ""
    ingredient: str = ""
    instruction: str = ""
    treatment_class: str = ""


class DrugPlace(NamedTuple):
    """薬剤情報の出どころ — ``source`` is ShPrInf (処方), CzDiInf (調剤) or MeTrMonthInf (レセプト)."""

    source: str
    day: date
    institution_number: str
    institution_name: str
    prescription_id: str = ""
    is_inpatient: bool = False


async def find_person(
    connection: asyncpg.Connection, insurer: str, symbol: str, number: str, branch: str
) -> UUID | None:
    """本人の検索 — whose card this is, today or before; None when it is nobody's or not one person's."""
    branch_key = branch.zfill(2) if branch.isascii() and branch.isdecimal() else branch
    rows = await connection.fetch(_FIND, insurer.strip(" "), card_key(number), card_key(symbol), branch_key)
    person: UUID | None = rows[0][0] if len(rows) == 1 else None
    return person


async def add_drugs(
    connection: asyncpg.Connection, person: UUID, place: DrugPlace, drugs: Sequence[DrugLine]
) -> None:
    """薬剤情報への追加 — of a prescription that was registered or dispensed; call in the transaction that registers it."""
    count = len(drugs)
    if not count:
        return
    await connection.execute(
        _ADD,
        [new_id() for _ in drugs], [person] * count, [place.day] * count, [place.source] * count,
        [place.institution_number] * count, [place.institution_name] * count, [place.is_inpatient] * count,
        [place.prescription_id] * count, [each.code for each in drugs], [each.name for each in drugs],
        [each.ingredient for each in drugs], [each.quantity for each in drugs], [each.unit for each in drugs],
        [each.usage for each in drugs], [each.times for each in drugs], [each.instruction for each in drugs],
        [each.treatment_class for each in drugs],
    )  # fmt: skip
