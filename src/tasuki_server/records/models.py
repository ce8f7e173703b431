# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービスの表 — documents, units of informations, checkups, notifications, and permissions of persons.

The rows belong to no institution; the role of the platform alone reaches them. Made-up people only. A person is the
照合形 of their insured number (:func:`tasuki.sharing.permission.insured_key`).
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tasuki_server.institutions.rows import Rights, ServiceRow
from tasuki_server.platform.models import ConnectedInstitution


def _institution() -> models.ForeignKey[ConnectedInstitution, ConnectedInstitution]:
    return models.ForeignKey(
        ConnectedInstitution, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )


class RuleSetting(ServiceRow):
    """規則の設定 — :class:`tasuki_server.records.rules.Rules` as JSON; the newest row counts, none is the defaults."""

    rules = models.JSONField("規則", default=dict)
    made_by = models.CharField("担当", max_length=60)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "records_rules"
        verbose_name = "規則の設定"
        indexes = [models.Index(fields=["-made_at"], name="records_rules_newest")]


class InsuredPatient(ServiceRow):
    """患者の被保険者 — which insured person a Patient of the exchange is; written with the Patient, in its transaction."""

    own_rights: ClassVar[Rights] = Rights.FULL

    patient = models.CharField("患者", max_length=64)
    person = models.TextField("被保険者")

    class Meta:
        db_table = "records_insured"
        verbose_name = "患者の被保険者"
        constraints = [
            models.UniqueConstraint(fields=["patient", "person"], name="records_insured_once"),
        ]
        indexes = [models.Index(fields=["person", "patient"], name="records_insured_person")]


class PermissionRow(ServiceRow):
    """同意の記録 — one event of one insured number; ``number`` is the same for all numbers of the person. Never changed."""

    number = models.UUIDField("番号")
    person = models.TextField("被保険者")
    act = models.CharField("行為", max_length=12)
    at = models.DateTimeField("日時")
    institution = models.CharField("医療機関", max_length=10, blank=True)
    kinds = models.JSONField("種類", default=list)
    since = models.DateTimeField("開始", null=True)
    until = models.DateTimeField("終了", null=True)
    document = models.CharField("文書", max_length=80, blank=True)
    reason = models.CharField("理由", max_length=200, blank=True)
    proxy = models.CharField("代理人", max_length=100, blank=True)
    ends = models.CharField("終わらせる同意", max_length=36, blank=True)
    caller = _institution()

    class Meta:
        db_table = "records_permission"
        verbose_name = "同意の記録"
        indexes = [models.Index(fields=["person", "at"], name="records_permission_person")]


class Opening(ServiceRow):
    """開いている閲覧 — what the events open, by person, institution and kind: what every search of the exchange asks.

    ``document`` is set when one document is opened: its id, or its place in the exchange.
    """

    own_rights: ClassVar[Rights] = Rights.UPDATE

    number = models.UUIDField("同意の番号")
    person = models.TextField("被保険者")
    institution = models.CharField("医療機関", max_length=10)
    kind = models.CharField("種類", max_length=12)
    document = models.CharField("文書", max_length=80, blank=True)
    since = models.DateTimeField("開始")
    until = models.DateTimeField("終了", null=True)

    class Meta:
        db_table = "records_opening"
        verbose_name = "開いている閲覧"
        indexes = [
            models.Index(fields=["person", "institution", "kind"], name="records_opening_person"),
            models.Index(
                fields=["document", "institution"], name="records_opening_document", condition=~Q(document="")
            ),
        ]


class Document(ServiceRow):
    """送付された文書 — a 診療情報提供書 on its way to one institution, or its 返書; removed, it keeps its row and no body."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    sender = _institution()
    sender_number = models.CharField("紹介元", max_length=10)
    receiver_number = models.CharField("紹介先", max_length=10)
    kind = models.CharField("種類", max_length=12)
    number = models.CharField("文書の番号", max_length=60)
    digest = models.CharField(max_length=64)
    person = models.TextField("被保険者")
    consent = models.CharField("同意の取り方", max_length=8)
    body = models.BinaryField("内容", null=True)
    discharge = models.BinaryField("退院時サマリー", null=True)
    answers_id = models.UUIDField("返書の相手", null=True, db_index=True)
    sent_at = models.DateTimeField("送付日時")
    changed_at = models.DateTimeField("変更日時")
    fetched_at = models.DateTimeField("受領日時", null=True)
    answered_at = models.DateTimeField("返書日時", null=True)
    cancelled_at = models.DateTimeField("取消日時", null=True)
    removed_at = models.DateTimeField("削除日時", null=True)

    class Meta:
        db_table = "records_document"
        verbose_name = "送付された文書"
        constraints = [
            models.UniqueConstraint(fields=["sender_number", "number"], name="records_document_number"),
        ]
        indexes = [
            models.Index(fields=["receiver_number", "changed_at"], name="records_document_in"),
            models.Index(fields=["sender_number", "changed_at"], name="records_document_out"),
            models.Index(fields=["person"], name="records_document_person"),
        ]


class DocumentAttachment(ServiceRow):
    """文書の添付 — a PDF beside a document; gone with its body."""

    own_rights: ClassVar[Rights] = Rights.FULL

    document_id = models.UUIDField("文書", db_index=True)
    name = models.CharField("名称", max_length=100)
    media_type = models.CharField("形式", max_length=40)
    data = models.BinaryField("内容")

    class Meta:
        db_table = "records_attachment"
        verbose_name = "文書の添付"


class DocumentStep(ServiceRow):
    """文書の経過 — what happened to a document; never changed."""

    document_id = models.UUIDField("文書")
    at = models.DateTimeField("日時")
    act = models.CharField("行為", max_length=12)
    institution = models.CharField("医療機関", max_length=10)

    class Meta:
        db_table = "records_step"
        verbose_name = "文書の経過"
        indexes = [models.Index(fields=["document_id", "at"], name="records_step_document")]


class Unit(ServiceRow):
    """情報の送信単位 — a Bundle of informations by its key, or what was taken out of a document; deleted, it keeps its row."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    caller = _institution()
    institution = models.CharField("医療機関", max_length=10)
    person = models.TextField("被保険者")
    system = models.CharField(max_length=200)
    number = models.CharField("番号", max_length=200)
    kind = models.CharField("種類", max_length=20)
    source = models.CharField("出どころ", max_length=8)
    registered_at = models.DateTimeField("登録日時")
    changed_at = models.DateTimeField("変更日時")
    deleted_at = models.DateTimeField("削除日時", null=True)
    # 送信側の版: as the institution counts; none for what tells none, and for what was taken out of a document.
    version = models.PositiveIntegerField("版", null=True)

    class Meta:
        db_table = "records_unit"
        verbose_name = "情報の送信単位"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "person", "system", "number"], name="records_unit_key"
            ),
        ]
        indexes = [models.Index(fields=["person", "institution"], name="records_unit_person")]


class UnitItem(ServiceRow):
    """情報の一件 — where a resource of a unit stands in the exchange, its kind and its flags."""

    own_rights: ClassVar[Rights] = Rights.FULL

    unit_id = models.UUIDField("送信単位", db_index=True)
    type = models.CharField("型", max_length=64)
    logical_id = models.CharField("識別子", max_length=64)
    kind = models.CharField("種類", max_length=12)
    registered_at = models.DateTimeField("登録日時")
    is_long_kept = models.BooleanField("長期保存", default=False)
    is_uninformed = models.BooleanField("未告知", default=False)
    is_undelivered = models.BooleanField("未提供", default=False)

    class Meta:
        db_table = "records_item"
        verbose_name = "情報の一件"
        indexes = [models.Index(fields=["type", "logical_id"], name="records_item_place")]


class Checkup(ServiceRow):
    """健診結果報告書 — as it was sent; removed, it keeps its row and no body."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    caller = _institution()
    institution = models.CharField("医療機関", max_length=10)
    person = models.TextField("被保険者")
    insurer = models.CharField("保険者番号", max_length=8)
    number = models.CharField("文書の番号", max_length=200)
    checked_on = models.CharField("実施日", max_length=10, blank=True)
    # 一覧の見出し: of the body, so that an insurer can look for one among many; emptied with it.
    kind = models.CharField("健診の種別", max_length=20, blank=True, db_default="")
    name = models.CharField("氏名", max_length=100, blank=True, db_default="")
    kana = models.CharField("フリガナ", max_length=100, blank=True, db_default="")
    words = models.CharField("検索キー", max_length=220, blank=True, db_default="")
    body = models.BinaryField("内容", null=True)
    registered_at = models.DateTimeField("登録日時")
    removed_at = models.DateTimeField("削除日時", null=True)

    class Meta:
        db_table = "records_checkup"
        verbose_name = "健診結果報告書"
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="records_checkup_number"),
        ]
        indexes = [
            models.Index(fields=["person"], name="records_checkup_person"),
            models.Index(fields=["insurer", "registered_at"], name="records_checkup_insurer"),
        ]


class InsurerClerk(ServiceRow):
    """保険者の担当者 — a sign-in that may see what came for one insurer's insured; written by the command line only."""

    own_rights: ClassVar[Rights] = Rights.READ

    user_id = models.UUIDField(unique=True)
    name = models.CharField("氏名", max_length=60)
    connected = models.ForeignKey(
        ConnectedInstitution, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField("終了日時", null=True)

    class Meta:
        db_table = "records_insurer_clerk"
        verbose_name = "保険者の担当者"


class NotificationRow(ServiceRow):
    """感染症発生届の届出 — a QuestionnaireResponse and the 保健所 it went to."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    sender = _institution()
    receiver_number = models.CharField("保健所", max_length=10)
    questionnaire = models.CharField("様式", max_length=200)
    body = models.BinaryField("内容")
    state = models.CharField("状態", max_length=10, default="sent")
    reason = models.CharField("理由", max_length=200, blank=True)
    sent_at = models.DateTimeField("届出日時")
    changed_at = models.DateTimeField("変更日時")

    class Meta:
        db_table = "records_notification"
        verbose_name = "感染症発生届の届出"
        indexes = [
            models.Index(fields=["receiver_number", "changed_at"], name="records_notification_in"),
            models.Index(fields=["sender", "changed_at"], name="records_notification_out"),
        ]
