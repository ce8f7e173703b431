# SPDX-License-Identifier: Apache-2.0
"""いま要ること（情報共有） — units that could not go, and documents nobody has read."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from tasuki_server.institutions.models import Staff
from tasuki_server.sharing.models import ArrivedDocument, SharedUnit, UnitState
from tasuki_server.shell.waiting import Waiting


def sharing_waiting(staff: Staff) -> Iterable[Waiting]:
    """医師に要ること — of the institution's shared information."""
    del staff
    troubled = SharedUnit.objects.filter(state__in=(UnitState.FAULTY, UnitState.REFUSED)).count()
    address = f"{reverse('sharing:list')}?show=trouble"
    yield Waiting("共有できなかった情報", troubled, address, troubled, "要対応")
    unseen = ArrivedDocument.objects.filter(seen_at=None).count()
    yield Waiting("確認していない紹介状など", unseen, reverse("sharing:arrived"))
