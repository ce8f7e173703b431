# SPDX-License-Identifier: Apache-2.0
"""画面のサーバのプロセス — what several processes of one generation must agree on, held over real processes."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tasuki_server.api.allowance import Allowance
from tasuki_server.operations import line, processes
from tasuki_server.operations.metrics import Figure, figures_here, metrics_text
from tasuki_server.operations.shared_table import ALLOWANCES, PLACES, SharedTable, make_memory

SLOW = 1e-9


@pytest.fixture
def memory():
    descriptor = make_memory()
    yield descriptor
    os.close(descriptor)


def in_processes(count, work) -> list[int]:
    """What ``work`` gives in each of so many processes that begin at the same moment."""
    begin, may_begin = os.pipe()
    told = []
    for place in range(count):
        answer, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(may_begin)
            os.read(begin, 1)
            os.write(tell, str(work(place)).encode())
            os._exit(0)
        os.close(tell)
        told.append((child, answer))
    os.close(begin)
    os.close(may_begin)
    found = []
    for child, answer in told:
        os.waitpid(child, 0)
        found.append(int(os.read(answer, 20)))
        os.close(answer)
    return found


def test_an_allowance_holds_over_processes(memory):
    def take(_place: int) -> int:
        allowance = Allowance("api-failure", SLOW, 100, table=SharedTable(ALLOWANCES, memory))
        return sum(allowance.take("192.0.2.7") for _ in range(90))

    taken = in_processes(3, take)
    assert sum(taken) == 100
    mine = Allowance("api-failure", SLOW, 100, table=SharedTable(ALLOWANCES, memory))
    assert not mine.has("192.0.2.7") and mine.has("192.0.2.8")
    # Another purpose is another budget of the same name.
    assert Allowance("api-token", SLOW, 1, table=SharedTable(ALLOWANCES, memory)).take("192.0.2.7")


def test_the_memory_has_its_room_from_the_beginning(memory):
    """A hole in the file would be filled when it is written to: on a full disk that ends the process by SIGBUS."""
    kept = os.fstat(memory)
    assert kept.st_blocks * 512 >= kept.st_size > 0


def test_threads_of_one_process_do_not_pass_by_each_other(memory):
    allowance = Allowance("api-failure", SLOW, 100, table=SharedTable(ALLOWANCES, memory))
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: allowance.take("one"), range(400)))
    assert sum(taken) == 100


def test_a_bucket_refills_and_never_beyond_its_burst():
    now = [50.0]
    allowance = Allowance("api-failure", 1 / 6, 10, clock=lambda: now[0])
    assert [allowance.take("a") for _ in range(11)] == [True] * 10 + [False]
    now[0] += 5.9
    assert not allowance.take("a")
    now[0] += 0.2
    assert allowance.take("a") and not allowance.take("a")
    now[0] += 1e6
    assert sum(allowance.take("a") for _ in range(20)) == 10


def test_where_the_table_is_full_whoever_is_nearest_to_full_gives_way():
    table = SharedTable((0, 8))
    for place in range(8):
        table.change(b"%d" % place, lambda _, place=place: 10.0 + place)
    table.change(b"new", lambda _: 99.0)
    assert table.value(b"0") == 0.0 and table.value(b"new") == 99.0
    assert [table.value(b"%d" % place) for place in range(1, 8)] == [11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0]


def test_places_of_ordered_faults_are_counted_over_processes(memory):
    """Two processes that draw by the same seed draw each place once."""

    def count(_place: int) -> int:
        table = SharedTable(PLACES, memory)
        return max(int(table.change(b"setting", lambda value: value + 1)) for _ in range(500))

    assert max(in_processes(2, count)) == 1000
    assert SharedTable(ALLOWANCES, memory).value(b"setting") == 0


@pytest.mark.parametrize(
    ("said", "cores", "count"), [("", 1, 1), ("", 2, 2), ("", 16, 4), ("6", 2, 6), ("1", 8, 1)]
)
def test_as_many_processes_as_cores_and_as_said(monkeypatch, said, cores, count):
    monkeypatch.setenv("TASUKI_WEB_PROCESSES", said)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    assert processes.web_processes() == count
    # Each of two generations may have all its threads at the database at once.
    assert processes.database_connections() >= 100 * count


def test_a_process_finds_its_own_line_and_its_share(monkeypatch):
    monkeypatch.setenv(line.VARIABLE, "5")
    monkeypatch.setenv(line.EVERY, "5,6,7")
    assert line.lines() == (5, 6, 7)
    assert [line.own_share(whole) for whole in (1, 2, 3, 4)] == [1, 1, 1, 2]
    # As an older `up` names it, and as nobody does.
    monkeypatch.delenv(line.EVERY)
    assert line.process_count() == 1 and line.own_share(2) == 2
    monkeypatch.delenv(line.VARIABLE)
    assert line.lines() == () and line.own_end() is None and line.process_count() == 1


def test_a_generation_is_ready_when_all_of_it_is(monkeypatch):
    monkeypatch.setenv(line.EVERY, "5,6,7")
    said = line.ready_words()
    assert not line.are_ready([b"", b"", b""]) and not line.are_ready([said, b"", said])
    assert line.are_ready([said, said, said])
    # 戻した版: it knows of one line and makes one process.
    assert line.are_ready([line.READY, b"", b""])


class TestMetrics:
    def test_figures_of_all_are_added_up(self):
        others = [
            Figure("tasuki_answers_total", (("room", "pages"), ("status", "7xx")), 3.0),
            Figure("tasuki_draining", (), 1.0),
            Figure("process_start_time_seconds", (), 1.0),
            Figure("process_max_fds", (), 2.0),
        ]
        told = metrics_text([others, others]).decode()
        assert 'tasuki_answers_total{room="pages",status="7xx"} 6.0' in told
        assert "tasuki_draining 1.0" in told and "process_start_time_seconds 1.0" in told
        assert "tasuki_web_processes 3.0" in told
        assert "process_max_fds 2.0" not in told

    def test_alone_it_is_what_this_process_counted(self):
        told = metrics_text().decode()
        assert "tasuki_web_processes 1.0" in told
        names = {each.name for each in figures_here()}
        assert {"tasuki_draining", "process_cpu_seconds_total"} <= names
        assert all(f"\n{name}" in told for name in names)

    def test_siblings_tell_each_other_and_a_silent_one_is_left_out(self, monkeypatch):
        from tasuki_server.operations import siblings

        async def met() -> list[list[Figure]]:
            monkeypatch.setenv(line.PLACE, "1")
            server = await siblings.answer_siblings()
            assert server is not None
            monkeypatch.setenv(line.PLACE, "0")
            found = await siblings.figures_of_siblings()
            server.close()
            return found

        monkeypatch.setenv(line.EVERY, "5,6,7")
        with siblings.meeting_place(3):
            found = asyncio.run(met())
        assert len(found) == 1 and {each.name for each in found[0]} >= {"tasuki_draining"}
        with siblings.meeting_place(1):
            assert asyncio.run(siblings.figures_of_siblings()) == []

    def test_one_that_is_busy_counts_as_it_told_last_and_one_that_ended_does_not(self, monkeypatch):
        from tasuki_server.operations import siblings

        is_busy, whole, asked = False, siblings._tell, []

        async def tell(reader, writer):
            if is_busy:
                await asyncio.sleep(0.5)
            await whole(reader, writer)

        async def ask(place):
            monkeypatch.setenv(line.PLACE, place)
            asked.append([{each.name for each in told} for told in await siblings.figures_of_siblings()])

        async def serve():
            monkeypatch.setenv(line.PLACE, "1")
            server = await siblings.answer_siblings()
            assert server is not None
            return server

        async def met() -> None:
            nonlocal is_busy
            server = await serve()
            is_busy = True
            await ask("0")
            is_busy = False
            await ask("0")
            is_busy = True
            await ask("0")
            # Whoever was not there when it told.
            await ask("2")
            server.close()
            await ask("0")
            # The next one in its place has told nothing yet.
            server = await serve()
            await ask("0")
            server.close()

        monkeypatch.setattr(siblings, "_tell", tell)
        monkeypatch.setattr(siblings, "PATIENCE_SECONDS", 0.1)
        monkeypatch.setenv(line.EVERY, "5,6,7")
        with siblings.meeting_place(3):
            asyncio.run(met())
        assert [len(each) for each in asked] == [0, 1, 1, 1, 0, 0]
        assert asked[1] == asked[2] == asked[3]
