# SPDX-License-Identifier: Apache-2.0
"""算定歴 — what was billed before, for the next calculation; written by 会計, read by chart and 会計 alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from tasuki.chart.visit import History, PastLine
from tasuki_server.billing.models import BilledLine
from tasuki_server.patients.models import Patient
from tasuki_server.reception.models import Visit


def replace_billed_lines(visit: Visit, lines: Iterable[PastLine], *, bill_version: int) -> None:
    """算定歴の差替え — the lines of a visit's newest bill; those of the bill before are no longer current."""
    BilledLine.objects.filter(visit=visit, is_current=True).update(is_current=False)
    BilledLine.objects.bulk_create(
        BilledLine(
            patient_id=visit.patient_id,
            visit=visit,
            day=line.day,
            at=visit.arrived_at,
            code=line.code,
            times=line.count,
            department=line.department or visit.department,
            site=line.site,
            amount=line.amount,
            payer=line.payer,
            bill_version=bill_version,
        )
        for line in lines
    )


def billed_before(patient: Patient, before: datetime, but: Visit | None = None) -> History:
    """算定履歴 — every current line of visits that began earlier, oldest first."""
    rows = BilledLine.objects.filter(patient=patient, is_current=True).filter(Q(at__lt=before))
    if but is not None:
        rows = rows.exclude(visit=but)
    return History(tuple(row.past() for row in rows.order_by("at", "id")))
