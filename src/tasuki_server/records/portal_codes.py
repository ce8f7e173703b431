# SPDX-License-Identifier: Apache-2.0
"""本人の画面のコード — made for an institution that saw the person, or the parent of a child with their papers.

Who is meant is the insured number and the birthday together, in the register of eligibility, and their card was read by
this institution today: who has an institution's key and a list of numbers has nobody before them. A number that is
nobody's, a birthday that is another's and a card that was not read get one answer, so that nothing is learned of the
register. The person sees in the portal which institution asked, and what it says it saw.
"""

from __future__ import annotations

import logging
from datetime import date, datetime
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
from tasuki_server.settings_table import number

log = logging.getLogger("tasuki.records")
# 何を見て確かめたか: too short to say anything, too long for a list.
LEAST_SEEN, MOST_SEEN = 2, 100
# 対面で会ったと言えるもの: operation and way of the record of use, and why it counts. Others do not: a number and a birthday
# are written on papers and in lists, and online nobody stands at a desk.
FACE_TO_FACE = {
    ("card", "1"): "窓口のカードリーダーで、本人のマイナンバーカードが読み取られた",
    ("card", "2"): "訪問先で、本人のマイナンバーカードが読み取られた",
}
# Held until the end: of two codes asked for at once the later one ends the earlier.
_PERSON = """
    SELECT p.id FROM eligibility_insuredperson p WHERE p.born = $5 AND p.id IN (
      SELECT q.person_id FROM eligibility_heldqualification q
      WHERE lpad(q.insurer_number, 8, '0') = $1 AND q.symbol_key = $2 AND q.number_key = $3 AND q.branch = $4)
    AND EXISTS (
      SELECT FROM platform_serviceevent e
      JOIN unnest($8::text[], $9::text[]) AS f(operation, way) ON e.operation = f.operation AND e.detail->>'way' = f.way
      WHERE e.person_id = p.id AND e.at >= $7 AND e.caller_id = $6 AND e.detail->>'read' = 'true')
    FOR UPDATE
"""
# One after the other for an institution, so that the last of a day is given once.
_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended('portal-code ' || $1, 12))"
_GIVEN = "SELECT count(*) FROM portal_onetimecode WHERE issuer_id = $1 AND made_at >= $2"
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
        await _refuse_many(connection, asked)
        person = await _person(connection, asked, told.born)
        until = asked.at + LASTS[kind]
        await connection.execute(_END, person, kind.value, asked.at)
        await connection.execute(
            _MAKE, new_id(), person, kind.value, code_digest(code), asked.caller, asked.at, until
        )
    return CodeTold(shown(code), until)


async def _refuse_many(connection: asyncpg.Connection, asked: Asked) -> None:
    most = number("TASUKI_PORTAL_CODES_DAY")
    await connection.execute(_HOLD, str(asked.caller))
    if await connection.fetchval(_GIVEN, asked.caller, _midnight(asked.at)) >= most:
        log.warning("portal codes beyond the day's limit: %s", asked.caller)
        raise refuse("codes-many", most=most)


async def _person(connection: asyncpg.Connection, asked: Asked, born: date) -> UUID:
    insurer, symbol, number_, branch = asked.people[0].removeprefix("public/").split(":")
    operations, ways = zip(*FACE_TO_FACE, strict=True)
    rows: list[Any] = await connection.fetch(
        _PERSON, insurer, card_key(symbol), card_key(number_), branch, born,
        asked.caller, _midnight(asked.at), operations, ways,
    )  # fmt: skip
    if len(rows) != 1:
        raise refuse("portal-person")
    person: UUID = rows[0][0]
    return person


def _midnight(at: datetime) -> datetime:
    """The beginning of the day in Japan."""
    return at.astimezone(JAPAN).replace(hour=0, minute=0, second=0, microsecond=0)
