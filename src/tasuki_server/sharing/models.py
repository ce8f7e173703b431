# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有の記録（医療機関側） — codes for local names, flags, results, and what was sent of whom."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.database.sealed_field import SealedBinaryField, SealedJsonField, SealedTextField
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.rows import InstitutionRow, Rights, VersionedRow
from tasuki_server.sharing.letter_models import DraftFile, LetterConsent, LetterDraft, LetterState, SentLetter
from tasuki_server.sharing.others_models import Decision, OthersView, Reconciled, ViewState, ViewWay

__all__ = [
    "OPEN",
    "ArrivedDocument",
    "CodeKind",
    "Decision",
    "DraftFile",
    "LabResult",
    "LetterConsent",
    "LetterDraft",
    "LetterState",
    "LocalCode",
    "OthersView",
    "Reconciled",
    "RecordFlags",
    "SentLetter",
    "SharedItem",
    "SharedUnit",
    "SharingStep",
    "SharingUse",
    "Subject",
    "UnitKind",
    "UnitState",
    "Urgency",
    "ViewState",
    "ViewWay",
    "WrittenDocument",
]


class CodeKind(models.TextChoices):
    """対応付けの種類 — what a local name stands for."""

    LAB = "lab", "検査"
    ALLERGEN = "allergen", "アレルゲン"
    DISEASE = "disease", "病名"


class LocalCode(VersionedRow):
    """コード対応 — a name of the institution's charts and the standard code someone chose for it.

    ``key`` is the folded name with what tells it apart (unit, specimen, kind). An empty ``code`` with ``is_none`` says
    that there is no standard code: then it goes uncoded, on purpose. Undoing is the next version.
    """

    kind = models.CharField("種類", max_length=10, choices=CodeKind.choices)
    key = models.CharField("照合キー", max_length=200)
    name = models.CharField("名称", max_length=120)
    detail = models.CharField("単位・材料など", max_length=80, blank=True)
    system = models.CharField("コード体系", max_length=200, blank=True)
    code = models.CharField("標準コード", max_length=40, blank=True)
    display = models.CharField("標準の名称", max_length=200, blank=True)
    is_none = models.BooleanField("標準コードなし", default=False)

    class Meta(VersionedRow.Meta):
        verbose_name = "コード対応"
        indexes = [models.Index(fields=["institution", "kind", "key"], name="sharing_code_key")]


class Subject(models.TextChoices):
    """印を付ける記録 — what a flag belongs to."""

    DISEASE = "disease", "病名"
    ALLERGY = "allergy", "アレルギー"
    RESULT = "result", "検査"


class RecordFlags(VersionedRow):
    """共有の印 — 長期保存, 未告知 and 未提供 of one disease, allergy or result, as a doctor decided.

    ``record_id`` is the id of the record it belongs to, so that each has one row of flags with all its versions.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    subject = models.CharField("対象", max_length=10, choices=Subject.choices)
    is_kept_long = models.BooleanField("長期保存", default=False)
    is_untold = models.BooleanField("未告知", default=False)
    is_withheld = models.BooleanField("未提供", default=False)
    words = models.CharField("理由", max_length=200)

    class Meta(VersionedRow.Meta):
        verbose_name = "共有の印"
        indexes = [models.Index(fields=["institution", "patient"], name="sharing_flags_of_patient")]

    @property
    def labels(self) -> tuple[str, ...]:
        """印の表記 — those that are set."""
        given = (
            (self.is_kept_long, "長期保存"),
            (self.is_untold, "未告知"),
            (self.is_withheld, "未提供"),
        )
        return tuple(label for is_set, label in given if is_set)


class LabResult(VersionedRow):
    """検査結果の記録 — one item of one report: value, unit and range as the laboratory wrote them.

    ``value`` is a number or words; ``report`` groups what came together. ``item_code`` is the laboratory's own code
    (JLAC10, 17 digits), when it gave one.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="lab_results")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="lab_results")
    report = models.UUIDField("報告", default=new_id)
    name = models.CharField("項目", max_length=80)
    value = models.CharField("結果", max_length=60)
    unit = models.CharField("単位", max_length=20, blank=True)
    low = models.CharField("基準値下限", max_length=12, blank=True)
    high = models.CharField("基準値上限", max_length=12, blank=True)
    specimen = models.CharField("材料", max_length=40, default="血清")
    item_code = models.CharField("検査会社のコード", max_length=17, blank=True)
    collected_at = models.DateTimeField("採取日時")
    is_final = models.BooleanField("確定", default=True)

    class Meta(VersionedRow.Meta):
        verbose_name = "検査結果"
        indexes = [
            models.Index(fields=["institution", "patient", "-collected_at"], name="sharing_lab_of_patient")
        ]


class SharingUse(InstitutionRow):
    """電子カルテ情報共有の利用 — whether the institution sends; the newest row counts."""

    is_on = models.BooleanField("利用する")
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "電子カルテ情報共有の利用"


class UnitKind(models.TextChoices):
    """送信単位の種類 — one Bundle has one of them."""

    DISEASES = "diseases", "傷病名"
    ALLERGIES = "allergies", "アレルギー等"
    RESULTS = "results", "検査・感染症"
    REFERRAL = "referral", "診療情報提供書"
    DISCHARGE = "discharge", "退院時サマリー"

    @property
    def is_document(self) -> bool:
        """文書か — sent as a document, addressed to someone."""
        return self in (UnitKind.REFERRAL, UnitKind.DISCHARGE)


class UnitState(models.TextChoices):
    """送信単位の状態 — FAULTY never leaves; KEPT and SENT are still to be settled."""

    KEPT = "kept", "未送信"
    SENT = "sent", "回答待ち"
    DONE = "done", "送信済"
    FAULTY = "faulty", "誤りあり"
    REFUSED = "refused", "差し戻し"
    DROPPED = "dropped", "送らずに差替え"
    BESIDE = "beside", "紹介状に添えて送る"


OPEN = (UnitState.KEPT, UnitState.SENT)


class SharedUnit(InstitutionRow):
    """送信単位 — one Bundle about one patient: as it was checked, as it was sent, and what came back.

    ``unit_key`` names what is replaced when it is sent again: the patient's diseases, the patient's allergies, one lab
    report, one document. ``number`` counts the versions of it. ``body`` and ``key`` are kept before the first sending
    and never change: asked again, the service does nothing twice.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="shared_units")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="shared_units")
    kind = models.CharField("種類", max_length=10, choices=UnitKind.choices)
    unit_key = models.CharField("単位", max_length=50)
    number = models.PositiveIntegerField("版")
    state = models.CharField("状態", max_length=10, choices=UnitState.choices, default=UnitState.KEPT)
    key = models.UUIDField("冪等性キー", default=new_id)
    content = models.CharField("内容の符号", max_length=64)
    bundle = SealedBinaryField("共有する情報")
    body = SealedBinaryField("要求", null=True)
    answer = SealedBinaryField("回答", null=True)
    findings = SealedJsonField("指摘", default=list)
    message = SealedTextField("差し戻しの理由など", max_length=1000, blank=True)
    tries = models.PositiveIntegerField("送信回数", default=0)
    next_at = models.DateTimeField("次の送信", default=timezone.now)
    sent_at = models.DateTimeField("送信日時", null=True)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("作成日時", default=timezone.now)

    class Meta:
        verbose_name = "電子カルテ情報共有の送信単位"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "patient", "unit_key", "number"], name="sharing_unit_number"
            )
        ]
        indexes = [
            models.Index(fields=["institution", "state", "next_at"], name="sharing_unit_due"),
            models.Index(fields=["institution", "-made_at"], name="sharing_unit_newest"),
        ]

    @property
    def is_open(self) -> bool:
        """未了か — whether it is still to be settled."""
        return self.state in OPEN


class SharedItem(InstitutionRow):
    """共有する項目 — one resource of a unit: which record and version of the chart it says, and its place in the Bundle."""

    rights: ClassVar[Rights] = Rights.APPEND

    unit = models.ForeignKey(SharedUnit, on_delete=models.PROTECT, related_name="items")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    place = models.PositiveIntegerField("並び")
    subject = models.CharField("対象", max_length=10, blank=True)
    of_record = models.UUIDField("元の記録")
    of_version = models.PositiveIntegerField("元の版", default=1)
    identifier = models.CharField("識別子", max_length=100)
    title = SealedTextField("名称", max_length=200)
    is_removed = models.BooleanField("取消", default=False)

    class Meta:
        verbose_name = "共有する項目"
        indexes = [models.Index(fields=["institution", "of_record"], name="sharing_item_of_record")]


class SharingStep(InstitutionRow):
    """送信の経過（情報共有） — each step of one unit, with what the other side said."""

    unit = models.ForeignKey(SharedUnit, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField("経過", max_length=20)
    note = SealedTextField("内容", max_length=400, blank=True)
    at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "送信の経過（情報共有）"


class WrittenDocument(VersionedRow):
    """共有する文書 — a 診療情報提供書 or 退院時サマリー as its doctor signed it; a correction is the next version.

    ``contents`` are the texts by the names of the form. The Bundle made of it is a :class:`SharedUnit`.
    """

    kind = models.CharField("種類", max_length=10, choices=UnitKind.choices)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="shared_documents")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="shared_documents")
    recipient_number = models.CharField("紹介先の医療機関コード", max_length=10)
    recipient_name = models.CharField("紹介先", max_length=100)
    contents = SealedJsonField("内容")
    doctor = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    day = models.DateField("作成日")

    class Meta(VersionedRow.Meta):
        verbose_name = "共有する文書"


class Urgency(models.TextChoices):
    """急ぎ — how soon someone must act on a document that came, as it was judged here."""

    TODAY = "today", "今日中"
    SOON = "soon", "数日中"
    NORMAL = "normal", "通常"


class ArrivedDocument(InstitutionRow):
    """届いた文書 — a document another institution addressed to this one, as it came; ``seen_at`` is when it was read.

    ``remote`` is its number at the service. What is to be done with it is decided here: whose it is, how urgent, who does it,
    and when it was done. ``answers`` is the letter of ours that it replies to.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    document = models.CharField("文書の識別子", max_length=120)
    kind = models.CharField("種類", max_length=10, choices=UnitKind.choices)
    sender_number = models.CharField("送り元の医療機関コード", max_length=10)
    sender_name = models.CharField("送り元", max_length=100)
    patient_name = SealedTextField("患者", max_length=80)
    born_on = models.DateField("生年月日", null=True)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, null=True, related_name="+")
    data = SealedBinaryField("文書")
    written_at = models.DateTimeField("作成日時")
    arrived_at = models.DateTimeField("着信日時", default=timezone.now)
    seen_at = models.DateTimeField("確認日時", null=True)
    seen_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")
    remote = models.CharField("サービスの番号", max_length=80, blank=True, default="", db_default="")
    urgency = models.CharField(
        "急ぎ", max_length=10, choices=Urgency.choices, default=Urgency.NORMAL, db_default=Urgency.NORMAL
    )
    assigned_to = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    done_at = models.DateTimeField("済みの日時", null=True)
    done_by = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    done_words = SealedTextField("済みの内容", max_length=200, null=True)
    answers = models.ForeignKey(
        WrittenDocument, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = "届いた文書"
        constraints = [
            models.UniqueConstraint(fields=["institution", "document"], name="sharing_arrived_once")
        ]
