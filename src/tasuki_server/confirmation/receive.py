# SPDX-License-Identifier: Apache-2.0
"""着信からの受付 — one key registers an unknown person from the card, takes over what was chosen, and receives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tasuki_server.audit.trail import record
from tasuki_server.confirmation.ask import register_reference
from tasuki_server.confirmation.compare import TAKEN, Comparison, compare, differences_of
from tasuki_server.confirmation.line import own_line
from tasuki_server.confirmation.match import MatchKey
from tasuki_server.confirmation.models import (
    AnswerState,
    ArrivedAnswer,
    Inquiry,
    InquiryState,
    LineKind,
    Purpose,
)
from tasuki_server.confirmation.take import answer_of, assign, confirm
from tasuki_server.confirmation.takeover import add_all, known_of, note_confirmed, take_over
from tasuki_server.confirmation.told import Told, told_of
from tasuki_server.patients.access import access_insurances, access_programmes, cards_on
from tasuki_server.patients.models import InsuranceRecord, Patient
from tasuki_server.patients.register import WhoTheyAre, register_patient
from tasuki_server.reception.access import previous_visit
from tasuki_server.reception.board import raise_board
from tasuki_server.reception.booking import waiting_booking
from tasuki_server.reception.clock import now, today
from tasuki_server.reception.models import Visit
from tasuki_server.reception.receive import Arrival, receive_patient, same_payers

# 照会番号 is registered once in so long: a check by number does not give it back.
ASKED_LATELY = timedelta(days=30)


class NotReady(ValueError):
    """受け付けられない — says why, in Japanese."""


def locked_answer(row: ArrivedAnswer) -> ArrivedAnswer:
    """着信の鍵 — two desks that press the key in the same moment receive the person once."""
    return ArrivedAnswer.objects.select_for_update(of=("self",)).get(pk=row.pk)


def choose_patient(row: ArrivedAnswer, patient: Patient) -> None:
    """患者の選択 — by a person, from the proposals or by chart number."""
    row = locked_answer(row)
    if row.state != AnswerState.OPEN:
        raise NotReady("この着信は、ほかの端末で処理されました。")
    assign(row, patient, MatchKey.CHOSEN)


def register_from_card(row: ArrivedAnswer, sex: str = "") -> Patient:
    """カードからの患者登録 — with the cards the answer tells of; raises :class:`NotReady`."""
    row = locked_answer(row)
    if row.patient_id is not None or row.state != AnswerState.OPEN:
        raise NotReady("この着信は、ほかの端末で処理されました。")
    told = told_of(answer_of(row))
    who = told.who
    if who is None:
        raise NotReady("この回答には、登録できる本人の情報がありません。")
    if not who.sex and sex not in ("male", "female"):
        raise NotReady("性別がカードにありません。選んでから登録してください。")
    patient = register_patient(_within(replace(who, sex=who.sex or sex)))
    assign(row, patient, MatchKey.REGISTERED, told)
    if told.eligibility in TAKEN:
        add_all(row, told, patient, today())
        _tell_reference(patient)
    return patient


def receive_answer(row: ArrivedAnswer, chosen: Sequence[str]) -> tuple[Visit | None, int]:
    """着信の受付 — takes over what was chosen and receives; the visit is None where one was open already.

    Returns the visit and the number of items taken over. Raises :class:`NotReady` and ``StaleVersion``.
    """
    row = locked_answer(row)
    if row.state != AnswerState.OPEN:
        raise NotReady("この着信は、ほかの端末で処理されました。")
    if row.patient is None:
        raise NotReady("患者が決まっていません。")
    told = told_of(answer_of(row))
    known = known_of(row.patient, today())
    found = compare(told, known)
    taken = take_over(row, told, known, found, differences_of(found, chosen))
    if told.eligibility in TAKEN and not taken.count:
        note_confirmed(row.patient, told, found, today())
    made = None
    if row.visit is None:
        made = _received(row, told, found)
        row.visit = made
    else:
        _payers_of(row, found)
    row.state = AnswerState.DONE
    row.save(update_fields=["state", "visit"])
    confirm(row, told.eligibility)
    if told.eligibility in TAKEN and told.reference_number != str(row.patient.number):
        _tell_reference(row.patient)
    raise_board(row.day)
    return made, taken.count


def put_away(row: ArrivedAnswer) -> None:
    """着信の片付け — nobody is received; the answer stays on record."""
    row = locked_answer(row)
    if row.state == AnswerState.OPEN:
        row.state = AnswerState.AWAY
        row.save(update_fields=["state"])
        record("eligibility.dismiss", row, row.patient_id)
        raise_board(row.day)


def _received(row: ArrivedAnswer, told: Told, found: Comparison) -> Visit:
    assert row.patient is not None
    card = _card_for(row.patient, found)
    programmes = cards_on(access_programmes(row.patient), today())
    arrival = Arrival(
        insurance_record=card.record_id if card is not None else None,
        programme_records=tuple(each.record_id for each in programmes[:4]),
        is_eligibility_checked=told.eligibility in TAKEN,
    )
    booked = waiting_booking(row.patient, today())
    if booked is None:
        return receive_patient(row.patient, same_payers(arrival, previous_visit(row.patient, now())))
    usual = same_payers(arrival, previous_visit(row.patient, now()))
    doctor = booked.doctor_id or usual.doctor_id
    said = replace(arrival, department=booked.department, doctor_id=doctor, memo=booked.memo)
    return receive_patient(row.patient, said)


def _payers_of(row: ArrivedAnswer, found: Comparison) -> None:
    """A visit that was received before the card came is paid for by what the card says now."""
    assert row.patient is not None and row.visit is not None
    card = _card_for(row.patient, found)
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=row.visit_id)
    if card is not None and visit.insurance_record != card.record_id:
        visit.insurance_record = card.record_id
        visit.stamp += 1
        visit.save(update_fields=["insurance_record", "stamp"])
        record("visit.change", visit, visit.patient_id, {"stamp": visit.stamp})


def _card_for(patient: Patient, found: Comparison) -> InsuranceRecord | None:
    """The card that the answer is about where it holds today, else the newest of today."""
    cards = [each for each in cards_on(access_insurances(patient), today()) if _is_health(each)]
    about = found.card.record_id if found.card is not None else None
    return next((each for each in cards if each.record_id == about), cards[0] if cards else None)


def _is_health(card: InsuranceRecord) -> bool:
    return card.kind in ("employees", "national", "late_elderly", "public_only")


def _tell_reference(patient: Patient) -> None:
    """照会番号の登録 — so that the next card finds this chart by itself."""
    cards = [each for each in cards_on(access_insurances(patient), today()) if _is_health(each)]
    lately = now() - ASKED_LATELY
    told = Inquiry.objects.filter(purpose=Purpose.REFERENCE, patient=patient, made_at__gte=lately)
    told = told.exclude(state__in=(InquiryState.REFUSED, InquiryState.CANCELLED))
    if cards and own_line().kind != LineKind.OFF and not told.exists():
        register_reference(cards[0])


def _within(who: WhoTheyAre) -> WhoTheyAre:
    """What a card may hold longer than the record does is cut at its end; the answer itself is kept whole."""
    return replace(who, name=who.name[:80], kana=who.kana[:80], address=who.address[:200])
