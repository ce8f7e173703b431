# SPDX-License-Identifier: Apache-2.0
"""利用者との継ぎ目 — ending sessions and stopping accounts, in one place."""

from __future__ import annotations

from uuid import UUID

from django.contrib.sessions.models import Session

from tasuki_server.accounts.models import User, Why
from tasuki_server.accounts.sessions import end_sessions


def end_sessions_of(user_id: UUID) -> int:
    """セッションの終了 — of one user; the next request of each is a stranger's. Returns how many there were."""
    ended = end_sessions(user_id, Why.ADMIN)
    # A session is listed when its first page opens; one that was only signed in ends too.
    mine = [
        each.pk for each in Session.objects.all() if each.get_decoded().get("_auth_user_id") == str(user_id)
    ]
    Session.objects.filter(pk__in=mine).delete()
    return max(len(ended), len(mine))


def set_active(user_id: UUID, *, is_active: bool) -> None:
    """利用の停止と再開 — a stopped account cannot sign in, and its open sessions end at their next request."""
    User.objects.filter(pk=user_id).update(is_active=is_active)
