# SPDX-License-Identifier: Apache-2.0
"""顔認証付きカードリーダーの代わり — a card, the consents its holder gave, and the ``face`` result that comes of it.

The stand-in of the reader and of マイナ在宅受付Web: identification itself (face, PIN) is not rehearsed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

import asyncpg
import msgspec

from tasuki.eligibility.answer import Eligibility, PersonAnswer
from tasuki_server.eligibility.confirm import refused_person, tickets_of
from tasuki_server.eligibility.consents import (
    DISEASES,
    KINDS,
    SUBSIDY,
    Given,
    cancel_consent,
    consent_values,
    end_of,
    keep_consent,
)
from tasuki_server.eligibility.events import Event, write_events
from tasuki_server.eligibility.faces import keep_face, next_face
from tasuki_server.eligibility.fast_answer import answer_reply, answer_xml
from tasuki_server.eligibility.header import Head
from tasuki_server.eligibility.held import COLUMNS, TABLES, Held, Shown, qualification_of
from tasuki_server.eligibility.refusals import Refusal, refuse
from tasuki_server.eligibility.states import judge_card
from tasuki_server.eligibility.subsidies import subsidies_of
from tasuki_server.platform.engine import Call, Reply

NOTICE_DAYS = 92
_BY_CARD = f"""
    SELECT {COLUMNS} FROM eligibility_insuredperson p JOIN eligibility_heldqualification q ON q.person_id = p.id
    {TABLES} $2 WHERE p.card = $1
"""  # noqa: S608 - our own columns


class CardShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """カードの提示 — what the reader tells: the card, the consents by official prefix, the form of prescription.

    ``way`` is where: 1 窓口, 2 訪問診療等, 3 オンライン診療等. ``cancels`` ends the consent of that way instead.
    """

    card: str
    consents: dict[str, bool] = {}
    prescription: Literal["", "1", "2"] = ""
    way: Literal["1", "2", "3"] = "1"
    cancels: bool = False


def read_shown(body: bytes) -> CardShown | str:
    """カードの提示の読取 — or what is wrong with it."""
    try:
        shown = msgspec.json.decode(body, type=CardShown)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        return str(wrong)
    unknown = sorted(set(shown.consents) - set(KINDS))
    if unknown:
        return f"consents: {unknown[0][:40]}"
    return shown if shown.card and len(shown.card) <= 40 and "\0" not in shown.card else "card"


async def show_card(call: Call, shown: CardShown, head: Head) -> Reply:
    """カードの照会 — answers as the file in ``face`` would, and keeps it for whoever waits for it."""
    async with call.pool.acquire() as connection, connection.transaction():
        rows = [Held(*row) for row in await connection.fetch(_BY_CARD, shown.card, call.caller.id)]
        person = await _person(connection, call, shown, head, rows)
        number = await next_face(connection, call.caller.id)
        head = head._replace(file_identifier=f"F{number:09}")
        answer = head.answer(person, is_by_card=True)
        await keep_face(connection, call.caller, number, head.at, answer_xml(answer))
        outcome = person.code or (person.eligibility.value if person.eligibility else "")
        # Where the card was shown: what a later act of this institution may stand on (本人の画面のコード).
        detail = msgspec.json.encode({"way": shown.way, "read": person.is_fine}).decode()
        event = Event(head.at, call.caller.id, "card", rows[0].person if rows else None, outcome, detail)
        await write_events(connection, [event])
    return answer_reply(answer, head.form)


async def _person(
    connection: asyncpg.Connection, call: Call, shown: CardShown, head: Head, rows: list[Held]
) -> PersonAnswer:
    refusal = _refusal(rows, head.day)
    if refusal is not None:
        return refused_person(refusal)
    tickets = await tickets_of(connection, rows, call.caller.number, head.day)
    ticketed = {each.qualification for each in rows if each.is_medical_aid} if tickets else set()
    judged = judge_card(rows, head.day, ticketed)
    if shown.cancels:
        await cancel_consent(connection, call.caller.id, rows[0].person, shown.way, head.at)
        given = Given(shown.way, frozenset(), head.at, None)
    else:
        kinds = frozenset(name for name, is_given in shown.consents.items() if is_given)
        given = Given(shown.way, kinds, head.at, end_of(head.at, shown.way))
        await keep_consent(connection, call.caller.id, rows[0].person, given, shown.prescription)
    return PersonAnswer(
        is_fine=True,
        code=(notice := _notice(rows[0], head.day)).code,
        message=notice.text,
        eligibility=judged.eligibility,
        prescription_issue=shown.prescription,
        qualifications=tuple(
            qualification_of(each, head.day, _shown(each, given, head, shown.consents))
            for each in judged.shown
        ),
        tickets=tickets if judged.eligibility is not Eligibility.INVALID else (),
        asked=None,
        subsidies=await subsidies_of(connection, rows[0].person, head.day) if SUBSIDY in given.kinds else (),
    )


def _shown(held: Held, given: Given, head: Head, offered: Mapping[str, bool]) -> Shown:
    """With the card the limit needs no consent of its own; a disease does."""
    is_disease_given = DISEASES in given.kinds
    return Shown(
        is_limit_shown=not held.is_medical_aid,
        limit_consented_at=None if held.is_medical_aid else head.at,
        disease_consent="1" if is_disease_given else "0",
        disease_consented_at=head.at if is_disease_given else None,
        consents=consent_values(given, head.at, offered),
    )


def _refusal(rows: list[Held], day: date) -> Refusal | None:
    if not rows:
        return refuse("TSKP005")
    own = rows[0]
    if own.card_stopped_at is not None:
        return refuse("TSKP004")
    if own.service_stopped_at is not None:
        return refuse("TSKP003")
    if own.card_until_on is not None and own.card_until_on < day:
        return refuse("TSKP006", until=f"{own.card_until_on:%Y年%-m月%-d日}")
    return None


def _notice(held: Held, day: date) -> Refusal:
    """電子証明書の期限 — told beside a normal answer in its last three months."""
    until = held.card_until_on
    if until is None or until - day > timedelta(days=NOTICE_DAYS):
        return Refusal("", "")
    return refuse("TSKN001", until=f"{until:%Y年%-m月%-d日}")
