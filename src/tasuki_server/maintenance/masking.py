# SPDX-License-Identifier: Apache-2.0
"""患者情報の伏せ字 — while a vendor's person works, every table of patients is read through a view that masks it.

The views stand in a schema of their own under the names of the tables and come first in the search path of the
transaction, so that ORM and SQL alike read them and no page has to know. They are made from the models at the end of each
migration: a table or column that comes later is masked, until it is stated to hold nothing of patients. They can be
read only, so a vendor changes no row of a patient by any page.

What an order names is shown: rows that belong to its patients alone. Elsewhere text stays only where it is a bare word
of the program (``in_room``), a birthday is its year, and bytes are gone; numbers, days and keys stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, models, transaction
from psycopg import sql

from tasuki.security.maintenance import Plan
from tasuki_server.database.roles import APP
from tasuki_server.database.sealed_field import SealedField
from tasuki_server.institutions.rows import InstitutionRow
from tasuki_server.institutions.tenancy import tenant_models

SCHEMA = "masked"
# Tables that hold nothing of patients, or that no lent permission reads and the gate itself needs.
OPEN_TABLES = frozenset(
    {
        "institutions_staff",  # who works here
        "orders_orderset",  # sets of drugs and acts, of nobody
        "patients_numbercounter",
        "reception_board",
        "api_apitoken",  # kept as digests
        "keys_datakey",  # wrapped by a key that the database never has
        "audit_auditevent",  # written by every act; ids only, and read with a permission that is never lent
        "audit_auditcheckpoint",
        "audit_auditcosignature",
        "audit_outboxmessage",
        "maintenance_maintenancecompany",
        "maintenance_maintenanceperson",
        "maintenance_workorder",
        "maintenance_workorderperson",
        "maintenance_workorderpatient",
        "maintenance_workorderstep",
    }
)
_FUNCTIONS = """
CREATE OR REPLACE FUNCTION masked.a_text(given text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN given ~ '^[a-z_]*$' THEN given ELSE '＊＊＊' END $$;
CREATE OR REPLACE FUNCTION masked.a_json(given jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN RETURN CASE jsonb_typeof(given)
    WHEN 'object' THEN (SELECT coalesce(jsonb_object_agg(masked.a_text(key), masked.a_json(value)), '{}') FROM jsonb_each(given))
    WHEN 'array' THEN (SELECT coalesce(jsonb_agg(masked.a_json(value) ORDER BY n), '[]')
        FROM jsonb_array_elements(given) WITH ORDINALITY AS e(value, n))
    WHEN 'string' THEN to_jsonb(masked.a_text(given #>> '{}'))
    ELSE given END; END $$;
CREATE OR REPLACE FUNCTION masked.named() RETURNS uuid[] LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('tasuki.patients', true), ''), '{}')::uuid[] $$;
"""


def drop_masks(connection: Any) -> None:
    """伏せ字の撤去 — before a migration, because a column that a view reads cannot be changed."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def make_masks(connection: Any) -> list[str]:
    """伏せ字の作成 — a view for every table that may hold patients; returns their names. Runs as the owner."""
    names = []
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        drop_masks(connection)
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        cursor.execute(f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC")
        cursor.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {APP}")
        cursor.execute(_FUNCTIONS)
        for model in masked_models():
            cursor.execute(view_of(model).as_string(cursor.connection))
            cursor.execute(f'GRANT SELECT ON {SCHEMA}."{model._meta.db_table}" TO {APP}')
            names.append(model._meta.db_table)
    return names


def masked_models() -> list[type[InstitutionRow]]:
    """伏せる表 — every table of an institution that is not stated to be open."""
    return [each for each in tenant_models() if each._meta.db_table not in OPEN_TABLES]


def view_of(model: type[InstitutionRow]) -> sql.Composed:
    """伏せ字のビュー — asks as the asker, so that the wall between institutions stands in it too."""
    table = model._meta.db_table
    shown = whose(model)
    columns = []
    for field in model._meta.concrete_fields:
        column = sql.Identifier("t", field.column)
        hidden = _hidden(model, field)
        if hidden is None:
            columns.append(column)
            continue
        masked_column = sql.SQL(hidden).format(column)
        if shown is not None:
            masked_column = sql.SQL("CASE WHEN {} THEN {} ELSE {} END").format(shown, column, masked_column)
        columns.append(sql.SQL("{} AS {}").format(masked_column, sql.Identifier(field.column)))
    return sql.SQL("CREATE VIEW {} WITH (security_invoker = true) AS SELECT {} FROM {} t").format(
        sql.Identifier(SCHEMA, table), sql.SQL(", ").join(columns), sql.Identifier("public", table)
    )


def _hidden(model: type[models.Model], field: Any) -> str | None:
    """How a column is masked; None for keys, numbers, instants and truth values."""
    if field.is_relation or isinstance(field, models.UUIDField):
        return None
    if isinstance(field, SealedField):
        return "'\\x03'::bytea || {}"  # sealed_fields.MASKED: the reader masks what it opens
    if isinstance(field, models.CharField | models.TextField):
        return "masked.a_text({})"
    if isinstance(field, models.JSONField):
        return "masked.a_json({})"
    if isinstance(field, models.BinaryField):
        return "substring({} FROM 1 FOR 0)"
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return "date_trunc('year', {})::date" if field.name == "born" else None
    known = (
        models.IntegerField,
        models.DecimalField,
        models.BooleanField,
        models.DateTimeField,
        models.TimeField,
        models.FloatField,
    )
    if isinstance(field, known):
        return None
    raise TypeError(f"{model.__name__}.{field.name}: say how a {type(field).__name__} is masked")


def whose(model: type[InstitutionRow]) -> sql.Composable | None:
    """誰の行か — the condition under which all patients a row belongs to are named; None when it belongs to none."""
    found = _named(model, "t", frozenset())
    return sql.SQL(" AND ").join(found) if found else None


def _named(model: type[models.Model], alias: str, seen: frozenset[str]) -> list[sql.Composable]:
    from tasuki_server.patients.models import Patient

    if model is Patient:
        return [_is_named(sql.Identifier(alias, "id"))]
    own = [each for each in model._meta.concrete_fields if each.is_relation and each.related_model is Patient]
    if own:
        return [_is_named(sql.Identifier(alias, each.column)) for each in own]
    for field in model._meta.concrete_fields:
        target = field.related_model
        if not field.is_relation or not isinstance(target, type) or not issubclass(target, InstitutionRow):
            continue
        if target is model or target._meta.db_table in seen | OPEN_TABLES:
            continue
        inner = f"t{len(seen) + 1}"
        found = _named(target, inner, seen | {target._meta.db_table})
        if found:
            return [
                sql.SQL("EXISTS (SELECT 1 FROM {} {} WHERE {} = {} AND {})").format(
                    sql.Identifier("public", target._meta.db_table),
                    sql.Identifier(inner),
                    sql.Identifier(inner, "id"),
                    sql.Identifier(alias, field.column),
                    sql.SQL(" AND ").join(found),
                )
            ]
    return []


def _is_named(column: sql.Composable) -> sql.Composed:
    return sql.SQL("{} = ANY ((SELECT masked.named())::uuid[])").format(column)


@contextmanager
def masked(plan: Plan) -> Iterator[None]:
    """伏せ字での取引 — a savepoint in which tables of patients are their masked views."""
    with connections["default"].cursor() as cursor:
        with transaction.atomic(using="default"):
            cursor.execute(
                "SELECT set_config('search_path', %s, true), set_config('tasuki.patients', %s, true)",
                [f"{SCHEMA}, public", "{" + ",".join(str(each) for each in plan.patients) + "}"],
            )
            yield
        cursor.execute("SELECT set_config('search_path', 'public', true)")
