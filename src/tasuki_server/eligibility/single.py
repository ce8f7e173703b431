# SPDX-License-Identifier: Apache-2.0
"""資格確認 単件照会 — OQSsiquc: one question by number, one answer; questions that wait are answered together.

While one group of questions is at the database the next gathers, so that a rush costs a few statements for many.
"""

from __future__ import annotations

import asyncio
from collections import deque
from weakref import WeakKeyDictionary

import asyncpg

from tasuki.eligibility.message import Message
from tasuki_server.eligibility.asked import read_asked
from tasuki_server.eligibility.confirm import Confirmed, Question, confirm_many, refused_person
from tasuki_server.eligibility.events import Event, write_events
from tasuki_server.eligibility.fast_answer import answer_reply
from tasuki_server.eligibility.header import Head
from tasuki_server.eligibility.refusals import Refusal, Refused
from tasuki_server.platform.engine import Call, Reply

SEARCH = "QualificationConfirmSearchInfo"
MOST_TOGETHER = 64
_GROUPS_AT_ONCE = 2


async def confirm_one(call: Call, message: Message, head: Head) -> Reply:
    """単件照会の回答 — of exactly one condition. Raises :class:`Refused`."""
    nodes = list(message.body.all(SEARCH))
    if not nodes:
        raise Refused("TSKQ004", element=SEARCH)
    if len(nodes) > 1:
        raise Refused("TSKQ005", count=len(nodes))
    asked = read_asked(nodes[0])
    if isinstance(asked, Refusal):
        async with call.pool.acquire() as connection:
            await write_events(connection, [Event(head.at, call.caller.id, "confirm", None, asked.code)])
        return answer_reply(head.answer(refused_person(asked, nodes[0])), head.form)
    question = Question(asked, call.caller.id, call.caller.number, head.day, head.at)
    found = await _desk_of(call.pool).ask(question)
    return answer_reply(head.answer(found.answer), head.form)


class _Desk:
    """照会の取りまとめ — of one pool of connections."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self._waiting: deque[tuple[Question, asyncio.Future[Confirmed]]] = deque()
        self._at_work = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, question: Question) -> Confirmed:
        future: asyncio.Future[Confirmed] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._at_work < _GROUPS_AT_ONCE:
            self._at_work += 1
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def _work(self) -> None:
        group: list[tuple[Question, asyncio.Future[Confirmed]]] = []
        is_counted = True
        try:
            async with self.pool.acquire() as connection:
                while self._waiting:
                    group = [self._waiting.popleft() for _ in range(min(MOST_TOGETHER, len(self._waiting)))]
                    async with connection.transaction():
                        found = await confirm_many(connection, [each for each, _ in group], "confirm")
                    for (_, future), each in zip(group, found, strict=True):
                        if not future.done():
                            future.set_result(each)
                # Before the connection is given back, which takes a moment: who asks in it finds room to begin anew.
                self._at_work -= 1
                is_counted = False
        except Exception as fault:  # noqa: BLE001 - whoever waits is told, and nobody waits for ever
            group += self._waiting
            self._waiting.clear()
            for _, future in group:
                if not future.done():
                    future.set_exception(fault)
        finally:
            self._at_work -= is_counted


# One for each loop that serves; an engine that was made anew has a pool of its own.
_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, _Desk] = WeakKeyDictionary()


def _desk_of(pool: asyncpg.Pool) -> _Desk:
    loop = asyncio.get_running_loop()
    found = _desks.get(loop)
    if found is None or found.pool is not pool:
        found = _desks[loop] = _Desk(pool)
    return found
