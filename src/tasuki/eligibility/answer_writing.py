# SPDX-License-Identifier: Apache-2.0
"""回答の作成 — the message of an answer from typed values: what the service's side says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.eligibility.message import UTF8, Message, Node
from tasuki.eligibility.numbers import pad_insurer_number
from tasuki.eligibility.times import day_text, time_text

if TYPE_CHECKING:
    from datetime import date, datetime

    from tasuki.eligibility.answer import (
        Answer,
        Certificate,
        Consent,
        DiseaseCertificate,
        ElderCertificate,
        LimitCertificate,
        PersonAnswer,
        Qualification,
    )

_LIMIT = "LimitApplicationCertificate"
_DISEASE = "SpecificDiseasesCertificate"


def answer_message(answer: Answer, encoding: str = UTF8, *, is_bulk: bool = False) -> Message:
    """回答の電文 — reading it gives the same answer. A bulk answer counts its people in the header.

    The ``asked`` node of a person goes back as it came. Items that are empty or None are left out.
    """
    has_persons = bool(answer.persons)
    fine = sum(1 for person in answer.persons if person.is_fine)
    counted = is_bulk and has_persons
    head = _node(
        "MessageHeader",
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
        ("NumberOfProcessingResult", str(len(answer.persons)) if counted else ""),
        ("NumberOfNormalProcessing", str(fine) if counted else ""),
        ("NumberOfError", str(len(answer.persons) - fine) if counted else ""),
    )
    persons = tuple(_person(each) for each in answer.persons)
    if not has_persons:
        body = _node("MessageBody", ("ReceptionNumber", answer.reception_number))
    elif is_bulk or len(persons) > 1:
        body = Node("MessageBody", "", tuple(Node("BulkConfirmUnit", "", each) for each in persons))
    else:
        body = Node("MessageBody", "", persons[0])
    return Message(Node("XmlMsg", "", (head, body)), encoding)


def _person(person: PersonAnswer) -> tuple[Node, ...]:
    parts = list(
        _values(
            ("ProcessingResultStatus", "1" if person.is_fine else "2"),
            ("ProcessingResultCode", person.code),
            ("ProcessingResultMessage", person.message),
            ("QualificationValidity", person.eligibility.value if person.eligibility else ""),
            ("PrescriptionIssueSelect", person.prescription_issue),
        )
    )
    if person.asked is not None:
        parts.append(person.asked)
    if person.qualifications:
        parts.append(Node("ResultList", "", tuple(_qualification(each) for each in person.qualifications)))
    if person.tickets or person.subsidies:
        tickets = (_node("MedicalTicketInfo", *each.items) for each in person.tickets)
        subsidies = (_node("MedicalSubsidyInfo", *each.items) for each in person.subsidies)
        parts.append(Node("PublicExpenseResultList", "", (*tickets, *subsidies)))
    return tuple(parts)


def _qualification(one: Qualification) -> Node:
    values = _values(
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
        (f"{_LIMIT}RelatedConsFlg", "1" if one.is_limit_consented else "0"),
        (f"{_LIMIT}RelatedConsTime", _time(one.limit_consented_at)),
        (f"{_LIMIT}Changed", one.limit_changed),
        (f"{_DISEASE}RelatedConsFlg", one.disease_consent),
        (f"{_DISEASE}RelatedConsTime", _time(one.disease_consented_at)),
        ("ReferenceNumber", one.reference_number),
        ("ArbitraryIdentifier", one.own_identifier),
        *(value for consent in one.consents for value in _consent(consent)),
    )
    parts = []
    if one.elder is not None:
        parts.append(_elder(one.elder))
    if one.limit is not None:
        parts.append(_limit(one.limit))
    if one.diseases:
        parts.append(Node(f"{_DISEASE}List", "", tuple(_disease(each) for each in one.diseases)))
    return Node("ResultOfQualificationConfirmation", "", (*values, *parts))


def _consent(consent: Consent) -> tuple[tuple[str, str], ...]:
    return (
        (f"{consent.name}ConsFlg", "1" if consent.is_given else "0"),
        (f"{consent.name}ConsTime", _time(consent.given_at)),
        (f"{consent.name}AvailableTime", _time(consent.until_at)),
    )


def _period(period: Certificate, stem: str, prefix: str) -> tuple[tuple[str, str], ...]:
    return (
        (f"{stem}Date", _day(period.issued_on)),
        (f"{prefix}ValidStartDate", _day(period.since_on)),
        (f"{prefix}ValidEndDate", _day(period.until_on)),
    )


def _elder(elder: ElderCertificate) -> Node:
    return _node(
        "ElderlyRecipientCertificateInfo",
        *_period(elder.period, "ElderlyRecipientCertificate", "ElderlyRecipient"),
        ("ElderlyRecipientContributionRatio", _percent(elder.share_percent)),
    )


def _limit(limit: LimitCertificate) -> Node:
    return _node(
        f"{_LIMIT}RelatedInfo",
        (f"{_LIMIT}Classification", limit.kind),
        (f"{_LIMIT}ClassificationFlag", limit.limit_class),
        *_period(limit.period, _LIMIT, _LIMIT),
        (f"{_LIMIT}LongTermDate", _day(limit.long_stay_on)),
    )


def _disease(disease: DiseaseCertificate) -> Node:
    return _node(
        f"{_DISEASE}Info",
        ("SpecificDiseasesDiseaseCategory", disease.category),
        *_period(disease.period, _DISEASE, "SpecificDiseases"),
        ("SpecificDiseasesSelfPay", "" if disease.limit_yen is None else str(disease.limit_yen)),
    )


def _node(name: str, *values: tuple[str, str]) -> Node:
    return Node(name, "", _values(*values))


def _values(*values: tuple[str, str]) -> tuple[Node, ...]:
    return tuple(Node(name, text) for name, text in values if text)


def _day(day: date | None) -> str:
    return day_text(day) if day is not None else ""


def _time(at: datetime | None) -> str:
    return time_text(at) if at is not None else ""


def _percent(percent: int | None) -> str:
    return f"{percent:03}" if percent is not None else ""
