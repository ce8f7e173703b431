# SPDX-License-Identifier: Apache-2.0
"""FHIR検索のSQL — the cases and random searches say what the naive evaluator says; pages, totals, includes, denials."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from psycopg.conninfo import conninfo_to_dict

from sharing.test_search import CASES, pairs, stored
from tasuki.sharing.search import BadSearch, parse
from tasuki.sharing.search.parameters import parameter
from tasuki.sharing.search.within import within_patient
from tasuki_server.drills.search_agreement import CALLER, OTHER, Hidden, agree, fill, stamped
from tasuki_server.drills.search_made_up import Maker
from tasuki_server.exchange import searching

pytestmark = pytest.mark.server
Resources = list[dict[str, Any]]


@pytest.fixture(scope="module")
def on_platform(server):
    """Runs what is given a connection of the platform's role, where a region shares (``open``)."""
    from tasuki_server.records.rules import set_rules

    set_rules("試験", policy="open")
    told = conninfo_to_dict(server.connections.platform)

    def run(act: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        async def acting() -> Any:
            connection = await asyncpg.connect(
                host=told["host"], port=int(told.get("port", 5432)), user=told["user"],
                database=told["dbname"], password=told["password"],
            )  # fmt: skip
            try:
                return await act(connection)
            finally:
                await connection.close()

        return asyncio.run(acting())

    return run


def all_of(resources: Resources) -> Hidden:
    return Hidden([CALLER] * len(resources), [None] * len(resources), {})


def observations(count: int) -> Resources:
    return stamped(
        [{"resourceType": "Patient", "id": "p"}]
        + [
            {
                "resourceType": "Observation", "id": f"o{at}", "subject": {"reference": "Patient/p"},
                "effectiveDateTime": f"2026-01-{1 + at % 5:02}" if at % 4 else None,
            }
            for at in range(count)
        ]
    )  # fmt: skip


def ids(page: searching.Page) -> list[str]:
    return [each.id for each in page.found]


async def walked(connection: Any, query: Any) -> list[str]:
    found: list[str] = []
    asked = query
    while True:
        page = await searching.run(connection, asked, caller=None)
        found += ids(page)
        if not page.next_cursor:
            return found
        asked = replace(query, cursor=page.next_cursor)


def test_the_cases_are_answered_from_the_index_as_well(on_platform):
    async def act(connection):
        for case in CASES:
            resources = stored(case)
            await fill(connection, resources, all_of(resources))
            kind, name = resources[0]["resourceType"], resources[0]["id"]
            for search in case["finds"]:
                page = await searching.run(connection, parse(kind, pairs(search)), caller=None)
                assert name in ids(page), (case["name"], search)
            for search in case["passes_by"]:
                page = await searching.run(connection, parse(kind, pairs(search)), caller=None)
                assert name not in ids(page), (case["name"], search)

    on_platform(act)


def test_random_searches_of_random_stores_agree(on_platform):
    answer = on_platform(lambda connection: agree(connection, 300, 20260301))
    assert answer.differences == []
    assert answer.asked == 300
    assert answer.found_some > 60
    assert {"_has", "chain", ":missing", ":not", "_sort", "$", ":of-type", ":identifier"} <= set(answer.kinds)


def test_a_wrong_index_is_noticed(on_platform, monkeypatch):
    from tasuki.sharing.search import entries

    def careless(adding: Any, number: int, item: int, value: Any, system: str) -> None:
        return entries._date(adding, number, item, str(value)[:7], system)

    monkeypatch.setitem(entries.WRITERS, "date", careless)
    from tasuki.sharing.search import extracting

    forget = (extracting._acts.cache_clear, extracting._acts_of.cache_clear)
    for each in forget:
        each()
    try:
        answer = on_platform(lambda connection: agree(connection, 120, 5))
    finally:
        monkeypatch.undo()
        for each in forget:
            each()
    assert answer.differences


def test_pages_neither_repeat_nor_drop_when_resources_come_and_go(on_platform):
    async def act(connection):
        resources = observations(23)
        await fill(connection, resources, all_of(resources))
        for order in ("", "date", "-date", "-_lastUpdated", "_id", "date,-_id"):
            pairs_ = [("subject", "Patient/p"), ("_count", "4"), *([("_sort", order)] if order else [])]
            query = parse("Observation", pairs_)
            every = await walked(connection, query)
            assert len(every) == len(set(every)) == 23
            first = await searching.run(connection, query, caller=None)
            await connection.execute(
                "UPDATE exchange_resource SET is_deleted = true WHERE id = $1", ids(first)[-1]
            )
            following = await walked(connection, replace(query, cursor=first.next_cursor))
            await connection.execute("UPDATE exchange_resource SET is_deleted = false")
            assert ids(first) + following == every

    on_platform(act)


def test_a_cursor_of_another_search_is_refused(on_platform):
    async def act(connection):
        resources = observations(5)
        await fill(connection, resources, all_of(resources))
        query = parse("Observation", [("_sort", "-date"), ("_count", "2")])
        cursor = (await searching.run(connection, query, caller=None)).next_cursor
        other = [("_sort", "date"), ("_count", "2")]
        for wrong in (cursor, "x", "WzFd", cursor[:-3], "W251bGxd"):
            with pytest.raises(BadSearch):
                await searching.run(
                    connection, parse("Observation", [*other, ("_cursor", wrong)]), caller=None
                )

    on_platform(act)


def test_totals_cost_nothing_unless_asked(on_platform):
    async def act(connection):
        resources = observations(12)
        await fill(connection, resources, all_of(resources))
        await connection.execute("ANALYZE exchange_resource")

        async def total(*more: tuple[str, str]) -> int | None:
            query = parse("Observation", [("_count", "5"), *more])
            return (await searching.run(connection, query, caller=None)).total

        assert await total() is None
        assert await total(("_total", "accurate")) == 12
        assert await total(("_total", "none")) is None
        assert (await total(("_total", "estimate")) or 0) > 0
        assert await total(("_id", "o1,o2")) == 2
        counted = await searching.run(connection, parse("Observation", [("_summary", "count")]), caller=None)
        assert (counted.total, counted.found) == (12, [])

    on_platform(act)


def test_what_a_patient_denies_is_not_reached_on_any_way(on_platform):
    async def act(connection):
        resources = stamped([
            {"resourceType": "Patient", "id": "p", "name": [{"family": "架空"}]},
            {"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/p"}, "status": "final"},
            {"resourceType": "Provenance", "id": "v", "target": [{"reference": "Observation/o"}]},
        ])  # fmt: skip
        ways = [
            ("Observation", [("status", "final")]),
            ("Provenance", [("target:Observation.status", "final")]),
            ("Patient", [("_has:Observation:patient:status", "final")]),
        ]
        past = datetime.now(UTC) - timedelta(days=1)
        for denials, seen in (({}, True), ({"p": (None, None)}, False), ({"p": (None, past)}, True)):
            for writer in (CALLER, OTHER):
                await fill(connection, resources, Hidden([OTHER, writer, OTHER], [None, "p", None], denials))
                for kind, asked in ways:
                    page = await searching.run(connection, parse(kind, asked), caller=CALLER)
                    assert bool(page.found) is (seen or writer == CALLER), (kind, asked)
                query = parse("Provenance", [("_include", "Provenance:target")])
                page = await searching.run(connection, query, caller=CALLER)
                assert bool(page.included) is (seen or writer == CALLER)

    on_platform(act)


def test_rows_that_stood_under_the_narrower_parameter_still_count(on_platform):
    """An earlier version wrote a row for ``patient`` beside that for ``subject``; of a contained Patient without its type."""
    own, wider = parameter("Observation", "patient"), parameter("Observation", "subject")
    assert own is not None and wider is not None
    ways = [
        [("patient", "p")],
        [("patient:missing", "false")],
        [("patient.name", "架空")],
        [("_sort", "patient")],
    ]

    async def act(connection):
        resources = stamped([
            {"resourceType": "Patient", "id": "p", "name": [{"family": "架空"}]},
            {"resourceType": "Group", "id": "p"},
            {"resourceType": "Observation", "id": "now", "subject": {"reference": "Patient/p"}},
            {"resourceType": "Observation", "id": "before", "subject": {"reference": "Patient/p"}},
            {"resourceType": "Observation", "id": "group", "subject": {"reference": "Group/p"}},
            {"resourceType": "Observation", "id": "within", "contained": [{"resourceType": "Patient", "id": "in"}],
             "subject": {"reference": "#in"}},
        ])  # fmt: skip
        await fill(connection, resources, all_of(resources))
        await connection.execute(
            "INSERT INTO exchange_reference SELECT key, $1, nth, item, target_type, target_id, uri, system, value"
            " FROM exchange_reference WHERE key IN (3, 5) AND param = $2",
            own.number, wider.number,
        )  # fmt: skip
        await connection.execute("UPDATE exchange_reference SET target_type = '' WHERE uri <> ''")

        async def found(kind: str, asked: list[tuple[str, str]]) -> Any:
            return await searching.run(connection, parse(kind, asked), caller=None)

        told = [sorted(ids(await found("Observation", each))) for each in ways[:3]]
        assert told == [["before", "now"], ["before", "now", "within"], ["before", "now"]]
        assert ids(await found("Observation", ways[3])) == ["within", "now", "before", "group"]
        assert ids(await found("Observation", [("patient:missing", "true")])) == ["group"]
        with_patients = await found("Observation", [("_include", "Observation:patient")])
        assert [each.type for each in with_patients.included] == ["Patient"]
        back = await found("Patient", [("_revinclude", "Observation:patient")])
        assert sorted(each.id for each in back.included) == ["before", "now"]
        assert ids(await found("Patient", [("_has:Observation:patient:_id", "before")])) == ["p"]
        within = replace(parse("Observation", []), conditions=(within_patient("Observation", "p"),))
        assert sorted(ids(await searching.run(connection, within, caller=None))) == ["before", "now"]

    on_platform(act)


def test_includes_end_and_say_that_more_would_come(on_platform, monkeypatch):
    async def act(connection):
        chain = [
            {
                "resourceType": "Organization",
                "id": f"g{at}",
                "partOf": {"reference": f"Organization/g{(at + 1) % 30}"},
            }
            for at in range(30)
        ]
        resources = stamped(chain)
        await fill(connection, resources, all_of(resources))
        asked = [("_id", "g0"), ("_include:iterate", "Organization:partof")]
        page = await searching.run(connection, parse("Organization", asked), caller=None)
        assert len(page.included) == searching.MOST_ROUNDS and page.is_cut
        monkeypatch.setattr(searching, "MOST_INCLUDED", 3)
        page = await searching.run(connection, parse("Organization", asked), caller=None)
        assert len(page.included) == 3 and page.is_cut

    on_platform(act)


def test_a_made_up_store_comes_again_the_same():
    made = [Maker(random.Random(3)).store(20) for _ in range(2)]
    assert made[0] == made[1]
