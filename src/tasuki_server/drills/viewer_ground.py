# SPDX-License-Identifier: Apache-2.0
"""停止時ビューアの訓練場 — made-up patients with years of visits, two card holders, and a chart that one may not read."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from tasuki_server.drills.ground import a_clinic

# 架空の所見の言葉: put together by the seed, so that no two charts read alike.
_WORDS = ("頭痛", "咳", "腹痛", "めまい", "動悸", "発疹", "倦怠感", "腰痛", "微熱", "不眠")
_NAMES = "春夏秋冬東西南北山川海空風雲花鳥"
_DRUG = "620007870"


class Cards(NamedTuple):
    """訓練の開封カード — of the doctor, who reads the sealed chart, and of the nurse, who does not."""

    doctor: UUID
    doctor_code: str
    nurse: UUID
    nurse_code: str


class ViewedClinic(NamedTuple):
    """訓練の診療所 — ``expected`` are the texts that each chart must show, by chart number."""

    id: UUID
    cards: Cards
    expected: dict[int, list[str]]
    sealed: int
    planted: int


def a_viewed_clinic(patients: int, visits: int, chosen: random.Random) -> ViewedClinic:
    """訓練の診療所を作る — by the tables' own models, many rows at once."""
    from tasuki.security.permissions import Role
    from tasuki_server.continuity.cards import issue_card
    from tasuki_server.institutions.opening import add_staff, system_actor
    from tasuki_server.institutions.work import Actor, as_institution
    from tasuki_server.patients.models import Patient
    from tasuki_server.privacy.marks import add_mark
    from tasuki_server.watch.canaries import make_chart

    clinic = a_clinic(1)
    with as_institution(clinic, system_actor(clinic)):
        doctor = add_staff("訓練 医師", "クンレン", [Role.DOCTOR])
        nurse = add_staff("訓練 看護師", "クンレン", [Role.NURSE])
        codes = issue_card(doctor), issue_card(nurse)
    with as_institution(clinic, Actor(doctor.name, doctor.id)):
        expected: dict[int, list[str]] = {}
        for begin in range(1, patients + 1, 500):
            numbers = range(begin, min(begin + 500, patients + 1))
            expected |= _charts(numbers, visits, doctor.id, chosen)
        _count_numbers(patients)
        sealed = Patient.objects.get(number=2)
        add_mark(sealed, "sealed", [doctor], "訓練")
        make_chart()
        planted = Patient.objects.order_by("-number").first()
        assert planted is not None
    return ViewedClinic(clinic, Cards(doctor.id, codes[0], nurse.id, codes[1]), expected, 2, planted.number)


def _charts(numbers: range, visits: int, doctor: UUID, chosen: random.Random) -> dict[int, list[str]]:
    from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
    from tasuki.kernel.kana import search_key
    from tasuki_server.chart.models import DiagnosisRecord, Note
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder
    from tasuki_server.patients.models import AllergyRecord, Demographics, Patient
    from tasuki_server.reception.clock import today
    from tasuki_server.reception.models import Visit, VisitState

    rows: dict[Any, list[Any]] = {
        each: [] for each in (Patient, Demographics, AllergyRecord, DiagnosisRecord, Visit, Note, PlacedOrder)
    }
    expected = {}
    for number in numbers:
        name, kana = (
            "訓練　" + "".join(chosen.choice(_NAMES) for _ in range(4)),
            "クンレン　" + "".join(chosen.choice("アイウエオカキクケコ") for _ in range(4)),
        )
        born = date(1930, 1, 1) + timedelta(days=chosen.randrange(30_000))
        sex = chosen.choice(("male", "female"))
        patient = Patient(
            number=number, name=name, kana=kana, name_key=search_key(name), kana_key=search_key(kana), born=born,
            sex=sex,
        )  # fmt: skip
        rows[Patient].append(patient)
        address, substance = f"架空町{number}番地", f"架空物質{chosen.randrange(10**6)}"
        rows[Demographics].append(
            Demographics(
                record_id=patient.id,
                patient=patient,
                name=name,
                kana=kana,
                born=born,
                sex=sex,
                address=address,
                made_by_id=doctor,
            )
        )
        texts = [name, address, substance, born.isoformat()]
        rows[AllergyRecord].append(
            AllergyRecord(
                patient=patient, substance=substance, severity="severe", noted_on=born, made_by_id=doctor
            )
        )
        disease = f"架空病{chosen.randrange(10**6)}"
        rows[DiagnosisRecord].append(
            DiagnosisRecord(
                patient=patient,
                code="8833421",
                name=disease,
                since=today() - timedelta(days=100),
                made_by_id=doctor,
            )
        )
        texts += [disease, "アムロジピン"]
        for at in range(visits):
            day = today() - timedelta(days=30 * at + 1)
            visit = Visit(
                patient=patient, day=day, serial=number, state=VisitState.DONE,
                arrived_at=datetime.combine(day, datetime.min.time()).astimezone() + timedelta(hours=9),
            )  # fmt: skip
            rows[Visit].append(visit)
            said = f"{chosen.choice(_WORDS)}と{chosen.choice(_WORDS)}、{chosen.randrange(10**9)}。"
            texts.append(said)
            rows[Note].append(
                Note(
                    record_id=visit.id,
                    patient=patient,
                    visit=visit,
                    subjective=said,
                    plan="続ける。",
                    made_by_id=doctor,
                )
            )
            order = Order(
                str(uuid4()), OrderKind.INTERNAL, (Item(_DRUG, Decimal(1)),), 28, usage="1日1回 朝食後",
                dispensing=Dispensing.OUTSIDE,
            )  # fmt: skip
            rows[PlacedOrder].append(
                PlacedOrder(
                    record_id=UUID(order.id),
                    patient=patient,
                    visit=visit,
                    position=1,
                    kind=order.kind.value,
                    value=encode_order(order),
                    made_by_id=doctor,
                )
            )
        expected[number] = texts
    for model, made in rows.items():
        model.objects.bulk_create(made, batch_size=1000)
    return expected


def _count_numbers(last: int) -> None:
    from tasuki_server.patients.models import NumberCounter

    counter, _ = NumberCounter.objects.get_or_create()
    counter.last = last
    counter.save(update_fields=["last"])


def write_a_note(clinic: ViewedClinic, number: int, text: str) -> None:
    """一人の記載を加える — by the act of the pages, with its event."""
    from django.utils import timezone

    from tasuki_server.chart.draft import hold_draft, save_texts
    from tasuki_server.chart.sign import Checked, sign_draft
    from tasuki_server.institutions.models import Staff
    from tasuki_server.institutions.work import Actor, as_institution
    from tasuki_server.patients.models import Patient
    from tasuki_server.reception.receive import Arrival, receive_patient

    with as_institution(clinic.id, Actor("訓練 医師", clinic.cards.doctor)):
        patient, doctor = Patient.objects.get(number=number), Staff.objects.get(id=clinic.cards.doctor)
        visit = receive_patient(patient, Arrival(), timezone.now())
        texts = {"subjective": text, "objective": "", "assessment": "", "plan": ""}
        sign_draft(save_texts(hold_draft(visit, doctor), texts, read_stamp=None), doctor, Checked([], []))
    clinic.expected[number].append(text)
