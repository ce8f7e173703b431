# SPDX-License-Identifier: Apache-2.0
"""破壊の痕 — a day of the house leaves none in the database's own log; what a superuser does to it is named, row by row."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest

from made_up import make_history, make_patient, make_visit, make_watched

pytestmark = pytest.mark.server


class Log:
    """The log of the test database since a moment."""

    def __init__(self, owner, folder):
        self.admin = psycopg.connect(owner, autocommit=True)
        self.admin.execute("SET ROLE NONE")
        self.folder = folder
        row = self.admin.execute(
            "SELECT current_setting('data_directory'), current_setting('is_superuser')"
        ).fetchone()
        self.data = Path(row[0])
        if row[1] != "on" or not (self.data / "pg_wal").is_dir():
            pytest.skip("the log of this PostgreSQL is not on this machine")
        self.begin()

    def begin(self):
        self.since = self.admin.execute("SELECT pg_current_wal_lsn()::text").fetchone()[0]
        self.first = self.admin.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone()[0]

    def damages(self):
        from tasuki_server.recovery.damage import damages, place_of, tables_at, told_log

        tables = tables_at(self.admin)
        self.admin.execute("SELECT pg_switch_wal()")
        last = self.admin.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone()[0]
        for each in (self.data / "pg_wal").iterdir():
            if len(each.name) == 24 and self.first <= each.name <= last:
                shutil.copyfile(each, self.folder / each.name)
        return [each for each in damages(told_log(self.folder), tables) if each.place >= place_of(self.since)]


@pytest.fixture
def log(server, tmp_path):
    return Log(server.connections.owner, tmp_path)


def a_day(clinic):
    """Registered, received, written, signed, billed, watched, contained, brought to the witness, sent to a keeper."""
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.watch.canaries import make_chart
    from tasuki_server.watch.containing import contain, take_back
    from tasuki_server.watch.models import ContainmentKind
    from tasuki_server.watch.running import catch_up

    browser = clinic.browser("reception")
    given = {"name": "痕跡　なし子", "kana": "コンセキ　ナシコ", "born": "1980-01-02", "sex": "female"}
    if browser.post("/patients/new/", given).status_code == 422:
        # A namesake of the day before.
        assert browser.post("/patients/new/", {**given, "confirmed": "yes"}).status_code == 302
    with clinic.work("doctor"):
        visit = make_visit(make_patient("記録 残子", "キロク ノコ"))
        make_history(visit, clinic.staff["doctor"])
    assert clinic.browser("doctor").get(f"/chart/{visit.id}/").status_code == 200
    with clinic.work("admin"):
        make_watched(visit, clinic.staff["clerk"])
        make_chart()
    with as_institution(clinic.id, system_actor(clinic.id)):
        from tasuki_server.audit.checkpoints import take_checkpoint

        take_checkpoint(clinic.id)
    catch_up(clinic.id)
    with clinic.work("admin"):
        take_back(contain(ContainmentKind.READ_ONLY, "試験"), "試験")
    return visit


def test_a_day_of_the_house_leaves_no_trace(server, log):
    a_day(server.first)
    assert [each.words for each in log.damages()] == []


def test_what_a_superuser_does_is_named_with_its_tables(server, log):
    visit = a_day(server.first)
    with log.admin.transaction():
        log.admin.execute("SET LOCAL session_replication_role = replica")
        log.admin.execute("UPDATE chart_note SET subjective = 'x' WHERE visit_id = %s", [visit.id])
    with log.admin.transaction():
        log.admin.execute("SET LOCAL session_replication_role = replica")
        log.admin.execute("UPDATE reception_visit SET memo = 'x' WHERE id = %s", [visit.id])
    found = log.damages()
    assert [[kind.value for kind in each.kinds] for each in found] == [["changed", "untold"], ["untold"]]
    assert [{table for table, _ in each.tables} for each in found] == [{"chart_note"}, {"reception_visit"}]
    assert found[0].place < found[1].place and "chart_note 1行" in found[0].words


@pytest.mark.parametrize(
    ("said", "last", "is_end"),
    [
        # A file taken again for a new segment holds, past the end, what was there before.
        ("unexpected pageaddr 0/15000000 in WAL segment {name}, LSN 0/19000000, offset 0", "19", True),
        ("unexpected pageaddr 0/15000000 in WAL segment {name}, LSN 0/19000000, offset 0", "1A", False),
        # A page of a later place was never there before: that is damage.
        ("unexpected pageaddr 0/1A000000 in WAL segment {name}, LSN 0/19000000, offset 0", "19", False),
        ("invalid record length at 0/19000028: wanted 24, got 0", "19", True),
        ("invalid record length at 0/18000028: wanted 24, got 0", "19", False),
        ("incorrect resource manager data checksum in record at 0/19000028", "19", False),
    ],
)
def test_the_log_ends_where_its_last_segment_is_not_filled_yet(said, last, is_end):
    from tasuki_server.recovery.damage import _ends_there

    name = "000000010000000000000019"
    assert _ends_there(f"pg_waldump: error: {said.format(name=name)}", f"{name[:-2]}{last}") is is_end
