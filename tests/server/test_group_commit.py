# SPDX-License-Identifier: Apache-2.0
"""まとめ書き — many events in one transaction, none answered before it is kept, all refused when it is not."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tasuki_server.audit.group_commit import GroupCommit

ONE, OTHER = uuid4(), uuid4()


def kept(write, asked):
    """What became of each of the events asked at once."""

    async def all_at_once():
        with ThreadPoolExecutor(1) as threads:
            group = GroupCommit(write, threads)
            told = await asyncio.gather(*(group.kept(*each) for each in asked), return_exceptions=True)
            await group.settled()
            return told

    return asyncio.run(all_at_once())


def test_what_arrives_while_one_commits_goes_together():
    groups = []
    told = kept(lambda whose, events: groups.append((whose, list(events))), [(ONE, n) for n in range(50)])
    assert told == [None] * 50
    assert [n for _, events in groups for n in events] == list(range(50))
    assert len(groups) <= 2


@pytest.mark.parametrize(("asked", "groups"), [(500, [500]), (501, [500, 1])])
def test_a_transaction_takes_five_hundred_and_the_rest_waits_for_the_next(asked, groups):
    taken = []
    kept(lambda _whose, events: taken.append(len(events)), [(ONE, n) for n in range(asked)])
    assert taken == groups


def test_institutions_never_share_a_transaction():
    groups = []
    asked = [(ONE if n % 2 else OTHER, n) for n in range(20)]
    kept(lambda whose, events: groups.append((whose, list(events))), asked)
    assert all((n % 2 == 1) == (whose == ONE) for whose, events in groups for n in events)


def test_nobody_is_answered_before_the_write_has_ended():
    ended = threading.Event()
    answered_early = []

    def slow(_whose, _events):
        ended.wait(0.2)
        ended.set()

    async def ask(group):
        await group.kept(ONE, "event")
        answered_early.append(not ended.is_set())

    async def run():
        with ThreadPoolExecutor(1) as threads:
            group = GroupCommit(slow, threads)
            await asyncio.gather(*(ask(group) for _ in range(5)))

    asyncio.run(run())
    assert answered_early == [False] * 5


def test_a_write_that_fails_is_told_to_everyone_and_the_next_goes_on():
    calls = []

    def first_fails(_whose, events):
        calls.append(list(events))
        if len(calls) == 1:
            raise OSError("the log is full")

    async def run():
        with ThreadPoolExecutor(1) as threads:
            group = GroupCommit(first_fails, threads)
            told = await asyncio.gather(*(group.kept(ONE, n) for n in range(3)), return_exceptions=True)
            await group.kept(ONE, "again")
            return told

    told = asyncio.run(run())
    assert [type(each) for each in told] == [OSError] * 3 and calls[-1] == ["again"]


@pytest.mark.server
def test_each_machine_request_is_one_event_from_its_own_address(server):
    from tasuki_server.api.tokens import find_client, make_token
    from tasuki_server.api.uses import Use, keep_uses
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.audit.trail import verify_chain

    with server.first.work():
        row, plain = make_token("機器", ["calculate"], 30)
    client = find_client(plain)
    keep_uses(server.first.id, [Use(client, "calculate", f"192.0.2.{n}") for n in range(1, 6)])
    with server.first.work():
        events = list(AuditEvent.objects.filter(action="api.use").order_by("number"))
        row.refresh_from_db()
        assert verify_chain(server.first.id)[2] == []
    assert [event.address for event in events] == [f"192.0.2.{n}" for n in range(1, 6)]
    assert {(event.actor, event.subject_id) for event in events} == {("API 機器", str(row.id))}
    assert row.use_count == 5 and row.last_used_at is not None
