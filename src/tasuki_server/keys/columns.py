# SPDX-License-Identifier: Apache-2.0
"""暗号化した列の一覧 — every sealed column of the models; nothing is listed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.db import models
from psycopg import sql

from tasuki.security.sealed_fields import HEADER_BYTES, SEALED, SEALED_SHORTENED
from tasuki_server.database.sealed_field import SealedField
from tasuki_server.institutions.rows import InstitutionRow


class SealedColumn(NamedTuple):
    """暗号化した列 — its model and field."""

    model: type[models.Model]
    field: SealedField

    @property
    def table(self) -> str:
        """表 — as the database names it."""
        return str(self.model._meta.db_table)

    @property
    def column(self) -> str:
        """列 — as the database names it."""
        return str(self.field.column)

    @property
    def is_of_institutions(self) -> bool:
        """医療機関の列か — else of a service that has rows of its own."""
        return issubclass(self.model, InstitutionRow)

    def query(self, text: str) -> sql.Composed:
        """問合せ — with ``{table}`` and ``{column}`` put in."""
        return sql.SQL(text).format(  # type: ignore[arg-type]
            table=sql.Identifier(self.table), column=sql.Identifier(self.column)
        )


def sealed_columns() -> Iterator[SealedColumn]:
    """暗号化した列 — of all models, in a stable order."""
    for model in sorted(apps.get_models(), key=lambda each: each._meta.db_table):
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedField):
                yield SealedColumn(model, field)


def headers(number: int) -> tuple[bytes, bytes]:
    """見出し — what values sealed with a key begin with."""
    return tuple(
        bytes((form,)) + number.to_bytes(HEADER_BYTES - 1, "big") for form in (SEALED, SEALED_SHORTENED)
    )  # type: ignore[return-value]


def count_by_key(cursor: Any, column: SealedColumn, owner: UUID) -> dict[int, int]:
    """鍵ごとの行数 — 0 stands for what is not sealed; the cursor has entered the institution."""
    cursor.execute(
        column.query(
            "SELECT CASE WHEN get_byte({column}, 0) = 0 THEN 0 ELSE"
            " ('x' || encode(substring({column} FROM 2 FOR 4), 'hex'))::bit(32)::bigint END AS number, count(*)"
            " FROM {table} WHERE {column} IS NOT NULL GROUP BY 1"
        ).as_string(cursor.connection)
    )
    return {int(number): int(count) for number, count in cursor.fetchall()}
