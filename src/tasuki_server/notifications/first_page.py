# SPDX-License-Identifier: Apache-2.0
"""いま要ること（発生届） — what is to be decided or handed in, the late ones first."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from tasuki_server.institutions.models import Staff
from tasuki_server.notifications.worklist import entries
from tasuki_server.reception.clock import today
from tasuki_server.shell.waiting import Waiting, due_by


def notices_waiting(staff: Staff) -> Iterable[Waiting]:
    """医師に要ること — every open entry of the institution."""
    del staff
    day = today()
    days = [each.due_on or day for each in entries(day) if each.is_open]
    yield due_by("届け出る感染症", days, reverse("notifications:list"), day)
