# SPDX-License-Identifier: Apache-2.0
"""職員の連携アプリへの許可の終了 — with what proves the person, or with the person: an app must not go on for who had it.

A permit lasts for weeks, and whoever had a password or a device may have given one. It lies in the exchange and is ended
there at once, after the sessions: a page that is just allowing one looks again whether its session stands.
"""

from __future__ import annotations

from uuid import UUID

from tasuki_server.accounts.models import User
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import Actor, as_institution, current_work, has_work


def end_permits(staff_id: UUID) -> int:
    """許可の終了 — what a member of staff allowed apps to read; how many had not ended."""
    from tasuki_server.exchange.app_registering import end_permits_of

    return end_permits_of(staff_id, current_work().at)


def end_permits_by(user: User) -> int:
    """利用者の許可の終了 — in the open transaction, or in one of its own."""
    if not has_work():
        with as_institution(user.institution_id, Actor(label=user.username)):
            return end_permits_by(user)
    return sum(end_permits(each.id) for each in Staff.objects.filter(user_id=user.pk).only("id"))
