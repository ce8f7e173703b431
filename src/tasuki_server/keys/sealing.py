# SPDX-License-Identifier: Apache-2.0
"""暗号化の適用 — at the end of a migration: first keys for everyone, and rows of columns that have just become sealed."""

from __future__ import annotations

from django.db import connections

from tasuki_server.database.sealing_columns import WAITING
from tasuki_server.keys.columns import SealedColumn, sealed_columns
from tasuki_server.keys.indexes import fill_indexes
from tasuki_server.keys.ring import NO_INSTITUTION
from tasuki_server.keys.rotation import OWNER, Outcome, columns_of, prepare, seal_plain


class SealingFailed(RuntimeError):
    """暗号化できない行 — a row that was neither plain nor openable; its column stays marked and the start is refused."""


def seal_what_waits() -> dict[str, int]:
    """暗号化の適用 — rows sealed by column owner's code; cheap when nothing waits."""
    from tasuki_server.institutions.models import Institution

    waiting = [each for each in sealed_columns() if _waits(each)]
    done: dict[str, int] = {}
    owners = [(NO_INSTITUTION, "services")] if columns_of(NO_INSTITUTION) else []
    owners += [(each.id, each.code) for each in Institution.objects.using(OWNER).order_by("code")]
    for owner, name in owners:
        prepare(owner)
        if waiting:
            outcome: Outcome = seal_plain(owner, waiting)
            if outcome.broken:
                raise SealingFailed("; ".join(outcome.broken[:10]))
            fill_indexes(owner)
            done[name] = outcome.changed
    for column in waiting:
        _mark(column)
    return done


def _waits(column: SealedColumn) -> bool:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(
            "SELECT col_description(attrelid, attnum) = %s FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attname = %s",
            [WAITING, f'"{column.table}"', column.column],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def _mark(column: SealedColumn) -> None:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(
            column.query("COMMENT ON COLUMN {table}.{column} IS 'tasuki: sealed'").as_string(
                cursor.connection
            )
        )
