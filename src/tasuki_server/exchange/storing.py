# SPDX-License-Identifier: Apache-2.0
"""リソースの保存 — changes of one request in one transaction: versions, what finds them, denials, and the record of use.

Whoever wrote a resource may change it; the version before moves to the earlier ones.
"""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from tasuki.sharing.search import IndexRows, extract
from tasuki_server.exchange.bodies import read_kept, stamped, write_value
from tasuki_server.exchange.compartment import patient_of
from tasuki_server.exchange.consent import OPEN, Denied, denial_of
from tasuki_server.exchange.hook_keeping import keep_hook, queue_notices
from tasuki_server.exchange.hook_reading import HookWish, read_hook
from tasuki_server.exchange.indexing import NAMES
from tasuki_server.exchange.outcome import Issue, Refused, refuse
from tasuki_server.exchange.sight import Sight, institution_sees, sight_of
from tasuki_server.exchange.standing import Written, insured_keys, keep_standing, refuse_of_several
from tasuki_server.exchange.storing_columns import columns_of, insert_sql_of
from tasuki_server.platform.engine import LARGEST

# 共有するもの: of the person, the people and the places, not of one institution's record; all may keep them right;
# a Patient only where a region shares (`settle`).
SHARED = frozenset(
    ("Endpoint", "HealthcareService", "Location", "Medication", "Organization", "Patient", "Practitioner",
     "PractitionerRole", "Substance")
)  # fmt: skip
_LOCK = f"""
    SELECT r.key, r.type, r.id, r.version, r.updated, r.is_deleted, r.writer_id, r.patient, r.body,
      ({institution_sees("r", "$3::uuid")}) AS is_visible, {OPEN} AS is_open
    FROM exchange_resource r JOIN unnest($1::text[], $2::text[]) AS a(type, id) USING (type, id)
    ORDER BY r.key FOR UPDATE OF r
"""
_RETIRE = (
    """
    WITH retired AS (
      INSERT INTO exchange_version (key, version, updated, method, body, writer_id)
      SELECT key, version, updated, method, body, writer_id FROM exchange_resource WHERE key = ANY($1::bigint[]))"""
    + "".join(f", x{n} AS (DELETE FROM {name} WHERE key = ANY($1::bigint[]))" for n, name in enumerate(NAMES))
    + " DELETE FROM exchange_denial WHERE key = ANY($1::bigint[])"
)
_UPDATE = """
    UPDATE exchange_resource r SET version = a.version, updated = a.updated, method = a.method, body = a.body,
      is_deleted = a.is_deleted, patient = a.patient
    FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::text[], $5::bytea[], $6::boolean[], $7::text[])
      AS a(key, version, updated, method, body, is_deleted, patient) WHERE r.key = a.key
"""
_UNGUESSED = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# 操作の文字: of a scope, by the method of a change.
LETTER = {"POST": "c", "PUT": "u", "PATCH": "u", "DELETE": "d"}


def _insert_sql() -> str:
    """New resources, everything that finds resources, the record of use, and who asked to hear of it, in one statement."""
    parts, hooks, _ = insert_sql_of()
    named = ", ".join(f"w{n} AS ({part})" for n, part in enumerate(parts))
    return f"WITH {named} {hooks}"


_INSERT = _insert_sql()
_DENY = "INSERT INTO exchange_denial (key, patient, since, until) VALUES ($1, $2, $3, $4)"


@dataclass(slots=True)
class Change:
    """変更 — one resource to be written or deleted; what became of it is filled in by :func:`store`."""

    method: str
    type: str
    id: str
    value: dict[str, Any] | None
    interaction: str
    key: int = 0
    if_match: int | None = None
    # 新しい識別子: the server's own, so there is nothing to look for.
    is_new: bool = False
    status: int = 200
    version: int = 1
    updated: datetime | None = None
    body: bytes | None = None
    patient: str | None = None
    rows: IndexRows | None = None
    denied: Denied | None = None
    # 修正の手順: applied to what is there, in the transaction that writes it.
    patch: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    warnings: tuple[Issue, ...] = ()
    existed: bool = False
    # 登録した機関: of what was there; the caller's own where nothing was.
    writer: UUID | None = None
    is_nothing: bool = False
    # 通知の申込み: of a Subscription; what this side writes of its own is no wish.
    hook: HookWish | None = None
    is_ours: bool = False

    @property
    def is_deletion(self) -> bool:
        """削除か — nothing is to be written and nothing to be changed."""
        return self.value is None and self.patch is None

    @property
    def place(self) -> str:
        """所在 — as references write it."""
        return f"{self.type}/{self.id}"


async def held(
    connection: asyncpg.Connection, looker: Sight | UUID, places: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Any]:
    """登録済みの行 — locked until this transaction ends, always in the same order."""
    if not places:
        return {}
    types, ids = zip(*places, strict=True)
    rows = await connection.fetch(_LOCK, types, ids, sight_of(looker).caller)
    return {(row["type"], row["id"]): row for row in rows}


async def store(
    connection: asyncpg.Connection,
    looker: Sight | UUID,
    changes: Sequence[Change],
    at: datetime,
    base: str,
) -> None:
    """変更の保存 — of one request, in the transaction of this connection."""
    sight = sight_of(looker)
    caller = sight.caller
    known = await held(connection, sight, [(each.type, each.id) for each in changes if not each.is_new])
    # What is patched is read whole before it is known how large it becomes.
    _bound(
        len(row["body"] or b"")
        for each in changes
        if each.patch is not None and (row := known.get((each.type, each.id))) is not None
    )
    for each in changes:
        settle(each, known.get((each.type, each.id)), sight, at, base)
    # A patch may be small and what it makes large.
    _bound(len(each.body or b"") for each in changes if each.patch is not None)
    acted = [each for each in changes if not each.is_nothing]
    old, new = [each for each in acted if each.existed], [each for each in acted if not each.existed]
    if old:
        await connection.execute(_RETIRE, [each.key for each in old])
        await connection.execute(
            _UPDATE,
            *zip(
                *(
                    (each.key, each.version, each.updated, each.method, each.body, each.is_deletion, each.patient)
                    for each in old
                ),
                strict=True,
            ),
        )  # fmt: skip
    hooks = await connection.fetch(_INSERT, *columns_of(changes, new, at, caller))
    if hooks:
        await queue_notices(
            connection, hooks, [(each.key, each.type) for each in acted if each.body is not None]
        )
    for each in acted:
        if each.denied is not None:
            await connection.execute(_DENY, each.key, *each.denied)
        if each.type == "Subscription":
            await keep_hook(connection, sight, each.key, each.id, each.hook, is_ours=each.is_ours)
    written = [Written(each.type, each.id, each.value, not each.existed) for each in acted]
    await keep_standing(connection, caller, written, at)
    await refuse_of_several(connection, written, [each.denied.patient for each in acted if each.denied])


def _bound(sizes: Iterable[int]) -> None:
    if sum(sizes) > LARGEST:
        raise refuse("too-large", found=f"{LARGEST // 2**20}MB")


def settle(change: Change, row: Any, sight: Sight, at: datetime, base: str) -> None:
    """変更の決定 — what becomes of one change, against the row that is there. Raises what refuses it."""
    is_own = row is not None and row["writer_id"] == sight.caller
    is_asking = change.patch is not None or change.value is None
    if row is not None and is_asking and not is_own and not row["is_visible"]:
        # 見えないもの: a patch or a deletion of it tells no more than of one that is not there.
        row = None
    is_hidden = row is not None and not is_own and not row["is_visible"]
    if change.method == "PUT" and not change.is_new and (row is None or is_hidden):
        # 推測できる識別子: whether another institution uses it must not be told, so nobody makes one of their own.
        if change.if_match is not None:
            raise refuse("no-such-version", change.place)
        if is_hidden or not _UNGUESSED.fullmatch(change.id):
            raise refuse("own-id", change.id)
    if row is None:
        if change.if_match is not None:
            raise refuse("no-such-version", change.place)
        if change.patch is not None:
            raise refuse("unknown", change.place)
        if change.is_deletion:
            # 削除の繰返し: nothing is there, which is what was wanted.
            change.is_nothing, change.status, change.version = True, 204, 0
            return
        change.status = 201
    else:
        is_shared = change.type in SHARED and row["is_visible"] and not change.is_deletion
        # 全国: who a Patient is decides what permissions open, so its writer alone says.
        is_shared = is_shared and (change.type != "Patient" or (row["is_open"] and not row["is_deleted"]))
        if not is_own and not is_shared:
            raise refuse("foreign", change.place)
        if row["body"] is not None:
            _check_scope(change, read_kept(row["body"]), sight)
        if change.if_match is not None and change.if_match != row["version"]:
            raise refuse("conflict", change.place, found=row["version"])
        change.key, change.existed, change.writer = row["key"], True, row["writer_id"]
        change.version, change.patient = row["version"] + 1, row["patient"]
        if change.patch is not None:
            if row["is_deleted"]:
                raise refuse("gone", change.place)
            change.value = _patched(change, row)
        if change.is_deletion and row["is_deleted"]:
            change.is_nothing, change.status, change.version = True, 204, row["version"]
            return
        change.status = 204 if change.is_deletion else 201 if row["is_deleted"] else 200
        at = max(at, row["updated"] + timedelta(milliseconds=1))
    change.updated = at
    if change.value is not None:
        if change.type == "Subscription" and not change.is_ours:
            change.value, change.hook = read_hook(change.value, sight, base)
        change.value = stamped(change.value, change.id, change.version, at)
        _check_scope(change, change.value, sight)
        if row is not None and not is_own and change.type == "Patient":
            _keep_insured(change, read_kept(row["body"]))
        change.body = write_value(change.value)
        change.rows = extract(change.value, base)
        change.patient = patient_of(change.value, change.rows)
        if change.type == "Consent":
            change.denied = denial_of(change.value, change.patient)


def _patched(change: Change, row: Any) -> dict[str, Any]:
    """A refused patch may have told something of what is there, so its record names whose that is."""
    assert change.patch is not None
    try:
        return change.patch(read_kept(row["body"]))
    except Refused as refused:
        refused.patient, refused.writer = row["patient"], row["writer_id"]
        raise


def _keep_insured(change: Change, before: dict[str, Any]) -> None:
    """Others' permissions and denials join by the insured: a correction by others than the writer leaves them."""
    if change.value is None or insured_keys(change.value) != insured_keys(before):
        raise refuse("insured", change.place)


def _check_scope(change: Change, value: dict[str, Any], sight: Sight) -> None:
    """Conditions of a scope hold for what was there and for what comes in its place."""
    letter = LETTER[change.method]
    if sight.grant.sets and not sight.grant.holds(value, letter):
        raise refuse("outside-scope", change.place, wanted=f"{change.type}.{letter}")


def now() -> datetime:
    """いま — to the millisecond, as an instant of FHIR writes it."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
