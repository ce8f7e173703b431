# SPDX-License-Identifier: Apache-2.0
"""試験の土台 — one PostgreSQL for the whole run, and a fresh database, really committed to, for each test module.

A test that needs the server is marked ``server`` and asks for the ``server`` fixture (module scope). It runs against
the roles of production: Django's ``default`` is the app role, ``signin`` the sign-in role, ``owner`` the owner.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from hypothesis import HealthCheck, settings

from tasuki_server.steady_heap import keep_heap_still

# Tests start a hundred processes of ours: each would compile nine hundred files again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Files of half a minute and more, as measured.
LONGEST_FIRST = (
    "test_isolation_by_address.py",
    "test_up.py",
    "test_demo_month.py",
    "test_first_tables.py",
    "test_permissions.py",
)
# How fast a machine makes examples says nothing of what is tested.
settings.register_profile(
    "tasuki",
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
    max_examples=int(os.environ.get("TASUKI_TEST_EXAMPLES", "100")),
)
settings.load_profile("tasuki")
# Two institutions of nine people for each module: scrypt as it serves would be a fifth of the whole run.
ScryptPasswordHasher.work_factor = 2**4
_DATA = Path(tempfile.mkdtemp(prefix="tasuki-test-"))
# PostgreSQL refuses root and then runs as a user of its own, which must be able to enter.
_DATA.chmod(0o755)
os.environ["TASUKI_DATA"] = str(_DATA)
os.environ["TASUKI_SECRET_KEY"] = "a key for tests only"
for _name in ("TASUKI_HTTPS", "TASUKI_HOSTS", "TASUKI_BEHIND_PROXY"):
    os.environ.pop(_name, None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files begin, so that the workers end together; the rest keeps its order, and one process the order it was given."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    place = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """As where it serves: thousands of tests and modules stay, and need not be looked at with every collection."""
    keep_heap_still()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    shutil.rmtree(_DATA, ignore_errors=True)


@pytest.fixture(scope="module")
def owner(server: Any) -> Iterator[Any]:
    """Someone with all power over the database, past every policy."""
    import psycopg

    with psycopg.connect(server.connections.owner, autocommit=True) as connection:
        connection.execute("SET ROLE NONE")
        yield connection


class Foreign:
    """A PostgreSQL that someone else runs."""

    def __init__(self, url: str) -> None:
        self.url = url

    def conninfo(self, role: str, database: str, password: str = "") -> str:
        from psycopg.conninfo import make_conninfo

        if not password:
            return make_conninfo(self.url, dbname=database)
        return make_conninfo(self.url, dbname=database, user=role, password=password)


@pytest.fixture(scope="session")
def cluster() -> Iterator[object]:
    """One embedded PostgreSQL, stopped at the end of the run; or, to try another version, the superuser's
    connection string in TASUKI_TEST_DATABASE_URL."""
    from tasuki_server.database.embedded import Embedded

    foreign = os.environ.get("TASUKI_TEST_DATABASE_URL")
    if foreign:
        yield Foreign(foreign)
        return
    # What a test writes need not survive a power cut.
    embedded = Embedded(_DATA, {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"})
    place = embedded.start()
    yield place
    embedded.stop()


@pytest.fixture(scope="session")
def template(cluster: object, django_db_blocker: object) -> str:
    """A database with every table made and protected; modules get copies of it."""
    from tasuki_server.database.session import leave, use

    if os.environ.get("TASUKI_TEST_TEMPLATE") == "kept" and _is_made(cluster):
        return "tasuki_template"
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        use(_connections(cluster, "tasuki_template"), with_owner=True)
        from tasuki_server.institutions.migrating import migrate

        migrate()
        leave()
    return "tasuki_template"


def _is_made(cluster: object) -> bool:
    """Whether an earlier run on this PostgreSQL left the template whole."""
    import psycopg

    from tasuki_server.database.embedded import SUPERUSER

    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres")) as connection:  # type: ignore[attr-defined]
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'tasuki_template'").fetchone()
    return found is not None


@pytest.fixture(scope="module")
def server(
    cluster: object, template: str, request: pytest.FixtureRequest, django_db_blocker: object
) -> Iterator[object]:
    """A fresh database for this module, with two made-up institutions: see tests/clinics.py."""
    import psycopg

    from tasuki_server.database.embedded import SUPERUSER
    from tasuki_server.database.session import leave, use

    name = f"t_{abs(hash(request.node.nodeid)) % 10**12}"
    admin = cluster.conninfo(SUPERUSER, "postgres")  # type: ignore[attr-defined]
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER tasuki_owner')
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connections = _connections(cluster, name)
        use(connections, with_owner=True)
        from clinics import make_clinics

        yield make_clinics(connections)
        leave()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _connections(cluster: object, name: str) -> object:
    from tasuki_server.database.places import installation_secrets
    from tasuki_server.database.session import embedded_connections

    return embedded_connections(cluster.conninfo, installation_secrets(), name)  # type: ignore[attr-defined]
