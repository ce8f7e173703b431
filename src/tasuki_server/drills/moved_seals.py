# SPDX-License-Identifier: Apache-2.0
"""移した暗号文 — each kind of sealed value is put into every other column, row and institution: none may open there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from tasuki.security.sealed_fields import key_number
from tasuki_server.drills.ground import as_superuser
from tasuki_server.drills.made_rows import columns_of, made_row

if TYPE_CHECKING:
    import psycopg

    from tasuki_server.keys.columns import SealedColumn

VALUES = {"SealedTextField": "訓練", "SealedJsonField": {"訓練": 1}, "SealedBinaryField": b"kunren"}


class Sample(NamedTuple):
    """見本 — one value of one column, at its own place."""

    column: SealedColumn
    owner: UUID
    row: UUID
    sealed: bytes
    before: bytes

    @property
    def place(self) -> str:
        """場所 — as an error names it."""
        return f"{self.column.table}.{self.column.column} {self.row}"


def moved_seals(institutions: list[UUID]) -> tuple[int, list[str]]:
    """暗号文の移動 — how many were moved, and those that opened or were not named; rows are as before afterwards."""
    moved, faults = 0, []
    with as_superuser() as owner:
        samples = list(_samples(owner, institutions))
        for one in samples:
            _put(owner, one, one.sealed)
        faults += [f"{each.place} が元の場所で開きません。" for each in samples if _opening(each) is not None]
        mine = [each for each in samples if each.owner in (institutions[0], UUID(int=0))]
        theirs = {each.column: each for each in samples if each.owner == institutions[1]}
        pairs = [
            *permutations(mine, 2),
            *((theirs[each.column], each) for each in mine if each.column in theirs),
        ]
        for source, target in pairs:
            moved += 1
            _put(owner, target, source.sealed)
            named = _opening(target)
            if named is None:
                faults.append(f"{source.place} の暗号文が {target.place} で開きます。")
            elif named != target.place:
                faults.append(f"{target.place} の誤りが、行を名指ししません。")
            _put(owner, target, target.sealed)
        # What was moved harmed nothing else.
        faults += [f"{each.place} が移動のあと開きません。" for each in samples if _opening(each) is not None]
        for one in samples:
            # A made-up row had no value that could open; it keeps the sample.
            if key_number(one.before):
                _put(owner, one, one.before)
    return moved, faults


def _samples(owner: psycopg.Connection, institutions: list[UUID]) -> Iterator[Sample]:
    from tasuki.security.sealed_fields import Place
    from tasuki_server.keys.columns import sealed_columns
    from tasuki_server.keys.kept_key import KeyPurpose
    from tasuki_server.keys.ring import NO_INSTITUTION, key_model, newest_key

    for column in sealed_columns():
        for whose in institutions if column.is_of_institutions else [NO_INSTITUTION]:
            row = _row_of(owner, column, whose)
            with _inside(whose):
                key = newest_key(key_model(column.model), whose, KeyPurpose.DATA)
            place = Place(whose, column.table, column.column, row)
            sealed = column.field.sealed_with(key, place, VALUES[type(column.field).__name__])
            kept = owner.execute(column.query("SELECT {column} FROM {table} WHERE id = %s"), [row]).fetchone()
            assert kept is not None
            yield Sample(column, whose, row, bytes(sealed), bytes(kept[0] or b""))


def _row_of(owner: psycopg.Connection, column: SealedColumn, whose: UUID) -> UUID:
    if not column.is_of_institutions:
        found = owner.execute(
            column.query("SELECT id FROM {table} WHERE {column} IS NOT NULL LIMIT 1")
        ).fetchone()
        assert found is not None, f"the drill made no row of {column.table}"
        return UUID(str(found[0]))
    with owner.transaction():
        owner.execute("SET LOCAL session_replication_role = replica")
        made = made_row(owner, column.table, columns_of(owner, column.table), whose)
    return UUID(str(made["id"]))


def _put(owner: psycopg.Connection, sample: Sample, sealed: bytes) -> None:
    owner.execute(sample.column.query("UPDATE {table} SET {column} = %s WHERE id = %s"), [sealed, sample.row])


def _opening(sample: Sample) -> str | None:
    """The place that the error names; None when the value opened."""
    from tasuki.security.sealed_fields import BrokenSeal

    with _inside(sample.owner):
        row = sample.column.model._base_manager.get(pk=sample.row)
        try:
            getattr(row, sample.column.field.attname)
        except BrokenSeal as broken:
            return str(broken.place)
        except ValueError:
            # It opened, and was no value of this column's kind.
            return None
    return None


@contextmanager
def _inside(owner: UUID) -> Iterator[Any]:
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.keys.ring import NO_INSTITUTION

    if owner == NO_INSTITUTION:
        yield None
        return
    with as_institution(owner, system_actor(owner)) as work:
        yield work
