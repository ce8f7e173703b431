# SPDX-License-Identifier: Apache-2.0
"""医療機関の分離の点検 — what pg_catalog says, so that a table, view or function added later cannot slip through."""

from __future__ import annotations

import psycopg
import pytest

pytestmark = pytest.mark.server

# The functions that run with their owner's rights; tenancy.sql and standing.sql say why.
DEFINER_FUNCTIONS = {
    f"tasuki.{name}()"
    for name in ("current_institution", "current_standing", "known_accounts", "known_people", "prescribed_as")
}


def test_no_question_of_the_lint_finds_anything(catalog):
    """Each question finds its planted fault in the drill (`test_drill_tenants`)."""
    from tasuki_server.institutions.tenancy_lint import QUESTIONS, offences

    assert offences(catalog) == []
    assert len(QUESTIONS) >= 10


@pytest.fixture
def catalog(server):
    with psycopg.connect(server.connections.owner) as connection:
        yield lambda query, *values: connection.execute(query, values or None).fetchall()


def test_every_table_with_an_institution_forces_its_policy(catalog):
    tables = catalog(
        """
        SELECT c.oid::regclass::text, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg_%%' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p')
          AND (c.relname = 'institutions_institution' OR EXISTS (
            SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'institution_id'
              AND NOT a.attisdropped))
          AND c.relname <> 'accounts_user'
        """
    )
    assert len(tables) >= 4
    assert [row for row in tables if not (row[1] and row[2])] == []
    for table, *_ in tables:
        policies = catalog(
            "SELECT polname, polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid), polroles"
            " FROM pg_policy WHERE polrelid = %s::regclass ORDER BY polname",
            table,
        )
        own = [each for each in policies if each[0] == "own_institution_only"]
        assert len(own) == 1, table
        _, command, using, check, roles = own[0]
        assert command == "*" and roles == [0], table
        assert "tasuki.current_institution()" in using and using == check, table
        others = {each[0] for each in policies} - {"own_institution_only"}
        assert others == ({"owner_lists"} if table == "institutions_institution" else set()), table


def test_every_tenant_model_has_a_protected_table(catalog):
    from tasuki_server.institutions.tenancy import tenant_models

    for model in tenant_models():
        row = catalog(
            "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = %s::regclass",
            model._meta.db_table,
        )
        assert row == [(True,)], model


def test_roles_hold_no_power_and_own_nothing(catalog):
    for role in ("tasuki_app", "tasuki_signin", "tasuki_portal_door", "tasuki_portal"):
        assert catalog(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = %s",
            role,
        ) == [(False,) * 5]
        assert (
            catalog(
                "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = %s",
                role,
            )
            == []
        )
        assert (
            catalog(
                "SELECT 1 FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid WHERE r.rolname = %s AND d.deptype = 'o'",
                role,
            )
            == []
        )
    assert catalog(
        "SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = 'tasuki_owner'"
    ) == [(False, False, False)]


def test_no_function_lends_its_owners_rights(catalog):
    found = catalog(
        """
        SELECT p.oid::regprocedure::text, array_to_string(p.proconfig, ',') FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        """
    )
    assert {row[0] for row in found} == DEFINER_FUNCTIONS
    assert all("search_path=pg_catalog, pg_temp" in row[1] for row in found)


def test_views_read_with_the_rights_of_who_asks(catalog):
    found = catalog(
        """
        SELECT c.oid::regclass::text, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'tasuki')
          AND (c.relkind = 'm' OR (c.relkind = 'v' AND NOT coalesce(
            (SELECT option_value::boolean FROM pg_options_to_table(c.reloptions)
              WHERE option_name = 'security_invoker'), false)))
        """
    )
    assert found == []


def test_app_role_reaches_no_table_that_the_models_do_not_grant(catalog):
    from django.apps import apps

    from tasuki_server.institutions.models import Institution
    from tasuki_server.institutions.tenancy import tenant_models

    granted = {model._meta.db_table for model in [*tenant_models(), Institution]}
    granted |= {model._meta.db_table for model in apps.get_models() if getattr(model, "shared_rights", None)}
    reached = catalog(
        """
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'tasuki') AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
          AND (CASE WHEN c.relkind = 'S' THEN has_sequence_privilege('tasuki_app', c.oid, 'USAGE, SELECT, UPDATE')
               ELSE has_table_privilege('tasuki_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER') END)
        """
    )
    assert {row[0] for row in reached} == granted


def test_every_reference_between_tenant_tables_stays_in_its_institution(catalog):
    """PostgreSQL checks foreign keys past row-level security; only a key over (institution, id) refuses."""
    tables = "array(SELECT polrelid FROM pg_policy WHERE polname = 'own_institution_only')"
    alone = catalog(
        f"""
        SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND cardinality(c.conkey) = 1
          AND c.confrelid <> 'institutions_institution'::regclass
          AND c.conrelid = ANY ({tables}) AND c.confrelid = ANY ({tables})
          AND NOT EXISTS (
            SELECT 1 FROM pg_constraint h WHERE h.contype = 'f' AND h.conrelid = c.conrelid
              AND h.confrelid = c.confrelid AND cardinality(h.conkey) = 2 AND c.conkey[1] = ANY (h.conkey))
        """
    )
    assert alone == []


def test_append_only_tables_cannot_be_changed(catalog):
    from tasuki_server.institutions.rows import Rights
    from tasuki_server.institutions.tenancy import tenant_models

    tables = [model._meta.db_table for model in tenant_models() if model.rights is Rights.APPEND]
    assert "audit_auditevent" in tables
    for table in tables:
        assert catalog("SELECT has_table_privilege('tasuki_app', %s, 'UPDATE, DELETE, TRUNCATE')", table) == [
            (False,)
        ], table
        assert catalog("SELECT has_any_column_privilege('tasuki_app', %s, 'UPDATE')", table) == [(False,)], (
            table
        )


def test_public_has_no_rights_of_its_own(catalog):
    assert catalog("SELECT has_database_privilege('public', current_database(), 'TEMP, CREATE')") == [
        (False,)
    ]
    assert catalog("SELECT has_schema_privilege('public', 'public', 'USAGE, CREATE')") == [(False,)]
