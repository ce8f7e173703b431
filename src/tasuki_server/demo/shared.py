# SPDX-License-Identifier: Apache-2.0
"""お試しの情報共有 — from today on the demo shares; a few of this morning's people bring results and allergies in words, one
has what must be reported, a hospital hands two on, and has registered what it knows of others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, time

from tasuki.kernel.finding import BadInput
from tasuki.sharing.build.around import InstitutionFacts, PatientFacts, institution_number
from tasuki_server.chart.diagnose import add_diagnosis
from tasuki_server.demo.clinics import DemoClinic
from tasuki_server.demo.hospital import LETTERS, join_services, register_informations, send_letter
from tasuki_server.demo.insured import KNOWN_CARD
from tasuki_server.demo.schedule import TOKYO
from tasuki_server.institutions.opening import system_actor
from tasuki_server.institutions.work import as_institution
from tasuki_server.masters_source import current_book
from tasuki_server.patients.records import add_allergy
from tasuki_server.platform.house import close_house
from tasuki_server.portal.models import CodeKind, OneTimeCode
from tasuki_server.reception.models import Visit, VisitState
from tasuki_server.sharing.person import patient_facts
from tasuki_server.sharing.results import Entered, keep_report

# As laboratories write them: some names are those of the list, some are not, one has no standard code.
_REPORTS = (
    (
        Entered("HbA1c", "7.2", "%", "4.6", "6.2", "全血", ""),
        Entered("血糖", "148", "mg/dL", "73", "109", "血漿", ""),
        Entered("γ-GTP", "62", "U/L", "10", "47", "血清", ""),
        Entered("クレアチニン", "0.88", "mg/dL", "0.65", "1.07", "血清", ""),
    ),
    (
        Entered("LDLコレステロール", "151", "mg/dL", "70", "139", "血清", ""),
        Entered("HBs抗原", "陰性", "", "", "", "血清", ""),
        Entered("尿蛋白", "±", "", "", "", "尿", ""),
        Entered("ペプシノゲンI", "38.1", "ng/mL", "", "", "血清", ""),
    ),
)
# 百日咳: 五類感染症, reported within seven days.
WHOOPING_COUGH = "0339001"
# Places among this morning's people.
_TOLD, _KNOWN_THERE = 3, 3
_ALLERGIES = (
    ("food", "そば", "severe", "じんましん"),
    ("other", "スギ花粉", "mild", "鼻汁"),
    ("food", "えび・かに", "mild", "口のかゆみ"),
)


def bring_results(morning: list[Visit]) -> None:
    """結果とアレルギー — of the first people who wait; the caller's work is the doctor's."""
    for place, visit in enumerate(morning[: len(_ALLERGIES)]):
        collected = datetime.combine(visit.day, time(8, 30), TOKYO)
        if place < len(_REPORTS):
            keep_report(visit, _REPORTS[place], collected)
        kind, substance, severity, reaction = _ALLERGIES[place]
        add_allergy(
            visit.patient,
            kind=kind,
            substance=substance,
            severity=severity,
            reaction=reaction,
            noted_on=visit.day,
        )
    for visit in morning[_TOLD : _TOLD + 1]:
        add_diagnosis(visit.patient, WHOOPING_COUGH, (), visit.day, current_book().at(visit.day))


def hear_from_the_hospital(clinic: DemoClinic) -> None:
    """病院からの便り — two letters, one of which still waits for its patient's word, and records of people who wait this morning.

    What the hospital registered is seen once the person's card was shown at the reader, like anywhere.
    """
    with as_institution(clinic.id, system_actor(clinic.id)) as work:
        morning, at = waiting_visits(), work.at
        handed = list(_shared(morning[-len(LETTERS) :]))
        # Whoever opens the portal has a record there already.
        there = set(OneTimeCode.objects.filter(kind=CodeKind.DEMO).values_list("person__card", flat=True))
        new = [each for each in morning if f"{KNOWN_CARD}{each.patient.number:05}" not in there]
        known = list(_shared(new[:_KNOWN_THERE]))
    join_services(clinic)
    receiver = InstitutionFacts(institution_number(clinic.prefecture, clinic.code), clinic.name)
    try:
        for place, (letter, who) in enumerate(zip(LETTERS, handed, strict=False)):
            send_letter(letter, who, receiver, at, waits=place > 0)
        for who in known:
            register_informations(who, at)
    finally:
        close_house()


def _shared(visits: list[Visit]) -> Iterator[PatientFacts]:
    for visit in visits:
        # Without an insured number the service could not tell who is meant.
        with suppress(BadInput):
            yield patient_facts(visit.patient, visit)


def waiting_visits() -> list[Visit]:
    """この朝に待つ人 — in the order they came."""
    rows = Visit.objects.filter(state=VisitState.WAITING).select_related("patient")
    return list(rows.order_by("arrived_at"))
