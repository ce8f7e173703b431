# SPDX-License-Identifier: Apache-2.0
"""運用 — health without secrets, metrics for monitors only, logs without people, service records, migrations that do not block."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
from datetime import UTC, datetime, timedelta

import pytest

from tasuki_server.cli.words import Stop
from tasuki_server.operations.clock import Clock, kernel_clock
from tasuki_server.operations.door import OperationsDoor
from tasuki_server.operations.health import Check, Health, State, clock_check, kept_checks
from tasuki_server.operations.migration_lint import faults_in
from tasuki_server.operations.request_log import JsonLine, request_number

MARKER = "目印花子9384"


def asked(door, path, client="127.0.0.1", headers=(), method="GET"):
    """Status, media type and body of an answer."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"path": path, "method": method, "client": (client, 1), "headers": list(headers)}
    asyncio.run(door(scope, None, send))
    kinds = dict(sent[0]["headers"])
    return sent[0]["status"], kinds[b"content-type"].decode(), sent[1]["body"]


def door(*states: State, monitors=("127.0.0.1", "10.60.20.0/24")) -> OperationsDoor:
    checks = {f"check{place}": Check(state, 3.0) for place, state in enumerate(states)}
    return OperationsDoor(monitors, lambda *, is_draining: Health(checks))


class TestDoor:
    def test_a_server_lives_without_asking_its_database(self):
        def broken(**_):
            raise AssertionError("asked")

        assert asked(OperationsDoor([], broken), "/health/live")[0] == 200

    @pytest.mark.parametrize(
        ("states", "status", "word"),
        [
            ([State.OK], 200, "ready"),
            ([State.OK, State.WARN], 200, "degraded"),
            ([State.WARN, State.FAIL], 503, "not-ready"),
        ],
    )
    def test_ready_says_why_to_a_monitor_only(self, states, status, word):
        found = asked(door(*states), "/health/ready")
        assert found[0] == status and json.loads(found[2])["status"] == word
        strangers = asked(door(*states), "/health/ready", client="192.0.2.7")
        assert strangers[0] == status and strangers[2] in (b"ready\n", b"not ready\n")

    @pytest.mark.parametrize(
        ("client", "headers", "status"),
        [
            ("127.0.0.1", [], 200),
            ("10.60.20.77", [], 200),
            ("::ffff:10.60.20.77", [], 200),
            ("10.60.21.77", [], 404),
            ("192.0.2.7", [], 404),
            ("", [], 404),
            # Whoever came through the proxy came from anywhere, whatever the header says.
            ("127.0.0.1", [(b"x-forwarded-for", b"127.0.0.1")], 404),
            ("127.0.0.1", [(b"x-forwarded-proto", b"https")], 404),
            ("127.0.0.1", [(b"forwarded", b"for=127.0.0.1")], 404),
        ],
    )
    def test_metrics_are_for_configured_addresses(self, client, headers, status):
        assert asked(door(), "/metrics", client, headers)[0] == status

    def test_nothing_else_answers_and_nothing_is_sent_here(self):
        assert asked(door(), "/health/secrets")[0] == 404
        assert asked(door(), "/health/live", method="POST")[0] == 405
        assert asked(door(), "/health/live", method="HEAD")[2] == b""

    def test_an_address_that_is_none_stops_the_start(self):
        with pytest.raises(Stop):
            OperationsDoor(["everyone"])

    def test_a_database_that_does_not_answer_is_not_waited_for(self, monkeypatch):
        import time

        monkeypatch.setattr("tasuki_server.operations.door.LONGEST_LOOK_SECONDS", 0.05)
        slow = OperationsDoor(["127.0.0.1"], lambda **_: time.sleep(0.3))
        assert asked(slow, "/health/ready")[::2] == (503, b"not ready\n")


class TestHealth:
    def test_a_keeper_that_is_silent_is_looked_at(self):
        fresh = {"at": 1000.0, "work_seconds": 0.0, "checkpoint_seconds": 20.0, "watch_waiting": 3}
        assert all(each.state is State.OK for each in kept_checks(fresh, 1010.0).values())
        assert kept_checks(fresh, 1200.0)["keeper"].state is State.WARN
        assert kept_checks({}, 1000.0)["keeper"].state is State.WARN

    @pytest.mark.parametrize(
        ("key", "check"),
        [("work_seconds", "work"), ("checkpoint_seconds", "checkpoint"), ("watch_waiting", "watch")],
    )
    def test_what_lags_behind_is_looked_at(self, key, check):
        state = {"at": 0.0, "work_seconds": 0.0, "checkpoint_seconds": 0.0, "watch_waiting": 0, key: 1e6}
        found = kept_checks(state, 1.0)
        assert [name for name, each in found.items() if each.state is not State.OK] == [check]

    @pytest.mark.parametrize(
        ("clock", "state"),
        [
            (Clock(True, 0.02), State.OK),
            (Clock(True, 1.5), State.WARN),
            (Clock(False, 0.02), State.WARN),
            (Clock(None, None), State.WARN),
        ],
    )
    def test_a_clock_that_follows_nothing_is_looked_at(self, clock, state):
        assert clock_check(clock).state is state

    def test_the_kernel_can_be_asked(self):
        found = kernel_clock()
        assert found.largest_error is None or found.largest_error >= 0


def lines_of(caplog_records) -> list[dict]:
    return [json.loads(JsonLine().format(record)) for record in caplog_records]


class TestLog:
    def test_values_of_foreign_libraries_are_not_written(self, caplog):
        logging.getLogger("django.request").warning("Not Found: %s", f"/patients/?q={MARKER}")
        logging.getLogger("another.package").error(f"could not read {MARKER}")
        try:
            raise ValueError(MARKER)
        except ValueError:
            logging.getLogger("django.request").exception("Internal Server Error: %s", f"/{MARKER}/")
        found = lines_of(caplog.records)
        assert MARKER not in json.dumps(found, ensure_ascii=False)
        assert found[0]["text"] == "Not Found: %s" and found[1]["text"].startswith("test_operations.py:")
        assert found[2]["fault"].startswith("ValueError at ") and found[2]["level"] == "error"

    def test_a_number_from_outside_is_believed_behind_our_proxy_only(self, monkeypatch):
        given = "0123456789abcdef"
        assert request_number(given) != given
        monkeypatch.setenv("TASUKI_BEHIND_PROXY", "yes")
        assert request_number(given) == given
        assert request_number(MARKER) != MARKER and len(request_number(MARKER)) == 16


BLOCKING = [
    'CREATE INDEX "i" ON "chart_note" ("x")',
    'CREATE UNIQUE INDEX "i" ON "chart_note" ("x")',
    'DROP TABLE "chart_note" CASCADE',
    'ALTER TABLE "chart_note" RENAME COLUMN "a" TO "b"',
    'ALTER TABLE "chart_note" RENAME TO "b"',
    'ALTER TABLE "chart_note" DROP COLUMN "a" CASCADE',
    'ALTER TABLE "chart_note" ALTER COLUMN "a" TYPE bigint USING "a"::bigint',
    'ALTER TABLE "chart_note" ALTER COLUMN "a" SET NOT NULL',
    'ALTER TABLE "chart_note" ALTER COLUMN "a" DROP DEFAULT',
    'ALTER TABLE "chart_note" ADD COLUMN "a" integer NOT NULL',
    'ALTER TABLE "chart_note" ADD COLUMN "a" integer GENERATED ALWAYS AS (1) STORED',
    'ALTER TABLE "chart_note" ADD CONSTRAINT "c" CHECK ("a" > 0)',
    'ALTER TABLE "chart_note" ADD CONSTRAINT "c" UNIQUE ("a")',
    'LOCK TABLE "chart_note"',
    'VACUUM FULL "chart_note"',
    'TRUNCATE "chart_note"',
]
HARMLESS = [
    'CREATE INDEX CONCURRENTLY "i" ON "chart_note" ("x")',
    'DROP INDEX CONCURRENTLY IF EXISTS "i"',
    'ALTER TABLE "chart_note" ADD COLUMN "a" integer NULL',
    'ALTER TABLE "chart_note" ADD COLUMN "a" integer DEFAULT 0 NOT NULL',
    'ALTER TABLE "chart_note" ADD CONSTRAINT "c" CHECK ("a" > 0) NOT VALID',
    'ALTER TABLE "chart_note" VALIDATE CONSTRAINT "c"',
    'ALTER TABLE "chart_note" ADD CONSTRAINT "c" UNIQUE USING INDEX "i"',
    'INSERT INTO "chart_note" ("a") VALUES (1)',
]


class TestLint:
    @pytest.mark.parametrize("statement", BLOCKING)
    def test_what_blocks_or_breaks_the_version_before_is_found(self, statement):
        assert len(faults_in("a.0002", [statement])) == 1, statement

    @pytest.mark.parametrize("statement", HARMLESS)
    def test_what_does_not_is_let_through(self, statement):
        assert faults_in("a.0002", [statement]) == []

    @pytest.mark.parametrize("statement", BLOCKING[:2] + BLOCKING[5:])
    def test_a_table_of_the_migration_itself_is_nobodys_yet(self, statement):
        assert faults_in("a.0002", ['CREATE TABLE "chart_note" ("id" uuid)', statement]) == []


@pytest.mark.server
class TestServer:
    def test_no_migration_since_the_lint_blocks(self, server):
        from tasuki_server.operations.migration_lint import all_migrations, faults_of, reviewed

        every = all_migrations()
        assert len(every) > 40
        assert [str(each) for label, name in every for each in faults_of(label, name)] == []
        names = {f"{label}.{name}" for label, name in every}
        assert set(reviewed()) <= names, "a reviewed migration is gone"

    def test_a_step_that_moves_rows_holds_no_table_that_it_changed(self, server):
        """What changed a table keeps everyone from it until the step ends; the lint reads SQL and no Python."""
        from django.db import migrations
        from django.db.migrations.loader import MigrationLoader

        from tasuki_server.operations.migration_lint import PLANNED, reviewed

        moving = {
            f"{each.app_label}.{each.name}": each
            for each in MigrationLoader(None).graph.nodes.values()
            if type(each).__module__.startswith("tasuki_server.")
            and any(isinstance(one, migrations.RunPython) for one in each.operations)
        }
        assert "records.0004_checkup_heads" in moving
        for name, each in moving.items():
            if not reviewed().get(name, "").startswith(PLANNED):
                assert not each.atomic and len(each.operations) == 1, name

    def test_a_planned_stop_is_one_and_no_update_of_people_at_work(self, server, monkeypatch):
        from tasuki_server.cli.words import Stop
        from tasuki_server.institutions import migrating
        from tasuki_server.operations import gentle_migration, supervision

        ran = []
        monkeypatch.setattr(gentle_migration, "_migrate", lambda: ran.append("gently"))
        monkeypatch.setattr(gentle_migration, "pending", lambda: [("exchange", "0003_pairs")])
        with pytest.raises(Stop, match=r"exchange\.0003_pairs"):
            gentle_migration.migrate_gently()
        monkeypatch.setattr(gentle_migration, "pending", lambda: [("patients", "0005_sealed_columns")])
        with pytest.raises(Stop, match="drop-column"):
            gentle_migration.migrate_gently()
        # `up` and every command: another process serves people from this data folder by the version before.
        standing = supervision.Standing(1, 1, 0, 0)
        monkeypatch.setattr(gentle_migration, "standing_here", lambda: standing)
        with pytest.raises(Stop, match="動いている"):
            migrating.migrate()
        monkeypatch.setattr(gentle_migration, "pending", lambda: [("confirmation", "0002_answers")])
        assert gentle_migration.migrate_gently() == ["confirmation.0002_answers"] and ran == ["gently"]

    def test_one_that_was_killed_keeps_no_update_of_a_planned_stop_away(self, monkeypatch, tmp_path):
        """After a power cut its note still lies there, and the next `up` holds the lock that it held."""
        from tasuki_server.operations import gentle_migration, kept_state, supervision

        monkeypatch.setenv("TASUKI_DATA", str(tmp_path))
        kept_state.write_state(supervision.Standing(1, 3, 0, 0)._asdict(), supervision.NAME)
        before = signal.getsignal(supervision.ASK)
        desk = supervision.ReloadDesk.for_installation()
        try:
            asked = []
            monkeypatch.setattr(gentle_migration, "pending", lambda: asked.append(1) or [])
            gentle_migration.refuse_while_others_serve()
            assert asked == [] and supervision.standing_here() is None
        finally:
            desk.close()
            signal.signal(supervision.ASK, before)

    def test_the_lint_reads_the_sql_that_django_would_run(self, server):
        from tasuki_server.operations.migration_lint import statements_of

        found = faults_in("old", statements_of("patients", "0005_sealed_columns"))
        assert {"drop-column", "no-default"} <= {each.code for each in found}

    def test_probes_make_spans_and_a_failure_leaves_a_gap(self, server):
        from tasuki_server.operations.models import ServiceSpan
        from tasuki_server.operations.service_record import note_served, served_over

        begin = datetime(2026, 6, 1, tzinfo=UTC)

        def probe(seconds, **how):
            note_served(begin + timedelta(seconds=seconds), **how)

        for seconds in (0, 15, 30, 45):
            probe(seconds)
        probe(75, after_failure=True)
        probe(90)
        # Nobody looked for five minutes: the server was off.
        probe(390)
        probe(405)
        kept = [(each.since, each.until) for each in ServiceSpan.objects.order_by("since")]
        assert [((since - begin).seconds, (until - begin).seconds) for since, until in kept] == [
            (0, 45), (75, 90), (390, 405),
        ]  # fmt: skip
        found = served_over(None, begin + timedelta(seconds=405))
        assert (found.served, found.planned) == (timedelta(seconds=75), timedelta(seconds=405))
        assert [(each.since - begin).seconds for each in found.outages] == [45, 90]

    def test_an_announced_stop_is_left_out_and_one_said_too_late_is_not(self, server):
        from tasuki_server.operations.models import ServiceSpan, ServiceStop
        from tasuki_server.operations.service_record import served_over

        day = datetime(2025, 7, 1, tzinfo=UTC)
        ServiceSpan.objects.using("owner").all().delete()
        ServiceSpan.objects.using("owner").create(since=day, until=day + timedelta(hours=22))
        stop = ServiceStop.objects.using("owner").create(
            kind="planned", since=day + timedelta(hours=22), until=day + timedelta(hours=24),
            noted_at=day - timedelta(days=3), reason="更新",
        )  # fmt: skip
        assert served_over(day, day + timedelta(hours=24)).is_met is True
        ServiceStop.objects.using("owner").filter(pk=stop.pk).update(noted_at=stop.since)
        assert served_over(day, day + timedelta(hours=24)).is_met is False

    def test_pages_may_read_the_record_and_not_write_it(self, server):
        from django.db import ProgrammingError, transaction

        from tasuki_server.operations.models import ServiceSpan

        now = datetime(2026, 6, 2, tzinfo=UTC)
        list(ServiceSpan.objects.all())
        with pytest.raises(ProgrammingError), transaction.atomic(using="default"):
            ServiceSpan.objects.create(since=now, until=now)

    def test_pages_are_counted_by_the_name_of_their_address_and_logged_without_people(self, server, caplog):
        from tasuki_server.operations.metrics import metrics_text

        with caplog.at_level(logging.INFO, "tasuki.access"):
            browser = server.first.browser("doctor", SERVER_NAME="localhost", raise_request_exception=False)
            found = browser.get(f"/patients/?q={MARKER}")
            browser.post(f"/nowhere/{MARKER}/", {"name": MARKER})
            browser.generic(MARKER.encode().hex().upper()[:12], "/healthz")
        lines = lines_of([each for each in caplog.records if each.name == "tasuki.access"])
        assert [each["route"] for each in lines] == ["patients:search", "none", "healthz"]
        assert (lines[0]["status"], bool(lines[0]["session"])) == (200, True)
        assert len(found.headers["X-Request-ID"]) == 16
        assert lines[2]["method"] == "other"
        text = metrics_text().decode()
        assert 'tasuki_pages_total{method="GET",route="patients:search",status="2xx"}' in text
        everything = text + json.dumps(lines, ensure_ascii=False)
        assert MARKER not in everything and MARKER.encode().hex().upper()[:12] not in everything

    def test_an_error_page_shows_the_number_of_the_log(self, server):
        found = server.first.browser("doctor", SERVER_NAME="localhost").get("/patients/999999999/")
        assert found.status_code == 404
        assert f"番号 {found.headers['X-Request-ID']}" in found.content.decode()

    def test_what_the_keeper_measures_is_numbers(self, server, tmp_path, monkeypatch):
        from tasuki_server.cli.operations_keeper import measured

        monkeypatch.setattr("tasuki_server.database.places.data_folder", lambda: tmp_path)
        found = measured()
        assert {"checkpoint_seconds", "work_seconds", "watch_waiting", "disk_free_bytes"} <= set(found)
        assert all(each is None or isinstance(each, int | float) for each in found.values())

    def test_a_process_that_is_made_again_after_hundreds_starts_all_the_same(self, server):
        from tasuki_server.asgi import Entrance
        from tasuki_server.operations.line import ready_words

        entrance = Entrance.__new__(Entrance)
        theirs, entrance._line = socket.socketpair()
        entrance._line.setblocking(False)
        with theirs, entrance._line:
            for _ in range(1000):
                entrance._say(ready_words())
            assert theirs.recv(64).startswith(ready_words())

    def test_health_asks_both_roles_of_pages(self, server):
        from tasuki_server.operations.health import look

        found = look(is_draining=False)
        assert found.checks["database"].state is State.OK and found.is_ready
        assert not look(is_draining=True).is_ready

    def test_a_lock_that_cannot_be_had_is_asked_again(self, server, monkeypatch):
        import os
        import threading
        import time

        import psycopg

        from tasuki_server.operations import gentle_migration

        monkeypatch.setattr(gentle_migration, "LOCK_MILLISECONDS", 50)
        holder = psycopg.connect(os.environ["TASUKI_OWNER_DATABASE_URL"])
        holder.execute("LOCK TABLE operations_servicespan")
        threading.Thread(target=lambda: (time.sleep(0.4), holder.close()), daemon=True).start()
        gentle_migration.change_gently("ALTER TABLE operations_servicespan ADD COLUMN tried integer NULL")
        gentle_migration.change_gently(
            "ALTER TABLE operations_servicespan DROP COLUMN tried", allows=("drop-column",)
        )
        with pytest.raises(Stop):
            gentle_migration.change_gently("ALTER TABLE operations_servicespan DROP COLUMN since")

    def test_an_index_that_gave_up_is_made_anew(self, server, monkeypatch):
        """One that was cut stays behind under its name and serves nobody."""
        import os
        import threading
        import time

        import psycopg

        from tasuki_server.operations import gentle_migration

        monkeypatch.setattr(gentle_migration, "LOCK_MILLISECONDS", 50)
        owner = os.environ["TASUKI_OWNER_DATABASE_URL"]
        holder = psycopg.connect(owner)
        holder.execute("LOCK TABLE operations_servicespan IN ROW EXCLUSIVE MODE")
        threading.Thread(target=lambda: (time.sleep(0.7), holder.close()), daemon=True).start()
        gentle_migration.change_gently(
            'CREATE INDEX CONCURRENTLY tried_index ON "operations_servicespan" (since)'
        )
        with psycopg.connect(owner, autocommit=True) as asked:
            valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'tried_index'::regclass"
            assert asked.execute(valid).fetchone() == (True,)
            asked.execute("DROP INDEX tried_index")

    def test_a_migration_of_indexes_that_was_interrupted_goes_on(self, server, owner):
        """Of seven some were whole, one was being made, and the rest were not begun."""
        from django.db import connections
        from django.db.migrations.loader import MigrationLoader

        loader = MigrationLoader(connections["owner"])
        name = ("prescriptions", "0002_days_of_keeping")
        after = loader.project_state([name])
        indexes = [each.index.name for each in loader.graph.nodes[name].operations]
        half, missing = indexes[3], indexes[-1]
        owner.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass(%s)", [half])
        owner.execute(f"DROP INDEX {missing}")
        with connections["owner"].schema_editor(atomic=False) as editor:
            for each in loader.graph.nodes[name].operations:
                each.database_forwards("prescriptions", editor, after, after)
        valid = "SELECT bool_and(indisvalid), count(*) FROM pg_index WHERE indexrelid = ANY (%s::regclass[])"
        assert owner.execute(valid, [indexes]).fetchone() == (True, len(indexes))

    def test_every_index_that_a_migration_makes_beside_the_work_may_be_begun_again(self, server):
        from django.contrib.postgres.operations import AddIndexConcurrently
        from django.db import connections
        from django.db.migrations.loader import MigrationLoader

        every = MigrationLoader(connections["owner"]).graph.nodes.items()
        ours = {
            key for key, each in every if any(type(one) is AddIndexConcurrently for one in each.operations)
        }
        assert ours == set()
