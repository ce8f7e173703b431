# SPDX-License-Identifier: Apache-2.0
"""点検の背景 — what the chart knows of a patient that a check of drugs asks for."""

from __future__ import annotations

from dataclasses import replace

from tasuki.masters.book import DayBook
from tasuki.prescriptions.safety import Allergy, Body, Patient
from tasuki.prescriptions.safety.from_chart import allergy_of, conditions_of
from tasuki_server.chart.facts import decode_facts
from tasuki_server.chart.models import DiagnosisRecord, Draft, Note
from tasuki_server.orders.access import earlier_drugs
from tasuki_server.orders.shared_drugs import SharedDrugs
from tasuki_server.orders.warnings import Background, drug_history
from tasuki_server.patients.access import access_allergies
from tasuki_server.patients.models import AllergySeverity
from tasuki_server.reception.models import Visit


def check_background(visit: Visit, draft: Draft, book: DayBook, shared: SharedDrugs) -> Background:
    """点検の背景 — of a visit as its draft says it; numbers of the body nobody gave today are those of the last note."""
    person = visit.patient.person()
    rows = DiagnosisRecord.objects.current().filter(patient=visit.patient, since__lte=visit.day)  # type: ignore[attr-defined]
    patient = Patient(
        born=person.born,
        sex=person.sex,
        conditions=conditions_of((each.diagnosis() for each in rows), book),
        allergies=_allergies(visit, book),
        body=body_of(visit, draft),
    )
    return Background(patient, drug_history(earlier_drugs(visit), book), shared.medicines)


def body_of(visit: Visit, draft: Draft) -> Body:
    """身体の数字 — of today; weight and kidneys, not pregnancy, stand from the last note that has them."""
    today = decode_facts(draft.facts).body or Body()
    if today.weight_kg is not None and _has_kidney(today):
        return today
    before = last_body(visit)
    if before is None:
        return today
    weight = today.weight_kg if today.weight_kg is not None else before.weight_kg
    if _has_kidney(today):
        return replace(today, weight_kg=weight)
    return replace(
        today,
        weight_kg=weight,
        egfr=before.egfr,
        ccr=before.ccr,
        creatinine=before.creatinine,
        kidney_on=before.kidney_on,
    )


def last_body(visit: Visit) -> Body | None:
    """前回の身体の数字 — of the newest signed note of an earlier visit that has any."""
    rows = Note.objects.latest_versions().filter(  # type: ignore[attr-defined]
        patient_id=visit.patient_id, visit__arrived_at__lt=visit.arrived_at, facts__has_key="body"
    )
    note = rows.order_by("-visit__arrived_at").only("facts").first()
    return decode_facts(note.facts).body if note is not None else None


def _has_kidney(body: Body) -> bool:
    return (body.egfr, body.ccr, body.creatinine) != (None, None, None)


def _allergies(visit: Visit, book: DayBook) -> tuple[Allergy, ...]:
    return tuple(
        allergy_of(
            each.substance,
            each.drug_code,
            book,
            is_contraindicated=each.severity == AllergySeverity.CONTRAINDICATED,
        )
        for each in access_allergies(visit.patient)
    )
