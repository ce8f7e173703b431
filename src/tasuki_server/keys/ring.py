# SPDX-License-Identifier: Apache-2.0
"""鍵束 — the opened data keys of each institution, kept in this process; the database is asked once a key.

Who seals asks once a transaction which key is the newest, and holds a shared lock on the institution's keys to its
end: a key is retired only when nobody still writes with it.
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.db import connections, router

from tasuki.security.sealed_fields import (
    KEY_BYTES,
    BrokenSeal,
    DataKey,
    Place,
    key_number,
    open_sealed,
    unwrap,
    wrap,
)
from tasuki_server.database.wrapping_keys import current_wrapping_key, wrapping_keys
from tasuki_server.keys.kept_key import KeptKey, KeyPurpose

if TYPE_CHECKING:
    from django.db import models

# Rows of a service that serves no institution are sealed under this one.
NO_INSTITUTION = UUID(int=0)

# With the wrapping it came from: a key that was made in a transaction taken back must not be believed.
_opened: dict[tuple[UUID, str, int], tuple[bytes, DataKey]] = {}
_newest: ContextVar[tuple[object, UUID, DataKey] | None] = ContextVar("tasuki_newest_key", default=None)


def owner_of(row: models.Model) -> UUID:
    """暗号文の持ち主 — the institution of a row, or the one that stands for none."""
    return getattr(row, "institution_id", None) or NO_INSTITUTION


def key_model(model: type[models.Model]) -> Any:
    """鍵の控えの表 — where the keys of a table's rows are kept."""
    return apps.get_model(getattr(model, "key_model", "keys.DataKey"))


def sealing_key(row: models.Model) -> DataKey:
    """封印に使う鍵 — the newest of the row's institution."""
    kept, owner = key_model(type(row)), owner_of(row)
    alias = router.db_for_write(kept)
    mark = _transaction_of(alias)
    held = _newest.get()
    if held is not None and mark is not None and held[0] is mark and held[1] == owner:
        return held[2]
    share_keys(alias, owner)
    found = newest_key(kept, owner, KeyPurpose.DATA)
    _newest.set((mark, owner, found))
    return found


def open_value(row: models.Model, place: Place, sealed: bytes) -> bytes:
    """開封 — of a row's value. Raises :class:`tasuki.security.sealed_fields.BrokenSeal`."""
    kept = key_model(type(row))
    try:
        return open_sealed(
            lambda number: key_of(kept, place.institution, KeyPurpose.DATA, number), place, sealed
        )
    except BrokenSeal:
        # What this process remembers may be a key whose making was taken back: asked once more of the database.
        if _opened.pop((place.institution, KeyPurpose.DATA, key_number(sealed)), None) is None:
            raise
    return open_sealed(lambda number: key_of(kept, place.institution, KeyPurpose.DATA, number), place, sealed)


def index_key(model: type[models.Model], institution_id: UUID) -> bytes:
    """検索用の符号の鍵 — of the institution."""
    return newest_key(key_model(model), institution_id, KeyPurpose.INDEX).key


def key_of(kept: Any, owner: UUID, purpose: str, number: int, using: str | None = None) -> bytes | None:
    """鍵 — from this process, or opened from its wrapping; None where the institution has no such key."""
    known = _opened.get((owner, purpose, number))
    if known is not None:
        return known[1].key
    row = kept.objects.using(using).filter(purpose=purpose, number=number).first()
    return None if row is None else opened(row, owner).key


def newest_key(kept: Any, owner: UUID, purpose: str, using: str | None = None) -> DataKey:
    """最新の鍵 — of a purpose, as the database has it now."""
    row = kept.objects.using(using).filter(purpose=purpose, retired_at=None).order_by("-number").first()
    if row is None:
        raise BrokenSeal(Place(owner, kept._meta.db_table, purpose, owner), "key")
    return opened(row, owner)


def first_keys(kept: Any, owner: UUID, using: str | None = None) -> None:
    """最初の鍵 — one of each purpose, where there is none: at the opening of an institution, or when it is brought here."""
    for purpose in KeyPurpose.values:
        if not kept.objects.using(using).filter(purpose=purpose).exists():
            make_key(kept, owner, purpose, 1, using)


def make_key(kept: Any, owner: UUID, purpose: str, number: int, using: str | None = None) -> KeptKey:
    """鍵の作成 — random, and wrapped at once."""
    wrapping = current_wrapping_key()
    data = DataKey(number, os.urandom(KEY_BYTES))
    values = {"institution_id": owner} if owner != NO_INSTITUTION else {}
    made: KeptKey = kept.objects.using(using).create(
        number=number, purpose=purpose, wrapped=wrap(wrapping, owner, data, purpose), wrapped_with=wrapping.name,
        **values,
    )  # fmt: skip
    return made


def opened(row: KeptKey, owner: UUID) -> DataKey:
    """鍵の開包 — kept for the next time, as long as the database has the same."""
    wrapped = bytes(row.wrapped)
    known = _opened.get((owner, row.purpose, row.number))
    if known is not None and known[0] == wrapped:
        return known[1]
    wrapping = wrapping_keys().get(row.wrapped_with)
    if wrapping is None:
        raise BrokenSeal(Place(owner, row._meta.db_table, "wrapped_with", UUID(int=row.number)), "key")
    found = unwrap(wrapping, owner, row.number, row.purpose, wrapped)
    _opened[owner, row.purpose, row.number] = (wrapped, found)
    return found


def share_keys(alias: str, owner: UUID) -> None:
    """鍵の共有 — to the end of the transaction no key of the institution is retired."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [f"keys:{owner}"])


def hold_keys(alias: str, owner: UUID) -> None:
    """鍵の占有 — waits until nobody writes with a key of the institution."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"keys:{owner}"])


def forget_keys() -> None:
    """鍵束の破棄 — of this process."""
    _opened.clear()
    _newest.set(None)


def _transaction_of(alias: str) -> object | None:
    """What stands for the open transaction: its work, or nothing, and then the newest key is asked each time."""
    from tasuki_server.institutions.work import current_work, has_work

    return current_work() if alias == "default" and has_work() else None
