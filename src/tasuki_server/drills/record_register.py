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
        self._seen: dict[str, dict[str, str]] = {each.name: {} for each in tables}

    def __len__(self) -> int:
        return sum(map(len, self._seen.values()))

    def compare(self) -> list[str]:
        """照合 — new rows are entered; every older one must be there as it was."""
        faults: list[str] = []
        for table in self._tables:
            now = dict(self._owner.execute(table.fingerprints()).fetchall())
            seen = self._seen[table.name]
            # In one go: a long run compares a hundred thousand rows hundreds of times.
            for row_id in sorted(row_id for row_id, _ in seen.items() - now.items()):
                what = "変わりました" if row_id in now else "なくなりました"
                faults.append(f"{table.name} の確定した行 {row_id} が{what}。")
            self._seen[table.name] = now | seen
        return faults
