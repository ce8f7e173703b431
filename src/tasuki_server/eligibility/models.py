# SPDX-License-Identifier: Apache-2.0
"""資格の登録 — insurers, the insured, what covers them and since when, consents, and jobs of institutions.

Made-up people only. The rows belong to no institution; the role of the platform alone reaches them.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.institutions.rows import Rights, ServiceRow
from tasuki_server.platform.models import ConnectedInstitution


class Insurer(ServiceRow):
    """保険者 — an insurer or payer by its number, six or eight digits without blanks."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    number = models.CharField("保険者番号", max_length=8, unique=True)
    name = models.CharField("保険者名称", max_length=100)

    class Meta:
        verbose_name = "保険者"


class InsuredPerson(ServiceRow):
    """加入者 — one person, whoever insures them now or did before; text as messages write it."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    name = models.CharField("氏名", max_length=100)
    kana = models.CharField("氏名カナ", max_length=100)
    name_key = models.CharField(max_length=100)
    kana_key = models.CharField(max_length=100)
    other_name = models.CharField("氏名（その他）", max_length=100, blank=True)
    other_kana = models.CharField("氏名カナ（その他）", max_length=100, blank=True)
    sex = models.CharField("性別1", max_length=1)
    sex_on_card = models.CharField("性別2", max_length=1, blank=True)
    born = models.DateField("生年月日")
    address = models.CharField("住所", max_length=200, blank=True)
    postal_code = models.CharField("郵便番号", max_length=8, blank=True)
    # マイナンバーカードの代わり: what the stand-in of a reader is given; no number of a person.
    card = models.CharField("カード", max_length=40, null=True, unique=True)
    card_until_on = models.DateField("電子証明書の有効期限", null=True)
    card_stopped_at = models.DateTimeField("カードの利用停止", null=True)
    service_stopped_at = models.DateTimeField("提供の停止", null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "加入者"
        indexes = [
            models.Index(fields=["born", "name_key"], name="eligibility_person_born"),
            models.Index(fields=["name_key"], name="eligibility_person_name"),
        ]


class HeldQualification(ServiceRow):
    """加入者の資格 — cover by one insurer from a day to a day, with the items of the card; a change of insurer is a new row."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    person = models.ForeignKey(InsuredPerson, on_delete=models.PROTECT, related_name="qualifications")
    insurer_number = models.CharField("保険者番号", max_length=8)
    symbol = models.CharField("記号", max_length=20, blank=True)
    number = models.CharField("番号", max_length=20)
    branch = models.CharField("枝番", max_length=2, blank=True)
    symbol_key = models.CharField(max_length=40, blank=True)
    number_key = models.CharField(max_length=40)
    card_class = models.CharField("証の区分", max_length=2, default="01")
    relation = models.CharField("本人・家族の別", max_length=1, default="1")
    insured_name = models.CharField("被保険者氏名", max_length=100, blank=True)
    qualified_on = models.DateField("資格取得日")
    lost_on = models.DateField("資格喪失日", null=True)
    loss_reason = models.CharField("喪失事由", max_length=2, blank=True)
    issued_on = models.DateField("交付日", null=True)
    since_on = models.DateField("有効開始日", null=True)
    until_on = models.DateField("有効終了日", null=True)
    share_percent = models.PositiveSmallIntegerField("負担割合", null=True)
    # 高齢受給者証・限度額適用認定証・特定疾病療養受療証: :class:`tasuki_server.eligibility.certificates.Certificates`.
    certificates = models.JSONField("証", default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "加入者の資格"
        indexes = [
            models.Index(fields=["insurer_number", "number_key"], name="eligibility_qualification_card")
        ]


class TicketRow(ServiceRow):
    """医療券・調剤券の登録 — of a month of 医療扶助, for one designated institution."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    qualification = models.ForeignKey(HeldQualification, on_delete=models.PROTECT, related_name="tickets")
    month = models.CharField("診療年月", max_length=6)
    institution_number = models.CharField("指定医療機関", max_length=10, db_index=True)
    since_on = models.DateField("有効開始日")
    until_on = models.DateField("有効終了日")
    # Items by their official names; codes whose list is not public stay as given.
    items = models.JSONField(default=dict)

    class Meta:
        verbose_name = "医療券の登録"


class SubsidyRow(ServiceRow):
    """公費の受給者証の登録（PMH） — as a municipality registers it: numbers pass unchanged to the claim."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    person = models.ForeignKey(InsuredPerson, on_delete=models.PROTECT, related_name="subsidies")
    payer_number = models.CharField("公費負担者番号", max_length=8)
    recipient_number = models.CharField("受給者番号", max_length=30)
    certificate_name = models.CharField("受給者証の名称", max_length=100)
    since_on = models.DateField("有効開始日")
    until_on = models.DateField("有効終了日", null=True)
    most_yen = models.PositiveIntegerField("自己負担上限額", null=True)
    is_reimbursed = models.BooleanField("常に償還払い", default=False)
    is_deleted = models.BooleanField("削除", default=False)

    class Meta:
        verbose_name = "公費の受給者証の登録"


class ReferenceNumber(ServiceRow):
    """照会番号の登録 — an institution's own number of a person, which comes back with the card."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    caller = models.ForeignKey(
        ConnectedInstitution, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.ForeignKey(InsuredPerson, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField("照会番号", max_length=50)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "照会番号の登録"
        constraints = [
            models.UniqueConstraint(fields=["caller", "person"], name="eligibility_reference_once")
        ]


class ConsentWay(models.TextChoices):
    """同意の場面 — at the reader, on a visit to the home, or online."""

    READER = "1", "窓口"
    VISIT = "2", "訪問診療等"
    ONLINE = "3", "オンライン診療等"


class ConsentRow(ServiceRow):
    """閲覧の同意の記録 — what a person let one institution see, until when; a visit goes on until it is cancelled."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    caller = models.ForeignKey(
        ConnectedInstitution, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.ForeignKey(InsuredPerson, on_delete=models.PROTECT, related_name="consents")
    way = models.CharField("場面", max_length=1, choices=ConsentWay.choices)
    # 同意した情報: official prefixes (SpecificHealthCheckupsInfo …), and LimitApplicationCertificateRelated.
    given = models.JSONField(default=list)
    prescription = models.CharField("処方箋発行形態", max_length=1, blank=True)
    given_at = models.DateTimeField("同意日時")
    until_at = models.DateTimeField("閲覧有効期限", null=True)
    cancelled_at = models.DateTimeField("取消日時", null=True)

    class Meta:
        verbose_name = "閲覧の同意の記録"
        indexes = [models.Index(fields=["caller", "person", "-given_at"], name="eligibility_consent_newest")]


class EmergencyRight(ServiceRow):
    """救急時医療情報閲覧の権限 — which hospital may look without consent, from when until when."""

    own_rights: ClassVar[Rights] = Rights.READ

    caller = models.ForeignKey(ConnectedInstitution, on_delete=models.PROTECT, related_name="+")
    since_at = models.DateTimeField("開始")
    ended_at = models.DateTimeField("終了", null=True)
    made_by = models.CharField("登録者", max_length=80)

    class Meta:
        verbose_name = "救急時医療情報閲覧の権限"
        constraints = [
            models.UniqueConstraint(
                fields=["caller"],
                condition=models.Q(ended_at__isnull=True),
                name="eligibility_emergency_right_one",
            )
        ]


class BulkJob(ServiceRow):
    """一括照会の受付 — kept from the first step until its result was collected, over a restart too."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    caller = models.ForeignKey(ConnectedInstitution, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("種類", max_length=8)
    reception_number = models.CharField("受付番号", max_length=20, unique=True)
    file_identifier = models.CharField(max_length=100, blank=True)
    is_json = models.BooleanField(default=False)
    request = models.BinaryField("要求", null=True)
    received_at = models.DateTimeField("受付日時")
    done_at = models.DateTimeField("処理日時", null=True)
    result = models.BinaryField("結果", null=True)

    class Meta:
        verbose_name = "一括照会の受付"


class FaceResult(ServiceRow):
    """顔認証付きカードリーダーの結果 — waits for its institution under a number of its own, without gaps."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    caller = models.ForeignKey(
        ConnectedInstitution, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    number = models.PositiveIntegerField("番号")
    file = models.CharField("ファイル名", max_length=100)
    # Emptied when the institution says that it has it.
    body = models.BinaryField("電文", null=True)
    made_at = models.DateTimeField("日時")

    class Meta:
        verbose_name = "顔認証付きカードリーダーの結果"
        constraints = [models.UniqueConstraint(fields=["caller", "number"], name="eligibility_face_number")]


class _Recorded(ServiceRow):
    """A row of medical information: whose, which day, from where."""

    own_rights: ClassVar[Rights] = Rights.APPEND

    person = models.ForeignKey(InsuredPerson, on_delete=models.PROTECT, related_name="+")
    day = models.DateField("年月日")

    class Meta:
        abstract = True


class DrugSource(models.TextChoices):
    """薬剤情報の出どころ — a receipt, a prescription that was issued, or its dispensing."""

    RECEIPT = "MeTrMonthInf", "レセプト"
    PRESCRIBED = "ShPrInf", "処方"
    DISPENSED = "CzDiInf", "調剤"


class DrugRecord(_Recorded):
    """薬剤情報の明細 — one drug of one day, as YZK results give it."""

    source = models.CharField("出どころ", max_length=12, choices=DrugSource.choices)
    institution_number = models.CharField("医療機関", max_length=10, blank=True)
    institution_name = models.CharField("名称", max_length=100, blank=True)
    is_inpatient = models.BooleanField(default=False)
    # 処方箋ID: of an electronic prescription; what joins a dispensing to it.
    prescription_id = models.CharField(max_length=40, blank=True, db_index=True)
    code = models.CharField("医薬品コード", max_length=13)
    name = models.CharField("医薬品名", max_length=200)
    ingredient = models.CharField("成分名", max_length=200, blank=True)
    quantity = models.CharField("数量", max_length=20, blank=True)
    unit = models.CharField("単位", max_length=20, blank=True)
    usage = models.CharField("用法", max_length=100, blank=True)
    times = models.CharField("回数", max_length=10, blank=True)
    instruction = models.CharField("特別指示", max_length=100, blank=True)
    treatment_class = models.CharField("診療識別", max_length=10, blank=True)

    class Meta:
        verbose_name = "薬剤情報の明細"


class TreatmentRecord(_Recorded):
    """診療情報の明細 — one act of a receipt; an operation is seen under a consent of its own."""

    institution_number = models.CharField("医療機関", max_length=10, blank=True)
    institution_name = models.CharField("名称", max_length=100, blank=True)
    is_operation = models.BooleanField("手術", default=False)
    code = models.CharField("診療行為コード", max_length=9)
    name = models.CharField("診療行為名", max_length=200)
    times = models.CharField("回数", max_length=10, blank=True)

    class Meta:
        verbose_name = "診療情報の明細"


class CheckupRecord(_Recorded):
    """特定健診の明細 — one item of a checkup, by its JLAC10 code."""

    code = models.CharField("項目コード", max_length=17)
    name = models.CharField("項目名", max_length=100)
    data_type = models.CharField("データ型", max_length=10, blank=True)
    value = models.CharField("値", max_length=200)
    unit = models.CharField("単位", max_length=20, blank=True)
    oid = models.CharField("OID", max_length=60, blank=True)
    value_name = models.CharField("値の名称", max_length=100, blank=True)

    class Meta:
        verbose_name = "特定健診の明細"


class ServiceMode(ServiceRow):
    """災害時モード — whether people are found without a card; the newest row counts."""

    is_disaster = models.BooleanField("災害時モード", default=False)
    made_by = models.CharField("担当", max_length=60)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "災害時モード"
