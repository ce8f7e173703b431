# SPDX-License-Identifier: Apache-2.0
"""医療機関の分離 — row-level security on every tenant table, put there and checked from the models.

Migrations make tables; nobody but the owner may touch them until :func:`protect` has put the policy on and granted
the least rights. It runs at the end of every migration, so a new model cannot be forgotten: without it the app has
no access at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from psycopg import sql

from tasuki_server.database.person_walls import grants_of_the_portal
from tasuki_server.database.roles import APP, LOGINS, PLATFORM, PORTAL_DOOR, RECEIVING, SIGNIN
from tasuki_server.database.router import SERVICE_APPS, SIGNIN_APPS
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.rows import InstitutionRow, Rights
from tasuki_server.institutions.work import tenancy_key

POLICY = "own_institution_only"
CACHE_TABLE = "signin_cache"
# The portal's tables: its door's, and still the platform's too, for pages of the version before, which live on beside these.
_SERVICE_ROLES = {"receiving": (RECEIVING,), "platform": (PLATFORM,), "portal_door": (PORTAL_DOOR, PLATFORM)}
# What the door of the portal reads of the platform's rooms: whose code it is, and the made-up card of a rehearsal.
_READ_AT_THE_DOOR = frozenset({"eligibility_insuredperson"})
# Tables of other packages that no page needs.
UNREACHED_APPS = frozenset({"auth", "contenttypes"})


def protect(connection: Any) -> list[str]:
    """分離の適用 — idempotent; returns the tables it changed. Runs as the owner, in one transaction."""
    changed: list[str] = []
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for name in ("tenancy.sql", "standing.sql"):
            cursor.execute(files("tasuki_server.institutions").joinpath(name).read_text())
        _store_key(cursor)
        for table, statements in _wanted():
            text = ";\n".join(statements)
            mark = "tasuki:" + hashlib.sha256(text.encode()).hexdigest()[:16]
            cursor.execute("SELECT obj_description(%s::regclass, 'pg_class')", [f'"{table}"'])
            if cursor.fetchone()[0] == mark:
                continue
            cursor.execute(text)
            cursor.execute(f"COMMENT ON TABLE \"{table}\" IS '{mark}'")
            changed.append(table)
    return changed


def tenant_models() -> list[type[InstitutionRow]]:
    """医療機関の表 — every model whose rows belong to one institution."""
    return [model for model in apps.get_models() if issubclass(model, InstitutionRow)]


def _wanted() -> Iterator[tuple[str, list[str]]]:
    tenants = tenant_models()
    # The unique keys first: foreign keys over (institution, id) point at them.
    for model in tenants:
        _refuse_hidden_tables(model)
        yield model._meta.db_table, [*_policy(model, "institution_id"), *_keys(model)]
    yield Institution._meta.db_table, _policy(Institution, "id")
    for model in apps.get_models(include_auto_created=True):
        if model in tenants or model is Institution:
            continue
        yield model._meta.db_table, _plain_grants(model)
    yield CACHE_TABLE, _grants(CACHE_TABLE, SIGNIN, Rights.FULL)


def _refuse_hidden_tables(model: type[InstitutionRow]) -> None:
    for field in model._meta.local_many_to_many:
        if field.remote_field.through._meta.auto_created:
            raise ImproperlyConfigured(
                f"{model.__name__}.{field.name}: a hidden table carries no institution; name it"
            )
    if any(isinstance(field, models.AutoField) for field in model._meta.local_fields):
        raise ImproperlyConfigured(f"{model.__name__}: tenant rows have UUID keys")


def _policy(model: type[models.Model], column: str) -> list[str]:
    table = model._meta.db_table
    rule = f'"{column}" = (SELECT tasuki.current_institution())'
    statements = [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'DROP POLICY IF EXISTS {POLICY} ON "{table}"',
        f'CREATE POLICY {POLICY} ON "{table}" USING ({rule}) WITH CHECK ({rule})',
    ]
    if model is Institution:
        # The owner makes lists of institutions (verification, backup); it sees their names, never their rows.
        statements += [
            f'DROP POLICY IF EXISTS owner_lists ON "{table}"',
            f'CREATE POLICY owner_lists ON "{table}" FOR SELECT TO tasuki_owner USING (true)',
        ]
    rights: Rights = getattr(model, "rights", Rights.APPEND)
    return [*statements, *_grants(table, APP, rights)]


def _keys(model: type[InstitutionRow]) -> list[str]:
    """PostgreSQL checks foreign keys past row-level security: only a key over both columns keeps rows at home."""
    table = model._meta.db_table
    statements = [
        f'CREATE UNIQUE INDEX IF NOT EXISTS "{_short(table, "home")}" ON "{table}" (institution_id, id)',
    ]
    for field in model._meta.concrete_fields:
        target = field.related_model
        if not field.is_relation or not isinstance(target, type) or not issubclass(target, InstitutionRow):
            continue
        name = _short(table, f"{field.column}_home")
        other = target._meta.db_table
        statements += [
            f'CREATE UNIQUE INDEX IF NOT EXISTS "{_short(other, "home")}" ON "{other}" (institution_id, id)',
            f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"',
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (institution_id, "{field.column}")'
            f' REFERENCES "{other}" (institution_id, id) DEFERRABLE INITIALLY DEFERRED',
        ]
    return statements


def _plain_grants(model: type[models.Model]) -> list[str]:
    label = model._meta.app_label
    table = model._meta.db_table
    if label in SIGNIN_APPS:
        return _grants(table, SIGNIN, Rights.FULL)
    if label in SERVICE_APPS:
        return _service_grants(table, label, getattr(model, "own_rights", Rights.APPEND))
    rights = getattr(model, "shared_rights", None)
    if rights is not None:
        return _grants(table, APP, rights)
    if label in UNREACHED_APPS:
        return _nobody(table)
    raise ImproperlyConfigured(
        f"{model.__name__} is neither an InstitutionRow nor states shared_rights: nobody could read it"
    )


def _service_grants(table: str, label: str, rights: Rights) -> list[str]:
    roles = _SERVICE_ROLES[SERVICE_APPS[label]]
    statements = _grants(table, ", ".join(roles), rights)
    if table in _READ_AT_THE_DOOR:
        roles += (PORTAL_DOOR,)
        statements.append(f'GRANT {Rights.READ.privileges} ON "{table}" TO {PORTAL_DOOR}')
    return [*statements, *grants_of_the_portal(table, roles)]


def _nobody(table: str) -> list[str]:
    return [f'REVOKE ALL ON "{table}" FROM PUBLIC, {", ".join(LOGINS)}']


def _grants(table: str, role: str, rights: Rights) -> list[str]:
    return [*_nobody(table), f'GRANT {rights.privileges} ON "{table}" TO {role}']


def _short(table: str, end: str) -> str:
    name = f"{table}_{end}"
    if len(name) <= 63:
        return name
    return f"{name[:50]}_{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _store_key(cursor: Any) -> None:
    """The key split as HMAC wants it (RFC 2104), so that the check in SQL is two SHA-256 calls."""
    key = tenancy_key().ljust(64, b"\0")
    inner = bytes(each ^ 0x36 for each in key)
    outer = bytes(each ^ 0x5C for each in key)
    cursor.execute("SELECT inner_key, outer_key FROM tasuki.tenancy_key")
    rows = [tuple(map(bytes, row)) for row in cursor.fetchall()]
    if rows == [(inner, outer)]:
        return
    statement = sql.SQL(
        "DELETE FROM tasuki.tenancy_key; INSERT INTO tasuki.tenancy_key (inner_key, outer_key) VALUES ({}, {})"
    ).format(sql.Literal(inner), sql.Literal(outer))
    cursor.execute(statement.as_string(cursor.connection))
