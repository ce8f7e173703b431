# SPDX-License-Identifier: Apache-2.0
"""非常時アカウントの番 — while everything runs, an opening whose time has come is ended, and its credentials with it.

The clock closes it at every request anyway; this makes password and factor worthless, too.
"""

from __future__ import annotations

from tasuki_server.cli.words import Alarm

SECONDS = 30.0


class EmergencyKeeper:
    """非常時アカウントの番 — one institution's fault does not keep the others' from ending; it is told once."""

    def __init__(self) -> None:
        self._next = 0.0
        self._alarm = Alarm()

    def keep(self, now: float) -> int:
        """見回り — returns how many were ended."""
        if now < self._next:
            return 0
        self._next = now + SECONDS
        from django.utils import timezone

        from tasuki_server.audit.bringing import all_institutions
        from tasuki_server.continuity.emergency_accounts import close_due
        from tasuki_server.database.session import leave
        from tasuki_server.institutions.opening import system_actor
        from tasuki_server.institutions.work import as_institution

        ended, faults = 0, []
        for institution in all_institutions():
            try:
                with as_institution(institution.id, system_actor(institution.id)):
                    ended += close_due(timezone.now())
            except Exception as error:  # noqa: BLE001 - the others go on; the fault is told
                faults.append(f"{institution.code}: {type(error).__name__}")
        leave()
        told = "、".join(faults)
        self._alarm.tell(
            told,
            f"非常時アカウントを終えられません（{told}）。画面「非常時アカウント」で終えてください。",
            f"An account for emergencies could not be ended ({told}); end it on its page.",
        )
        return ended
