# SPDX-License-Identifier: Apache-2.0
"""回答の項目 — what an answer says, element by element: the one list from which every writer of answers writes.

An empty text is an item that is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.eligibility.message import UTF8
from tasuki.eligibility.numbers import pad_insurer_number
from tasuki.eligibility.times import day_text, time_text

if TYPE_CHECKING:
    from datetime import date, datetime

    from tasuki.eligibility.answer import (
        Answer,
        Certificate,
        DiseaseCertificate,
        ElderCertificate,
        LimitCertificate,
        PersonAnswer,
        Qualification,
    )

Item = tuple[str, str]
LIMIT = "LimitApplicationCertificate"
DISEASE = "SpecificDiseasesCertificate"


def head_items(answer: Answer, encoding: str, *, has_persons: bool) -> tuple[Item, ...]:
    """ヘッダーの項目 — without the counts of a bulk answer; an answer about nobody says its reception in the body."""
    return (
        ("ProcessExecutionTime", _time(answer.processed_at)),
        ("QualificationConfirmationDate", _day(answer.confirmed_on)),
        ("MedicalInstitutionCode", answer.institution_code),
        ("ArbitraryFileIdentifier", answer.file_identifier),
        ("ReferenceClassification", "1" if answer.is_by_card else "2"),
        ("SegmentOfResult", answer.progress.value if answer.progress else ""),
        ("ErrorCode", answer.error_code),
        ("ErrorMessage", answer.error_message),
        ("CharacterCodeIdentifier", "0" if encoding == UTF8 else "1"),
        ("ReceptionNumber", answer.reception_number if has_persons else ""),
    )


def person_items(person: PersonAnswer) -> tuple[Item, ...]:
    """一人の結果の項目 — before what was asked and the qualifications."""
    return (
        ("ProcessingResultStatus", "1" if person.is_fine else "2"),
        ("ProcessingResultCode", person.code),
        ("ProcessingResultMessage", person.message),
        ("QualificationValidity", person.eligibility.value if person.eligibility else ""),
        ("PrescriptionIssueSelect", person.prescription_issue),
    )


def qualification_items(one: Qualification) -> tuple[Item, ...]:
    """資格の項目 — with the consents, before the certificates."""
    consents = (
        item
        for each in one.consents
        for item in (
            (f"{each.name}ConsFlg", "1" if each.is_given else "0"),
            (f"{each.name}ConsTime", _time(each.given_at)),
            (f"{each.name}AvailableTime", _time(each.until_at)),
        )
    )
    return (
        ("InsuredCardClassification", one.card_class),
        ("InsurerNumber", pad_insurer_number(one.insurer_number) if one.insurer_number else ""),
        ("InsuredCardSymbol", one.symbol),
        ("InsuredIdentificationNumber", one.number),
        ("InsuredBranchNumber", one.branch),
        ("PersonalFamilyClassification", one.relation),
        ("InsuredName", one.insured_name),
        ("Name", one.name),
        ("NameOfOther", one.other_name),
        ("NameKana", one.kana),
        ("NameOfOtherKana", one.other_kana),
        ("Sex1", one.sex),
        ("Sex2", one.sex_on_card),
        ("Birthdate", _day(one.born_on)),
        ("Address", one.address),
        ("PostNumber", one.postal_code),
        ("QualificationDate", _day(one.qualified_on)),
        ("DisqualificationDate", _day(one.lost_on)),
        ("InsuredCertificateIssuanceDate", _day(one.card.issued_on)),
        ("InsuredCardValidDate", _day(one.card.since_on)),
        ("InsuredCardExpirationDate", _day(one.card.until_on)),
        ("InsuredPartialContributionRatio", _percent(one.share_percent)),
        ("PreschoolClassification", "1" if one.is_preschool else ""),
        ("ReasonOfLoss", one.loss_reason),
        ("InsurerName", one.insurer_name),
        (f"{LIMIT}RelatedConsFlg", "1" if one.is_limit_consented else "0"),
        (f"{LIMIT}RelatedConsTime", _time(one.limit_consented_at)),
        (f"{LIMIT}Changed", one.limit_changed),
        (f"{DISEASE}RelatedConsFlg", one.disease_consent),
        (f"{DISEASE}RelatedConsTime", _time(one.disease_consented_at)),
        ("ReferenceNumber", one.reference_number),
        ("ArbitraryIdentifier", one.own_identifier),
        *consents,
    )


def elder_items(elder: ElderCertificate) -> tuple[Item, ...]:
    """高齢受給者証の項目 — inside ``ElderlyRecipientCertificateInfo``."""
    return (
        *_period(elder.period, "ElderlyRecipientCertificate", "ElderlyRecipient"),
        ("ElderlyRecipientContributionRatio", _percent(elder.share_percent)),
    )


def limit_items(limit: LimitCertificate) -> tuple[Item, ...]:
    """限度額適用認定証の項目 — inside ``LimitApplicationCertificateRelatedInfo``."""
    return (
        (f"{LIMIT}Classification", limit.kind),
        (f"{LIMIT}ClassificationFlag", limit.limit_class),
        *_period(limit.period, LIMIT, LIMIT),
        (f"{LIMIT}LongTermDate", _day(limit.long_stay_on)),
    )


def disease_items(disease: DiseaseCertificate) -> tuple[Item, ...]:
    """特定疾病療養受療証の項目 — inside one ``SpecificDiseasesCertificateInfo``."""
    return (
        ("SpecificDiseasesDiseaseCategory", disease.category),
        *_period(disease.period, DISEASE, "SpecificDiseases"),
        ("SpecificDiseasesSelfPay", "" if disease.limit_yen is None else str(disease.limit_yen)),
    )


def _period(period: Certificate, stem: str, prefix: str) -> tuple[Item, ...]:
    return (
        (f"{stem}Date", _day(period.issued_on)),
        (f"{prefix}ValidStartDate", _day(period.since_on)),
        (f"{prefix}ValidEndDate", _day(period.until_on)),
    )


def _day(day: date | None) -> str:
    return day_text(day) if day is not None else ""


def _time(at: datetime | None) -> str:
    return time_text(at) if at is not None else ""


def _percent(percent: int | None) -> str:
    return f"{percent:03}" if percent is not None else ""
