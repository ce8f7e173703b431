# SPDX-License-Identifier: Apache-2.0
"""発生届の下書き — what the chart knows already; the doctor goes on from there."""

from __future__ import annotations

from tasuki.notifications.table import Disease
from tasuki.notifications.words import Subject
from tasuki_server.chart.models import DiagnosisRecord
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.notifications.hints import hints_of
from tasuki_server.notifications.typed import Typed, box_names
from tasuki_server.patients.models import Demographics
from tasuki_server.reception.clock import today
from tasuki_server.reception.models import Visit


def prefilled(visit: Visit, disease: Disease, doctor: Staff) -> Typed:
    """発生届の下書き — the person (only on forms that ask), the days, the doctor and the institution.

    Where the person is now, their occupation and their guardian are not in the chart: they stay empty.
    """
    diagnosis = _diagnosis(visit, disease)
    institution = Institution.objects.get()
    age = visit.patient.age_on(visit.day)
    made = {
        "reported_on": today().isoformat(),
        "reporter.doctor": doctor.name,
        "reporter.institution": institution.name,
        "reporter.address": institution.address,
        "reporter.telephone": institution.telephone,
        "subject": _subject(disease, diagnosis).value,
        "sex": visit.patient.sex,
        "age_years": str(age.years),
        "age_months": str(age.months) if age.years == 0 else "",
        "first_seen_on": (diagnosis.since if diagnosis else visit.day).isoformat(),
        "diagnosed_on": visit.day.isoformat(),
        **(_who(visit) if disease.has_identity else {}),
    }
    known = set(box_names(disease))
    return {name: [value] for name, value in made.items() if value and name in known}


def _diagnosis(visit: Visit, disease: Disease) -> DiagnosisRecord | None:
    found = (each.diagnosis for each in hints_of(visit) if each.disease.code == disease.code)
    return next(found, None)


def _subject(disease: Disease, diagnosis: DiagnosisRecord | None) -> Subject:
    if diagnosis is not None and diagnosis.is_suspected and Subject.SUSPECTED in disease.subjects:
        return Subject.SUSPECTED
    return disease.subjects[0]


def _who(visit: Visit) -> dict[str, str]:
    patient = visit.patient
    newest = Demographics.objects.filter(patient=patient).order_by("-version").first()
    return {
        "name": patient.name,
        "kana": patient.kana,
        "born": patient.born.isoformat(),
        "address": newest.address if newest is not None else "",
        "telephone": newest.phone if newest is not None else "",
    }
