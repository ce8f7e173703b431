# SPDX-License-Identifier: Apache-2.0
"""一括照会 — four steps: 01req is taken under a 受付番号, 02req collects it; what was taken is done, over a restart too.

The job is a row. Whoever finds it undone and unheld does it: the task that the first step starts, or a later 02req.
"""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import asyncpg

from tasuki.eligibility.answer import PersonAnswer, Progress
from tasuki.eligibility.answer_writing import answer_message
from tasuki.eligibility.file_names import FileName
from tasuki.eligibility.json_text import read_json
from tasuki.eligibility.message import Message, Node
from tasuki.eligibility.times import JAPAN, time_text
from tasuki.eligibility.xml_text import read_xml
from tasuki_server.eligibility.asked import Asked, read_asked
from tasuki_server.eligibility.bulk_result import Pieces, result_reply
from tasuki_server.eligibility.confirm import Question, confirm_many, refused_person
from tasuki_server.eligibility.header import Head
from tasuki_server.eligibility.message_form import Form, message_reply
from tasuki_server.eligibility.reference_numbers import REGISTERED, register_many
from tasuki_server.eligibility.refusals import Refused
from tasuki_server.eligibility.single import SEARCH
from tasuki_server.eligibility.visits import answer_consented, answer_ticketed, read_month, read_period
from tasuki_server.institutions.ids import new_id
from tasuki_server.platform.engine import Call, Caller, Reply
from tasuki_server.platform.removal_clock import BELIEVED

log = logging.getLogger("tasuki.platform")
MOST_PERSONS = 10_000
# As many at a time as the loop may be kept from other askers.
_CHUNK = 50
# A larger request is read in a thread, so that the loop goes on.
_READ_ASIDE = 100_000

_KEEP = """
    INSERT INTO eligibility_bulkjob
      (id, caller_id, kind, reception_number, file_identifier, is_json, request, received_at, done_at, result)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, NULL)
"""
_FIND = """
    SELECT id, is_json, received_at, done_at, result FROM eligibility_bulkjob
    WHERE caller_id = $1 AND kind = $2 AND reception_number = $3
"""
_HOLD = """
    SELECT j.kind, j.is_json, j.request, j.received_at,
      c.id, c.prefecture || c.fee_table || c.code, c.fee_table, c.name
    FROM eligibility_bulkjob j JOIN platform_connectedinstitution c ON c.id = j.caller_id
    WHERE j.id = $1 AND j.done_at IS NULL FOR UPDATE OF j SKIP LOCKED
"""
# What was asked is let go with the answer, and the answer after a week.
_DONE = (
    "UPDATE eligibility_bulkjob SET done_at = clock_timestamp(), result = $2, request = NULL WHERE id = $1"
)
_LET_GO = f"""
    UPDATE eligibility_bulkjob SET result = NULL
    WHERE caller_id = $1 AND result IS NOT NULL AND done_at < now() - interval '7 days' AND {BELIEVED}
"""  # noqa: S608 - made of constants

_running: dict[UUID, asyncio.Task[None]] = {}
# One job after the other in a loop: a job holds a connection from its beginning to its end.
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def take_job(call: Call, message: Message, head: Head, named: FileName) -> Reply:
    """一括照会の受付 — looked through first, so that what cannot be done is refused at once. Raises :class:`Refused`."""
    kind = named.kind.prefix
    _look_through(kind, message)
    job, number = new_id(), f"{head.at.astimezone(JAPAN):%Y%m%d}{secrets.randbelow(10**10):010}"
    # No column takes a zero, which JSON may bring.
    identifier = head.file_identifier.replace("\0", "")
    async with call.pool.acquire() as connection:
        await connection.execute(_LET_GO, call.caller.id)
        await connection.execute(
            _KEEP, job, call.caller.id, kind, number, identifier, head.form.is_json, call.body, head.at
        )  # fmt: skip
    _start(call.pool, job)
    return _taken(head, number, head.at, Progress.DONE)


async def collect_job(call: Call, message: Message, head: Head, named: FileName) -> Reply:
    """一括照会の結果 — the answer, or 処理中. Raises :class:`Refused` for a number that nobody of this institution was given."""
    number = message.header.value("ReceptionNumber")
    if not number:
        raise Refused("TSKQ010", term="受付番号")
    row = None
    if number.isascii() and number.isdecimal() and len(number) <= 20:
        row = await call.pool.fetchrow(_FIND, call.caller.id, named.kind.prefix, number)
    if row is None:
        raise Refused("TSKQ007", number=number)
    job, is_json, received_at, done_at, result = row
    if done_at is None:
        _start(call.pool, job)
        return _taken(head, number, received_at, Progress.RUNNING)
    if result is None:
        raise Refused("TSKQ007", number=number)
    head = head._replace(at=done_at, form=Form(head.form.encoding, is_json))
    reply = result_reply(head.answer(reception_number=number), Pieces.read(result), head.form)
    if call.query.get("zip") == "1":
        return Reply(200, "application/zip", _zipped(named, reply))
    return reply


async def finish_jobs() -> None:
    """処理の完了待ち — of the jobs that this loop runs; for its end and for tests."""
    await asyncio.gather(*_running.values(), return_exceptions=True)


def _taken(head: Head, number: str, received_at: datetime, progress: Progress) -> Reply:
    answer = head.answer(reception_number=number)
    message = answer_message(answer, head.form.encoding)
    header, body = message.root.children
    header = header._replace(
        children=tuple(
            each._replace(text=progress.value) if each.name == "SegmentOfResult" else each
            for each in header.children
        )
    )
    body = body._replace(children=(*body.children, Node("ReceptionDateTime", time_text(received_at))))
    return message_reply(Message(Node("XmlMsg", "", (header, body)), message.encoding), head.form)


def _look_through(kind: str, message: Message) -> None:
    match kind:
        case "OQSmuquc":
            _count(message, SEARCH)
        case "OQSmuimm":
            _count(message, REGISTERED)
        case "OQSmutic":
            read_month(message)
        case "OQSmuhvq":
            read_period(message, "2")
        case "OQSmuonq":
            read_period(message, "3")


def _count(message: Message, element: str) -> None:
    count = sum(1 for _ in message.body.all(element))
    if not count:
        raise Refused("TSKQ004", element=element)
    if count > MOST_PERSONS:
        raise Refused("TSKQ006", limit=MOST_PERSONS, count=count)


def _start(pool: asyncpg.Pool, job: UUID) -> None:
    if job not in _running:
        task = asyncio.create_task(_run(pool, job))
        _running[job] = task
        task.add_done_callback(lambda _: _running.pop(job, None))


async def _run(pool: asyncpg.Pool, job: UUID) -> None:
    """The whole job in one transaction: whoever stops in the middle leaves it as it was taken."""
    turn = _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    try:
        async with turn, pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_HOLD, job)
            if row is None:
                return
            kind, is_json, request, received_at, *caller = row
            message = await read_body(request, is_json=is_json)
            form = Form(message.encoding, is_json)
            day = received_at.astimezone(JAPAN).date()
            head = Head(Caller(*caller), received_at, day, "", form)
            pieces = Pieces()
            await _answer(connection, kind, message, head, pieces)
            await connection.execute(_DONE, job, pieces.written())
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as broken:
        # It stays undone and is taken up at the next 02req.
        log.warning("bulk job %s: %s", job, type(broken).__name__)


async def read_body(body: bytes, *, is_json: bool) -> Message:
    """電文の読取 — a large one aside, so that the loop goes on. Raises :class:`BadInput`."""
    read: Callable[[bytes], Message] = read_json if is_json else read_xml
    return await asyncio.to_thread(read, body) if len(body) > _READ_ASIDE else read(body)


async def _answer(
    connection: asyncpg.Connection, kind: str, message: Message, head: Head, pieces: Pieces
) -> None:
    match kind:
        case "OQSmuquc":
            nodes = list(message.body.all(SEARCH))
            for chunk in _chunks(nodes):
                pieces.add(await _confirmed(connection, chunk, head), head.form)
                await asyncio.sleep(0)
        case "OQSmuimm":
            for chunk in _chunks(list(message.body.all(REGISTERED))):
                pieces.add(await register_many(connection, chunk, head, "bulk-register"), head.form)
                await asyncio.sleep(0)
        case "OQSmutic":
            found = await answer_ticketed(connection, head, read_month(message), MOST_PERSONS, "tickets")
            await pieces.add_slowly(found, head.form)
        case _:
            way = "2" if kind == "OQSmuhvq" else "3"
            period = read_period(message, way)
            found = await answer_consented(connection, head, period, MOST_PERSONS, f"consented-{way}")
            await pieces.add_slowly(found, head.form)


async def _confirmed(connection: asyncpg.Connection, nodes: Sequence[Node], head: Head) -> list[PersonAnswer]:
    read = [(node, read_asked(node)) for node in nodes]
    questions = [
        Question(each, head.caller.id, head.caller.number, head.day, head.at)
        for _, each in read
        if isinstance(each, Asked)
    ]
    found = iter(await confirm_many(connection, questions, "bulk"))
    return [
        next(found).answer if isinstance(each, Asked) else refused_person(each, node) for node, each in read
    ]


def _chunks(nodes: Sequence[Any]) -> list[Sequence[Any]]:
    return [nodes[at : at + _CHUNK] for at in range(0, len(nodes), _CHUNK)]


def _zipped(named: FileName, reply: Reply) -> bytes:
    """The same result gives the same bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        name = named.answer if reply.media_type == "application/xml" else f"{named.answer[:-4]}.json"
        archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), reply.body)
    return held.getvalue()
