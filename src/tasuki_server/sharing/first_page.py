# SPDX-License-Identifier: Apache-2.0
"""いま要ること（情報共有） — units that could not go, letters without a reply, and documents nobody has read."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from tasuki_server.institutions.models import Staff
from tasuki_server.sharing.letter_tracking import unanswered
from tasuki_server.sharing.models import ArrivedDocument, SharedUnit, UnitState, Urgency
from tasuki_server.shell.waiting import Waiting


def sharing_waiting(staff: Staff) -> Iterable[Waiting]:
    """医師に要ること — of the institution's shared information."""
    del staff
    troubled = SharedUnit.objects.filter(state__in=(UnitState.FAULTY, UnitState.REFUSED)).count()
    address = f"{reverse('sharing:list')}?show=trouble"
    yield Waiting("共有できなかった情報", troubled, address, troubled, "要対応")
    days = list(unanswered().values_list("document__day", flat=True))
    yield Waiting("返書のない紹介状", len(days), reverse("sharing:sent"), oldest=min(days, default=None))


def arrivals_waiting(staff: Staff) -> Iterable[Waiting]:
    """届いた文書 — nobody has looked at, and those one is to see to; what is urgent today is told."""
    unseen = ArrivedDocument.objects.filter(seen_at=None, done_at=None)
    address = reverse("sharing:arrived")
    today = unseen.filter(urgency=Urgency.TODAY).count()
    yield Waiting("確認していない紹介状など", unseen.count(), f"{address}?show=unseen", today, "今日中")
    mine = ArrivedDocument.objects.filter(assigned_to=staff, done_at=None)
    urgent = mine.filter(urgency=Urgency.TODAY).count()
    yield Waiting("自分が担当する届いた文書", mine.count(), f"{address}?show=mine", urgent, "今日中")
