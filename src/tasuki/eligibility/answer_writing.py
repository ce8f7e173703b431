# SPDX-License-Identifier: Apache-2.0
"""回答の作成 — the message of an answer from typed values: what the service's side says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.eligibility.answer_items import (
    DISEASE,
    LIMIT,
    Item,
    disease_items,
    elder_items,
    head_items,
    limit_items,
    person_items,
    qualification_items,
)
from tasuki.eligibility.message import UTF8, Message, Node

if TYPE_CHECKING:
    from tasuki.eligibility.answer import Answer, PersonAnswer, Qualification


def answer_message(answer: Answer, encoding: str = UTF8, *, is_bulk: bool = False) -> Message:
    """回答の電文 — reading it gives the same answer. A bulk answer counts its people in the header.

    The ``asked`` node of a person goes back as it came. Items that are empty or None are left out.
    """
    has_persons = bool(answer.persons)
    fine = sum(1 for person in answer.persons if person.is_fine)
    counts: tuple[Item, ...] = ()
    if is_bulk and has_persons:
        counts = (
            ("NumberOfProcessingResult", str(len(answer.persons))),
            ("NumberOfNormalProcessing", str(fine)),
            ("NumberOfError", str(len(answer.persons) - fine)),
        )
    head = _node("MessageHeader", *head_items(answer, encoding, has_persons=has_persons), *counts)
    persons = tuple(_person(each) for each in answer.persons)
    if not has_persons:
        body = _node("MessageBody", ("ReceptionNumber", answer.reception_number))
    elif is_bulk or len(persons) > 1:
        body = Node("MessageBody", "", tuple(Node("BulkConfirmUnit", "", each) for each in persons))
    else:
        body = Node("MessageBody", "", persons[0])
    return Message(Node("XmlMsg", "", (head, body)), encoding)


def _person(person: PersonAnswer) -> tuple[Node, ...]:
    parts = list(_values(*person_items(person)))
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
    parts = list(_values(*qualification_items(one)))
    if one.elder is not None:
        parts.append(_node("ElderlyRecipientCertificateInfo", *elder_items(one.elder)))
    if one.limit is not None:
        parts.append(_node(f"{LIMIT}RelatedInfo", *limit_items(one.limit)))
    if one.diseases:
        diseases = tuple(_node(f"{DISEASE}Info", *disease_items(each)) for each in one.diseases)
        parts.append(Node(f"{DISEASE}List", "", diseases))
    return Node("ResultOfQualificationConfirmation", "", tuple(parts))


def _node(name: str, *values: Item) -> Node:
    return Node(name, "", _values(*values))


def _values(*values: Item) -> tuple[Node, ...]:
    return tuple(Node(name, text) for name, text in values if text)
