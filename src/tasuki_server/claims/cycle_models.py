# SPDX-License-Identifier: Apache-2.0
"""請求後の記録 — decisions on findings, what was sent, what came back, and what the payers owe; all append-only.

How something stands is its newest step or entry; nothing is ever changed in place but the progress of long work.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.database.sealed_field import SealedBinaryField
from tasuki_server.institutions.rows import InstitutionRow, Rights, VersionedRow

PAYER_LABELS = {"1": "社保（支払基金）", "2": "国保・後期（国保連）"}


class FindingDecision(VersionedRow):
    """指摘の判断 — a finding accepted for a patient, or a rule muted for the institution, with reason and days.

    ``mark`` is the finding's own mark (record, item and sentence); a rule that is muted has neither patient nor mark.
    ``until`` is the last month of service (its first day) it holds for.
    """

    code = models.CharField("点検コード", max_length=40)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, null=True, related_name="+")
    mark = models.CharField("指摘の印", max_length=64, blank=True)
    message = models.CharField("指摘", max_length=400, blank=True)
    why = models.CharField("理由", max_length=200)
    since = models.DateField("適用開始月")
    until = models.DateField("適用終了月")

    class Meta(VersionedRow.Meta):
        verbose_name = "指摘の判断"


class HeldClaim(VersionedRow):
    """月遅れ — a receipt kept back with its reason; the withdrawn version lets it go."""

    month = models.DateField("診療月")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80)
    why = models.CharField("保留の理由", max_length=200)

    class Meta(VersionedRow.Meta):
        verbose_name = "月遅れ"


class SendKind(models.TextChoices):
    """請求の別 — a first claim (late ones among them), or returned receipts claimed again."""

    CLAIM = "claim", "請求"
    RECLAIM = "reclaim", "再請求"


class Submission(InstitutionRow):
    """送信 — one file handed to one payer organisation in one claim month; how it stands is its newest step."""

    claim_month = models.DateField("請求月")
    payer = models.CharField("請求先", max_length=1)
    kind = models.CharField("請求の別", max_length=8, choices=SendKind.choices)
    number = models.PositiveIntegerField("回数")
    carrier = models.CharField("送信方法", max_length=12)
    name = models.CharField("ファイル名", max_length=40)
    data = SealedBinaryField("内容")
    sha256 = models.CharField("SHA-256", max_length=64)
    receipt_count = models.PositiveIntegerField("レセプト件数")
    total_points = models.PositiveBigIntegerField("総合計点数")
    owed_yen = models.BigIntegerField("請求額")
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("作成日時", default=timezone.now)

    class Meta:
        verbose_name = "送信"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "claim_month", "payer", "kind", "number"],
                name="claims_submission_one_number",
            )
        ]

    @property
    def payer_label(self) -> str:
        """請求先の表記 — for screens."""
        return PAYER_LABELS.get(self.payer, self.payer)


class StepKind(models.TextChoices):
    """送信の状態 — what happened to a file."""

    MADE = "made", "作成"
    FAILED = "failed", "送信できず"
    SENT = "sent", "送信済み"
    EXPORTED = "exported", "ファイル出力"
    ACCEPTED = "accepted", "受付済み"
    REFUSED = "refused", "受付不可"
    EXAMINED = "examined", "審査済み"
    PAID = "paid", "振込済み"
    REPLACED = "replaced", "差替え"


class SubmissionStep(InstitutionRow):
    """送信の経過 — one step of a file, with what there is to say of it."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField("順番")
    kind = models.CharField("状態", max_length=10, choices=StepKind.choices)
    note = models.CharField("内容", max_length=200, blank=True)
    at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "送信の経過"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "submission", "number"], name="claims_step_one_number"
            )
        ]


class SentClaim(InstitutionRow):
    """送信したレセプト — one receipt of a file, by its number there; ``reclaims`` is the return it answers."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="claims")
    claim = models.ForeignKey("claims.BuiltClaim", on_delete=models.PROTECT, related_name="sent")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    month = models.DateField("診療月")
    key = models.CharField(max_length=80)
    number = models.PositiveIntegerField("レセプト番号")
    points = models.PositiveIntegerField("点数")
    owed_yen = models.BigIntegerField("請求額")
    is_late = models.BooleanField("月遅れ", default=False)
    reclaims = models.ForeignKey(
        "claims.ReturnedClaim", on_delete=models.PROTECT, null=True, related_name="reclaimed"
    )

    class Meta:
        verbose_name = "送信したレセプト"
        indexes = [models.Index(fields=["institution", "patient", "month"], name="claims_sent_of_patient")]


class ResultKind(models.TextChoices):
    """結果の別 — what a file from the payer organisation holds."""

    ACCEPTANCE = "acceptance", "受付結果"
    RETURNS = "returns", "返戻"
    POINTS = "points", "増減点連絡書"
    PAYMENT = "payment", "振込額"
    DISPENSING = "dispensing", "調剤レセプト"


class ResultFile(InstitutionRow):
    """審査結果 — a file as it was received, once; ``remote`` is the sender's own name for it, "" when a person brought it.

    Two files may hold the same bytes (two acceptances without an error), so the bytes alone do not tell them apart.
    """

    kind = models.CharField("種類", max_length=12, choices=ResultKind.choices)
    payer = models.CharField("請求先", max_length=1)
    claim_month = models.DateField("請求月")
    name = models.CharField("ファイル名", max_length=40)
    data = SealedBinaryField("内容")
    sha256 = models.CharField("SHA-256", max_length=64)
    remote = models.CharField("送信元の番号", max_length=40, blank=True)
    received_at = models.DateTimeField("受領日時", default=timezone.now)

    class Meta:
        verbose_name = "審査結果"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "payer", "sha256", "remote"], name="claims_result_once"
            )
        ]

    @property
    def payer_label(self) -> str:
        """請求先の表記 — for screens."""
        return PAYER_LABELS.get(self.payer, self.payer)


class PayerEntryKind(models.TextChoices):
    """保険者台帳の種類 — what moved what a payer organisation owes."""

    CLAIMED = "claimed", "請求"
    REFUSED = "refused", "受付不可"
    RETURNED = "returned", "返戻"
    WITHDRAWN = "withdrawn", "取下げ"
    REPLACED = "replaced", "差替え"
    ASSESSED = "assessed", "増減点"
    PAID = "paid", "振込"


class PayerEntry(InstitutionRow):
    """保険請求の台帳の行 — positive for what a payer organisation owes, negative for what it paid or will not pay."""

    payer = models.CharField("請求先", max_length=1)
    claim_month = models.DateField("請求月")
    kind = models.CharField("種類", max_length=10, choices=PayerEntryKind.choices)
    yen = models.BigIntegerField("金額")
    count = models.PositiveIntegerField("件数", default=1)
    day = models.DateField("計上日")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, null=True, related_name="entries")
    sent = models.ForeignKey(SentClaim, on_delete=models.PROTECT, null=True, related_name="entries")
    file = models.ForeignKey(ResultFile, on_delete=models.PROTECT, null=True, related_name="entries")
    at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "保険請求の台帳"
        indexes = [models.Index(fields=["institution", "claim_month", "payer"], name="claims_entry_of_month")]


class WithdrawalRequest(InstitutionRow):
    """取下げ依頼 — a receipt asked back with its reason; it comes back as a 返戻 of kind 9."""

    sent = models.ForeignKey(SentClaim, on_delete=models.PROTECT, related_name="withdrawals")
    why = models.CharField("理由", max_length=200)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "取下げ依頼"


class LongWork(InstitutionRow):
    """長い仕事 — a making, sending, fetching or asking back that goes on outside the request; ``beat_at`` tells that it lives."""

    rights: ClassVar[Rights] = Rights.UPDATE

    kind = models.CharField("種類", max_length=10)
    facts = models.JSONField(default=dict)
    state = models.CharField("状態", max_length=8, default="waiting")
    done = models.PositiveIntegerField("済", default=0)
    total = models.PositiveIntegerField("全", default=0)
    message = models.CharField("結果", max_length=400, blank=True)
    token = models.UUIDField(null=True)
    beat_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "長い仕事"
        indexes = [models.Index(fields=["institution", "kind", "-made_at"], name="claims_work_of_kind")]
