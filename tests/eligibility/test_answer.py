# SPDX-License-Identifier: Apache-2.0
"""資格確認結果 — typed values of an answer, requests, numbers, and SN of a claim."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from eligibility import made_answers as made
from tasuki.claims.confirmation import confirmation_record
from tasuki.eligibility.answer import Eligibility, Progress, read_answer
from tasuki.eligibility.answer_writing import answer_message
from tasuki.eligibility.file_names import FILE_KINDS, read_file_name
from tasuki.eligibility.message import SHIFT_JIS, UTF8, Message
from tasuki.eligibility.numbers import LAW_CODES, PayerKind, is_recipient_number, read_payer_number
from tasuki.eligibility.reading import read_message
from tasuki.eligibility.requests import (
    CardNumber,
    CardSearch,
    Sender,
    ask_by_card,
    ask_consented,
    ask_medical_tickets,
    collect_bulk,
    register_reference_numbers,
)
from tasuki.eligibility.xml_text import read_xml, write_xml
from tasuki.kernel.check_digit import check_digit

CARD = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<XmlMsg><MessageBody><QualificationValidity>{validity}</QualificationValidity><ResultList>
<ResultOfQualificationConfirmation>
<SpecificDiseasesCertificateList><SpecificDiseasesCertificateInfo>
<SpecificDiseasesSelfPay>20000</SpecificDiseasesSelfPay><SpecificDiseasesDiseaseCategory>1</SpecificDiseasesDiseaseCategory>
</SpecificDiseasesCertificateInfo></SpecificDiseasesCertificateList>
<ElderlyRecipientCertificateInfo><ElderlyRecipientContributionRatio>020</ElderlyRecipientContributionRatio>
<ElderlyRecipientValidStartDate>20260801</ElderlyRecipientValidStartDate>
<ElderlyRecipientValidEndDate>20270731</ElderlyRecipientValidEndDate></ElderlyRecipientCertificateInfo>
<LimitApplicationCertificateRelatedInfo>
<LimitApplicationCertificateClassificationFlag>B05</LimitApplicationCertificateClassificationFlag>
<LimitApplicationCertificateClassification>02</LimitApplicationCertificateClassification>
</LimitApplicationCertificateRelatedInfo>
<PharmacistsInfoConsFlg>1</PharmacistsInfoConsFlg><PharmacistsInfoConsTime>20261130083000</PharmacistsInfoConsTime>
<PharmacistsInfoAvailableTime>20261201083000</PharmacistsInfoAvailableTime>
<OperationInfoConsFlg>0</OperationInfoConsFlg>
<InsuredBranchNumber>{branch}</InsuredBranchNumber><InsurerNumber>{number}</InsurerNumber>
<Birthdate>1950</Birthdate><Name>架空　花子</Name>
</ResultOfQualificationConfirmation></ResultList><ProcessingResultStatus>1</ProcessingResultStatus></MessageBody>
<MessageHeader><SegmentOfResult>1</SegmentOfResult><ReferenceClassification>1</ReferenceClassification></MessageHeader>
</XmlMsg>"""


def answer(validity="1", number="  138057", branch="1"):
    return read_answer(read_xml(CARD.format(validity=validity, number=number, branch=branch).encode()))


def test_an_answer_has_typed_values():
    found = answer()
    person = found.persons[0]
    one = person.qualifications[0]
    assert (found.progress, found.is_by_card) == (Progress.DONE, True)
    assert (person.is_fine, person.eligibility) == (True, Eligibility.VALID)
    assert (one.insurer_number, one.name, one.born_on) == ("138057", "架空　花子", None)
    assert one.elder and (one.elder.share_percent, one.elder.period.until_on) == (20, date(2027, 7, 31))
    assert one.limit and (one.limit.limit_class, one.limit.kind) == ("B05", "02")
    assert [(each.category, each.limit_yen) for each in one.diseases] == [("1", 20000)]
    given, refused = one.consents
    assert (given.term, given.is_given, refused.is_given) == ("薬剤情報", True, False)
    assert given.until_at - given.given_at == timedelta(hours=24)
    assert refused.until_at is None


def test_a_consent_ends_with_its_day():
    given_, refused = answer().persons[0].qualifications[0].consents
    end = given_.until_at
    assert given_.is_open(end) and not given_.is_open(end + timedelta(seconds=1))
    assert not refused.is_open(end)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(made.containers("XmlMsg"))
def test_an_answer_written_from_its_values_is_read_as_the_same(root):
    expected = read_answer(Message(root))
    for encoding in (UTF8, SHIFT_JIS):
        for is_bulk in (True, False):
            written = write_xml(answer_message(expected, encoding, is_bulk=is_bulk))
            assert read_answer(read_xml(written)) == expected


def test_a_whole_answer_is_written_without_findings_and_counted():
    expected = read_answer(Message(made.full_message()))
    assert expected.persons[0].tickets and expected.persons[0].asked
    single = read_message(write_xml(answer_message(expected)))
    assert single.findings == ()
    bulk = read_message(write_xml(answer_message(expected, is_bulk=True)))
    assert bulk.findings == ()
    assert bulk.header.value("NumberOfProcessingResult") == "1"
    assert len(list(bulk.body.all("BulkConfirmUnit"))) == 1


@pytest.mark.parametrize("state", list(Eligibility))
def test_the_six_states_are_read(state):
    assert answer(validity=state.value).persons[0].eligibility is state


def test_a_state_that_is_not_known_is_none_and_told():
    data = CARD.format(validity="9", number="  138057", branch="1").encode()
    found = read_message(data)
    assert read_answer(found).persons[0].eligibility is None
    assert "OQS-V-02" in [each.code for each in found.findings]


@pytest.mark.parametrize(
    ("number", "branch", "written"),
    [("  138057", "1", "01"), ("06139463", "02", "02"), ("39131156", "01", ""), ("  138057", "", "")],
)
def test_sn_carries_the_branch_number_and_nothing_of_the_payer(number, branch, written):
    composed = confirmation_record(answer(number=number, branch=branch).persons[0].qualifications[0])
    assert composed.findings == ()
    assert composed.record.values == ("SN", "1", "01", "", "", "", written, "", "")


def test_requests_are_read_back_without_findings():
    sender = Sender("1311234567", "A1", SHIFT_JIS)
    card = CardNumber("138057", "１２", "345", "01")
    asked = [
        ask_by_card(
            sender, [CardSearch(card, date(1990, 1, 2), True, "7"), CardSearch(card, date(1991, 1, 2))]
        ),
        register_reference_numbers(sender, [("K-1", card)]),
        ask_consented(sender, date(2026, 11, 1), date(2026, 11, 30), "2"),
        ask_medical_tickets(sender, 2026, 11),
        collect_bulk(sender, "R1"),
    ]
    for message in asked:
        again = read_message(write_xml(message))
        assert (again.root, again.encoding, again.findings) == (message.root, SHIFT_JIS, ())
    assert asked[1].body.children[0].value("InsurerNumber") == "  138057"
    assert collect_bulk(sender, "R1").header.value("ReceptionNumber") == "R1"


def test_a_number_without_its_check_digit_is_read_and_told():
    for body in ("0613946", "3913115", "13805", "5413601"):
        number = read_payer_number(body + str(check_digit(body)))
        wrong = read_payer_number(body + str((check_digit(body) + 1) % 10))
        assert number and number.has_check and wrong and not wrong.has_check
    assert read_payer_number("54136015").kind is PayerKind.PROGRAMME
    assert read_payer_number("99136015").kind is PayerKind.UNKNOWN
    assert all(len(code) == 2 for code in LAW_CODES)
    assert not is_recipient_number("12345678")


def test_every_kind_of_file_is_known_by_its_name():
    for kind in FILE_KINDS:
        first = kind.prefix if kind.prefix[-1].isdigit() else f"{kind.prefix}01"
        found = read_file_name(f"{first}req_1.xml")
        assert found and found.kind is kind and not found.is_answer
        answered = read_file_name(found.answer)
        assert answered and answered.kind is kind and answered.is_answer
        with pytest.raises(ValueError, match="is an answer"):
            _ = answered.answer
    assert read_file_name("OQSmuquc02res_1.zip").step == 2
    assert read_file_name("OQSsixxx01req_1.xml") is None
