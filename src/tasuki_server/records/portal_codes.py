# SPDX-License-Identifier: Apache-2.0
"""本人の画面のコード — made for an institution that saw the person, or the parent of a child with their papers.

Who is meant is the insured number and the birthday together, in the register of eligibility. A number that is nobody's
and a birthday that is another's get one answer, so that nothing is learned of the register. The person sees in the
portal which institution asked, and what it says it saw.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from tasuki.sharing.permission.reasons import JAPAN
from tasuki_server.eligibility.keys import card_key
from tasuki_server.institutions.ids import new_id
from tasuki_server.portal.codes import LASTS, code_digest, new_code, shown
from tasuki_server.portal.models import CodeKind
from tasuki_server.portal.proxies import child_until
from tasuki_server.records.asked import Asked, keys_of
from tasuki_server.records.messages import CodeQuestion, CodeTold
from tasuki_server.records.refusals import refuse

# 何を見て確かめたか: too short to say anything, too long for a list.
LEAST_SEEN, MOST_SEEN = 2, 100
# Held until the end: of two codes asked for at once the later one ends the earlier.
_PERSON = """
    SELECT p.id FROM eligibility_insuredperson p WHERE p.born = $5 AND p.id IN (
      SELECT q.person_id FROM eligibility_heldqualification q
      WHERE lpad(q.insurer_number, 8, '0') = $1 AND q.symbol_key = $2 AND q.number_key = $3 AND q.branch = $4)
    FOR UPDATE
"""
_END = """
    UPDATE portal_onetimecode SET until_at = $3
    WHERE person_id = $1 AND kind = $2 AND used_at IS NULL AND until_at > $3
"""
_MAKE = """
    INSERT INTO portal_onetimecode (id, person_id, kind, digest, issuer_id, may_consent, made_at, until_at)
    VALUES ($1, $2, $3, $4, $5, false, $6, $7)
"""


async def issue(asked: Asked) -> CodeTold:
    """コードの発行 — ``POST person/codes``; an earlier one of this kind for the person opens nothing any more."""
    told = asked.message(CodeQuestion)
    asked.people = keys_of([told.insured])
    kind = CodeKind(told.kind)
    seen = " ".join(told.seen.split())
    if not LEAST_SEEN <= len(seen) <= MOST_SEEN:
        raise refuse("seen", least=LEAST_SEEN, most=MOST_SEEN)
    # 閲覧の記録 shows the reason to the person.
    asked.detail |= {"kind": kind.value, "reason": f"{kind.label}・確かめたもの: {seen}"}
    if kind is CodeKind.CHILD and asked.at.astimezone(JAPAN).date() > child_until(told.born):
        raise refuse("grown")
    code = new_code()
    async with asked.piece() as connection:
        person = await _person(connection, asked.people[0], told.born)
        until = asked.at + LASTS[kind]
        await connection.execute(_END, person, kind.value, asked.at)
        await connection.execute(
            _MAKE, new_id(), person, kind.value, code_digest(code), asked.caller, asked.at, until
        )
    return CodeTold(shown(code), until)


async def _person(connection: asyncpg.Connection, key: str, born: date) -> UUID:
    insurer, symbol, number, branch = key.removeprefix("public/").split(":")
    rows: list[Any] = await connection.fetch(
        _PERSON, insurer, card_key(symbol), card_key(number), branch, born
    )
    if len(rows) != 1:
        raise refuse("portal-person")
    person: UUID = rows[0][0]
    return person
