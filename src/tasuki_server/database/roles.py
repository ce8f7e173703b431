# SPDX-License-Identifier: Apache-2.0
"""データベースの役割 — who may do what inside PostgreSQL.

``tasuki_owner`` owns the tables and makes migrations; it cannot log in on the embedded server and is never known to
the web server. ``tasuki_app`` serves signed-in pages: row-level security holds it to one institution, it owns nothing.
``tasuki_signin`` serves sign-in only: users, second factors, sessions and throttling, and no clinical table at all.
``tasuki_receiving`` is the other side of the claims wire (審査支払機関の試行環境): its own tables and nothing else.
``tasuki_platform`` is the national platform (資格確認・電子処方箋の試行環境): its own tables and nothing else.
``tasuki_portal_door`` finds out who opens the portal of persons: accounts, passkeys, codes and sessions, and no record.
``tasuki_portal`` serves its pages: row-level security holds it to the person whose record is open.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from tasuki_server.cli.words import Stop
from tasuki_server.database.places import Secrets

OWNER, APP, SIGNIN = "tasuki_owner", "tasuki_app", "tasuki_signin"
RECEIVING, PLATFORM = "tasuki_receiving", "tasuki_platform"
# 相手側: services that no institution owns, each with tables of its own.
SERVICES = (RECEIVING, PLATFORM)
PORTAL_DOOR, PORTAL = "tasuki_portal_door", "tasuki_portal"
LOGINS = (APP, SIGNIN, *SERVICES, PORTAL_DOOR, PORTAL)
LEAST_VERSION = 150000


@dataclass(frozen=True, slots=True)
class Connections:
    """接続の組 — connection strings of one installation, one for each role."""

    owner: str
    app: str
    signin: str
    receiving: str
    platform: str


def prepare_roles(admin: str, database: str, secrets: Secrets) -> bool:
    """役割の準備 — roles, database and rights that do not depend on tables; may be run any number of times.

    Answers whether the server also hides running statements, which only its superuser can ask of it.
    """
    may_hide = True
    with psycopg.connect(admin, autocommit=True) as connection:
        if connection.info.server_version < LEAST_VERSION:
            raise Stop(
                f"PostgreSQL 15 以上が要ります（今は {connection.info.server_version // 10000}）。",
                f"PostgreSQL 15 or newer is needed (this is {connection.info.server_version // 10000}).",
            )
        is_superuser = connection.info.parameter_status("is_superuser") == "on"
        _ensure_role(connection, OWNER, "NOLOGIN")
        for role in LOGINS:
            _ensure_role(connection, role, "LOGIN")
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    sql.Identifier(role), sql.Literal(secrets.password(role))
                )
            )
            connection.execute(sql.SQL("ALTER ROLE {} SET timezone = 'UTC'").format(sql.Identifier(role)))
            connection.execute(
                sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = '60s'").format(
                    sql.Identifier(role)
                )
            )
            may_hide &= _hide_statements(connection, role)
        if not is_superuser:
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(OWNER)))
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if found is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(database), sql.Identifier(OWNER)
                )
            )
    return may_hide


def prepare_database(admin: str, database: str) -> None:
    """データベースの権利 — nobody but the owner may create or see anything until a table grants it."""
    with psycopg.connect(admin, autocommit=True, options=f"-c role={OWNER}") as connection:
        for statement in (
            "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            "GRANT CONNECT ON DATABASE {database} TO {logins}",
            "GRANT CONNECT, CREATE ON DATABASE {database} TO {owner}",
            "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            "GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
            "GRANT USAGE ON SCHEMA public TO {logins}",
        ):
            connection.execute(
                sql.SQL(statement).format(
                    database=sql.Identifier(database),
                    logins=sql.SQL(", ").join(map(sql.Identifier, LOGINS)),
                    owner=sql.Identifier(OWNER),
                )
            )


def close_large_objects(admin: str) -> None:
    """ラージオブジェクトの禁止 — they lie outside every policy, so two institutions could pass data by them.

    Only a superuser may take the functions away; on a server of others they stay, owned by the app's role.
    """
    with psycopg.connect(admin, autocommit=True) as connection:
        if connection.info.parameter_status("is_superuser") != "on":
            return
        connection.execute(
            "DO $$ DECLARE each regprocedure; BEGIN FOR each IN SELECT oid::regprocedure FROM pg_proc"
            " WHERE pronamespace = 'pg_catalog'::regnamespace AND (proname LIKE 'lo\\_%' OR proname IN"
            " ('loread', 'lowrite')) LOOP EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', each);"
            " END LOOP; END $$"
        )


def _hide_statements(connection: psycopg.Connection, role: str) -> bool:
    """pg_stat_activity shows a role the statements of its other sessions, which serve other institutions."""
    setting = "SELECT 'track_activities=off' = ANY (rolconfig) FROM pg_roles WHERE rolname = %s"
    row = connection.execute(setting, [role]).fetchone()
    if row is not None and row[0]:
        return True
    try:
        connection.execute(sql.SQL("ALTER ROLE {} SET track_activities = off").format(sql.Identifier(role)))
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def _ensure_role(connection: psycopg.Connection, role: str, login: str) -> None:
    # The word SUPERUSER in any form is a superuser's to say, so on a server of others it is left at its default: no.
    is_superuser = connection.info.parameter_status("is_superuser") == "on"
    # The owner inherits one thing: owning the schema `public`, as the owner of the database.
    inherits = "INHERIT" if role == OWNER else "NOINHERIT"
    rights = f"NOCREATEDB NOCREATEROLE {inherits}" + (
        " NOSUPERUSER NOBYPASSRLS NOREPLICATION" if is_superuser else ""
    )
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = "ALTER" if found else "CREATE"
    connection.execute(sql.SQL(f"{verb} ROLE {{}} {login} {rights}").format(sql.Identifier(role)))
