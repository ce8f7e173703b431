# SPDX-License-Identifier: Apache-2.0
"""最初の表 — what an empty database gets at once is what the whole history of steps leads to."""

from __future__ import annotations

import psycopg
import pytest

pytestmark = pytest.mark.server

_SHAPES = {
    "columns": """
        SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,
               is_nullable, column_default, is_identity, collation_name
        FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    """,
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "steps": "SELECT app, name FROM django_migrations",
}


def test_an_empty_database_gets_what_the_history_leads_to(server, owner, cluster, monkeypatch):
    from tasuki_server.database.places import installation_secrets
    from tasuki_server.database.session import embedded_connections, use
    from tasuki_server.institutions import first_tables
    from tasuki_server.institutions.migrating import migrate

    describe_once(monkeypatch)
    owner.execute("CREATE DATABASE t_history OWNER tasuki_owner")
    history = embedded_connections(cluster.conninfo, installation_secrets(), "t_history")
    use(history, with_owner=True)
    try:
        monkeypatch.setattr(first_tables, "make_first_tables", lambda connection: False)
        migrate()
        with psycopg.connect(history.owner) as other:
            by_history = _shapes(other)
    finally:
        use(server.connections, with_owner=True)
        owner.execute("DROP DATABASE t_history WITH (FORCE)")
    at_once = _shapes(owner)
    for kind, rows in at_once.items():
        assert len(rows) > 90
        assert rows == by_history[kind], kind


def describe_once(monkeypatch):
    """Each step's statements are made and run as always; but what adds to a table of ours (or is one) describes that table
    anew, and not the two hundred that hang together with it, which is nearly all that the history costs. What alters a column
    does, for its statements ask who points at it."""
    from django.apps import apps
    from django.db.migrations.state import ProjectState

    ours = {each.label for each in apps.get_app_configs() if each.name.startswith("tasuki_server.")}
    reload_all, alter_field = ProjectState.reload_model, ProjectState.alter_field

    def reload_model(self, app_label, model_name, delay=False):
        if app_label in ours and "apps" in self.__dict__:
            self._reload({(app_label, model_name)})
        else:
            reload_all(self, app_label, model_name, delay)

    def altered(self, *given):
        with monkeypatch.context() as whole:
            whole.setattr(ProjectState, "reload_model", reload_all)
            alter_field(self, *given)

    monkeypatch.setattr(ProjectState, "reload_model", reload_model)
    monkeypatch.setattr(ProjectState, "alter_field", altered)


def test_a_database_with_tables_goes_through_the_history(server):
    from django.db import connections

    from tasuki_server.institutions.first_tables import make_first_tables

    assert not make_first_tables(connections["owner"])


def _shapes(connection):
    return {kind: set(connection.execute(query).fetchall()) for kind, query in _SHAPES.items()}
