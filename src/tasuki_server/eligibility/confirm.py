# SPDX-License-Identifier: Apache-2.0
"""資格の確認 — many questions by number with a few statements, and the rows of use in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from tasuki.eligibility.answer import Eligibility, MedicalTicket, PersonAnswer
from tasuki.eligibility.message import Node
from tasuki_server.eligibility.asked import Asked, AskedCard
from tasuki_server.eligibility.events import Event, write_events
from tasuki_server.eligibility.held import COLUMNS, TABLES, Held, Shown, qualification_of
from tasuki_server.eligibility.refusals import Refusal, refuse
from tasuki_server.eligibility.states import Judged, judge_number, matching, with_newer

_BY_NUMBER = f"""
    SELECT a.place, {COLUMNS}
    FROM unnest($1::int[], $2::text[], $3::text[], $4::uuid[]) AS a(place, insurer, number, caller)
    JOIN eligibility_heldqualification q ON q.insurer_number = a.insurer AND q.number_key = a.number
    JOIN eligibility_insuredperson p ON p.id = q.person_id {TABLES} a.caller
"""  # noqa: S608 - our own columns
_OF_PERSONS = f"""
    SELECT {COLUMNS} FROM eligibility_insuredperson p JOIN eligibility_heldqualification q ON q.person_id = p.id
    {TABLES} $2 WHERE p.id = ANY($1::uuid[])
"""  # noqa: S608 - our own columns
_TICKETS = """
    SELECT qualification_id, month, since_on, until_on, items::text FROM eligibility_ticketrow
    WHERE qualification_id = ANY($1::uuid[]) AND institution_number = $2 AND month = $3 ORDER BY since_on, id
"""


class Question(NamedTuple):
    """照会 — what was asked, by whom, about which day."""

    asked: Asked
    caller: UUID
    caller_number: str
    day: date
    at: datetime


class Confirmed(NamedTuple):
    """確認の結果 — the answer of one person, and who that is."""

    answer: PersonAnswer
    person: UUID | None

    @property
    def outcome(self) -> str:
        """結果 — as the row of use keeps it."""
        return self.answer.code or (self.answer.eligibility.value if self.answer.eligibility else "")


async def confirm_many(
    connection: asyncpg.Connection, questions: Sequence[Question], operation: str
) -> list[Confirmed]:
    """資格の確認 — of every question, in its order; call in a transaction, for the rows of use are written in it."""
    found = await rows_by_number(connection, [(each.asked.card, each.caller) for each in questions])
    judged: list[Judged] = []
    for question, rows in zip(questions, found, strict=True):
        card = question.asked.card
        own = [each for each in matching(rows, card.symbol, card.branch) if each.born == question.asked.born]
        judged.append(judge_number(own, question.day))
    tickets: dict[int, tuple[MedicalTicket, ...]] = {}
    for place, each in enumerate(judged):
        if each.asks_newer:
            rows = await rows_of_persons(connection, [each.shown[0].person], questions[place].caller)
            judged[place] = with_newer(each, rows, questions[place].day)
        elif each.eligibility is Eligibility.NOT_REGISTERED:
            tickets[place] = await tickets_of(
                connection, each.shown, questions[place].caller_number, questions[place].day
            )
            if tickets[place]:
                judged[place] = each._replace(eligibility=Eligibility.VALID)
    made = [
        _confirmed(question, each, tickets.get(place, ()))
        for place, (question, each) in enumerate(zip(questions, judged, strict=True))
    ]
    await write_events(
        connection,
        [
            Event(question.at, question.caller, operation, each.person, each.outcome)
            for question, each in zip(questions, made, strict=True)
        ],
    )
    return made


def _confirmed(question: Question, judged: Judged, tickets: tuple[MedicalTicket, ...]) -> Confirmed:
    asked = question.asked
    if any(each.service_stopped_at for each in judged.shown):
        return Confirmed(refused_person(refuse("TSKP003"), asked.node), judged.shown[0].person)
    shown = Shown(
        is_limit_shown=asked.is_limit_asked,
        limit_consented_at=question.at if asked.is_limit_asked else None,
        own_identifier=asked.own_identifier,
    )
    answer = PersonAnswer(
        is_fine=True,
        code="",
        message="",
        eligibility=judged.eligibility,
        prescription_issue="",
        qualifications=tuple(qualification_of(each, question.day, shown) for each in judged.shown),
        tickets=tickets,
        asked=asked.node,
    )
    return Confirmed(answer, judged.shown[0].person if judged.shown else None)


def refused_person(refusal: Refusal, asked: Node | None = None) -> PersonAnswer:
    """一人についての断り — the rest of the file is answered."""
    return PersonAnswer(False, refusal.code, refusal.text, None, "", (), (), asked)


async def rows_by_number(
    connection: asyncpg.Connection, asked: Sequence[tuple[AskedCard, UUID]]
) -> list[list[Held]]:
    """番号の行 — of each card, whatever its symbol and branch."""
    found: list[list[Held]] = [[] for _ in asked]
    rows = await connection.fetch(
        _BY_NUMBER,
        range(len(asked)),
        [card.insurer for card, _ in asked],
        [card.number for card, _ in asked],
        [caller for _, caller in asked],
    )
    for place, *row in rows:
        found[place].append(Held(*row))
    return found


async def rows_of_persons(
    connection: asyncpg.Connection, persons: Iterable[UUID], caller: UUID
) -> list[Held]:
    """本人の行 — every qualification of these persons."""
    return [Held(*row) for row in await connection.fetch(_OF_PERSONS, list(persons), caller)]


async def tickets_of(
    connection: asyncpg.Connection, held: Sequence[Held], institution_number: str, day: date
) -> tuple[MedicalTicket, ...]:
    """医療券 — of the month of a day, made out to this institution."""
    ids = [each.qualification for each in held if each.is_medical_aid]
    rows = await connection.fetch(_TICKETS, ids, institution_number, f"{day:%Y%m}") if ids else []
    return tuple(ticket_value(*row[1:]) for row in rows)


def ticket_value(month: str, since: date, until: date, items: str) -> MedicalTicket:
    """医療券の値 — from its row; items that have columns of their own are written from those."""
    given: dict[str, str] = msgspec.json.decode(items, type=dict[str, str])
    given |= {
        "MedicalTreatmentMonth": month,
        "MedicalTicketValidDate": f"{since:%Y%m%d}",
        "MedicalTicketExpirationDate": f"{until:%Y%m%d}",
    }
    pay = given.get("SelfPayAmount", "")
    return MedicalTicket(
        given.get("TicketType", ""),
        given.get("IssueNumber", ""),
        month,
        since,
        until,
        int(pay) if pay.isdecimal() else None,
        tuple(given.items()),
    )
