# SPDX-License-Identifier: Apache-2.0
"""職員の連携アプリへの許可の終了 — with what proves the person, or with the person: an app must not go on for who had it.

A permit lasts for weeks, and whoever had a password or a device may have given one. It lies in the exchange and is ended
there at once, after the sessions: a page that is just allowing one looks again whether its session stands. Whoever ends
the sessions of a person, or one of them, for another's sake or for safety's ends both here. A session that is signed out
or runs out by itself leaves what was allowed in it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from tasuki_server.accounts.models import SignInSession, User, Why
from tasuki_server.accounts.sessions import end_session, end_sessions
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import Actor, as_institution, current_work, has_work


def end_access(staff: Staff, why: Why, *, but: UUID | None = None) -> dict[str, Any]:
    """端末と許可の終了 — of a member of staff, save one session; what the trail is told of it."""
    ended = end_sessions(staff.user_id, why, but=but) if staff.user_id is not None else []
    return {"ended": ended, "permits": end_permits(staff.id)}


def end_access_of(user: User, why: Why, *, but: UUID | None = None) -> dict[str, Any]:
    """利用者の端末と許可の終了 — the same of an account."""
    return {"ended": end_sessions(user.pk, why, but=but), "permits": _end_permits_by(user)}


def end_access_in(row: SignInSession, why: Why) -> dict[str, Any]:
    """一つの端末と許可の終了 — of one session, with what was allowed in it."""
    from tasuki_server.exchange.app_registering import end_permits_in

    end_session(row, why)
    return {"ended": [row.public_id], "permits": end_permits_in(row.public_id, timezone.now())}


def end_access_elsewhere(user: User, why: Why, here: SignInSession | None) -> dict[str, Any]:
    """ほかの端末と許可の終了 — all of an account but this session, and all permits but those allowed in it: who says that only
    this device is theirs says it of sessions that were signed out as well."""
    ended = end_sessions(user.pk, why, but=here.pk if here is not None else None)
    return {"ended": ended, "permits": _end_permits_by(user, but=here.public_id if here is not None else "")}


def end_permits(staff_id: UUID, *, but: str = "") -> int:
    """許可の終了 — what a member of staff allowed apps to read, save in one session; how many had not ended."""
    from tasuki_server.exchange.app_registering import end_permits_of

    return end_permits_of(staff_id, current_work().at, but=but)


def _end_permits_by(user: User, but: str = "") -> int:
    """In the open transaction, or in one of its own."""
    if not has_work():
        with as_institution(user.institution_id, Actor(label=user.username)):
            return _end_permits_by(user, but)
    return sum(end_permits(each.id, but=but) for each in Staff.objects.filter(user_id=user.pk).only("id"))
