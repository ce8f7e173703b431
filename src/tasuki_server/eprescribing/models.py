# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の記録（医療機関側） — what is to be registered, each message to the service, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki.prescriptions.contents import PrescriptionKey
from tasuki_server.database.sealed_field import SealedBinaryField, SealedJsonField, SealedTextField
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.rows import InstitutionRow, Rights


class IssueType(models.TextChoices):
    """処方箋の発行形態 — as the patient chose; the values are those of messages."""

    ELECTRONIC = "1", "電子処方箋"
    PAPER = "2", "紙の処方箋"


class Stage(models.TextChoices):
    """登録の段階 — how far a prescription has come on our side."""

    PLANNED = "planned", "登録待ち"
    FAULTY = "faulty", "内容に不備"
    REGISTERED = "registered", "登録済"
    REFUSED = "refused", "登録できず"
    CANCELLED = "cancelled", "取消済"
    REPLACED = "replaced", "変更済"
    DROPPED = "dropped", "送らずに差替え"


class Status(models.TextChoices):
    """処方箋の状況 — what the service told last; the labels are its own."""

    UNKNOWN = "", "―"
    WAITING = "waiting", "未受付"
    TAKEN = "taken", "調剤中"
    DISPENSED = "dispensed", "調剤済"
    COLLECTED = "collected", "回収済"
    CANCELLED = "cancelled", "処方箋取消"


class Registration(InstitutionRow):
    """処方箋の登録 — one prescription as it was signed in the chart, and where it stands at the service.

    A visit has one for each number of refills and each part of a split one, because each is a prescription of its own; after a change of the chart
    the next row ``replaces`` it. ``contents`` is :class:`tasuki.prescriptions.contents.PrescriptionContents`. Only
    where it stands is ever changed; every step of the way is an :class:`ActStep`.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="registrations")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="registrations")
    note_version = models.PositiveIntegerField("診療録の版")
    refill_count = models.PositiveIntegerField("リフィルの総使用回数", default=0)
    split_count = models.PositiveIntegerField("分割回数", default=0, db_default=0)
    split_nth = models.PositiveIntegerField("分割回", default=0, db_default=0)
    number = models.PositiveIntegerField("受診の中の番号")
    issue_type = models.CharField("発行形態", max_length=1, choices=IssueType.choices)
    contents = SealedJsonField("処方内容")
    comment = SealedTextField("投与理由", max_length=400, blank=True)
    faults = SealedJsonField("不備", default=list)
    stage = models.CharField("段階", max_length=10, choices=Stage.choices, default=Stage.PLANNED)
    status = models.CharField("状況", max_length=10, choices=Status.choices, blank=True)
    prescription_id = SealedTextField("処方箋ID", max_length=36, blank=True)
    access_code = SealedTextField("引換番号", max_length=16, blank=True)
    pharmacy = models.CharField("受付薬局", max_length=100, blank=True)
    rounds_done = models.PositiveIntegerField("調剤した回数", default=0)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    doctor = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("作成日時", default=timezone.now)
    status_at = models.DateTimeField("状況の取得日時", null=True)
    next_status_at = models.DateTimeField("次の取得", null=True)

    class Meta:
        verbose_name = "処方箋の登録"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "visit", "number"], name="eprescribing_registration_number"
            )
        ]
        indexes = [
            models.Index(fields=["institution", "-made_at"], name="eprescribing_newest"),
            models.Index(fields=["institution", "next_status_at"], name="eprescribing_status_due"),
        ]

    @property
    def key(self) -> PrescriptionKey:
        """処方箋の別 — what sets it apart from others of its visit."""
        return PrescriptionKey(self.refill_count, self.split_count, self.split_nth)

    @property
    def is_live(self) -> bool:
        """有効か — registered, or about to be."""
        return self.stage in (Stage.PLANNED, Stage.REGISTERED)

    @property
    def is_electronic(self) -> bool:
        """電子か — whether the service holds the prescription itself."""
        return self.issue_type == IssueType.ELECTRONIC


class ActKind(models.TextChoices):
    """送信の種類 — what the service is asked to do."""

    REGISTER = "register", "登録"
    CHANGE = "change", "変更"
    CANCEL = "cancel", "取消"
    UNDO_CANCEL = "undo_cancel", "取消UNDO"
    UNDO_CHANGE = "undo_change", "変更UNDO"


class ActState(models.TextChoices):
    """送信の状態 — KEPT and SENT ones are still to be settled."""

    KEPT = "kept", "送信待ち"
    SENT = "sent", "回答待ち"
    DONE = "done", "完了"
    REFUSED = "refused", "できず"
    DROPPED = "dropped", "送らず"


OPEN = (ActState.KEPT, ActState.SENT)


class RegistrationAct(InstitutionRow):
    """サービスへの送信 — one thing to be done there, in the order of its visit.

    ``body`` and ``key`` are kept before the first sending and never change: asked again, the service answers the same
    and does nothing twice. ``answer`` is what it answered, as it came.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="acts")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="+")
    place = models.PositiveIntegerField("受診の中の順番")
    kind = models.CharField("種類", max_length=12, choices=ActKind.choices)
    state = models.CharField("状態", max_length=10, choices=ActState.choices, default=ActState.KEPT)
    key = models.UUIDField("冪等性キー", default=new_id)
    reason = SealedTextField("理由", max_length=200, blank=True)
    operation = models.CharField("処理", max_length=3, blank=True)
    body = SealedBinaryField("要求", null=True)
    answer = SealedBinaryField("回答", null=True)
    # 署名待ちの文書: prepared for a signature that is made elsewhere, and the number it was asked under.
    prepared = SealedJsonField("署名待ちの文書", null=True)
    code = models.CharField("エラーコード", max_length=40, blank=True)
    message = SealedTextField("メッセージ", max_length=400, blank=True)
    tries = models.PositiveIntegerField("送信回数", default=0)
    next_at = models.DateTimeField("次の送信", default=timezone.now)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("作成日時", default=timezone.now)

    class Meta:
        verbose_name = "電子処方箋管理サービスへの送信"
        constraints = [
            models.UniqueConstraint(fields=["institution", "visit", "place"], name="eprescribing_act_place")
        ]
        indexes = [models.Index(fields=["institution", "state", "next_at"], name="eprescribing_act_due")]

    @property
    def is_open(self) -> bool:
        """未了か — whether it is still to be settled."""
        return self.state in OPEN


class ActStep(InstitutionRow):
    """送信の経過 — each step of one message, with what the other side said."""

    act = models.ForeignKey(RegistrationAct, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField("経過", max_length=20)
    note = SealedTextField("内容", max_length=400, blank=True)
    at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "送信の経過"


class IssueChoice(InstitutionRow):
    """発行形態の選択 — 電子 or 紙 for a visit as the patient wished, and by whom it was noted; the newest counts."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="issue_choices")
    issue_type = models.CharField("発行形態", max_length=1, choices=IssueType.choices)
    comment = SealedTextField("投与理由", max_length=400, blank=True)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "発行形態の選択"


class DispensingResult(InstitutionRow):
    """調剤結果 — what a pharmacy really gave, as its records say; kept as it came.

    ``seen_at`` is when someone of the institution confirmed to have read it.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="results")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    dispensing_id = models.UUIDField("調剤結果ID")
    round_number = models.PositiveIntegerField("回", default=1)
    dispensed_on = models.DateField("調剤年月日", null=True)
    pharmacy = models.CharField("薬局", max_length=100, blank=True)
    message = SealedTextField("薬局からの伝達", max_length=1000, blank=True)
    data = SealedBinaryField("調剤結果")
    is_current = models.BooleanField("有効", default=True)
    arrived_at = models.DateTimeField("着信日時", default=timezone.now)
    seen_at = models.DateTimeField("確認日時", null=True)
    seen_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "調剤結果"
        constraints = [
            models.UniqueConstraint(fields=["institution", "dispensing_id"], name="eprescribing_result_once")
        ]


class ServiceUse(InstitutionRow):
    """電子処方箋の利用 — whether the institution registers prescriptions; the newest row counts."""

    is_on = models.BooleanField("利用する")
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "電子処方箋の利用"


class SignerKind(models.TextChoices):
    """署名の方法 — where the doctor's key is."""

    FILE = "file", "証明書ファイル（PKCS#12）"
    REMOTE = "remote", "カードレス（リモート署名）"
    NONE = "none", "署名しない（紙だけ）"


class SignerSetting(InstitutionRow):
    """署名の用意 — how one doctor signs; the newest row of a doctor counts. Key file and password are sealed."""

    doctor = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="signer_settings")
    kind = models.CharField("方法", max_length=10, choices=SignerKind.choices)
    data = SealedBinaryField("証明書ファイル", null=True)
    password = SealedTextField("パスワード", max_length=200, blank=True)
    subject = models.CharField("証明書の名義", max_length=200, blank=True)
    until = models.DateTimeField("有効期限", null=True)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "署名の用意"


class SigningRequest(InstitutionRow):
    """署名の依頼 — a digest that waits for its doctor's approval, of the remote signing that is built in for trials."""

    rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, null=True, related_name="+")
    doctor = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField("ハッシュ値", max_length=32)
    what = SealedTextField("内容", max_length=200)
    state = models.CharField("状態", max_length=10, default="waiting")
    signature = models.BinaryField("署名値", null=True)
    made_at = models.DateTimeField("日時", default=timezone.now)
    decided_at = models.DateTimeField("承認・却下の日時", null=True)

    class Meta:
        verbose_name = "署名の依頼"


class ConsentKind(models.TextChoices):
    """閲覧の同意の取り方 — at the card reader, or by word of mouth."""

    ONLINE = "online", "マイナンバーカードによる同意"
    ORAL = "oral", "口頭の同意"
    NONE = "none", "同意なし"


class PastDrugConsent(InstitutionRow):
    """過去の薬剤を見る同意 — for one visit, who noted it and when; the newest counts."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="drug_consents")
    kind = models.CharField("同意", max_length=10, choices=ConsentKind.choices)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "過去の薬剤を見る同意"


class CheckAnswer(InstitutionRow):
    """重複投薬等チェックの結果 — what the service answered to one check before signing, as it came.

    ``asked`` is the digest of the drugs that were asked about, so that an answer to other drugs is not taken for one.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="drug_checks")
    asked = models.CharField(max_length=64)
    consent = models.CharField("同意", max_length=10, choices=ConsentKind.choices)
    data = SealedBinaryField("回答")
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "重複投薬等チェックの結果"
