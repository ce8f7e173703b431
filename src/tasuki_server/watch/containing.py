# SPDX-License-Identifier: Apache-2.0
"""封じ込め — ends the sessions of a person and what they allowed apps, stops their account, or lets nobody write; each can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404

from tasuki_server.accounts.app_permits import end_access
from tasuki_server.accounts.models import Why
from tasuki_server.accounts.staff_changes import set_active
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.watch.models import Alert, Containment, ContainmentKind

if TYPE_CHECKING:
    from uuid import UUID

CANARY_REASON = "おとりカルテに触れたため、自動で終了"


def contain(
    kind: ContainmentKind, reason: str, *, staff: Staff | None = None, alert: Alert | None = None
) -> Containment:
    """封じ込めの開始 — at once; ended sessions need no taking back."""
    now, by = current_work().at, current_work().actor.staff_id
    count = 0
    if kind is not ContainmentKind.READ_ONLY:
        if staff is None or staff.user_id is None:
            raise Http404("account")
        if kind is ContainmentKind.ACCOUNT:
            set_active(staff.user_id, is_active=False)
        count = len(end_access(staff, Why.ADMIN)["ended"])
    is_over = kind is ContainmentKind.SESSIONS
    row = Containment.objects.create(
        kind=kind,
        staff=staff,
        alert=alert,
        reason=reason,
        count=count,
        begun_at=now,
        begun_by_id=by,
        ended_at=now if is_over else None,
        ended_by_id=by if is_over else None,
    )
    record(
        "containment.begin",
        row,
        detail={"kind": kind.value, "staff": str(staff.id if staff else ""), "sessions": count},
    )
    return row


def take_back(row: Containment, reason: str) -> None:
    """封じ込めの解除 — the account works again, or all may write again."""
    if row.kind == ContainmentKind.ACCOUNT and row.staff is not None and row.staff.user_id is not None:
        set_active(row.staff.user_id, is_active=True)
    row.ended_at, row.ended_by_id = current_work().at, current_work().actor.staff_id
    row.end_reason = reason
    row.save(update_fields=["ended_at", "ended_by_id", "end_reason"])
    record("containment.end", row, detail={"kind": row.kind})


def end_sessions_after(alert: Alert) -> None:
    """自動の封じ込め — whoever touched a decoy loses their sessions before anyone has looked."""
    if alert.staff is not None and alert.staff.user_id is not None:
        contain(ContainmentKind.SESSIONS, CANARY_REASON, staff=alert.staff, alert=alert)


def is_read_only() -> bool:
    """閲覧専用か — whether nobody of this institution may write now."""
    return Containment.objects.filter(kind=ContainmentKind.READ_ONLY, ended_at=None).exists()


def open_containment(containment_id: UUID) -> Containment:
    """続いている封じ込め — to take back; 404 when it is over."""
    row = Containment.objects.select_for_update(of=("self",)).filter(pk=containment_id, ended_at=None).first()
    if row is None:
        raise Http404("containment")
    return row
