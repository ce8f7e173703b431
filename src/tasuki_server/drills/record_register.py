# SPDX-License-Identifier: Apache-2.0
"""確定記録の台帳 — a fingerprint of every row that may only be added, taken when it is first seen and compared ever after.

Kept outside the database, by the columns a table had then: a migration may add columns, it may not touch a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from psycopg import sql

if TYPE_CHECKING:
    import psycopg


class Table(NamedTuple):
    """追記専用の表 — its name and the columns that are looked at."""

    name: str
    columns: tuple[str, ...]

    def fingerprints(self) -> sql.Composed:
        """指紋の照会 — of every row: identifier and SHA-256 over its values."""
        values = sql.SQL(", ").join(sql.Identifier(each) for each in self.columns)
        return sql.SQL(
            "SELECT id::text, encode(sha256(convert_to(ROW({})::text, 'UTF8')), 'hex') FROM {}"
        ).format(values, sql.Identifier(self.name))


def appended_tables() -> list[Table]:
    """追記専用の表の一覧 — every table of a tenant that the app role may read and add to, no more."""
    from tasuki_server.institutions.rows import Rights
    from tasuki_server.institutions.tenancy import tenant_models

    return [
        Table(model._meta.db_table, tuple(field.column for field in model._meta.concrete_fields))
        for model in tenant_models()
        if model.rights is Rights.APPEND
    ]


class Register:
    """台帳 — what was seen; ``compare`` tells rows that changed or are gone."""

    def __init__(self, owner: psycopg.Connection, tables: list[Table]) -> None:
        self._owner, self._tables = owner, tables
        self._seen: dict[tuple[str, str], str] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def compare(self) -> list[str]:
        """照合 — new rows are entered; every older one must be there as it was."""
        faults: list[str] = []
        for table in self._tables:
            now = dict(self._owner.execute(table.fingerprints()).fetchall())
            for row_id, mark in now.items():
                kept = self._seen.setdefault((table.name, row_id), mark)
                if kept != mark:
                    faults.append(f"{table.name} の確定した行 {row_id} が変わりました。")
            faults += [
                f"{name} の確定した行 {row_id} がなくなりました。"
                for name, row_id in self._seen
                if name == table.name and row_id not in now
            ]
        return faults
