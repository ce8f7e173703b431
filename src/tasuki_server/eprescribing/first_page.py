# SPDX-License-Identifier: Apache-2.0
"""いま要ること（電子処方箋） — prescriptions that could not be registered, results nobody has read, signatures that are waited for."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from tasuki_server.eprescribing.models import DispensingResult, Registration, SigningRequest, Stage
from tasuki_server.institutions.models import Staff
from tasuki_server.shell.waiting import Waiting


def prescriptions_waiting(staff: Staff) -> Iterable[Waiting]:
    """医師に要ること — of the institution's prescriptions, and of one's own signature."""
    mine = SigningRequest.objects.filter(doctor=staff, state="waiting").count()
    yield Waiting("署名の承認を待つ処方箋", mine, reverse("eprescribing:signer"), mine, "承認待ち")
    troubled = Registration.objects.filter(stage__in=(Stage.FAULTY, Stage.REFUSED), replaced_by=None).count()
    address = f"{reverse('eprescribing:list')}?show=trouble"
    yield Waiting("登録できなかった処方箋", troubled, address, troubled, "要対応")
    unseen = DispensingResult.objects.filter(seen_at=None, is_current=True).count()
    yield Waiting("確認していない調剤結果", unseen, address)
