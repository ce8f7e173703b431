# SPDX-License-Identifier: Apache-2.0
"""返戻・増減点の記録 — what came back or was cut, and what a person decided of it; all append-only."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tasuki.claims.returns import RETURN_KINDS
from tasuki_server.claims.cycle_models import ResultFile, SentClaim
from tasuki_server.database.sealed_field import SealedBinaryField, SealedJsonField
from tasuki_server.institutions.rows import InstitutionRow


class ReturnedClaim(InstitutionRow):
    """返戻 — one receipt that came back; without ``sent`` it could not be matched and waits for a person.

    Who binds it to a receipt writes it again with that receipt and says why; ``corrects`` is the row it stands for.
    """

    file = models.ForeignKey(ResultFile, on_delete=models.PROTECT, related_name="returns")
    sent = models.ForeignKey(SentClaim, on_delete=models.PROTECT, null=True, related_name="returns")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, null=True, related_name="+")
    month = models.DateField("診療月", null=True)
    patient_name = models.CharField("氏名", max_length=60, blank=True)
    search_number = models.CharField("検索番号", max_length=30, blank=True)
    kind = models.CharField("返戻区分", max_length=1)
    reasons = models.JSONField("返戻事由", default=list)
    records = SealedJsonField(default=list)
    # 履歴請求データ: kept and sent back byte for byte.
    history = SealedBinaryField()
    yen = models.BigIntegerField("返戻額", default=0)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="bound")
    why = models.CharField("結び付けた理由", max_length=200, blank=True)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "返戻"
        constraints = [
            models.UniqueConstraint(fields=["institution", "corrects"], name="claims_return_bound_once")
        ]

    @property
    def is_withdrawn(self) -> bool:
        """取下げか — whether one of its reasons is that we asked for it (返戻区分 9)."""
        return self.kind == "9" or any(each["kind"] == RETURN_KINDS["9"] for each in self.reasons)

    @property
    def shown_name(self) -> str:
        """表示する氏名 — as lists show it to whoever looks."""
        return (
            self.patient.shown_name
            if self.patient is not None and self.patient.is_hidden
            else self.patient_name
        )


class PointChange(InstitutionRow):
    """増減点 — one detail of 増減点連絡書; ``points`` and ``yen`` are negative for a cut."""

    file = models.ForeignKey(ResultFile, on_delete=models.PROTECT, related_name="changes")
    sent = models.ForeignKey(SentClaim, on_delete=models.PROTECT, null=True, related_name="changes")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, null=True, related_name="+")
    month = models.DateField("診療月")
    claim_month = models.DateField("請求月")
    section = models.CharField("診療識別", max_length=2)
    reasons = models.CharField("増減点事由", max_length=2)
    points = models.IntegerField("増減点")
    yen = models.BigIntegerField("増減額", null=True)
    claimed = models.CharField("請求内容", max_length=200, blank=True)
    corrected = models.CharField("補正・査定後内容", max_length=200, blank=True)
    search_number = models.CharField("検索番号", max_length=30, blank=True)

    class Meta:
        verbose_name = "増減点"


class CutRefund(InstitutionRow):
    """減点による返金の判断 — what a patient's account was credited after a cut, or that it is not, with the reason.

    ``points`` are all that was cut of the receipt when it was decided; a later cut asks again.
    """

    sent = models.ForeignKey(SentClaim, on_delete=models.PROTECT, related_name="refunds")
    points = models.IntegerField("減点数")
    yen = models.PositiveIntegerField("返金額")
    why = models.CharField("理由", max_length=200)
    entry = models.ForeignKey("billing.AccountEntry", on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "減点による返金の判断"
        constraints = [
            models.UniqueConstraint(fields=["institution", "sent", "points"], name="claims_refund_once")
        ]
