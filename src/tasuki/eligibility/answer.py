# SPDX-License-Identifier: Apache-2.0
"""資格確認結果 — what an answer says, as typed values; an absent item is empty, a malformed one None."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from tasuki.eligibility.elements import CONSENTS
from tasuki.eligibility.times import read_day, read_time

if TYPE_CHECKING:
    from datetime import date, datetime

    from tasuki.eligibility.message import Message, Node

_Kind = TypeVar("_Kind", bound=StrEnum)


class Eligibility(StrEnum):
    """資格有効性 — the six answers of the service."""

    VALID = "1"
    INVALID = "2"
    REPLACED = "3"
    NOT_FOUND = "4"
    SEVERAL = "5"
    NOT_REGISTERED = "6"


class Progress(StrEnum):
    """処理結果区分 — of the whole file."""

    DONE = "1"
    RUNNING = "2"
    FAILED = "9"


@dataclass(frozen=True, slots=True)
class Certificate:
    """認定証の期間 — when it was issued and from when to when it counts, both days included."""

    issued_on: date | None
    since_on: date | None
    until_on: date | None


@dataclass(frozen=True, slots=True)
class ElderCertificate:
    """高齢受給者証 — the share of someone from seventy to seventy-four, in percent."""

    period: Certificate
    share_percent: int | None


@dataclass(frozen=True, slots=True)
class LimitCertificate:
    """限度額適用認定証 — its kind (01 to 03) and 適用区分 (A01 to B10)."""

    period: Certificate
    kind: str
    limit_class: str
    long_stay_on: date | None


@dataclass(frozen=True, slots=True)
class DiseaseCertificate:
    """特定疾病療養受療証 — the disease (1 to 3) and what the patient pays at most in a month."""

    period: Certificate
    category: str
    limit_yen: int | None


@dataclass(frozen=True, slots=True)
class Consent:
    """閲覧の同意 — to one kind of information: given or not, when, and until when it may be seen."""

    name: str
    term: str
    is_given: bool
    given_at: datetime | None
    until_at: datetime | None

    def is_open(self, at: datetime) -> bool:
        """閲覧できるか — given, and its end not passed; without an end nothing may be seen."""
        return self.is_given and self.until_at is not None and at <= self.until_at


@dataclass(frozen=True, slots=True)
class Qualification:
    """資格 — of one person with one insurer, as the register has it. Text is kept as it came."""

    insurer_number: str
    symbol: str
    number: str
    branch: str
    card_class: str
    relation: str
    insured_name: str
    name: str
    kana: str
    other_name: str
    other_kana: str
    sex: str
    sex_on_card: str
    born_on: date | None
    address: str
    postal_code: str
    qualified_on: date | None
    lost_on: date | None
    card: Certificate
    share_percent: int | None
    is_preschool: bool
    loss_reason: str
    insurer_name: str
    elder: ElderCertificate | None
    is_limit_consented: bool
    limit_consented_at: datetime | None
    limit: LimitCertificate | None
    limit_changed: str
    disease_consent: str
    disease_consented_at: datetime | None
    diseases: tuple[DiseaseCertificate, ...]
    consents: tuple[Consent, ...]
    reference_number: str
    own_identifier: str


@dataclass(frozen=True, slots=True)
class MedicalTicket:
    """医療券 — of 医療扶助; items with unpublished codes stay as they came, by official name, in ``items``."""

    kind: str
    issue_number: str
    month: str
    since_on: date | None
    until_on: date | None
    self_pay_yen: int | None
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MedicalSubsidy:
    """医療費助成の受給者証 — as a municipality registered it at PMH: numbers go to the claim as they are.

    That none came does not say there is none: not consented, lost and not connected look the same.
    """

    payer_number: str
    recipient_number: str
    certificate_name: str
    since_on: date | None
    until_on: date | None
    most_yen: int | None
    is_reimbursed: bool
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """一人の結果 — what was asked and answered; ``eligibility`` is None when the service did not say."""

    is_fine: bool
    code: str
    message: str
    eligibility: Eligibility | None
    prescription_issue: str
    qualifications: tuple[Qualification, ...]
    tickets: tuple[MedicalTicket, ...]
    asked: Node | None
    subsidies: tuple[MedicalSubsidy, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """資格確認の回答 — of a file: how far it is, and each person in it."""

    progress: Progress | None
    error_code: str
    error_message: str
    processed_at: datetime | None
    confirmed_on: date | None
    institution_code: str
    is_by_card: bool
    file_identifier: str
    reception_number: str
    persons: tuple[PersonAnswer, ...]


def read_answer(message: Message) -> Answer:
    """回答の読取 — of a result, from the card reader, by number or of a bulk job."""
    header, body = message.header, message.body
    return Answer(
        progress=_member(Progress, header.value("SegmentOfResult")),
        error_code=header.value("ErrorCode"),
        error_message=header.value("ErrorMessage"),
        processed_at=read_time(header.value("ProcessExecutionTime")),
        confirmed_on=read_day(header.value("QualificationConfirmationDate")),
        institution_code=header.value("MedicalInstitutionCode"),
        is_by_card=header.value("ReferenceClassification") == "1",
        file_identifier=header.value("ArbitraryFileIdentifier"),
        reception_number=header.value("ReceptionNumber") or body.value("ReceptionNumber"),
        persons=tuple(_person(each) for each in message.persons if _is_answer(each)),
    )


def _is_answer(node: Node) -> bool:
    names = {child.name for child in node.children}
    return bool(
        names & {"ProcessingResultStatus", "QualificationValidity", "ResultList", "PublicExpenseResultList"}
    )


def _person(node: Node) -> PersonAnswer:
    return PersonAnswer(
        is_fine=node.value("ProcessingResultStatus") == "1",
        code=node.value("ProcessingResultCode"),
        message=node.value("ProcessingResultMessage"),
        eligibility=_member(Eligibility, node.value("QualificationValidity")),
        prescription_issue=node.value("PrescriptionIssueSelect"),
        qualifications=tuple(
            _qualification(each) for each in node.walk("ResultList", "ResultOfQualificationConfirmation")
        ),
        tickets=tuple(_ticket(each) for each in node.walk("PublicExpenseResultList", "MedicalTicketInfo")),
        asked=node.child("QualificationConfirmSearchInfo"),
        subsidies=tuple(
            _subsidy(each) for each in node.walk("PublicExpenseResultList", "MedicalSubsidyInfo")
        ),
    )


def _qualification(node: Node) -> Qualification:
    value = node.value
    elder = node.child("ElderlyRecipientCertificateInfo")
    limit = node.child("LimitApplicationCertificateRelatedInfo")
    return Qualification(
        insurer_number=value("InsurerNumber").strip(" "),
        symbol=value("InsuredCardSymbol"),
        number=value("InsuredIdentificationNumber"),
        branch=value("InsuredBranchNumber"),
        card_class=value("InsuredCardClassification"),
        relation=value("PersonalFamilyClassification"),
        insured_name=value("InsuredName"),
        name=value("Name"),
        kana=value("NameKana"),
        other_name=value("NameOfOther"),
        other_kana=value("NameOfOtherKana"),
        sex=value("Sex1"),
        sex_on_card=value("Sex2"),
        born_on=read_day(value("Birthdate")),
        address=value("Address"),
        postal_code=value("PostNumber"),
        qualified_on=read_day(value("QualificationDate")),
        lost_on=read_day(value("DisqualificationDate")),
        card=Certificate(
            read_day(value("InsuredCertificateIssuanceDate")),
            read_day(value("InsuredCardValidDate")),
            read_day(value("InsuredCardExpirationDate")),
        ),
        share_percent=_whole(value("InsuredPartialContributionRatio")),
        is_preschool=value("PreschoolClassification") == "1",
        loss_reason=value("ReasonOfLoss"),
        insurer_name=value("InsurerName"),
        elder=_elder(elder) if elder is not None else None,
        is_limit_consented=value("LimitApplicationCertificateRelatedConsFlg") == "1",
        limit_consented_at=read_time(value("LimitApplicationCertificateRelatedConsTime")),
        limit=_limit(limit) if limit is not None else None,
        limit_changed=value("LimitApplicationCertificateChanged"),
        disease_consent=value("SpecificDiseasesCertificateRelatedConsFlg"),
        disease_consented_at=read_time(value("SpecificDiseasesCertificateRelatedConsTime")),
        diseases=tuple(
            _disease(each)
            for each in node.walk("SpecificDiseasesCertificateList", "SpecificDiseasesCertificateInfo")
        ),
        consents=tuple(
            Consent(
                prefix,
                term,
                value(f"{prefix}ConsFlg") == "1",
                read_time(value(f"{prefix}ConsTime")),
                read_time(value(f"{prefix}AvailableTime")),
            )
            for prefix, term in CONSENTS
            if node.child(f"{prefix}ConsFlg") is not None
        ),
        reference_number=value("ReferenceNumber"),
        own_identifier=value("ArbitraryIdentifier"),
    )


def _period(node: Node, stem: str, prefix: str) -> Certificate:
    return Certificate(
        read_day(node.value(f"{stem}Date")),
        read_day(node.value(f"{prefix}ValidStartDate")),
        read_day(node.value(f"{prefix}ValidEndDate")),
    )


def _elder(node: Node) -> ElderCertificate:
    return ElderCertificate(
        _period(node, "ElderlyRecipientCertificate", "ElderlyRecipient"),
        _whole(node.value("ElderlyRecipientContributionRatio")),
    )


def _limit(node: Node) -> LimitCertificate:
    name = "LimitApplicationCertificate"
    return LimitCertificate(
        _period(node, name, name),
        node.value(f"{name}Classification"),
        node.value(f"{name}ClassificationFlag"),
        read_day(node.value(f"{name}LongTermDate")),
    )


def _disease(node: Node) -> DiseaseCertificate:
    return DiseaseCertificate(
        _period(node, "SpecificDiseasesCertificate", "SpecificDiseases"),
        node.value("SpecificDiseasesDiseaseCategory"),
        _whole(node.value("SpecificDiseasesSelfPay")),
    )


def _ticket(node: Node) -> MedicalTicket:
    return MedicalTicket(
        node.value("TicketType"),
        node.value("IssueNumber"),
        node.value("MedicalTreatmentMonth"),
        read_day(node.value("MedicalTicketValidDate")),
        read_day(node.value("MedicalTicketExpirationDate")),
        _whole(node.value("SelfPayAmount")),
        tuple((each.name, each.text) for each in node.children if each.text and not each.children),
    )


def _subsidy(node: Node) -> MedicalSubsidy:
    return MedicalSubsidy(
        node.value("MedicalSubsidyInsurerNumber").strip(" "),
        node.value("MedicalSubsidyRecipientNumber"),
        node.value("CertificationName"),
        read_day(node.value("ValidFrom")),
        read_day(node.value("ValidTo")),
        _whole(node.value("MaxCopaymentAmount")),
        node.value("IsAlwaysReimbursement") == "1",
        tuple((each.name, each.text) for each in node.children if each.text and not each.children),
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else None


def _member(kind: type[_Kind], text: str) -> _Kind | None:
    return kind(text) if any(text == each.value for each in kind) else None
