# SPDX-License-Identifier: Apache-2.0
"""鍵の交換 — a new data key, every row sealed anew while the institution works, then the old key retires.

Runs as the owner, who proves the institution as a page does; the app role needs no right to change a record. A row is
changed only if it is still what was read, so what is saved meanwhile is never overwritten. Stopped anywhere it goes
on with ``--resume``: what is not under the newest key is what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.utils import timezone

from tasuki.security.sealed_fields import BrokenSeal, DataKey, Place, open_sealed, seal
from tasuki_server.database.wrapping_keys import current_wrapping_key
from tasuki_server.keys.columns import SealedColumn, count_by_key, headers, sealed_columns
from tasuki_server.keys.kept_key import KeyPurpose
from tasuki_server.keys.ring import (
    NO_INSTITUTION,
    first_keys,
    hold_keys,
    key_model,
    key_of,
    make_key,
    newest_key,
    opened,
)

BATCH = 100
OWNER = "owner"
Tell = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """交換の結果 — rows sealed anew, those that could not be opened (by place), and the keys retired."""

    number: int = 0
    changed: int = 0
    broken: list[str] = field(default_factory=list)
    retired: list[int] = field(default_factory=list)


@contextmanager
def as_owner_of(institution_id: UUID) -> Iterator[Any]:
    """所有者としての取引 — one transaction of the owner's connection that has proved an institution; gives a cursor."""
    from tasuki_server.institutions.work import signed

    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        if institution_id != NO_INSTITUTION:
            cursor.execute("SELECT pg_backend_pid()")
            proof = signed(institution_id, int(cursor.fetchone()[0]))
            cursor.execute("SELECT set_config('tasuki.institution', %s, true)", [proof])
        yield cursor


def columns_of(owner: UUID) -> list[SealedColumn]:
    """持ち主の列 — sealed columns of institutions, or those of services."""
    return [each for each in sealed_columns() if each.is_of_institutions == (owner != NO_INSTITUTION)]


def keys_of(owner: UUID) -> Any:
    """鍵の控えの表 — of an institution, or of services."""
    return key_model(columns_of(owner)[0].model)


def usage(owner: UUID) -> dict[str, dict[int, int]]:
    """鍵の使用状況 — rows by key of each sealed column."""
    with as_owner_of(owner) as cursor:
        return {
            f"{each.table}.{each.column}": count_by_key(cursor, each, owner) for each in columns_of(owner)
        }


def live_keys(owner: UUID) -> list[Any]:
    """引退していない鍵 — of the institution, the oldest first; two are an unfinished rotation."""
    with as_owner_of(owner):
        kept = keys_of(owner).objects.using(OWNER)
        return list(kept.filter(purpose=KeyPurpose.DATA, retired_at=None).order_by("number"))


def begin(owner: UUID) -> int:
    """交換の開始 — the new key; from now on everything is sealed with it."""
    with as_owner_of(owner):
        kept = keys_of(owner)
        last = kept.objects.using(OWNER).filter(purpose=KeyPurpose.DATA).order_by("-number").first()
        return make_key(kept, owner, KeyPurpose.DATA, last.number + 1 if last else 1, OWNER).number


def go_on(owner: UUID, tell: Tell = lambda line: None, *, batch: int = BATCH) -> Outcome:
    """交換の続き — all rows under the newest key, then the others retire unless a row still needs them."""
    kept = keys_of(owner)
    with as_owner_of(owner):
        newest = newest_key(kept, owner, KeyPurpose.DATA, OWNER)
    done = Outcome(newest.number)
    for column in columns_of(owner):
        _seal_rows(column, owner, newest, done, batch)
        tell(f"{column.table}.{column.column}: {done.changed}")
    with as_owner_of(owner) as cursor:
        # Whoever still writes with an old key has ended when this lock is given, and nobody begins.
        hold_keys(OWNER, owner)
        needed: set[int] = set()
        for column in columns_of(owner):
            while _seal_batch(column, owner, newest, done, batch, cursor, UUID(int=0))[0]:
                pass
            needed |= set(count_by_key(cursor, column, owner))
        older = kept.objects.using(OWNER).filter(
            purpose=KeyPurpose.DATA, retired_at=None, number__lt=newest.number
        )
        for row in older.exclude(number__in=needed).order_by("number"):
            row.retired_at = timezone.now()
            row.save(using=OWNER, update_fields=["retired_at"])
            done.retired.append(row.number)
    done.broken = sorted(set(done.broken))
    return done


def rewrap(owner: UUID) -> int:
    """鍵の包み直し — data keys that another key wrapped, with the present one; rows are not touched."""
    wrapping = current_wrapping_key()
    count = 0
    with as_owner_of(owner):
        from tasuki.security.sealed_fields import wrap

        for row in keys_of(owner).objects.using(OWNER).exclude(wrapped_with=wrapping.name):
            data = opened(row, owner)
            row.wrapped, row.wrapped_with = wrap(wrapping, owner, data, row.purpose), wrapping.name
            row.save(using=OWNER, update_fields=["wrapped", "wrapped_with"])
            count += 1
    return count


def prepare(owner: UUID) -> None:
    """鍵の用意 — the first keys of an institution that was opened before there were any."""
    with as_owner_of(owner):
        first_keys(keys_of(owner), owner, OWNER)


def seal_plain(owner: UUID, columns: list[SealedColumn]) -> Outcome:
    """移行の仕上げ — rows of columns that were plain until now."""
    with as_owner_of(owner):
        newest = newest_key(keys_of(owner), owner, KeyPurpose.DATA, OWNER)
    done = Outcome(newest.number)
    for column in columns:
        if column.is_of_institutions == (owner != NO_INSTITUTION):
            _seal_rows(column, owner, newest, done, BATCH, takes_plain=True)
    return done


def _seal_rows(
    column: SealedColumn,
    owner: UUID,
    newest: DataKey,
    done: Outcome,
    batch: int,
    *,
    takes_plain: bool = False,
) -> None:
    last: UUID | None = UUID(int=0)
    while last is not None:
        with as_owner_of(owner) as cursor:
            _, last = _seal_batch(column, owner, newest, done, batch, cursor, last, takes_plain=takes_plain)


def _seal_batch(
    column: SealedColumn, owner: UUID, newest: DataKey, done: Outcome, batch: int, cursor: Any, after: UUID,
    *, takes_plain: bool = False,
) -> tuple[int, UUID | None]:  # fmt: skip
    """How many rows were changed, and the last one that was looked at, if there may be more."""
    select = column.query(
        "SELECT id, {column} FROM {table} WHERE id > %s AND {column} IS NOT NULL"
        " AND substring({column} FROM 1 FOR 5) NOT IN (%s, %s) ORDER BY id LIMIT %s"
    ).as_string(cursor.connection)
    cursor.execute(select, [after, *headers(newest.number), batch])
    rows = [(row_id, bytes(sealed)) for row_id, sealed in cursor.fetchall()]
    kept, changes = key_model(column.model), []
    for row_id, sealed in rows:
        place = Place(owner, column.table, column.column, row_id)
        try:
            if takes_plain and sealed[:1] == b"\0":
                plain = sealed[1:]
            else:
                plain = open_sealed(
                    lambda number: key_of(kept, owner, KeyPurpose.DATA, number, OWNER), place, sealed
                )
        except BrokenSeal as broken:
            done.broken.append(str(broken))
            continue
        changes.append((seal(newest, place, plain), row_id, sealed))
    update = column.query("UPDATE {table} SET {column} = %s WHERE id = %s AND {column} = %s")
    changed = 0
    for change in changes:
        cursor.execute(update.as_string(cursor.connection), change)
        changed += cursor.rowcount
    done.changed += changed
    return changed, rows[-1][0] if len(rows) == batch else None
