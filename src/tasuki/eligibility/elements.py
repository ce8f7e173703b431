# SPDX-License-Identifier: Apache-2.0
"""電文の要素 — every element of the オンライン資格確認 messages: its official name, ours, and what it may hold.

One table, by the element that contains the others; reading, writing, checking and the typed answer refer to it.
``kind`` is ``text``, ``number`` (digits), ``digits`` (exactly ``limit`` of them), ``day`` (YYYYMMDD), ``month``
(YYYYMM), ``time`` (YYYYMMDDHHmmss), ``insurer`` (eight characters, blanks before a shorter number), ``base64``, or
``code``, with the name of its table. A limit counts characters; 0 where none is known. What is less than certain
about a name is written in docs/reference/unconfirmed.md.

Cite: オンライン資格確認等システム 外部インターフェイス仕様書 OQS-IF-001・002・003, YZK-IF-001・002, EPS-IF-201・202・211・212・101・102
"""

from __future__ import annotations

from typing import NamedTuple


class Element(NamedTuple):
    """要素 — one value: official name, Japanese term, kind, limit, and the code table of a code."""

    name: str
    term: str
    kind: str = "text"
    limit: int = 0
    codes: str = ""


class Container(NamedTuple):
    """要素の入れ物 — an element of elements: its values, the containers in it, and whether it may stand repeatedly."""

    name: str
    term: str
    elements: tuple[Element, ...] = ()
    containers: tuple[str, ...] = ()
    is_repeated: bool = False

    def element(self, name: str) -> Element | None:
        """要素の検索 — by official name."""
        return _ELEMENTS[self.name].get(name)


# Official name and term of each consent; the flag, the time it was given and the time viewing ends carry suffixes.
CONSENTS: tuple[tuple[str, str], ...] = (
    ("SpecificHealthCheckupsInfo", "特定健診情報"),
    ("PharmacistsInfo", "薬剤情報"),
    ("DiagnosisInfo", "診療情報"),
    ("OperationInfo", "手術情報"),
    ("DiagnosisName", "傷病名情報"),
    ("InfectiousInfo", "感染症情報"),
    ("AllergyInfo", "アレルギー情報"),
    ("ContraindicationInfo", "薬剤禁忌情報"),
    ("TestInfo", "検査情報"),
    ("PrescriptionInfo", "処方情報"),
)


def _code(name: str, term: str, table: str, limit: int = 1) -> Element:
    return Element(name, term, "code", limit, table)


def _day(name: str, term: str) -> Element:
    return Element(name, term, "day", 8)


def _time(name: str, term: str) -> Element:
    return Element(name, term, "time", 14)


def _card(what: str = "") -> tuple[Element, ...]:
    return (
        Element("InsurerNumber", f"{what}保険者番号", "insurer", 8),
        Element("InsuredCardSymbol", f"{what}被保険者証記号", "text", 20),
        Element("InsuredIdentificationNumber", f"{what}被保険者証番号", "text", 20),
        Element("InsuredBranchNumber", f"{what}枝番", "text", 2),
    )


def _consents() -> tuple[Element, ...]:
    return tuple(
        each
        for prefix, term in CONSENTS
        for each in (
            _code(f"{prefix}ConsFlg", f"{term} 同意フラグ", "consent"),
            _time(f"{prefix}ConsTime", f"{term} 同意日時"),
            _time(f"{prefix}AvailableTime", f"{term} 閲覧有効期限"),
        )
    )


_TEXTS = (
    ("TicketType", "券の種類"),
    ("IssueNumber", "交付番号"),
    ("DesignatedMedicalInstitutionCode", "指定医療機関コード"),
    ("DesignatedMedicalInstitutionFlag", "指定医療機関フラグ"),
    ("DesignatedMedicalInstitutionName", "指定医療機関名"),
    ("PrescriptionIssuerMedicalInstitutionCode", "処方箋発行元医療機関コード"),
    ("PrescriptionIssuerMedicalInstitutionName", "処方箋発行元医療機関名"),
    ("InjuryName1", "傷病名1"),
    ("InjuryName2", "傷病名2"),
    ("InjuryName3", "傷病名3"),
    ("MedicalTreatmentType", "診療別"),
    ("DistrictContactName", "地区担当員名"),
    ("HandlingContactName", "取扱担当者名"),
    ("SingleOrCombinedUse", "単独・併用別"),
    ("StatusOfSocialInsurance", "社会保険の有無"),
    ("ConsistencyFlag", "整合性フラグ"),
    ("StatusOfInfecton", "感染症の有無"),
    ("StatusOfElderlyMedicalCare", "後期高齢者医療の有無"),
    ("StatusOfPrefecturalExpenses", "都道府県費の有無"),
    ("Remarks1", "備考1"),
    ("Remarks2", "備考2"),
    ("Remarks3", "備考3"),
)

_PERSON_PARTS = ("ResultList", "PublicExpenseResultList", "QualificationConfirmSearchInfo")
_PERSON = (
    _code("ProcessingResultStatus", "処理結果状況", "status"),
    Element("ProcessingResultCode", "処理結果コード"),
    Element("ProcessingResultMessage", "処理結果メッセージ"),
    _code("QualificationValidity", "資格有効性", "validity"),
    _code("PrescriptionIssueSelect", "処方箋発行形態", "issue"),
)
_DRUG_PERIOD = ("MeTrMonthInf", "ShPrInf", "CzDiInf")

_LIST = (
    Container("XmlMsg", "電文", containers=("MessageHeader", "MessageBody")),
    Container(
        "MessageHeader",
        "メッセージヘッダー",
        (
            _time("ProcessExecutionTime", "処理実行日時"),
            _day("QualificationConfirmationDate", "資格確認日"),
            Element("MedicalInstitutionCode", "医療機関コード", "digits", 10),
            Element("ArbitraryFileIdentifier", "任意のファイル識別子"),
            _code("ReferenceClassification", "照会区分", "reference"),
            _code("SegmentOfResult", "処理結果区分", "segment"),
            Element("ErrorCode", "エラーコード"),
            Element("ErrorMessage", "エラーメッセージ"),
            _code("CharacterCodeIdentifier", "文字コード識別", "charset"),
            Element("ReceptionNumber", "受付番号"),
            Element("NumberOfProcessingResult", "処理件数", "number"),
            Element("NumberOfNormalProcessing", "正常件数", "number"),
            Element("NumberOfError", "エラー件数", "number"),
            # 薬剤情報・特定健診情報の照会 names the card in its own way.
            Element("InsurerNumber", "保険者番号", "insurer", 8),
            Element("InsuranceCardSymbol", "被保険者証記号", "text", 20),
            Element("InsuredPersonIdentificationNumber", "被保険者証番号", "text", 20),
            Element("BranchNumber", "枝番", "text", 2),
            Element("ResultCode", "結果コード"),
            Element("MessageContents", "メッセージ内容"),
        ),
        ("QuaInf", "QualificationsInfo"),
    ),
    Container(
        "MessageBody",
        "メッセージボディ",
        (
            Element("ReceptionNumber", "受付番号"),
            _time("ReceptionDateTime", "受付日時"),
            *_PERSON,
            Element("MedicalTreatmentMonth", "診療年月", "month", 6),
            _day("ConsentDateFrom", "同意日（自）"),
            _day("ConsentDateTo", "同意日（至）"),
            _day("ExaminationDateFrom", "診察日（自）"),
            _day("ExaminationDateTo", "診察日（至）"),
            _code("MedicalTreatmentFlag", "診療種別フラグ", "treatment"),
            _day("StartDate", "開始日"),
            _day("EndDate", "終了日"),
            Element("FileCategory", "ファイル区分"),
            Element("PrDiInfClassification", "処方・調剤情報区分"),
            Element("PrescriptionInfo", "処方箋情報", "base64"),
            _code("IssueType", "発行形態", "issue"),
            Element("PrescriptionId", "処方箋ID"),
            Element("AccessCode", "引換番号", "digits", 16),
            Element("GenerateSignResult", "署名生成結果"),
            Element("PrescriptionStatus", "処方箋の状況"),
            Element("ReceptionPharmacyCode", "受付薬局コード"),
            Element("ReceptionPharmacyName", "受付薬局名"),
            _code("MessageFlg", "伝達事項", "message_flag"),
            Element("DispensingResult", "調剤結果"),
            Element("PrescriptionReferenceInformationFile", "処方箋控え", "base64"),
            *_card(),
            _day("IssueDateFrom", "交付日（自）"),
            _day("IssueDateTo", "交付日（至）"),
        ),
        (
            "BulkConfirmUnit",
            "ReferenceNumberRegistrationInfo",
            *_PERSON_PARTS,
            *_DRUG_PERIOD,
            "SpecificHealthCheckupInfo",
            "XmlCheckResultList",
            "CsvCheckResultList",
            "VerifyResultList",
            "PrescriptionIdList",
        ),
    ),
    Container("BulkConfirmUnit", "一括照会の一件", _PERSON, _PERSON_PARTS, is_repeated=True),
    Container(
        "QualificationConfirmSearchInfo",
        "資格確認の照会条件",
        (
            *_card(),
            _day("Birthdate", "生年月日"),
            _code("LimitApplicationCertificateRelatedConsFlg", "限度額適用認定証 提供同意", "consent"),
            Element("ArbitraryIdentifier", "任意の識別子"),
        ),
        is_repeated=True,
    ),
    Container(
        "ReferenceNumberRegistrationInfo",
        "照会番号の登録",
        (Element("ReferenceNumber", "照会番号", "text", 50), *_card()),
        is_repeated=True,
    ),
    Container("ResultList", "資格確認結果の一覧", containers=("ResultOfQualificationConfirmation",)),
    Container(
        "ResultOfQualificationConfirmation",
        "資格確認結果",
        (
            _code("InsuredCardClassification", "被保険者証区分", "card", 2),
            *_card(),
            _code("PersonalFamilyClassification", "本人・家族の別", "relation"),
            Element("InsuredName", "被保険者氏名"),
            Element("Name", "氏名"),
            Element("NameOfOther", "氏名（その他）"),
            Element("NameKana", "氏名カナ"),
            Element("NameOfOtherKana", "氏名カナ（その他）"),
            _code("Sex1", "性別1", "sex"),
            _code("Sex2", "性別2", "sex"),
            _day("Birthdate", "生年月日"),
            Element("Address", "住所"),
            Element("PostNumber", "郵便番号", "text", 8),
            _day("QualificationDate", "資格取得年月日"),
            _day("DisqualificationDate", "資格喪失年月日"),
            _day("InsuredCertificateIssuanceDate", "被保険者証交付年月日"),
            _day("InsuredCardValidDate", "被保険者証有効開始年月日"),
            _day("InsuredCardExpirationDate", "被保険者証有効終了年月日"),
            _code("InsuredPartialContributionRatio", "被保険者証一部負担金割合", "ratio", 3),
            _code("PreschoolClassification", "未就学区分", "preschool"),
            _code("ReasonOfLoss", "資格喪失事由", "loss", 2),
            Element("InsurerName", "保険者名称"),
            _code("LimitApplicationCertificateRelatedConsFlg", "限度額適用認定証 提供同意フラグ", "consent"),
            _time("LimitApplicationCertificateRelatedConsTime", "限度額適用認定証 提供同意日時"),
            Element("LimitApplicationCertificateChanged", "限度額情報の変更有無"),
            _code("SpecificDiseasesCertificateRelatedConsFlg", "特定疾病 提供同意フラグ", "disease_consent"),
            _time("SpecificDiseasesCertificateRelatedConsTime", "特定疾病 提供同意日時"),
            *_consents(),
            Element("ReferenceNumber", "照会番号", "text", 50),
            Element("ArbitraryIdentifier", "任意の識別子"),
        ),
        (
            "ElderlyRecipientCertificateInfo",
            "LimitApplicationCertificateRelatedInfo",
            "SpecificDiseasesCertificateList",
        ),
        is_repeated=True,
    ),
    Container(
        "ElderlyRecipientCertificateInfo",
        "高齢受給者証",
        (
            _day("ElderlyRecipientCertificateDate", "交付年月日"),
            _day("ElderlyRecipientValidStartDate", "有効開始年月日"),
            _day("ElderlyRecipientValidEndDate", "有効終了年月日"),
            _code("ElderlyRecipientContributionRatio", "一部負担金割合", "elder_ratio", 3),
        ),
    ),
    Container(
        "LimitApplicationCertificateRelatedInfo",
        "限度額適用認定証",
        (
            _code("LimitApplicationCertificateClassification", "認定証区分", "limit_kind", 2),
            _code("LimitApplicationCertificateClassificationFlag", "適用区分", "limit_class", 3),
            _day("LimitApplicationCertificateDate", "交付年月日"),
            _day("LimitApplicationCertificateValidStartDate", "有効開始年月日"),
            _day("LimitApplicationCertificateValidEndDate", "有効終了年月日"),
            _day("LimitApplicationCertificateLongTermDate", "長期入院該当年月日"),
        ),
    ),
    Container(
        "SpecificDiseasesCertificateList",
        "特定疾病療養受療証の一覧",
        containers=("SpecificDiseasesCertificateInfo",),
    ),
    Container(
        "SpecificDiseasesCertificateInfo",
        "特定疾病療養受療証",
        (
            _code("SpecificDiseasesDiseaseCategory", "疾病区分", "disease"),
            _day("SpecificDiseasesCertificateDate", "交付年月日"),
            _day("SpecificDiseasesValidStartDate", "有効開始年月日"),
            _day("SpecificDiseasesValidEndDate", "有効終了年月日"),
            Element("SpecificDiseasesSelfPay", "自己負担限度額", "number"),
        ),
        is_repeated=True,
    ),
    Container(
        "PublicExpenseResultList", "公費の一覧", containers=("MedicalTicketInfo", "MedicalSubsidyInfo")
    ),
    # 医療費助成 (PMH): the names of the message are not public; these are the items of デジタル庁's interface for municipalities.
    Container(
        "MedicalSubsidyInfo",
        "医療費助成の受給者証",
        (
            Element("MedicalSubsidyInsurerNumber", "公費負担者番号", "insurer", 8),
            Element("MedicalSubsidyRecipientNumber", "受給者番号", "text", 30),
            Element("CertificationName", "受給者証の名称", "text", 100),
            _day("ValidFrom", "有効開始年月日"),
            _day("ValidTo", "有効終了年月日"),
            Element("MaxCopaymentAmount", "自己負担上限額", "number"),
            _code("IsAlwaysReimbursement", "常に償還払い", "reimbursement"),
        ),
        is_repeated=True,
    ),
    Container(
        "MedicalTicketInfo",
        "医療券・調剤券",
        (
            *(Element(name, term) for name, term in _TEXTS),
            _day("MedicalTicketValidDate", "有効開始年月日"),
            _day("MedicalTicketExpirationDate", "有効終了年月日"),
            Element("MedicalTreatmentMonth", "診療年月", "month", 6),
            Element("SelfPayAmount", "本人支払額", "number"),
        ),
        is_repeated=True,
    ),
    Container(
        "QuaInf",
        "資格情報（薬剤情報）",
        (
            Element("Name", "氏名"),
            Element("KanaName", "氏名カナ"),
            _day("Birth", "生年月日"),
            _code("AdmGendCode", "性別", "sex"),
        ),
    ),
    Container(
        "QualificationsInfo",
        "資格情報（特定健診）",
        (
            Element("Name", "氏名"),
            Element("KanasName", "氏名カナ"),
            _day("Birthday", "生年月日"),
            _code("AdministrativeGenderCode", "性別", "sex"),
        ),
    ),
    *(
        Container(name, term, containers=("DrugInfs", "MeTrInfs"), is_repeated=True)
        for name, term in zip(
            _DRUG_PERIOD, ("診療年月の情報（レセプト）", "処方情報", "調剤情報"), strict=True
        )
    ),
    Container("DrugInfs", "薬剤の一覧", containers=("DrugInf",)),
    Container(
        "DrugInf",
        "薬剤",
        (
            Element("DrugC", "医薬品コード"),
            Element("DrugN", "医薬品名"),
            Element("IngreN", "成分名"),
            Element("Qua1", "数量"),
            Element("Unit", "単位"),
            Element("UsageN", "用法"),
            Element("Times", "回数"),
            Element("SpInst", "特別指示"),
            Element("MeTrIdCl", "診療識別"),
        ),
        is_repeated=True,
    ),
    Container("MeTrInfs", "診療行為の一覧"),
    Container(
        "SpecificHealthCheckupInfo",
        "特定健診情報",
        (_day("EffectiveTime", "健診実施日"),),
        ("HealthCheckupResultAndQuestionInfos",),
        is_repeated=True,
    ),
    Container(
        "HealthCheckupResultAndQuestionInfos",
        "健診結果・質問票の一覧",
        containers=("HealthCheckupResultAndQuestionInfo",),
    ),
    Container(
        "HealthCheckupResultAndQuestionInfo",
        "健診結果・質問票",
        (
            Element("ItemCode", "項目コード", "text", 17),
            Element("ItemName", "項目名"),
            Element("DataType", "データ型"),
            Element("DataValue", "値"),
            Element("Unit", "単位"),
            Element("Oid", "OID"),
            Element("DataValueName", "値の名称"),
        ),
        is_repeated=True,
    ),
    *(
        Container(
            name,
            term,
            (Element("ResultCode", "結果コード"), Element("ResultMessage", "結果メッセージ")),
            is_repeated=True,
        )
        for name, term in (
            ("XmlCheckResultList", "XMLチェック結果"),
            ("CsvCheckResultList", "CSVチェック結果"),
        )
    ),
    Container(
        "VerifyResultList",
        "署名検証結果",
        (Element("Status", "結果"), Element("Message", "メッセージ"), Element("SignId", "署名ID")),
        ("FailureReasons",),
        is_repeated=True,
    ),
    Container("FailureReasons", "検証失敗の理由", is_repeated=True),
    Container(
        "PrescriptionIdList",
        "処方箋IDの一覧",
        (
            Element("PrescriptionId", "処方箋ID"),
            Element("AccessCode", "引換番号", "digits", 16),
            _time("CreateDateTime", "登録日時"),
        ),
        is_repeated=True,
    ),
)

CONTAINERS: dict[str, Container] = {each.name: each for each in _LIST}
_ELEMENTS = {each.name: {element.name: element for element in each.elements} for each in _LIST}
# Containers whose inside is not published: whatever stands in them is kept and not judged.
OPEN_CONTAINERS = frozenset(("MeTrInfs", "FailureReasons", *_DRUG_PERIOD))
