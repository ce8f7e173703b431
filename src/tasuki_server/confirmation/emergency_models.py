# SPDX-License-Identifier: Apache-2.0
"""救急時医療情報閲覧の記録 — why somebody looked without consent, what was shown, and what another said of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.database.sealed_field import SealedTextField
from tasuki_server.institutions.rows import InstitutionRow, Rights


class EmergencyLook(InstitutionRow):
    """救急時医療情報閲覧 — of one patient by one doctor, until ``until_at``; it waits for somebody else's review.

    ``seen`` are the tables that were shown, each with how many rows, when and to whom.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="+")
    words = SealedTextField("同意を待てない事情", max_length=400)
    asked_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("依頼日時", default=timezone.now)
    until_at = models.DateTimeField("閲覧の終わり")
    seen = models.JSONField("表示した情報", default=list)
    review_due_on = models.DateField("確認期限")
    is_justified = models.BooleanField("適切", null=True)
    reviewed_by = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField("確認日時", null=True)
    review_words = SealedTextField("確認の所見", max_length=400, blank=True)

    class Meta:
        verbose_name = "救急時医療情報閲覧"
        indexes = [
            models.Index(fields=["institution", "patient", "-asked_at"], name="confirmation_emergency_of")
        ]
