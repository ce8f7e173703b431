# SPDX-License-Identifier: Apache-2.0
"""回答の書出し — the bytes of an answer straight from its values: the same as the codec writes, ten times as fast.

What needs a second look (characters to escape or to refuse, a question with more than plain items) is left to the
codec; a property test holds both to the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from tasuki.eligibility.answer import Answer, Certificate, PersonAnswer, Qualification
from tasuki.eligibility.answer_writing import answer_message
from tasuki.eligibility.json_text import write_json
from tasuki.eligibility.message import SHIFT_JIS, UTF8, Node
from tasuki.eligibility.times import time_text
from tasuki.kernel.shift_jis import settle
from tasuki_server.eligibility.message_form import Form, circled, message_bytes
from tasuki_server.platform.engine import Reply

_ODD = re.compile("[&<>\r\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]*")
_INDENT = " " * 8
Item = tuple[str, str]


class _Odd(ValueError):
    """Something that the codec must look at."""


def answer_xml(answer: Answer, encoding: str = UTF8) -> bytes:
    """回答の電文 — as :func:`tasuki.eligibility.xml_text.write_xml` of its message."""
    try:
        (person,) = answer.persons
        text = head_xml(answer, encoding) + person_xml(person, _INDENT) + _TAIL
        return text_bytes(text, encoding)
    except ValueError:
        return message_bytes(answer_message(answer, encoding), encoding)


def answer_reply(answer: Answer, form: Form) -> Reply:
    """回答の応答 — in the form the request came in."""
    if form.is_json:
        return Reply(200, form.media_type, write_json(answer_message(answer)))
    return Reply(200, form.media_type, answer_xml(answer, form.encoding))


_TAIL = "    </MessageBody>\n</XmlMsg>\n"


def head_xml(answer: Answer, encoding: str, counts: tuple[Item, ...] = ()) -> str:
    """電文の頭 — up to the opening of the body. Raises ``ValueError`` for what the codec must look at."""
    return (
        f'<?xml version="1.0" encoding="{encoding}" standalone="no"?>\n<XmlMsg>\n    <MessageHeader>\n'
        + _lines(
            _INDENT,
            ("ProcessExecutionTime", _time(answer.processed_at)),
            ("QualificationConfirmationDate", _day(answer.confirmed_on)),
            ("MedicalInstitutionCode", answer.institution_code),
            ("ArbitraryFileIdentifier", answer.file_identifier),
            ("ReferenceClassification", "1" if answer.is_by_card else "2"),
            ("SegmentOfResult", answer.progress.value if answer.progress else ""),
            ("ErrorCode", answer.error_code),
            ("ErrorMessage", answer.error_message),
            ("CharacterCodeIdentifier", "0" if encoding == UTF8 else "1"),
            ("ReceptionNumber", answer.reception_number),
            *counts,
        )
        + "    </MessageHeader>\n    <MessageBody>\n"
    )


def person_xml(person: PersonAnswer, indent: str) -> str:
    """一人の結果の文字 — its lines. Raises ``ValueError`` for what the codec must look at."""
    made = [
        _lines(
            indent,
            ("ProcessingResultStatus", "1" if person.is_fine else "2"),
            ("ProcessingResultCode", person.code),
            ("ProcessingResultMessage", person.message),
            ("QualificationValidity", person.eligibility.value if person.eligibility else ""),
            ("PrescriptionIssueSelect", person.prescription_issue),
        )
    ]
    inner, innermost = indent + "    ", indent + "        "
    if person.asked is not None:
        made.append(_asked(person.asked, indent, inner))
    if person.qualifications:
        made.append(f"{indent}<ResultList>\n")
        made.extend(_qualification(each, inner, innermost) for each in person.qualifications)
        made.append(f"{indent}</ResultList>\n")
    if person.tickets or person.subsidies:
        made.append(f"{indent}<PublicExpenseResultList>\n")
        for name, items in (
            *(("MedicalTicketInfo", each.items) for each in person.tickets),
            *(("MedicalSubsidyInfo", each.items) for each in person.subsidies),
        ):
            made.append(_container(name, inner, _lines(innermost, *items)))
        made.append(f"{indent}</PublicExpenseResultList>\n")
    return "".join(made)


def text_bytes(text: str, encoding: str) -> bytes:
    """電文のバイト — in the character code, with ● for what it lacks."""
    if encoding != SHIFT_JIS:
        return text.encode()
    try:
        return settle(text).encode("cp932")
    except UnicodeEncodeError:
        return circled(text).encode("cp932")


def _lines(indent: str, *items: Item) -> str:
    made = "".join([f"{indent}<{name}>{text}</{name}>\n" for name, text in items if text])
    # Between tags only: what the names themselves hold is ours.
    for _, text in items:
        if text and not text.isalnum() and _ODD.search(text):
            raise _Odd
    return made


def _container(name: str, indent: str, inner: str) -> str:
    if not inner:
        return f"{indent}<{name}></{name}>\n"
    return f"{indent}<{name}>\n{inner}{indent}</{name}>\n"


def _asked(node: Node, indent: str, inner: str) -> str:
    if node.text or node.attributes or not node.children:
        raise _Odd
    made = []
    for name, text, children, attributes in node.children:
        if children or attributes or not _NAME.fullmatch(name) or _ODD.search(text):
            raise _Odd
        made.append(f"{inner}<{name}>{text}</{name}>\n")
    return f"{indent}<{node.name}>\n{''.join(made)}{indent}</{node.name}>\n"


def _qualification(one: Qualification, indent: str, inner: str) -> str:
    limit, disease = "LimitApplicationCertificate", "SpecificDiseasesCertificate"
    made = [
        f"{indent}<ResultOfQualificationConfirmation>\n",
        _lines(
            inner,
            ("InsuredCardClassification", one.card_class),
            ("InsurerNumber", one.insurer_number.strip(" ").rjust(8) if one.insurer_number else ""),
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
            (f"{limit}RelatedConsFlg", "1" if one.is_limit_consented else "0"),
            (f"{limit}RelatedConsTime", _time(one.limit_consented_at)),
            (f"{limit}Changed", one.limit_changed),
            (f"{disease}RelatedConsFlg", one.disease_consent),
            (f"{disease}RelatedConsTime", _time(one.disease_consented_at)),
            ("ReferenceNumber", one.reference_number),
            ("ArbitraryIdentifier", one.own_identifier),
        ),
        _lines(inner, *_consents(one)),
        _certificates(one, inner),
        f"{indent}</ResultOfQualificationConfirmation>\n",
    ]
    return "".join(made)


def _consents(one: Qualification) -> Iterator[Item]:
    for each in one.consents:
        yield f"{each.name}ConsFlg", "1" if each.is_given else "0"
        yield f"{each.name}ConsTime", _time(each.given_at)
        yield f"{each.name}AvailableTime", _time(each.until_at)


def _certificates(one: Qualification, indent: str) -> str:
    made = ""
    inner, innermost = indent + "    ", indent + "        "
    if one.elder is not None:
        made += _container(
            "ElderlyRecipientCertificateInfo",
            indent,
            _lines(
                inner,
                *_period(one.elder.period, "ElderlyRecipientCertificate", "ElderlyRecipient"),
                ("ElderlyRecipientContributionRatio", _percent(one.elder.share_percent)),
            ),
        )
    if one.limit is not None:
        name = "LimitApplicationCertificate"
        made += _container(
            f"{name}RelatedInfo",
            indent,
            _lines(
                inner,
                (f"{name}Classification", one.limit.kind),
                (f"{name}ClassificationFlag", one.limit.limit_class),
                *_period(one.limit.period, name, name),
                (f"{name}LongTermDate", _day(one.limit.long_stay_on)),
            ),
        )
    if one.diseases:
        made += f"{indent}<SpecificDiseasesCertificateList>\n"
        for each in one.diseases:
            made += _container(
                "SpecificDiseasesCertificateInfo",
                inner,
                _lines(
                    innermost,
                    ("SpecificDiseasesDiseaseCategory", each.category),
                    *_period(each.period, "SpecificDiseasesCertificate", "SpecificDiseases"),
                    ("SpecificDiseasesSelfPay", "" if each.limit_yen is None else str(each.limit_yen)),
                ),
            )
        made += f"{indent}</SpecificDiseasesCertificateList>\n"
    return made


def _period(period: Certificate, stem: str, prefix: str) -> tuple[Item, ...]:
    return (
        (f"{stem}Date", _day(period.issued_on)),
        (f"{prefix}ValidStartDate", _day(period.since_on)),
        (f"{prefix}ValidEndDate", _day(period.until_on)),
    )


def _day(day: date | None) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}" if day is not None else ""


def _time(at: datetime | None) -> str:
    return time_text(at) if at is not None else ""


def _percent(percent: int | None) -> str:
    return f"{percent:03}" if percent is not None else ""
