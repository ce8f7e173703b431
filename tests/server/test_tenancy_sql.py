# SPDX-License-Identifier: Apache-2.0
"""医療機関の分離 — what the app role can do with SQL of its own making, which is what an injection has."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from psycopg import errors

from tasuki_server.institutions.work import signed

pytestmark = pytest.mark.server


@pytest.fixture
def app(server):
    with psycopg.connect(server.connections.app) as connection:
        yield connection
        connection.rollback()


def enter(connection, clinic) -> None:
    proof = signed(clinic.id, connection.info.backend_pid)
    connection.execute("SELECT set_config('tasuki.institution', %s, true)", [proof])


def count(connection, query, *values):
    return connection.execute(query, values).fetchone()[0]


def test_without_a_proof_there_is_nothing(app):
    assert count(app, "SELECT count(*) FROM institutions_staff") == 0
    assert count(app, "SELECT count(*) FROM institutions_institution") == 0
    assert count(app, "SELECT count(*) FROM audit_auditevent") == 0


def test_with_a_proof_only_own_rows_are_seen(server, app):
    enter(app, server.first)
    assert count(app, "SELECT count(*) FROM institutions_institution") == 1
    assert (
        count(app, "SELECT count(*) FROM institutions_staff WHERE institution_id <> %s", server.first.id) == 0
    )
    assert count(app, "SELECT count(*) FROM institutions_staff") == len(server.first.staff)


def test_no_proof_of_another_institution_can_be_made(server, app):
    """set_config is open to everyone: only the HMAC stands between an injection and the other institution."""
    enter(app, server.first)
    own = count(app, "SELECT current_setting('tasuki.institution')")
    forged = [
        str(server.second.id),
        f"{server.second.id}:{own[37:]}",
        f"{server.second.id}:{'0' * 64}",
        f"{server.second.id}{own[36:]}",
        "x",
        own + " ",
    ]
    for value in forged:
        with pytest.raises(errors.InsufficientPrivilege), app.transaction():
            app.execute("SELECT set_config('tasuki.institution', %s, true)", [value])
            app.execute("SELECT count(*) FROM institutions_staff")


def test_a_proof_serves_one_connection_only(server, app):
    with psycopg.connect(server.connections.app) as other:
        stolen = signed(server.second.id, other.info.backend_pid)
    app.execute("SELECT set_config('tasuki.institution', %s, true)", [stolen])
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute("SELECT count(*) FROM institutions_staff")


def test_a_proof_ends_with_its_transaction(server, app):
    enter(app, server.first)
    app.commit()
    assert count(app, "SELECT count(*) FROM institutions_staff") == 0


def test_the_key_cannot_be_read(app):
    for statement in (
        "SELECT * FROM tasuki.tenancy_key",
        "COPY tasuki.tenancy_key TO STDOUT",
        "TABLE tasuki.tenancy_key",
    ):
        with pytest.raises(errors.InsufficientPrivilege), app.transaction():
            app.execute(statement)


def test_rows_of_another_institution_cannot_be_written(server, app):
    enter(app, server.first)
    staff = (
        "INSERT INTO institutions_staff (id, institution_id, name, kana, roles, licence, is_system, is_active)"
        " VALUES (%s, %s, 'x', '', '[]', '', false, true)"
    )
    with pytest.raises(errors.InsufficientPrivilege), app.transaction():
        app.execute(staff, [uuid.uuid4(), server.second.id])
    with pytest.raises(errors.InsufficientPrivilege), app.transaction():
        app.execute("UPDATE institutions_staff SET institution_id = %s", [server.second.id])
    changed = app.execute(
        "UPDATE institutions_staff SET name = 'x' WHERE institution_id = %s", [server.second.id]
    )
    assert changed.rowcount == 0
    changed = app.execute("UPDATE institutions_institution SET name = 'x' WHERE id = %s", [server.second.id])
    assert changed.rowcount == 0


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM institutions_staff",
        "TRUNCATE institutions_staff",
        "TRUNCATE audit_auditevent",
        "UPDATE audit_auditevent SET actor = 'x'",
        "DELETE FROM audit_auditevent",
        "ALTER TABLE institutions_staff DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE institutions_staff NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY own_institution_only ON institutions_staff",
        "CREATE POLICY open ON institutions_staff USING (true)",
        "CREATE TABLE public.mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE VIEW public.v AS SELECT * FROM institutions_staff",
        "CREATE EXTENSION dblink",
        "SET ROLE tasuki_owner",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION tasuki_owner",
        "ALTER ROLE tasuki_app BYPASSRLS",
        "ALTER ROLE tasuki_app SUPERUSER",
        "GRANT tasuki_owner TO tasuki_app",
        "COPY institutions_staff TO PROGRAM 'cat'",
        "COPY institutions_staff TO '/tmp/staff'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT password FROM accounts_user",
        "SELECT data FROM mfa_authenticator",
        "SELECT session_data FROM django_session",
        "SELECT * FROM signin_cache",
        "SELECT * FROM account_emailaddress",
        "SET track_activities = on",
        "SELECT rolpassword FROM pg_authid",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_creat(-1)",
    ],
)
def test_what_the_app_role_may_never_do(server, app, statement):
    enter(app, server.first)
    with pytest.raises((errors.InsufficientPrivilege, errors.UndefinedFile, errors.InvalidRoleSpecification)):
        app.execute(statement)


def test_row_security_cannot_be_switched_off(server, app):
    enter(app, server.first)
    app.execute("SET LOCAL row_security = off")
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute("SELECT * FROM institutions_staff")


def test_copy_gives_own_rows_only(server, app):
    enter(app, server.first)
    with app.cursor().copy("COPY institutions_staff (institution_id) TO STDOUT") as copy:
        rows = list(copy.rows())
    assert {row[0] for row in rows} == {str(server.first.id)}
    insert = "COPY institutions_staff (id, institution_id, name, kana, roles, licence, is_system, is_active) FROM STDIN"
    refused = pytest.raises((errors.InsufficientPrivilege, errors.FeatureNotSupported))
    with refused, app.transaction(), app.cursor().copy(insert) as copy:
        copy.write_row([uuid.uuid4(), server.second.id, "x", "", "[]", "", False, True])


def test_other_sessions_statements_cannot_be_read(server, app):
    with psycopg.connect(server.connections.app) as other:
        enter(other, server.second)
        other.execute("SELECT '患者の名前' AS secret, count(*) FROM institutions_staff")
        enter(app, server.first)
        texts = app.execute("SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()").fetchall()
    assert not any("患者" in (row[0] or "") or "set_config" in (row[0] or "") for row in texts)


def test_statistics_do_not_show_values(server, app):
    enter(app, server.first)
    assert count(app, "SELECT count(*) FROM pg_stats WHERE tablename = 'institutions_staff'") == 0


def test_signin_role_sees_no_clinical_table(server):
    with psycopg.connect(server.connections.signin) as connection:
        reachable = connection.execute(
            """
            SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('public', 'tasuki') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
              AND has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')
            """
        ).fetchall()
    assert {row[0] for row in reachable} == {
        "accounts_user",
        "accounts_signinsession",
        "accounts_knowndevice",
        "accounts_failurecount",
        "account_emailaddress",
        "account_emailconfirmation",
        "mfa_authenticator",
        "django_session",
        "signin_cache",
    }
