# SPDX-License-Identifier: Apache-2.0
"""照会番号の登録 — OQSsiimm and OQSmuimm: an institution's own number of each person, kept for it alone."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from tasuki.eligibility.answer import PersonAnswer
from tasuki.eligibility.message import Message, Node
from tasuki_server.eligibility.asked import AskedCard, read_card
from tasuki_server.eligibility.confirm import refused_person, rows_by_number
from tasuki_server.eligibility.events import Event, write_events
from tasuki_server.eligibility.fast_answer import answer_reply
from tasuki_server.eligibility.header import Head
from tasuki_server.eligibility.refusals import Refusal, Refused, refuse
from tasuki_server.eligibility.states import matching
from tasuki_server.institutions.ids import new_id
from tasuki_server.platform.engine import Call, Reply

REGISTERED = "ReferenceNumberRegistrationInfo"
_KEEP = """
    INSERT INTO eligibility_referencenumber (id, caller_id, person_id, reference, made_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (caller_id, person_id) DO UPDATE SET reference = excluded.reference, made_at = excluded.made_at
"""


async def register_one(call: Call, message: Message, head: Head) -> Reply:
    """単件登録の回答 — of exactly one person. Raises :class:`Refused`."""
    nodes = list(message.body.all(REGISTERED))
    if not nodes:
        raise Refused("TSKQ004", element=REGISTERED)
    if len(nodes) > 1:
        raise Refused("TSKQ005", count=len(nodes))
    async with call.pool.acquire() as connection, connection.transaction():
        (person,) = await register_many(connection, nodes, head, "register")
    return answer_reply(head.answer(person), head.form)


async def register_many(
    connection: asyncpg.Connection, nodes: Sequence[Node], head: Head, operation: str
) -> list[PersonAnswer]:
    """照会番号の登録 — of each person, in order; the newest number of a person counts."""
    cards = [_asked(node) for node in nodes]
    known = [each for each in cards if not isinstance(each, Refusal)]
    rows = iter(await rows_by_number(connection, [(each, head.caller.id) for each in known]))
    answers, events = [], []
    for node, card in zip(nodes, cards, strict=True):
        person, told = None, card if isinstance(card, Refusal) else None
        if not isinstance(card, Refusal):
            found = {each.person for each in matching(next(rows), card.symbol, card.branch)}
            if len(found) == 1:
                (person,) = found
                await connection.execute(
                    _KEEP, new_id(), head.caller.id, person, node.value("ReferenceNumber"), head.at
                )
            else:
                told = refuse("TSKP008" if found else "TSKP007")
        answers.append(
            refused_person(told, _echo(node))
            if told
            else PersonAnswer(True, "", "", None, "", (), (), _echo(node))
        )
        events.append(Event(head.at, head.caller.id, operation, person, told.code if told else "1"))
    await write_events(connection, events)
    return answers


def _asked(node: Node) -> AskedCard | Refusal:
    reference = node.value("ReferenceNumber")
    if not reference:
        return refuse("TSKP001", term="照会番号")
    if "\0" in reference or not reference.isprintable():
        return refuse("TSKP002", term="照会番号", text="")
    return read_card(node)


def _echo(node: Node) -> Node:
    """What was registered, under names that an answer has for it."""
    kept = ("InsurerNumber", "InsuredCardSymbol", "InsuredIdentificationNumber", "InsuredBranchNumber")
    children = [each for each in node.children if each.name in kept and each.text]
    reference = Node("ArbitraryIdentifier", node.value("ReferenceNumber"))
    return Node("QualificationConfirmSearchInfo", "", (*children, *([reference] if reference.text else [])))
