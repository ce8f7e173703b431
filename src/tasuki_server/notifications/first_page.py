# SPDX-License-Identifier: Apache-2.0
"""いま要ること（発生届） — what is to be decided or handed in, the late ones first."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from tasuki.kernel.finding import BadInput
from tasuki_server.institutions.models import Staff
from tasuki_server.notifications.worklist import entries
from tasuki_server.reception.clock import today
from tasuki_server.shell.waiting import Waiting, due_by


def notices_waiting(staff: Staff) -> Iterable[Waiting]:
    """医師に要ること — every open entry of the institution."""
    del staff
    day = today()
    try:
        days = [each.due_on or day for each in entries(day) if each.is_open]
    except BadInput:
        # 取り込んだ様式が壊れている: told here, so that the page of everyone still opens.
        yield Waiting(
            "発生届の様式を読めません（管理者に連絡してください）",
            1,
            reverse("notifications:list"),
            1,
            "要対応",
        )
        return
    yield due_by("届け出る感染症", days, reverse("notifications:list"), day)
