# SPDX-License-Identifier: Apache-2.0
"""診療所の時計 — the instant of the open transaction, as the clinic's wall clock reads it."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from tasuki_server.institutions.work import current_work


def now() -> datetime:
    """現在時刻 — one instant for all that a transaction writes, in Asia/Tokyo."""
    return timezone.localtime(current_work().at)


def today() -> date:
    """本日 — the calendar day in Asia/Tokyo."""
    return now().date()
