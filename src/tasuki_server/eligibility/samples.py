# SPDX-License-Identifier: Apache-2.0
"""電文の見本 — requests and answers of a made-up person as they go over the wire, written by the same code as the real ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from tasuki.eligibility.answer import Answer, Eligibility, PersonAnswer, Progress
from tasuki.eligibility.answer_writing import answer_message
from tasuki.eligibility.json_text import write_json
from tasuki.eligibility.message import SHIFT_JIS, UTF8, Message, Node
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
from tasuki.eligibility.times import JAPAN
from tasuki.eligibility.xml_text import write_xml
from tasuki_server.eligibility.consents import Given, consent_values
from tasuki_server.eligibility.fast_answer import answer_xml
from tasuki_server.eligibility.held import Held, Shown, qualification_of
from tasuki_server.eligibility.refusals import refuse

_NUMBER = "1319990001"
_AT = datetime(2026, 11, 30, 8, 30, tzinfo=JAPAN)
_DAY = _AT.date()
_CARD = CardNumber("06139991", "12-34", "1001", "01")
_BORN = date(1980, 4, 1)


def samples() -> Mapping[str, bytes]:
    """電文の見本 — by file name."""
    sender, shift_jis = Sender(_NUMBER, "A1"), Sender(_NUMBER, "A1", SHIFT_JIS)
    search = [CardSearch(_CARD, _BORN, is_limit_consented=True)]
    asked = ask_by_card(sender, search)
    bulk = ask_by_card(sender, search * 2)
    fine, missing = _person(), _absent(asked.body.children[0])
    return {
        "OQSsiquc01req_utf8.xml": write_xml(asked),
        "OQSsiquc01req_shift_jis.xml": write_xml(ask_by_card(shift_jis, search)),
        "OQSsiquc01req.json": write_json(asked),
        "OQSsiquc01res_valid.xml": answer_xml(_answer(fine)),
        "OQSsiquc01res_valid_shift_jis.xml": answer_xml(_answer(fine), SHIFT_JIS),
        "OQSsiquc01res_valid.json": write_json(answer_message(_answer(fine), UTF8)),
        "OQSsiquc01res_not_found.xml": answer_xml(_answer(missing)),
        "OQSsiquc01res_refused.xml": answer_xml(_refused()),
        f"OQSsiquc01res_face_{_NUMBER}000001_20261130083000.xml": answer_xml(_face()),
        "OQSsiimm01req.xml": write_xml(register_reference_numbers(sender, [("患者-7", _CARD)])),
        "OQSmuquc01req.xml": write_xml(bulk),
        "OQSmuquc02req.xml": write_xml(collect_bulk(sender, "202611300000000001")),
        "OQSmuquc02res.xml": write_xml(
            answer_message(_answer(fine, missing, reception="202611300000000001"), is_bulk=True)
        ),
        "OQSmuhvq01req.xml": write_xml(ask_consented(sender, _DAY - timedelta(days=30), _DAY, "2")),
        "OQSmuonq01req.xml": write_xml(ask_consented(sender, _DAY - timedelta(days=30), _DAY, "3")),
        "OQSmutic01req.xml": write_xml(ask_medical_tickets(sender, _DAY.year, _DAY.month)),
        "YZKsiquc01req.xml": write_xml(_viewing()),
    }


def _answer(*persons: PersonAnswer, reception: str = "") -> Answer:
    return Answer(Progress.DONE, "", "", _AT, _DAY, _NUMBER, False, "A1", reception, persons)


def _face() -> Answer:
    given = Given(
        "1", frozenset({"PharmacistsInfo", "SpecificHealthCheckupsInfo"}), _AT, _AT + timedelta(hours=24)
    )
    person = _person(Shown(True, _AT, consents=consent_values(given, _AT, ())))
    return Answer(Progress.DONE, "", "", _AT, _DAY, _NUMBER, True, "F000000001", "", (person,))


def _refused() -> Answer:
    told = refuse("TSKQ003", found="1310000000", expected=_NUMBER)
    return Answer(Progress.FAILED, told.code, told.text, _AT, _DAY, _NUMBER, False, "A1", "", ())


def _absent(asked: Node) -> PersonAnswer:
    return PersonAnswer(True, "", "", Eligibility.NOT_FOUND, "", (), (), asked)


def _person(shown: Shown = Shown(True, _AT)) -> PersonAnswer:  # noqa: B008 - a value
    one = UUID(int=1)
    held = Held(
        one, "架空　太郎", "ｶｸｳ ﾀﾛｳ", "", "", "1", "", _BORN, "架空県見本市架空町1番地", "000-0000", None, None, None, one,
        _CARD.insurer_number, _CARD.symbol, _CARD.number, _CARD.branch, "1234", "01", "1", "架空　太郎", date(2024, 4, 1),
        None, "", date(2024, 4, 1), date(2024, 4, 1), None, None,
        '{"limits": [{"since": "2026-08-01", "until": "2027-07-31", "kind": "01", "limit_class": "A03"}]}',
        "架空健康保険組合", "患者-7",
    )  # fmt: skip
    return PersonAnswer(
        True, "", "", Eligibility.VALID, "1", (qualification_of(held, _DAY, shown),), (), None
    )


def _viewing() -> Message:
    head = (
        ("MedicalInstitutionCode", _NUMBER), ("InsurerNumber", _CARD.insurer_number),
        ("InsuranceCardSymbol", _CARD.symbol), ("InsuredPersonIdentificationNumber", _CARD.number),
        ("BranchNumber", _CARD.branch), ("ArbitraryFileIdentifier", "V1"),
    )  # fmt: skip
    body = (("StartDate", "20251201"), ("EndDate", "20261130"))
    parts = (
        Node("MessageHeader", "", tuple(Node(*each) for each in head)),
        Node("MessageBody", "", tuple(Node(*each) for each in body)),
    )
    return Message(Node("XmlMsg", "", parts))
