# SPDX-License-Identifier: Apache-2.0
"""大きな診療所 — the rows of a lived month many times over, so that a restore is measured on the size of years.

Every copy has identifiers of its own, institution included, made from the old ones: keys stay unique and rows still point at
each other. Copies belong to no institution that is open, so nobody can enter them; they are there for their weight, and for
the sums. Trails are not copied: a chain cannot be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from psycopg import sql

if TYPE_CHECKING:
    import psycopg

# 10,000 people who come five times a year, for five years.
VISITS = 250_000
_LEFT_OUT = ("audit", "keys", "institutions", "watch")


class Grown(NamedTuple):
    """育った大きさ — visits and rows in all."""

    visits: int
    rows: int


def grow(owner: psycopg.Connection, visits: int = VISITS) -> Grown:
    """大きな診療所 — until there are so many visits; past every policy, trigger and foreign key."""
    from tasuki_server.institutions.tenancy import tenant_models

    row = owner.execute("SELECT count(*) FROM reception_visit").fetchone()
    assert row is not None and row[0]
    copies = max(visits // int(row[0]), 1)
    rows = 0
    with owner.transaction():
        owner.execute("SET LOCAL session_replication_role = replica")
        for model in tenant_models():
            if model._meta.app_label not in _LEFT_OUT:
                rows += owner.execute(_copied(owner, model._meta.db_table), [copies]).rowcount
    owner.execute("ANALYZE")
    return Grown(int(row[0]) * (copies + 1), rows)


def _copied(owner: psycopg.Connection, table: str) -> sql.Composed:
    from tasuki_server.drills.made_rows import columns_of

    columns = columns_of(owner, table)
    values = [
        sql.SQL("md5({}::text || n)::uuid" if each.kind == "uuid" else "{}").format(
            sql.Identifier("t", each.name)
        )
        for each in columns
    ]
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} t, generate_series(1, %s) n").format(
        sql.Identifier(table),
        sql.SQL(", ").join(sql.Identifier(each.name) for each in columns),
        sql.SQL(", ").join(values),
        sql.Identifier(table),
    )
