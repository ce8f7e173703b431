# SPDX-License-Identifier: Apache-2.0
"""一括の取込み — NDJSON read, checked and indexed in processes, and copied in; what is refused is told by its line.

Made for filling a store: a batch that meets what is there already is written again one by one, as updates.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from tasuki.sharing.search import extract
from tasuki_server.exchange.access_log import COLUMNS, Access
from tasuki_server.exchange.acting import NOT_STORABLE, check_id
from tasuki_server.exchange.bodies import read_body, stamped, write_value
from tasuki_server.exchange.checking import check
from tasuki_server.exchange.compartment import patient_of
from tasuki_server.exchange.hook_keeping import HOOKS_OF, queue_notices
from tasuki_server.exchange.indexing import FRONT, TABLES, table_rows
from tasuki_server.exchange.keys import Keys
from tasuki_server.exchange.load_process import begin, take
from tasuki_server.exchange.outcome import Refused, refuse
from tasuki_server.exchange.standing import OF_PERSONS, insured_rows
from tasuki_server.exchange.storing import Change, now, store
from tasuki_server.institutions.ids import new_name
from tasuki_server.platform.pool import open_pool
from tasuki_server.steady_heap import keep_heap_still

BATCH = 500
_ACTING = frozenset(("Communication", "Consent", "Subscription"))
# 流れの幅: batches that wait for a process; more would only lie in memory.
AHEAD = 2
_RESOURCE = (
    "key", "type", "id", "version", "updated", "method", "body", "is_deleted", "writer_id", "patient",
)  # fmt: skip


class RefusedLine(NamedTuple):
    """断った行 — its number from one, and why."""

    line: int
    texts: tuple[str, ...]


class Loaded(NamedTuple):
    """取込みの結果 — of one batch: how many were kept, and what was refused."""

    count: int
    refused: tuple[RefusedLine, ...]


class _Line(NamedTuple):
    line: int
    value: dict[str, Any]


def load(lines: Iterable[bytes], institution: UUID, conninfo: str, processes: int) -> Iterator[Loaded]:
    """一括の取込み — gives each batch as it ends, in the order of the file."""
    context = multiprocessing.get_context("spawn")
    numbered = enumerate(lines, 1)
    with ProcessPoolExecutor(processes, context, begin, (conninfo, institution)) as pool:
        waiting = []
        while batch := list(islice(numbered, BATCH)):
            waiting.append(pool.submit(take, batch))
            if len(waiting) >= processes * AHEAD:
                yield waiting.pop(0).result()
        for each in waiting:
            yield each.result()


class _Worker:
    """A process: its loop, its connections, and for whom it writes."""

    def __init__(self, conninfo: str, institution: UUID) -> None:
        self.loop = asyncio.new_event_loop()
        self.institution = institution
        self.pool: asyncpg.Pool = self.loop.run_until_complete(open_pool(conninfo, 2))
        self.keys = Keys(self.pool)


_worker: list[_Worker] = []


def begin_worker(conninfo: str, institution: UUID) -> None:
    """処理の開始 — in a process of its own."""
    keep_heap_still()
    _worker[:] = [_Worker(conninfo, institution)]


def take_batch(batch: list[tuple[int, bytes]]) -> Loaded:
    """一組の取込み — of lines with their numbers."""
    (worker,) = _worker
    read, refused = [], []
    for line, text in batch:
        if not text.strip():
            continue
        try:
            read.append(_Line(line, _checked(text)))
        except Refused as wrong:
            refused.append(RefusedLine(line, tuple(each.text for each in wrong.issues[:5])))
    return worker.loop.run_until_complete(_written(worker, read, refused))


def _checked(text: bytes) -> dict[str, Any]:
    value = read_body(text)
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        raise refuse("resource")
    if value["resourceType"] in NOT_STORABLE:
        raise refuse("not-storable", found=value["resourceType"])
    check(value)
    if "id" not in value:
        value["id"] = new_name()
    check_id(value["id"])
    return value


async def _written(worker: _Worker, read: list[_Line], refused: list[RefusedLine]) -> Loaded:
    # A consent or an address changes what others see, and a Subscription acts: they go the way of every other write.
    plain = [each for each in read if each.value["resourceType"] not in _ACTING]
    single = [each for each in read if each.value["resourceType"] in _ACTING]
    try:
        await _copied(worker, plain)
    except asyncpg.UniqueViolationError:
        single = read
        plain = []
    count = len(plain)
    for each in single:
        try:
            await _stored(worker, each.value)
            count += 1
        except Refused as wrong:
            refused.append(RefusedLine(each.line, tuple(issue.text for issue in wrong.issues[:5])))
    return Loaded(count, tuple(sorted(refused)))


async def _copied(worker: _Worker, read: list[_Line]) -> None:
    """All of them in one transaction, or none: one copy for each table."""
    keys = await worker.keys.take(len(read))
    at = now()
    resources: list[tuple[Any, ...]] = []
    accesses = []
    found: list[list[tuple[Any, ...]]] = [[] for _ in TABLES]
    insured: list[tuple[UUID, str, str]] = []
    for key, line in zip(keys, read, strict=True):
        value = line.value
        type_name, logical_id = value["resourceType"], value["id"]
        rows = extract(value)
        patient = patient_of(value, rows)
        body = write_value(stamped(value, logical_id, 1, at))
        resources.append((key, type_name, logical_id, 1, at, "PUT", body, False, worker.institution, patient))
        table_rows(key, rows, found)
        if type_name in OF_PERSONS:
            insured += insured_rows(type_name, logical_id, value)
        accesses.append(
            Access(
                at, worker.institution, "create", type_name, logical_id, 1, patient, worker.institution, 201
            )
        )
    async with worker.pool.acquire() as connection, connection.transaction():
        await connection.copy_records_to_table("exchange_resource", records=resources, columns=_RESOURCE)
        for table, rows in zip(TABLES, found, strict=True):
            if rows:
                columns = [name for name, _ in (*FRONT, *table.columns)]
                await connection.copy_records_to_table(table.name, records=rows, columns=columns)
        if insured:
            await connection.copy_records_to_table(
                "records_insured", records=insured, columns=["id", "patient", "person"]
            )
        await connection.copy_records_to_table(
            "exchange_access", records=accesses, columns=COLUMNS.split(", ")
        )
        types = sorted({each[1] for each in resources})
        hooks = await connection.fetch(HOOKS_OF, types)
        if hooks:
            await queue_notices(connection, hooks, [(each[0], each[1]) for each in resources])


async def _stored(worker: _Worker, value: dict[str, Any]) -> None:
    change = Change("PUT", value["resourceType"], value["id"], value, "update")
    (change.key,) = await worker.keys.take(1)
    async with worker.pool.acquire() as connection, connection.transaction():
        await store(connection, worker.institution, [change], now(), "")
