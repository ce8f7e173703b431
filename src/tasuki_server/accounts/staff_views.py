# SPDX-License-Identifier: Apache-2.0
"""職員の管理の画面 — people, their roles, sign-ins and sessions; what only makes things safer asks no second proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import OWN_ROLES, Permission, Role
from tasuki_server.accounts import staff_changes
from tasuki_server.accounts.app_permits import end_access_in
from tasuki_server.accounts.joining import join
from tasuki_server.accounts.models import Why
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.sessions import open_sessions
from tasuki_server.accounts.staff_access import (
    access_member,
    access_session,
    access_sessions,
    access_staff,
)
from tasuki_server.accounts.staff_changes import NotAllowed, user_of
from tasuki_server.accounts.staff_forms import REASONS, ROLES, MemberForm
from tasuki_server.accounts.step_up import without_step_up
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_institution_id


@requires(Permission.STAFF_MANAGE)
@require_GET
def members(request: HttpRequest) -> HttpResponse:
    """職員の一覧 — with the sign-ins they have."""
    return render(request, "staff/list.html", {"members": access_staff()})


@requires(Permission.STAFF_MANAGE)
@require_http_methods(["GET", "POST"])
def new_member(request: HttpRequest) -> HttpResponse:
    """職員の登録 — the first password and the enrolment code are shown once."""
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        roles = [Role(each) for each in given["roles"]]
        joined = join(current_institution_id(), given["username"], given["name"], roles, kana=given["kana"])
        return render(request, "staff/handed.html", {"name": given["name"], "joined": joined})
    status = 400 if form.is_bound else 200
    return render(request, "staff/new.html", {"form": form}, status=status)


@requires(Permission.STAFF_MANAGE)
@require_GET
def member(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """職員 — roles, sign-in, devices, and tokens they made."""
    staff = access_member(staff_id)
    record("staff.read", staff)
    return _member_page(request, staff)


@requires(Permission.STAFF_MANAGE)
@require_POST
def change_roles(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """役割の変更."""
    known = {role.value for role in OWN_ROLES}
    roles = [Role(each) for each in request.POST.getlist("roles") if each in known]
    return _changed(request, staff_id, lambda staff: staff_changes.change_roles(staff, roles))


@without_step_up
@requires(Permission.STAFF_MANAGE)
@require_POST
def disable(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """利用停止 — at once."""
    return _changed(request, staff_id, staff_changes.disable)


@requires(Permission.STAFF_MANAGE)
@require_POST
def enable(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """利用再開."""
    return _changed(request, staff_id, staff_changes.enable)


@requires(Permission.STAFF_MANAGE)
@require_POST
def reset_factor(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """二要素認証の取消 — a lost device; the new enrolment code is shown once."""
    return _changed(request, staff_id, staff_changes.reset_factor, "code")


@requires(Permission.STAFF_MANAGE)
@require_POST
def reset_password(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """パスワードの再発行 — shown once, to be changed at its first use."""
    return _changed(request, staff_id, staff_changes.reset_password, "password")


@without_step_up
@requires(Permission.STAFF_MANAGE)
@require_POST
def end_all(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """全端末の終了 — of one person."""
    staff = access_member(staff_id)
    if staff.user_id is not None:
        staff_changes.end_all(staff, but=_here(request))
    return redirect("staff:member", staff_id)


@requires(Permission.STAFF_MANAGE)
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """サインイン中の端末（全職員）."""
    context = {"sessions": access_sessions(), "here": _here(request), "by_person": True}
    return render(request, "staff/sessions.html", context)


@without_step_up
@requires(Permission.STAFF_MANAGE)
@require_POST
def end_one(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """端末の終了 — of anyone at this institution."""
    row = access_session(session_id)
    record("session.end", detail={"user": str(row.user_id), **end_access_in(row, Why.ADMIN)})
    return redirect("staff:sessions")


def _changed(
    request: HttpRequest, staff_id: UUID, change: Callable[[Staff], str | None], handed: str = ""
) -> HttpResponse:
    """The page again after a change, with its reason where it is not allowed; what is ``handed`` over is shown once."""
    staff = access_member(staff_id)
    try:
        made = change(staff)
    except NotAllowed as refusal:
        return _member_page(request, access_member(staff_id), refusal)
    if not handed:
        return redirect("staff:member", staff_id)
    context = {"name": staff.name, "user": user_of(staff), handed: made}
    return render(request, "staff/handed.html", context)


def _member_page(request: HttpRequest, staff: Staff, refusal: NotAllowed | None = None) -> HttpResponse:
    from django.utils import timezone

    from tasuki_server.api.access import tokens_made_by
    from tasuki_server.api.client_access import clients_made_by

    context: dict[str, Any] = {
        "member": staff,
        "user": user_of(staff),
        "roles": [(value, label, value in staff.roles) for value, label in ROLES],
        "sessions": open_sessions([staff.user_id]) if staff.user_id else [],
        "here": _here(request),
        "by_person": True,
        "tokens": tokens_made_by(staff, timezone.now()),
        "clients": clients_made_by(staff, timezone.now()),
        "refusal": REASONS[refusal.reason] if refusal else "",
        "is_self": staff.user_id == request.user.pk,
    }
    return render(request, "staff/member.html", context, status=400 if refusal else 200)


def _here(request: HttpRequest) -> UUID | None:
    row = getattr(request, "sign_in_session", None)
    return row.pk if row is not None else None
