# SPDX-License-Identifier: Apache-2.0
"""照会の電文 — requests of オンライン資格確認: by card number, registering 照会番号, and the steps of a bulk job.

Cite: オンライン資格確認等システム 外部インターフェイス仕様書 OQS-IF-001, OQS-IF-003
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.eligibility.message import UTF8, Message, Node
from tasuki.eligibility.numbers import pad_insurer_number
from tasuki.eligibility.times import day_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


class Sender(NamedTuple):
    """照会元 — the ten digits of the institution, and what the answer is to repeat."""

    institution_code: str
    file_identifier: str
    encoding: str = UTF8


class CardNumber(NamedTuple):
    """被保険者証の番号 — what stands on the 資格確認書; absent items are empty."""

    insurer_number: str
    symbol: str
    number: str
    branch: str = ""


class CardSearch(NamedTuple):
    """資格確認の照会条件 — a card and birthday; asking for 限度額 by number needs the patient's consent."""

    card: CardNumber
    born_on: date
    is_limit_consented: bool = False
    own_identifier: str = ""


def ask_by_card(sender: Sender, searches: Iterable[CardSearch]) -> Message:
    """資格確認の照会 — one person, or several in the first step of a bulk job.

    >>> from datetime import date
    >>> asked = ask_by_card(Sender("1311234567", "A1"), [CardSearch(CardNumber("138057", "", "12"), date(1990, 1, 2))])
    >>> asked.body.children[0].value("InsurerNumber"), asked.body.children[0].child("InsuredCardSymbol")
    ('  138057', None)
    """
    return _message(
        sender,
        tuple(
            _node(
                "QualificationConfirmSearchInfo",
                *_card(each.card),
                ("Birthdate", day_text(each.born_on)),
                ("LimitApplicationCertificateRelatedConsFlg", "1" if each.is_limit_consented else "0"),
                ("ArbitraryIdentifier", each.own_identifier),
            )
            for each in searches
        ),
    )


def register_reference_numbers(sender: Sender, patients: Iterable[tuple[str, CardNumber]]) -> Message:
    """照会番号の登録 — our number of each patient, which comes back with the card."""
    return _message(
        sender,
        tuple(
            _node("ReferenceNumberRegistrationInfo", ("ReferenceNumber", reference), *_card(card))
            for reference, card in patients
        ),
    )


def ask_consented(sender: Sender, since: date, until: date, flag: str) -> Message:
    """再照会 — of those who consented between two days; flag 2 for 訪問診療等, 3 for オンライン診療等."""
    return _message(
        sender,
        _values(
            ("ConsentDateFrom", day_text(since)),
            ("ConsentDateTo", day_text(until)),
            ("MedicalTreatmentFlag", flag),
        ),
    )


def ask_medical_tickets(sender: Sender, year: int, month: int) -> Message:
    """医療券の一括照会 — of a month."""
    return _message(sender, _values(("MedicalTreatmentMonth", f"{year:04}{month:02}")))


def collect_bulk(sender: Sender, reception_number: str) -> Message:
    """一括照会の結果要求 — the second step, with the number that the first was answered with."""
    return _message(sender, (), ("ReceptionNumber", reception_number))


def _message(sender: Sender, body: tuple[Node, ...], *header: tuple[str, str]) -> Message:
    head = _node(
        "MessageHeader",
        ("MedicalInstitutionCode", sender.institution_code),
        ("ArbitraryFileIdentifier", sender.file_identifier),
        ("CharacterCodeIdentifier", "0" if sender.encoding == UTF8 else "1"),
        *header,
    )
    return Message(Node("XmlMsg", "", (head, Node("MessageBody", "", body))), sender.encoding)


def _card(card: CardNumber) -> tuple[tuple[str, str], ...]:
    return (
        ("InsurerNumber", pad_insurer_number(card.insurer_number)),
        ("InsuredCardSymbol", card.symbol),
        ("InsuredIdentificationNumber", card.number),
        ("InsuredBranchNumber", card.branch),
    )


def _node(name: str, *values: tuple[str, str]) -> Node:
    return Node(name, "", _values(*values))


def _values(*values: tuple[str, str]) -> tuple[Node, ...]:
    # An empty item is absent.
    return tuple(Node(name, text) for name, text in values if text)
