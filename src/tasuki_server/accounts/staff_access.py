# SPDX-License-Identifier: Apache-2.0
"""職員の閲覧 — what an administrator may see of the institution's people, their sign-ins and sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.http import Http404

from tasuki_server.accounts.models import SignInSession, User
from tasuki_server.accounts.sessions import open_sessions
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_institution_id


def access_staff() -> list[dict[str, Any]]:
    """職員の一覧 — in the order of their names, those who left last; looking at it is noted."""
    record("staff.read")
    members = list(Staff.objects.filter(is_system=False).order_by("-is_active", "kana", "name"))
    users = {each.pk: each for each in _users()}
    counts: dict[UUID, int] = {}
    for session in open_sessions(users):
        counts[session.user_id] = counts.get(session.user_id, 0) + 1
    enrolled = set(
        Authenticator.objects.filter(user_id__in=users)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .values_list("user_id", flat=True)
    )
    return [
        {
            "staff": each,
            "user": users.get(each.user_id) if each.user_id else None,
            "sessions": counts.get(each.user_id, 0) if each.user_id else 0,
            "is_enrolled": each.user_id in enrolled,
        }
        for each in members
    ]


def access_member(staff_id: UUID) -> Staff:
    """職員 — a person of this institution, else 404."""
    found = Staff.objects.filter(id=staff_id, is_system=False).first()
    if found is None:
        raise Http404
    return found


def access_sessions() -> list[SignInSession]:
    """全職員の端末 — open sessions with the name of who uses them."""
    names = dict(Staff.objects.exclude(user_id=None).values_list("user_id", "name"))
    record("staff.read", detail={"what": "sessions"})
    found = list(open_sessions(each.pk for each in _users()))
    for each in found:
        each.person = names.get(each.user_id, "")  # type: ignore[attr-defined]
    return found


def access_session(session_id: UUID) -> SignInSession:
    """端末 — of someone of this institution, else 404: the sign-in role sees every institution's."""
    found = (
        SignInSession.objects.select_related("user")
        .filter(pk=session_id, ended_at=None, user__institution_id=current_institution_id())
        .first()
    )
    if found is None:
        raise Http404
    return found


def _users() -> list[User]:
    return list(User.objects.filter(institution_id=current_institution_id()))
