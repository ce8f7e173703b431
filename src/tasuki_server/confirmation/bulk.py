# SPDX-License-Identifier: Apache-2.0
"""一括照会 — the people who are to come are asked for together; the answers lie ready in the morning.

Only what was asked is confirmed: a number that is 無効（新しい資格あり） is told to whoever receives the person, nothing is
replaced. The work is in the queue, so it goes on by itself over a restart.

Cite: オンライン資格確認等システム 外部インターフェイス仕様書 一括照会（OQSmuquc 01req・01res・02req・02res）
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tasuki.eligibility.answer import read_answer
from tasuki.eligibility.message import Message, Node
from tasuki.eligibility.requests import CardSearch, ask_by_card, collect_bulk
from tasuki.eligibility.xml_text import write_xml
from tasuki.kernel.days import months_before
from tasuki_server.audit.trail import record
from tasuki_server.confirmation.ask import keep_inquiry, number_of
from tasuki_server.confirmation.compare import compare
from tasuki_server.confirmation.models import (
    AnswerSource,
    BulkPerson,
    BulkRun,
    Confirmation,
    Inquiry,
    Purpose,
)
from tasuki_server.confirmation.reply import Reply
from tasuki_server.confirmation.take import NotWhole, keep_answer
from tasuki_server.confirmation.takeover import known_of
from tasuki_server.confirmation.told import told_of
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.models import InsuranceRecord, Patient
from tasuki_server.reception.models import Visit, VisitState

# So many in one message: an answer stays far below what a message may be.
MOST_IN_A_MESSAGE = 300
_COLLECTS = {
    Purpose.BULK_ASK: Purpose.BULK_COLLECT,
    Purpose.VISIT_ASK: Purpose.VISIT_COLLECT,
    Purpose.ONLINE_ASK: Purpose.ONLINE_COLLECT,
}
HEALTH = ("employees", "national", "late_elderly")


class NobodyToAsk(ValueError):
    """対象なし — nobody of the selection has an insurance that holds on the day."""


def seen_lately(day: date, months: int, *, is_unconfirmed_only: bool) -> list[Patient]:
    """対象の患者 — those seen in the last months; without those confirmed in the month of the day, when asked."""
    visits = Visit.objects.filter(day__gte=months_before(day, months + 1)).exclude(state=VisitState.CANCELLED)
    found = Patient.objects.filter(id__in=visits.values("patient_id"))
    patients = list(found.order_by("number"))
    return unconfirmed_of(patients, day) if is_unconfirmed_only else patients


def unconfirmed_of(patients: Sequence[Patient], day: date) -> list[Patient]:
    """未確認の患者 — those of them whose insurance was not confirmed yet in the month of the day."""
    done = Confirmation.objects.filter(
        day__gte=day.replace(day=1), day__lte=day, patient__in=[each.pk for each in patients]
    )
    confirmed = set(done.values_list("patient_id", flat=True))
    return [each for each in patients if each.pk not in confirmed]


def begin_bulk(day: date, about: str, patients: Sequence[Patient]) -> BulkRun:
    """一括照会の開始 — one message for each few hundred; raises :class:`NobodyToAsk`."""
    cards = _cards_of(patients, day)
    if not cards:
        raise NobodyToAsk("対象の日に有効な医療保険のある患者がいません。")
    work = current_work()
    run = BulkRun.objects.create(
        for_day=day, about=about[:60], total=len(cards), made_at=work.at, made_by_id=work.actor.staff_id
    )
    for place in range(0, len(cards), MOST_IN_A_MESSAGE):
        searches = []
        for card in cards[place : place + MOST_IN_A_MESSAGE]:
            person = BulkPerson.objects.create(bulk_run=run, patient=card.patient)
            searches.append(CardSearch(number_of(card), card.patient.born, own_identifier=person.id.hex))
        keep_inquiry(
            Purpose.BULK_ASK, lambda sender, asked=tuple(searches): ask_by_card(sender, asked), bulk_run=run
        )
    record(
        "eligibility.bulk", run, detail={"count": len(cards)}, patients=[each.patient_id for each in cards]
    )
    return run


def _cards_of(patients: Sequence[Patient], day: date) -> list[InsuranceRecord]:
    rows = InsuranceRecord.objects.current().filter(patient__in=patients, kind__in=HEALTH)
    newest: dict[UUID, InsuranceRecord] = {}
    for row in rows.select_related("patient").order_by("patient__number", "since"):
        if day in row.validity:
            newest[row.patient_id] = row
    return list(newest.values())


def take_reception_number(inquiry: Inquiry, reply: Reply) -> None:
    """受付番号の受入れ — the second step is written down in the same transaction, so it is asked once."""
    message = reply.messages[0]
    number = message.header.value("ReceptionNumber") or message.body.value("ReceptionNumber")
    if not number:
        raise NotWhole("受付番号がありません")
    collects = _COLLECTS[Purpose(inquiry.purpose)]
    keep_inquiry(collects, lambda sender: collect_bulk(sender, number), bulk_run=inquiry.bulk_run)


def take_bulk_answer(inquiry: Inquiry, reply: Reply) -> None:
    """一括照会の結果の受入れ — of each person as an answer of their own; raises ``NotWhole`` when some are missing."""
    run = inquiry.bulk_run
    assert run is not None
    units = _units(reply)
    people = {each.id.hex: each for each in BulkPerson.objects.filter(bulk_run=run).select_related("patient")}
    for message, unit in units:
        person = people.get(_own_identifier(unit))
        if person is not None and not person.is_done:
            _take_person(run, person, message, unit)
    run.done = BulkPerson.objects.filter(bulk_run=run, is_done=True).count()
    run.save(update_fields=["done"])


def units_of(reply: Reply) -> list[tuple[Message, bytes]]:
    """一括照会の結果の一件ずつ — each as a message of its own, and its bytes; raises ``NotWhole`` when some are missing."""
    return [(alone := _alone(message, unit), write_xml(alone)) for message, unit in _units(reply)]


def _units(reply: Reply) -> list[tuple[Message, Node]]:
    units = [(message, unit) for message in reply.messages for unit in message.body.all("BulkConfirmUnit")]
    said = sum(_count(message) for message in reply.messages)
    if said and said != len(units):
        raise NotWhole(f"{said}件のはずが{len(units)}件です")
    return units


def _alone(message: Message, unit: Node) -> Message:
    root = Node("XmlMsg", "", (message.header, Node("MessageBody", "", unit.children)))
    return Message(root, message.encoding)


def _take_person(run: BulkRun, person: BulkPerson, message: Message, unit: Node) -> None:
    alone = _alone(message, unit)
    answer = read_answer(alone)
    told = told_of(answer)
    file = f"OQSmuquc02res_{person.id.hex}.xml"
    person.answer = keep_answer(AnswerSource.BULK, file, write_xml(alone), answer, patient=person.patient)
    person.validity = told.eligibility or ""
    person.note = f"{told.code} {told.message}".strip()[:200]
    person.difference_count = len(compare(told, known_of(person.patient, run.for_day)).takeable)
    person.is_done = True
    person.save()


def _own_identifier(unit: Node) -> str:
    """It stands in the question that comes back, or in the qualification."""
    asked = unit.child("QualificationConfirmSearchInfo")
    if asked is not None and asked.value("ArbitraryIdentifier"):
        return asked.value("ArbitraryIdentifier")
    found = unit.walk("ResultList", "ResultOfQualificationConfirmation")
    return next((each.value("ArbitraryIdentifier") for each in found), "")


def _count(message: Message) -> int:
    text = message.header.value("NumberOfProcessingResult")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0
