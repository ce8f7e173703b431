# SPDX-License-Identifier: Apache-2.0
"""本人の画面のための窓口 — what a portal that has proved who someone is may ask and do for them.

Every function takes the portal's line to the platform (:func:`portal_wire`) and the person's insured numbers: all of
them, those of insurers before too, as the eligibility service tells them. Each call is recorded by the service.
Raises :class:`~tasuki_server.platform.wire.NotReached` when nothing is known, and :class:`NotDone` with the service's
own sentences when it refused.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from tasuki.sharing.permission import RecordKind
from tasuki_server.platform.models import FeeTable
from tasuki_server.platform.wire import Asker, NotReached, Wire, wire_of
from tasuki_server.records.messages import (
    Grant,
    Insured,
    Looks,
    OwnRecords,
    Permission,
    Permissions,
    Withdrawal,
)

_T = TypeVar("_T")


class NotDone(Exception):
    """断られた要求 — with what the service said, in Japanese."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(reasons))


def portal_wire(portal: UUID, name: str) -> Wire:
    """本人の閲覧の接続 — of a portal; within one installation it is registered at its first knock."""
    return wire_of(Asker(portal, "00", "0000000", name, FeeTable.PORTAL))


def own_records(wire: Wire, person: Sequence[Insured]) -> OwnRecords:
    """本人の記録 — 6情報, letters and checkups of every institution; 未告知・未提供 are left out."""
    return _read(wire, "person/records", person, OwnRecords)


def looks_at(wire: Wire, person: Sequence[Insured]) -> Looks:
    """閲覧の記録 — which institutions looked at the person's records, on the service and on the exchange."""
    return _read(wire, "person/looks", person, Looks)


def permissions_of(wire: Wire, person: Sequence[Insured]) -> Permissions:
    """本人の同意 — what is open now, and its whole history."""
    return _read(wire, "person/permissions", person, Permissions)


def grant(
    wire: Wire,
    person: Sequence[Insured],
    institution: str,
    kinds: Collection[RecordKind],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    document: str = "",
    proxy: str = "",
) -> Permission:
    """同意する — one institution (ten digits) may read these kinds from ``since`` (now) until ``until``.

    With ``document`` only that waiting document is opened. Refused: no kinds, a period that is over or longer than the
    service's longest, an institution that is not connected, a number without 枝番.
    """
    told = Grant(tuple(person), institution, tuple(sorted(kinds)), since, until, document, proxy)
    return _write(wire, "person/permissions", told, Permission)


def withdraw(
    wire: Wire,
    person: Sequence[Insured],
    *,
    institution: str = "",
    kinds: Collection[RecordKind] = (),
    document: str = "",
    reason: str = "",
) -> Permission:
    """撤回する — from this moment nothing that it closes is readable on any path; what was printed cannot be taken back."""
    told = Withdrawal(tuple(person), institution, tuple(sorted(kinds)), document, reason)
    return _write(wire, "person/withdrawals", told, Permission)


def _read(wire: Wire, path: str, person: Sequence[Insured], kind: type[_T]) -> _T:
    query = urlencode([("public" if each.is_public else "insured", each.number) for each in person])
    return _answered(wire("GET", f"records/{path}?{query}"), kind)


def _write(wire: Wire, path: str, told: Grant | Withdrawal, kind: type[_T]) -> _T:
    body = msgspec.json.encode(told)
    return _answered(wire("POST", f"records/{path}", body, {"Content-Type": "application/json"}), kind)


def _answered(reply: Any, kind: type[_T]) -> _T:
    if 200 <= reply.status < 300:
        return msgspec.json.decode(reply.body, type=kind)
    if reply.status in (400, 403, 404, 409, 422):
        outcome = msgspec.json.decode(reply.body)
        issues = outcome.get("issue", ()) if isinstance(outcome, dict) else ()
        raise NotDone(tuple(each.get("diagnostics", "") for each in issues) or ("断られました。",))
    raise NotReached(f"状態{reply.status}")
