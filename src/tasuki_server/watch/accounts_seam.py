# SPDX-License-Identifier: Apache-2.0
"""利用者との継ぎ目 — ending sessions and stopping accounts, in one place."""

from __future__ import annotations

from uuid import UUID

from tasuki_server.accounts.models import User, Why
from tasuki_server.accounts.sessions import end_sessions


def end_sessions_of(user_id: UUID) -> int:
    """セッションの終了 — of one user; the next request of each is a stranger's. Returns how many there were."""
    return len(end_sessions(user_id, Why.ADMIN))


def set_active(user_id: UUID, *, is_active: bool) -> None:
    """利用の停止と再開 — a stopped account cannot sign in, and its open sessions end at their next request."""
    User.objects.filter(pk=user_id).update(is_active=is_active)
