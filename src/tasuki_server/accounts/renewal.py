# SPDX-License-Identifier: Apache-2.0
"""資格情報の総入替え — after an attack nobody's password, factor or session is believed: everyone gets new ones on paper.

What was on the machine may have been read: hashes, seeds of authenticator apps, sessions. Each person gets a slip with a first
password, to be changed at its first use, and an enrolment code; whoever had a card of the downtime copies asks for a new one,
and accounts for emergencies need new envelopes.
"""

from __future__ import annotations

from typing import NamedTuple

from tasuki.security.permissions import Role
from tasuki_server.accounts.staff_changes import reset_factor, reset_password, user_of
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff


class Slip(NamedTuple):
    """手渡す紙 — of one person; shown once."""

    name: str
    username: str
    password: str
    code: str


def renew_everyone() -> list[Slip]:
    """資格情報の総入替え — inside a transaction of the institution: every sign-in that may be used."""
    from tasuki_server.continuity.cards import newest_cards, stop_card
    from tasuki_server.continuity.emergency_accounts import make_all_worthless

    slips = []
    for staff in Staff.objects.filter(is_system=False, is_active=True, user_id__isnull=False).order_by(
        "kana"
    ):
        if Role.EMERGENCY in staff.roles:
            continue
        user = user_of(staff)
        if user is not None:
            slips.append(Slip(staff.name, user.username, reset_password(staff), reset_factor(staff)))
    sealed = make_all_worthless()
    cards = [each.staff for each in newest_cards() if not each.is_stopped]
    for staff in cards:
        stop_card(staff)
    record("staff.renew", detail={"people": len(slips), "cards": len(cards), "emergency_accounts": sealed})
    return slips
