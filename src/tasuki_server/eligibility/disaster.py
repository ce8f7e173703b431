# SPDX-License-Identifier: Apache-2.0
"""災害時モード — finding a person without a card by name, birth, sex and address, while the operator has switched it on."""

from __future__ import annotations

from datetime import date
from typing import Literal

import asyncpg
import msgspec

from tasuki.eligibility.answer import Eligibility, PersonAnswer
from tasuki_server.eligibility.confirm import refused_person
from tasuki_server.eligibility.events import Event, write_events
from tasuki_server.eligibility.fast_answer import answer_reply
from tasuki_server.eligibility.header import Head
from tasuki_server.eligibility.held import COLUMNS, TABLES, Held, Shown, qualification_of
from tasuki_server.eligibility.keys import name_key
from tasuki_server.eligibility.refusals import refuse
from tasuki_server.eligibility.states import judge_card
from tasuki_server.platform.engine import Call, Reply

_MODE = "SELECT is_disaster FROM eligibility_servicemode ORDER BY made_at DESC, id DESC LIMIT 1"
_SEARCH = f"""
    SELECT {COLUMNS} FROM eligibility_insuredperson p JOIN eligibility_heldqualification q ON q.person_id = p.id
    {TABLES} $6
    WHERE p.born = $1 AND (p.name_key = $2 OR p.kana_key = $2) AND ($3 = '' OR p.sex = $3)
      AND ($4 = '' OR strpos(p.address, $4) > 0) LIMIT $5
"""  # noqa: S608 - our own columns
_MOST_ROWS = 50


class PersonSought(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """四情報の検索 — name or kana, birth, sex, and a part of the address."""

    name: str
    born: date
    sex: Literal["", "1", "2", "3"] = ""
    address: str = ""


def read_sought(body: bytes) -> PersonSought | str:
    """検索条件の読取 — or what is wrong with it."""
    try:
        sought = msgspec.json.decode(body, type=PersonSought)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        return str(wrong)
    if not sought.name.strip() or len(sought.name) > 100 or len(sought.address) > 200:
        return "name"
    if "\0" in sought.name + sought.address:
        return "name"
    return sought


async def is_disaster(connection: asyncpg.Connection) -> bool:
    """災害時モードか — as the desk is set."""
    return bool(await connection.fetchval(_MODE))


async def seek_person(call: Call, sought: PersonSought, head: Head) -> Reply:
    """四情報の検索の回答 — one person is shown, several are only told."""
    async with call.pool.acquire() as connection, connection.transaction():
        if not await is_disaster(connection):
            return answer_reply(head.refusal(refuse("TSKQ011")), head.form)
        rows = [
            Held(*row)
            for row in await connection.fetch(
                _SEARCH,
                sought.born,
                name_key(sought.name),
                sought.sex,
                sought.address,
                _MOST_ROWS,
                call.caller.id,
            )
        ]
        person = _person(rows, head)
        found = {each.person for each in rows}
        only = found.pop() if len(found) == 1 else None
        outcome = person.code or (person.eligibility.value if person.eligibility else "")
        await write_events(connection, [Event(head.at, call.caller.id, "disaster", only, outcome)])
    return answer_reply(head.answer(person), head.form)


def _person(rows: list[Held], head: Head) -> PersonAnswer:
    if len({each.person for each in rows}) > 1:
        return PersonAnswer(True, "", "", Eligibility.SEVERAL, "", (), (), None)
    if any(each.service_stopped_at for each in rows):
        return refused_person(refuse("TSKP003"))
    judged = judge_card(rows, head.day)
    held = tuple(qualification_of(each, head.day, Shown()) for each in judged.shown)
    return PersonAnswer(True, "", "", judged.eligibility, "", held, (), None)
