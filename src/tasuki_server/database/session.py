# SPDX-License-Identifier: Apache-2.0
"""データベースの利用 — attach to the server that runs, or run one for as long as it is needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tasuki_server.cli.words import Stop
from tasuki_server.database.embedded import SUPERUSER, Embedded
from tasuki_server.database.places import Secrets, data_folder, installation_secrets
from tasuki_server.database.roles import (
    APP,
    LOGINS,
    OWNER,
    PLATFORM,
    RECEIVING,
    SIGNIN,
    Connections,
    close_large_objects,
    prepare_database,
    prepare_roles,
)

DATABASE = "tasuki"
Tell = Callable[[str, str], None]


def _quiet(japanese: str, english: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Attached:
    """接続済み — the connection strings, and the server if it is our own child."""

    connections: Connections
    server: Embedded | None
    is_external: bool = False

    def is_alive(self) -> bool:
        """稼働中か — our own child, or the server of another process; an external one tells by its errors."""
        if self.is_external:
            return True
        if self.server is not None:
            return self.server.is_alive()
        return Embedded(data_folder()).running_place() is not None


@contextmanager
def connected(tell: Tell = _quiet, *, with_owner: bool = False) -> Iterator[Attached]:
    """接続 — Django ready in this process; ``with_owner`` adds the connection that may change tables."""
    secrets = installation_secrets()
    external = os.environ.get("TASUKI_DATABASE_URL", "")
    server: Embedded | None = None
    if external:
        connections = _external(external, secrets, tell)
    else:
        embedded = Embedded(data_folder())
        place = embedded.running_place()
        if place is None:
            place = embedded.start(tell)
            server = embedded
        connections = embedded_connections(place.conninfo, secrets)
    try:
        use(connections, with_owner=with_owner)
        yield Attached(connections, server, is_external=bool(external))
    finally:
        leave()
        if server is not None:
            server.stop()


def embedded_connections(
    conninfo: Callable[..., str], secrets: Secrets, database: str = DATABASE
) -> Connections:
    """組込みの接続 — roles and database prepared, one connection string for each role."""
    prepare_roles(conninfo(SUPERUSER, "postgres"), database, secrets)
    prepare_database(conninfo(SUPERUSER, database), database)
    close_large_objects(conninfo(SUPERUSER, database))
    return Connections(
        owner=make_conninfo(conninfo(SUPERUSER, database), options=f"-c role={OWNER}"),
        app=conninfo(APP, database, secrets.password(APP)),
        signin=conninfo(SIGNIN, database, secrets.password(SIGNIN)),
        receiving=conninfo(RECEIVING, database, secrets.password(RECEIVING)),
        platform=conninfo(PLATFORM, database, secrets.password(PLATFORM)),
    )


def _external(url: str, secrets: Secrets, tell: Tell) -> Connections:
    try:
        parts = conninfo_to_dict(url)
        database = str(parts.get("dbname") or DATABASE)
        if not prepare_roles(_reachable(url, database), database, secrets):
            statements = "; ".join(f"ALTER ROLE {role} SET track_activities = off" for role in LOGINS)
            tell(
                f"注意: 実行中のSQL文を隠すため、このPostgreSQLの管理者に次を依頼してください: {statements}",
                f"Note: to hide running statements, ask this PostgreSQL's superuser for: {statements}",
            )
        prepare_database(make_conninfo(url, dbname=database), database)
        close_large_objects(make_conninfo(url, dbname=database))
    except psycopg.Error as error:
        raise Stop(
            f"TASUKI_DATABASE_URL のデータベースに接続して準備できませんでした: {str(error).strip()}",
            f"The database of TASUKI_DATABASE_URL could not be reached and prepared: {str(error).strip()}",
        ) from error
    return Connections(
        owner=make_conninfo(url, dbname=database, options=f"-c role={OWNER}"),
        app=make_conninfo(url, dbname=database, user=APP, password=secrets.password(APP)),
        signin=make_conninfo(url, dbname=database, user=SIGNIN, password=secrets.password(SIGNIN)),
        receiving=make_conninfo(url, dbname=database, user=RECEIVING, password=secrets.password(RECEIVING)),
        platform=make_conninfo(url, dbname=database, user=PLATFORM, password=secrets.password(PLATFORM)),
    )


def start_over() -> None:
    """作り直し — throws our embedded database away and makes it anew, empty; connections stay as they are named."""
    leave()
    place = Embedded(data_folder()).running_place()
    assert place is not None
    with psycopg.connect(place.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
    embedded_connections(place.conninfo, installation_secrets())


def _reachable(url: str, database: str) -> str:
    """The database itself, or the server's own when ours is not made yet."""
    wanted = make_conninfo(url, dbname=database)
    try:
        psycopg.connect(wanted, connect_timeout=10).close()
    except psycopg.OperationalError:
        return make_conninfo(url, dbname="postgres")
    return wanted


def use(connections: Connections, *, with_owner: bool) -> None:
    """接続の設定 — tells Django where to go; the first call sets Django up."""
    os.environ["TASUKI_APP_DATABASE_URL"] = connections.app
    os.environ["TASUKI_SIGNIN_DATABASE_URL"] = connections.signin
    os.environ["TASUKI_RECEIVING_DATABASE_URL"] = connections.receiving
    os.environ["TASUKI_PLATFORM_DATABASE_URL"] = connections.platform
    if with_owner:
        os.environ["TASUKI_OWNER_DATABASE_URL"] = connections.owner
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tasuki_server.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    # Set up before (tests, a second block in one process): the connections move to this database.
    from tasuki_server.database.django_settings import point_django_at

    point_django_at()


def leave() -> None:
    """接続の終了 — closes this thread's connections before their server stops."""
    from django.db import connections as django_connections

    for connection in django_connections.all(initialized_only=True):
        connection.close()
