# SPDX-License-Identifier: Apache-2.0
"""結ばれた作り物の行 — a row for every table of an institution, each pointing at the one of the table it refers to.

So that every identifier an address can carry leads to one known patient, whatever tables come later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from psycopg import sql
from psycopg.types.json import Jsonb

from tasuki_server.drills.made_rows import Column, NoRow, columns_of, value_of

if TYPE_CHECKING:
    import psycopg

INSTITUTIONS = "institutions_institution"


def link_rows(
    owner: psycopg.Connection, institution_id: UUID, known: dict[str, UUID], number: int = 1
) -> dict[str, UUID]:
    """行の作成 — for every table that ``known`` has no row of; returns the id of each table's row.

    ``number`` is the value of every number, so that unique keys differ from call to call. Foreign keys must be off
    in the session.
    """
    from tasuki_server.institutions.tenancy import tenant_models

    tables = {model._meta.db_table: columns_of(owner, model._meta.db_table) for model in tenant_models()}
    ids = {**{name: uuid4() for name in tables}, **known}
    for name, columns in tables.items():
        if name not in known:
            _insert(owner, name, columns, institution_id, ids, number)
    return ids


def _insert(
    owner: psycopg.Connection,
    table: str,
    columns: tuple[Column, ...],
    institution_id: UUID,
    ids: dict[str, UUID],
    number: int,
) -> None:
    values: dict[str, Any] = {}
    for column in columns:
        if column.name == "institution_id":
            values[column.name] = institution_id
        elif column.name == "id":
            values[column.name] = ids[table]
        elif column.references and column.references != table:
            values[column.name] = ids.get(column.references)
        else:
            values[column.name] = value_of(table, column, number)
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join([sql.Placeholder()] * len(values)),
    )
    import psycopg

    for further in ({}, _other_numbers(columns, 0), _other_numbers(columns, 2)):
        given = [Jsonb(each) if isinstance(each, dict) else each for each in {**values, **further}.values()]
        try:
            with owner.transaction():
                owner.execute(statement, given)
        except psycopg.errors.CheckViolation:
            continue
        return
    raise NoRow(table)


def _other_numbers(columns: tuple[Column, ...], number: int) -> dict[str, Any]:
    kinds = ("int2", "int4", "int8", "numeric")
    return {each.name: number for each in columns if each.kind in kinds and not each.references}
