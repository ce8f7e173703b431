# SPDX-License-Identifier: Apache-2.0
"""訪問診療等・オンライン診療等・医療券の一括照会 — whom an institution may ask about without a card, and what is answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from tasuki.eligibility.answer import PersonAnswer
from tasuki.eligibility.message import Message
from tasuki.eligibility.times import JAPAN, read_day
from tasuki_server.eligibility.confirm import refused_person, rows_of_persons, ticket_value
from tasuki_server.eligibility.consents import DISEASES, Given, consent_values
from tasuki_server.eligibility.events import Event, write_events
from tasuki_server.eligibility.header import Head
from tasuki_server.eligibility.held import Held, Shown, qualification_of
from tasuki_server.eligibility.models import ConsentWay
from tasuki_server.eligibility.refusals import Refused, refuse
from tasuki_server.eligibility.states import judge_card

_CONSENTED = """
    SELECT person_id, given::text, given_at FROM eligibility_consentrow
    WHERE caller_id = $1 AND way = $2 AND cancelled_at IS NULL AND given_at >= $3 AND given_at < $4
    ORDER BY given_at, id LIMIT $5
"""
_TICKETED = """
    SELECT q.person_id, q.id, t.month, t.since_on, t.until_on, t.items::text FROM eligibility_ticketrow t
    JOIN eligibility_heldqualification q ON q.id = t.qualification_id
    WHERE t.institution_number = $1 AND t.month = $2 ORDER BY t.since_on, t.id LIMIT $3
"""


class Period(NamedTuple):
    """照会の期間 — of consents, both days included."""

    way: str
    since: datetime
    until: datetime


def read_period(message: Message, way: str) -> Period:
    """照会の期間の読取 — of the body; the flag must be that of the file's kind. Raises :class:`Refused`."""
    body = message.body
    flag = body.value("MedicalTreatmentFlag")
    if flag != way:
        raise Refused("TSKQ008" if flag else "TSKQ010", term="診療種別フラグ", text=flag)
    prefix = "Consent" if body.value("ConsentDateFrom") or way == ConsentWay.VISIT else "Examination"
    since = _day(body.value(f"{prefix}DateFrom"), "期間（自）")
    until = _day(body.value(f"{prefix}DateTo"), "期間（至）")
    if until < since:
        raise Refused("TSKQ008", term="期間（至）", text=f"{until:%Y%m%d}")
    return Period(way, _start(since), _start(until) + timedelta(days=1))


def read_month(message: Message) -> str:
    """診療年月の読取 — YYYYMM. Raises :class:`Refused`."""
    text = message.body.value("MedicalTreatmentMonth")
    _day(f"{text}01" if text else "", "診療年月")
    return text


async def answer_consented(
    connection: asyncpg.Connection, head: Head, period: Period, most: int, operation: str
) -> list[PersonAnswer]:
    """再照会の回答 — of everyone whose consent to visits goes on, without the card; each opens viewing for a day."""
    found = await connection.fetch(_CONSENTED, head.caller.id, period.way, period.since, period.until, most)
    persons = {row[0]: row for row in found}
    by_person = _grouped(await rows_of_persons(connection, persons, head.caller.id))
    answers, events = [], []
    for person, (_, kinds, given_at) in persons.items():
        given = Given(period.way, frozenset(msgspec.json.decode(kinds, type=list[str])), given_at, None)
        made = _answer(by_person.get(person, []), head, _shown(given, head))
        answers.append(made)
        outcome = made.code or (made.eligibility.value if made.eligibility else "")
        events.append(Event(head.at, head.caller.id, operation, person, outcome))
    await write_events(connection, events)
    return answers


async def answer_ticketed(
    connection: asyncpg.Connection, head: Head, month: str, most: int, operation: str
) -> list[PersonAnswer]:
    """医療券の回答 — of everyone with a ticket of a month that is made out to who asks."""
    rows = await connection.fetch(_TICKETED, head.caller.number, month, most)
    by_person = _grouped(await rows_of_persons(connection, {row[0] for row in rows}, head.caller.id))
    answers, events = [], []
    for person in dict.fromkeys(row[0] for row in rows):
        own = [row for row in rows if row[0] == person]
        ticketed = {row[1] for row in own}
        held = [each for each in by_person.get(person, []) if each.qualification in ticketed]
        made = _answer(held, head, Shown(), ticketed)
        if made.is_fine:
            made = replace(made, tickets=tuple(ticket_value(*row[2:]) for row in own))
        answers.append(made)
        outcome = made.code or (made.eligibility.value if made.eligibility else "")
        events.append(Event(head.at, head.caller.id, operation, person, outcome))
    await write_events(connection, events)
    return answers


def _answer(rows: Sequence[Held], head: Head, shown: Shown, ticketed: Iterable[UUID] = ()) -> PersonAnswer:
    if any(each.service_stopped_at for each in rows):
        return refused_person(refuse("TSKP003"))
    judged = judge_card(rows, head.day, frozenset(ticketed))
    held = tuple(qualification_of(each, head.day, shown) for each in judged.shown)
    return PersonAnswer(True, "", "", judged.eligibility, "", held, (), None)


def _shown(given: Given, head: Head) -> Shown:
    is_disease_given = DISEASES in given.kinds
    return Shown(
        is_limit_shown=True,
        limit_consented_at=given.given_at,
        disease_consent="1" if is_disease_given else "0",
        disease_consented_at=given.given_at if is_disease_given else None,
        consents=consent_values(given, head.at, ()),
    )


def _grouped(rows: Sequence[Held]) -> dict[UUID, list[Held]]:
    found: dict[UUID, list[Held]] = {}
    for each in rows:
        found.setdefault(each.person, []).append(each)
    return found


def _day(text: str, term: str) -> date:
    if not text:
        raise Refused("TSKQ010", term=term)
    found = read_day(text)
    if found is None:
        raise Refused("TSKQ008", term=term, text=text)
    return found


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=JAPAN)
