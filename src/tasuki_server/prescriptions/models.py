# SPDX-License-Identifier: Apache-2.0
"""電子処方箋管理サービスの記録 — of all institutions, reached by the role of the platform alone; the hot path writes them by SQL."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki.prescriptions.service.states import Act, PrescriptionState
from tasuki_server.institutions.rows import Rights, ServiceRow
from tasuki_server.platform.models import ConnectedInstitution


class Patient(ServiceRow):
    """電子処方箋の患者 — one insurance identity as prescriptions name it; who the person is stands elsewhere."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    insurer = models.CharField("保険者番号", max_length=14)
    symbol = models.CharField("記号", max_length=40)
    number = models.CharField("番号", max_length=40)
    branch = models.CharField("枝番", max_length=2)
    born = models.DateField("生年月日", null=True)
    name = models.CharField("氏名", max_length=80, blank=True)
    kana = models.CharField("カナ氏名", max_length=80, blank=True)
    sex = models.CharField("性別", max_length=1, blank=True)

    class Meta:
        verbose_name = "電子処方箋の患者"
        constraints = [
            models.UniqueConstraint(
                fields=["insurer", "symbol", "number", "branch"], name="prescriptions_patient_one"
            )
        ]


class StoredDocument(ServiceRow):
    """預かった文書 — the bytes of a prescription or dispensing as they came, and the records taken out of them."""

    kind = models.CharField(max_length=12)
    data = models.BinaryField()
    # 中のCSV: what was signed is ``data``; this is the text in it.
    records = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "預かった文書"


def _institution(name: str, *, is_empty: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        ConnectedInstitution,
        on_delete=models.PROTECT,
        null=is_empty,
        related_name="+",
        db_index=False,
        verbose_name=name,
    )


class Prescription(ServiceRow):
    """登録された処方箋 — where it stands now; each step that led there is a :class:`Transition`.

    ``setting`` is ``outside`` for a prescription to a pharmacy, ``inhouse`` for drugs an institution gives itself.
    """

    own_rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", db_index=False)
    clinic = _institution("医療機関")
    document = models.ForeignKey(StoredDocument, on_delete=models.PROTECT, related_name="+", db_index=False)
    setting = models.CharField(max_length=8, default="outside")
    issue_type = models.CharField("発行形態", max_length=1)
    access_code = models.CharField("引換番号", max_length=16, null=True, unique=True)
    issued_on = models.DateField("交付年月日")
    usable_until = models.DateField("使用期限", null=True)
    rounds = models.PositiveSmallIntegerField("総使用回数", default=1)
    rounds_done = models.PositiveSmallIntegerField("調剤済み回数", default=0)
    split_count = models.PositiveSmallIntegerField("分割回数", default=0)
    split_nth = models.PositiveSmallIntegerField("分割回", default=0)
    state = models.CharField(
        "状況", max_length=10, choices=[(each.value, each.label) for each in PrescriptionState]
    )
    pharmacy = _institution("薬局", is_empty=True)
    replaces = models.UUIDField("変更前", null=True)
    replaced_by = models.UUIDField("変更後", null=True)
    # 重複投薬等チェック: what the check over all institutions found at registration, and the doctor's reason.
    alerts = models.JSONField(default=list)
    comment = models.CharField("投与理由", max_length=400, blank=True)
    registered_at = models.DateTimeField("登録日時", default=timezone.now)
    changed_at = models.DateTimeField("更新日時", default=timezone.now)

    class Meta:
        verbose_name = "登録された処方箋"
        indexes = [
            models.Index(fields=["patient", "issued_on"], name="prescriptions_of_patient"),
            models.Index(fields=["clinic", "changed_at"], name="prescriptions_of_clinic"),
            models.Index(fields=["registered_at"], name="prescriptions_of_days"),
            models.Index(fields=["document"], name="prescriptions_of_document"),
        ]


class Transition(ServiceRow):
    """処方箋の遷移 — one step of a prescription, who took it; UNDO is a step of its own."""

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="transitions")
    act = models.CharField(
        max_length=16, choices=[(each.value, each.label) for each in Act] + [("register", "登録")]
    )
    state = models.CharField(max_length=10)
    rounds_done = models.PositiveSmallIntegerField(default=0)
    caller = _institution("接続機関")
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "処方箋の遷移"


class Dispensing(ServiceRow):
    """調剤結果 — of one round; a change is a new row that names the one before."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    prescription = models.ForeignKey(
        Prescription, on_delete=models.PROTECT, null=True, related_name="dispensings"
    )
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", db_index=False)
    pharmacy = _institution("薬局")
    clinic = _institution("医療機関", is_empty=True)
    document = models.ForeignKey(
        StoredDocument, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    round_number = models.PositiveSmallIntegerField("回", default=1)
    dispensed_on = models.DateField("調剤年月日")
    state = models.CharField(
        max_length=10,
        default="live",
        choices=[("live", "有効"), ("cancelled", "取消"), ("replaced", "変更済み")],
    )
    previous = models.UUIDField(null=True)
    message = models.CharField("伝達事項", max_length=1000, blank=True)
    is_signed = models.BooleanField(default=False)
    registered_at = models.DateTimeField("登録日時", default=timezone.now)

    class Meta:
        verbose_name = "調剤結果"
        indexes = [
            models.Index(fields=["patient", "dispensed_on"], name="prescriptions_disp_patient"),
            models.Index(fields=["clinic", "registered_at"], name="prescriptions_disp_clinic"),
            models.Index(fields=["pharmacy", "registered_at"], name="prescriptions_disp_pharmacy"),
            models.Index(fields=["registered_at"], name="prescriptions_disp_days"),
            models.Index(fields=["document"], name="prescriptions_disp_document"),
        ]


class DrugCourse(ServiceRow):
    """投薬期間 — one drug of a prescription or dispensing with its days, for the check; follows its source.

    A live row is a drug that is taken: dispensed, or prescribed and not yet dispensed.
    """

    own_rights: ClassVar[Rights] = Rights.UPDATE

    patient_id = models.UUIDField()
    source_id = models.UUIDField()
    prescription_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=1)
    clinic_id = models.UUIDField(null=True)
    pharmacy_id = models.UUIDField(null=True)
    ingredient = models.CharField(max_length=7)
    yj = models.CharField(max_length=13)
    code_kind = models.CharField(max_length=1)
    code = models.CharField(max_length=13)
    name = models.CharField(max_length=120)
    amount = models.CharField(max_length=12)
    unit = models.CharField(max_length=24)
    usage = models.CharField(max_length=200)
    dosage_form = models.CharField(max_length=2)
    since = models.DateField()
    until = models.DateField()
    is_live = models.BooleanField(default=True)

    class Meta:
        verbose_name = "投薬期間"
        # 有効な行の切替えが索引に触れないよう、is_live は入れない。
        indexes = [
            models.Index(fields=["patient_id", "until"], name="prescriptions_course_days"),
            models.Index(fields=["source_id"], name="prescriptions_course_source"),
        ]


class KeptAnswer(ServiceRow):
    """控えた回答 — what a request with an idempotency key was answered, so that asking again does nothing twice."""

    caller = _institution("接続機関")
    key = models.UUIDField()
    digest = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    body = models.BinaryField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "控えた回答"
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="prescriptions_answer_once")]
        indexes = [models.Index(fields=["at"], name="prescriptions_answer_days")]


class Preparation(ServiceRow):
    """事前処理・一括取得の受付 — a number given out, and what it stands for."""

    kind = models.CharField(max_length=8)
    number = models.CharField(max_length=20, unique=True)
    caller = _institution("接続機関")
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    asked = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "事前処理・一括取得の受付"
        indexes = [models.Index(fields=["at"], name="prescriptions_prep_days")]


class StoredPrescription(ServiceRow):
    """調剤済み処方箋の保存 — a dispensed electronic prescription kept as the original for the pharmacy (有償の保存サービス)."""

    dispensing = models.OneToOneField(Dispensing, on_delete=models.PROTECT, related_name="+")
    pharmacy = _institution("薬局")
    dispensed_on = models.DateField()
    stored_until = models.DateField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "調剤済み処方箋の保存"
        indexes = [
            models.Index(fields=["pharmacy", "dispensed_on"], name="prescriptions_stored_of"),
            models.Index(fields=["stored_until"], name="prescriptions_stored_days"),
        ]
