# SPDX-License-Identifier: Apache-2.0
"""準備された文 — those that ask for it are planned once a connection, through rollbacks and changes of tables; no other is kept."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.server


@pytest.fixture
def application(server):
    """The application's connection, new."""
    from django.db import connection

    connection.close()
    yield connection
    connection.close()


def prepared(connection, like="%") -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [like])
        return cursor.fetchone()[0]


def work(server):
    from tasuki_server.audit.trail import record

    with server.first.work():
        record("app.read")


def test_what_every_transaction_sends_is_prepared_once_and_nothing_else_is_kept(server, application):
    from tasuki_server.patients.models import Patient

    work(server)
    count = prepared(application)
    assert prepared(application, "%tasuki.institution%") == 1 and count >= 4
    for _ in range(3):
        with server.first.work():
            list(Patient.objects.all())
            list(Patient.objects.all().iterator(chunk_size=10))
        work(server)
    assert prepared(application) == count
    assert application.connection.prepare_threshold is None
    assert not application.connection._prepared._counts


def test_a_transaction_that_is_undone_leaves_a_connection_that_serves(server, application):
    from django.db import transaction

    work(server)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), server.first.work():
            raise ZeroDivisionError
        with server.first.work():
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                raise ZeroDivisionError
            work(server)
    work(server)
    assert prepared(application, "%tasuki.institution%") == 1


def test_a_table_that_changes_meanwhile_is_written_and_read_on(server, application, owner):
    """As a gentle migration of the next version does, while this one serves."""
    work(server)
    for change in ("ADD COLUMN later text DEFAULT ''", "DROP COLUMN later"):
        owner.execute(f"ALTER TABLE audit_auditevent {change}")
        work(server)
        work(server)
    assert prepared(application, "%INSERT INTO audit_auditevent%") >= 1


def test_another_institution_on_the_same_connection_sees_its_own(server, application):
    from tasuki_server.institutions.models import Institution

    for _ in range(7):
        for clinic in server.clinics():
            with clinic.work():
                assert [each.id for each in Institution.objects.all()] == [clinic.id]


def test_a_fault_of_the_database_is_told_as_django_tells_it(server, application):
    from django.db import DataError

    from tasuki_server.database.prepared import execute_prepared

    with pytest.raises(DataError), server.first.work():
        execute_prepared("SELECT 1 / %s::int", [0])
    assert application.connection is None or application.connection.prepare_threshold is None
