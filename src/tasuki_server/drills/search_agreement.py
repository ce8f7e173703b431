# SPDX-License-Identifier: Apache-2.0
"""検索の一致 — random searches of random stores, answered by SQL on the index and by looking at every resource."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from tasuki.sharing.search import BadSearch, Query, extract, parse
from tasuki.sharing.search.matching import Store, matches
from tasuki.sharing.search.matching_order import in_order, included
from tasuki.sharing.search.parameters import compartment_codes
from tasuki.sharing.search.within import within_patient
from tasuki_server.drills.search_asked import Asker, Pairs
from tasuki_server.drills.search_made_up import Maker, Resource
from tasuki_server.exchange.searching import run

SEARCHES_A_STORE = 250
STORE_SIZE = 70
TABLES = ("token", "reference", "date", "string", "quantity", "uri", "pair")
CALLER, OTHER = UUID(int=1), UUID(int=2)
WRITTEN_FROM = datetime(2026, 3, 1, 1, 29, 58, tzinfo=UTC)


@dataclass
class Agreement:
    """一致の結果 — how many were asked, how many found something, what kinds, and where the two differ."""

    asked: int = 0
    found_some: int = 0
    refused: int = 0
    pages: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def stamped(resources: list[Resource]) -> list[Resource]:
    """保管された形 — with the time of writing, a second apart."""
    made = []
    for at, each in enumerate(resources):
        written = (WRITTEN_FROM + timedelta(milliseconds=700 * at)).isoformat(timespec="milliseconds")
        made.append({**each, "meta": {**each.get("meta", {}), "lastUpdated": written}})
    return made


class Hidden(NamedTuple):
    """提供を拒まれたもの — who wrote each resource, whose it is, and the patients who deny, since and until when."""

    writers: list[UUID]
    patients: list[str | None]
    denials: dict[str, tuple[datetime | None, datetime | None]]

    def is_seen(self, at: int) -> bool:
        """見えるか — to the caller, now."""
        patient = self.patients[at]
        if self.writers[at] == CALLER or patient is None or patient not in self.denials:
            return True
        since, until = self.denials[patient]
        now = datetime.now(UTC)
        return not ((since is None or since <= now) and (until is None or until > now))


def hidden(chance: random.Random, size: int) -> Hidden:
    """提供を拒まれたもの — of a made-up store: two writers, four patients, denials in force, over and to come."""
    now = datetime.now(UTC)
    past, future = now - timedelta(days=9), now + timedelta(days=9)
    spans = [(None, None), (past, None), (None, future), (past, future), (None, past), (future, None)]
    return Hidden(
        [chance.choice((CALLER, OTHER)) for _ in range(size)],
        [chance.choice((None, "a", "b", "c", "d")) for _ in range(size)],
        {each: chance.choice(spans) for each in ("a", "b", "c") if chance.random() < 0.5},
    )


async def fill(
    connection: asyncpg.Connection[Any], resources: list[Resource], others: Hidden, base: str = ""
) -> None:
    """保管 — the tables hold these resources and nothing else; their keys are their places."""
    for name in ("resource", *TABLES, "denial"):
        await connection.execute(f"DELETE FROM exchange_{name}")  # noqa: S608 - tables of our own
    rows: dict[str, list[tuple[Any, ...]]] = {each: [] for each in TABLES}
    stored = []
    for key, each in enumerate(resources):
        updated = datetime.fromisoformat(each["meta"]["lastUpdated"])
        body = msgspec.json.encode(each)
        stored.append(
            (key, each["resourceType"], each["id"], 1, updated, "PUT", body, False, others.writers[key],
             others.patients[key])
        )  # fmt: skip
        for table, found in extract(each, base)._asdict().items():
            nth: Counter[int] = Counter()
            for row in found:
                rows[table].append((key, row[0], nth[row[0]], *row[1:]))
                nth[row[0]] += 1
    columns = [
        "key",
        "type",
        "id",
        "version",
        "updated",
        "method",
        "body",
        "is_deleted",
        "writer_id",
        "patient",
    ]
    await connection.copy_records_to_table("exchange_resource", records=stored, columns=columns)
    denials = [(at, patient, *span) for at, (patient, span) in enumerate(others.denials.items())]
    await connection.copy_records_to_table(
        "exchange_denial", records=denials, columns=["key", "patient", "since", "until"]
    )
    for table, found in rows.items():
        await connection.copy_records_to_table(
            f"exchange_{table}", records=found, columns=["key", "param", "nth", "item", *COLUMNS[table]]
        )


COLUMNS = {
    "token": ["system", "code", "words"], "reference": ["target_type", "target_id", "uri", "system", "value"],
    "date": ["low", "high"], "string": ["folded", "exact"], "quantity": ["low", "high", "system", "code", "unit"],
    "uri": ["value"],
    "pair": ["concept_system", "concept", "low", "high", "system", "code", "unit"],
}  # fmt: skip


async def agree(
    connection: asyncpg.Connection[Any],
    size: int,
    seed: int,
    told: Callable[[Agreement], None] = lambda _: None,
) -> Agreement:
    """検索の一致 — of ``size`` searches; stops at twenty differences."""
    answer = Agreement()
    chance = random.Random(seed)  # noqa: S311 - a drill must come again the same
    while answer.asked < size and len(answer.differences) < 20:
        resources = stamped(Maker(chance).store(STORE_SIZE))
        others = hidden(chance, len(resources))
        store = Store(each for at, each in enumerate(resources) if others.is_seen(at))
        asker = Asker(chance, resources)
        await fill(connection, resources, others)
        for _ in range(min(SEARCHES_A_STORE, size - answer.asked)):
            kind, pairs = asker.search()
            answer.asked += 1
            answer.kinds.update(_kinds(pairs))
            wrong = await _compare(connection, store, kind, pairs, chance, answer)
            if wrong:
                answer.differences.append(f"{kind} {pairs}: {wrong}")
        told(answer)
    return answer


async def _compare(
    connection: asyncpg.Connection[Any],
    store: Store,
    kind: str,
    pairs: Pairs,
    chance: random.Random,
    answer: Agreement,
) -> str:
    """What differs, "" for nothing."""
    size = chance.choice((1, 3, 20, 100))
    try:
        query = parse(kind, [*pairs, ("_count", str(size)), ("_total", "accurate")])
    except BadSearch:
        answer.refused += 1
        return ""
    people = [each["id"] for each in store.resources if each["resourceType"] == "Patient"]
    if people and compartment_codes(kind) and chance.random() < 0.1:
        query = replace(query, conditions=(*query.conditions, within_patient(kind, chance.choice(people))))
        answer.kinds["compartment"] += 1
    wanted = in_order(query, [each for each in store.resources if matches(query, each, store)], store)
    answer.found_some += bool(wanted)
    walked: list[str] = []
    asked: Query | None = query
    while asked is not None:
        page = await run(connection, asked, caller=CALLER)
        answer.pages += 1
        now = [f"{each.type}/{each.id}" for each in page.found]
        if page.total is not None and page.total != len(wanted):
            return f"total {page.total}, should be {len(wanted)}"
        if query.includes:
            here = wanted[len(walked) : len(walked) + len(now)]
            brought = {f"{each.type}/{each.id}" for each in page.included}
            should = {_address(each) for each in included(query, here, store)}
            if brought != should:
                return f"includes {sorted(brought ^ should)}"
        walked += now
        asked = replace(query, cursor=page.next_cursor) if page.next_cursor and len(walked) < 200 else None
    if walked != [_address(each) for each in wanted]:
        return f"SQL {walked}, should be {[_address(each) for each in wanted]}"
    return ""


def _address(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _kinds(pairs: Pairs) -> Iterator[str]:
    for name, text in pairs:
        if name.startswith("_has:"):
            yield "_has"
        elif name.startswith(("_include", "_revinclude", "_sort")):
            yield name
        elif "." in name:
            yield "chain"
        elif ":" in name:
            modifier = name.partition(":")[2]
            yield f":{modifier}" if modifier[:1].islower() else ":Type"
        else:
            yield "$" if "$" in text.replace("\\$", "") else "plain"
