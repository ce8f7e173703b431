# SPDX-License-Identifier: Apache-2.0
"""コードの求めの警報 — institutions whose line asked today for codes of the portal as no desk does: a stolen key, or a mistake."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count
from django.db.models.fields.json import KT

from tasuki_server.platform.models import ConnectedInstitution, ServiceEvent

OPERATION, REFUSED = "records.portal-code", "refused"
# 断りの種類: from how many in a day it is told, and as what.
TOLD = {
    "codes-many": (1, "1日の上限に達したあとも求めた"),
    "portal-person": (5, "本日カードを読み取っていない人、または登録と合わない番号のコードを求めた"),
}


class CodeAlarm(NamedTuple):
    """警報の一件 — of which institution, what, and how often today."""

    institution: ConnectedInstitution
    what: str
    count: int


def code_alarms(first_id: UUID, midnight: datetime) -> list[CodeAlarm]:
    """コードの求めの警報 — of today; ``first_id`` is the least identifier of the day, by which its rows are found."""
    rows = (
        ServiceEvent.objects.filter(id__gte=first_id, at__gte=midnight, operation=OPERATION, outcome=REFUSED)
        .annotate(issue=KT("detail__issue"))
        .filter(issue__in=TOLD)
        .values("caller", "issue")
        .annotate(count=Count("id"))
        .order_by("-count")
    )
    told = [each for each in rows if each["count"] >= TOLD[each["issue"]][0]]
    callers = ConnectedInstitution.objects.in_bulk([each["caller"] for each in told])
    return [CodeAlarm(callers[each["caller"]], TOLD[each["issue"]][1], each["count"]) for each in told]
