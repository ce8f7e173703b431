# SPDX-License-Identifier: Apache-2.0
"""患者 — a person of the institution, and the versions of all that is recorded about them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki.calculation.payers.sentences import PAYER_NAMES
from tasuki.chart.visit import Person, Sex
from tasuki.kernel.days import Age
from tasuki.kernel.validity import Validity
from tasuki_server.database.sealed_field import SealedJsonField, SealedTextField
from tasuki_server.institutions.rows import InstitutionRow, Rights, VersionedRow

SEX_LABELS = {Sex.MALE: "男", Sex.FEMALE: "女"}


class Patient(InstitutionRow):
    """患者 — the chart number and, for search and lists, the newest version of who the person is.

    The record itself is :class:`Demographics`; the columns here are its folded index and change with it.
    """

    rights: ClassVar[Rights] = Rights.UPDATE
    whose: ClassVar[str] = "id"

    number = models.PositiveIntegerField("患者番号", editable=False)
    name = models.CharField("氏名", max_length=80, editable=False)
    kana = models.CharField("カナ氏名", max_length=80, editable=False)
    name_key = models.CharField(max_length=80, editable=False)
    kana_key = models.CharField(max_length=80, editable=False)
    born = models.DateField("生年月日", editable=False)
    sex = models.CharField("性別", max_length=6, editable=False, choices=list(SEX_LABELS.items()))
    # 電話番号の検索用の符号: the number itself is sealed in Demographics.
    phone_codes = models.CharField(max_length=255, blank=True, editable=False)
    claim_name = models.CharField("請求用の氏名", max_length=40, blank=True, editable=False)
    registered_at = models.DateTimeField("登録日時", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "患者"
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="patients_patient_one_number")
        ]
        indexes = [
            models.Index(fields=["institution", "kana_key"], name="patients_kana"),
            models.Index(fields=["institution", "born"], name="patients_born"),
        ]

    def __str__(self) -> str:
        return f"患者 {self.number}"

    @property
    def is_hidden(self) -> bool:
        """閲覧制限か — whether lists hide the name from whoever looks."""
        from tasuki_server.privacy.masking import is_hidden

        return is_hidden(self.id)

    @property
    def shown_name(self) -> str:
        """表示する氏名 — as lists show it to whoever looks; the record and what is sent keep ``name``."""
        from tasuki_server.privacy.masking import HIDDEN_NAME

        return HIDDEN_NAME if self.is_hidden else self.name

    @property
    def shown_kana(self) -> str:
        """表示するカナ氏名 — as lists show it to whoever looks."""
        return "" if self.is_hidden else self.kana

    def person(self) -> Person:
        """患者の算定値 — what the fee table asks of a person."""
        return Person(self.born, Sex(self.sex), str(self.id))

    def age_on(self, day: date) -> Age:
        """年齢 — on a day."""
        return self.person().age_on(day)

    @property
    def sex_label(self) -> str:
        """性別の表記 — as screens and prints show it."""
        return SEX_LABELS[Sex(self.sex)]


class NumberCounter(InstitutionRow):
    """採番 — the last chart number given out by an institution."""

    rights: ClassVar[Rights] = Rights.UPDATE

    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution"], name="patients_numbercounter_one")]


class Demographics(VersionedRow):
    """患者基本情報 — name as given (variation selectors included), birth, address; one version a change."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="demographics")
    name = models.CharField("氏名", max_length=80)
    kana = models.CharField("カナ氏名", max_length=80)
    born = models.DateField("生年月日")
    sex = models.CharField("性別", max_length=6, choices=list(SEX_LABELS.items()))
    phone = SealedTextField("電話番号", max_length=20, blank=True)
    postal_code = SealedTextField("郵便番号", max_length=8, blank=True)
    address = SealedTextField("住所", max_length=200, blank=True)
    memo = SealedTextField("メモ", max_length=400, blank=True)
    claim_name = models.CharField("請求用の氏名", max_length=40, blank=True)

    class Meta(VersionedRow.Meta):
        verbose_name = "患者基本情報"


class DatedRecord(VersionedRow):
    """期間のある記録 — a card or certificate with the days it counts."""

    since = models.DateField("有効開始日")
    until = models.DateField("有効終了日", null=True, blank=True)
    confirmed_on = models.DateField("確認日", null=True, blank=True)
    # 券面・資格確認結果の全項目: the library's value, encoded by patients.coverage_values.
    value = SealedJsonField()

    class Meta(VersionedRow.Meta):
        abstract = True

    @property
    def validity(self) -> Validity:
        """有効期間 — closed at both ends."""
        return Validity(self.since, self.until)


class InsuranceRecord(DatedRecord):
    """保険の記録 — one insurer's cover; ``value`` is :class:`tasuki.chart.coverage.Insurance`."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="insurances")
    kind = models.CharField("保険種別", max_length=20, choices=list(PAYER_NAMES.items()))
    insurer_number = models.CharField("保険者番号", max_length=8, blank=True)

    class Meta(DatedRecord.Meta):
        verbose_name = "保険"


class ProgrammeRecord(DatedRecord):
    """公費の記録 — one programme; ``value`` is :class:`tasuki.chart.coverage.PublicProgramme`."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="programmes")
    payer_number = models.CharField("公費負担者番号", max_length=8)

    class Meta(DatedRecord.Meta):
        verbose_name = "公費"


class HouseholdMember(VersionedRow):
    """世帯の家族 — a patient in a household whose payments one insurer may add up; rows of one ``household`` are a family.

    Who lives together is not told by cards alone, so it is stored as someone confirmed it, with its days.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="households")
    household = models.UUIDField("世帯", db_index=True, editable=False)
    since = models.DateField("開始日")
    until = models.DateField("終了日", null=True, blank=True)

    class Meta(VersionedRow.Meta):
        verbose_name = "世帯"
        indexes = [models.Index(fields=["institution", "household"], name="patients_household")]


class AllergySeverity(models.TextChoices):
    """アレルギーの重さ — CONTRAINDICATED stops an order until a reason is given."""

    CONTRAINDICATED = "contraindicated", "禁忌"
    SEVERE = "severe", "重い"
    MILD = "mild", "軽い"
    UNKNOWN = "unknown", "不明"


class AllergyKind(models.TextChoices):
    """アレルギーの種類 — what the person reacts to."""

    DRUG = "drug", "薬"
    FOOD = "food", "食物"
    OTHER = "other", "その他"


class AllergyRecord(VersionedRow):
    """アレルギーの記録 — a substance; a drug code lets orders be checked by ingredient too."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="allergies")
    kind = models.CharField("種類", max_length=10, choices=AllergyKind.choices, default=AllergyKind.DRUG)
    substance = models.CharField("原因物質", max_length=80)
    drug_code = models.CharField("医薬品コード", max_length=9, blank=True)
    severity = models.CharField("重さ", max_length=20, choices=AllergySeverity.choices)
    reaction = models.CharField("症状", max_length=200, blank=True)
    noted_on = models.DateField("確認日")

    class Meta(VersionedRow.Meta):
        verbose_name = "アレルギー"
