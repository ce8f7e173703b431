# SPDX-License-Identifier: Apache-2.0
"""会計 — the billed lines that the next calculation looks back on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tasuki.chart.visit import PastLine
from tasuki_server.institutions.rows import InstitutionRow, Rights


class BilledLine(InstitutionRow):
    """算定歴の行 — one act or drug billed at a visit; lines of an older bill stay, marked as no longer current."""

    rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="billed_lines")
    day = models.DateField("診療日")
    at = models.DateTimeField("受診時刻")
    code = models.CharField("コード", max_length=9)
    times = models.PositiveIntegerField("回数", default=1)
    department = models.CharField("診療科", max_length=2)
    bill_version = models.PositiveIntegerField("会計の版", default=1)
    is_current = models.BooleanField(default=True)

    class Meta:
        verbose_name = "算定歴"
        indexes = [
            models.Index(
                fields=["institution", "patient", "day"],
                name="billing_line_of_patient",
                condition=models.Q(is_current=True),
            )
        ]

    def past(self) -> PastLine:
        """算定歴 — as the calculation reads it."""
        return PastLine(self.day, self.code, self.times, str(self.visit_id), self.department)
