# SPDX-License-Identifier: Apache-2.0
"""新しいものだけの保存 — resources that are all new, in one statement: it writes everything, or nothing where more must happen.

A transaction of several statements asks the database four times, and waiting for an answer costs both sides more than
answering. What acts on others (a consent, an address, a subscription) and what somebody wants to hear of goes the long way.
"""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tasuki_server.exchange.sight import Sight
from tasuki_server.exchange.standing import OF_PERSONS, insured_keys, insured_rows
from tasuki_server.exchange.storing import Change, settle
from tasuki_server.exchange.storing_columns import columns_of, insert_sql_of

if TYPE_CHECKING:
    from tasuki_server.exchange.asked import Room

# 影響の及ぶもの: what they say changes what others see or hear.
_ACTING = frozenset(("Communication", "Consent", "Subscription"))
# Somebody wants to hear of such writes: for so long they are not tried in one statement again.
REMEMBERED_SECONDS = 1.0
_UNHEARD = "NOT EXISTS (SELECT 1 FROM hooks)"


def _statement() -> str:
    """Every insert under the condition that nobody wants to hear of it; who does is what it gives."""
    parts, hooks, last = insert_sql_of(f" WHERE {_UNHEARD}")
    parts.append(
        "INSERT INTO records_insured (id, patient, person)"
        f" SELECT * FROM unnest(${last}::uuid[], ${last + 1}::text[], ${last + 2}::text[]) WHERE {_UNHEARD}"
        " ON CONFLICT (patient, person) DO NOTHING"
    )
    named = ", ".join(f"w{n} AS ({part})" for n, part in enumerate(parts))
    return f"WITH hooks AS ({hooks}), {named} SELECT 1 FROM hooks LIMIT 1"


_WRITE = _statement()


async def store_at_once(room: Room, sight: Sight, changes: Sequence[Change], at: datetime, base: str) -> bool:
    """一度の保存 — False, and nothing is written, when it takes a transaction of several statements."""
    if time.monotonic() < room.heard_until or not changes or not all(map(_is_plain, changes)):
        return False
    for each in changes:
        settle(each, None, sight, at, base)
    insured: list[tuple[UUID, str, str]] = []
    for each in changes:
        if each.type in OF_PERSONS:
            insured += insured_rows(each.type, each.id, each.value)
    columns = list(zip(*insured, strict=True)) if insured else [(), (), ()]
    heard = await room.pool.fetch(_WRITE, *columns_of(changes, changes, at, sight.caller), *columns)
    if heard:
        room.heard_until = time.monotonic() + REMEMBERED_SECONDS
    return not heard


def _is_plain(change: Change) -> bool:
    """Made by us under an identifier of ours, of one person at most; nothing is there to be locked, judged or forgotten."""
    if change.method != "POST" or not change.is_new or change.value is None or change.patch is not None:
        return False
    if change.type == "Patient":
        return len(insured_keys(change.value)) <= 1
    return change.type not in _ACTING
