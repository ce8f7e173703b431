# SPDX-License-Identifier: Apache-2.0
"""監査記録の参照 — what the pages of the trail show, each read noted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404

from tasuki.security.permissions import Permission
from tasuki.security.purpose import Purpose
from tasuki_server.audit.reading import Question, events_matching
from tasuki_server.audit.trail import record
from tasuki_server.audit.who_saw import MOST, opened_counts, who_saw
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.models import Patient
from tasuki_server.reception.clock import today

DAYS = 31
LONGEST_DAYS = 366 * 10


def access_trail(question: Question, staff: Staff) -> dict[str, Any]:
    """監査記録の一覧の内容 — with the patients beside their ids, by name for those who may read patients."""
    events, older = events_matching(question)
    record("audit.read", detail=question.as_detail())
    known = names_of((event["patient_id"] for event in events), staff)
    for event in events:
        event["patient"] = known.get(event["patient_id"])
    return {"question": question, "events": events, "older": older, "purposes": list(Purpose)}


def access_who_saw(number: int, given: Mapping[str, str], staff: Staff) -> dict[str, Any]:
    """この患者を見た人の内容 — of a period."""
    patient, since, until = access_patient_of_trail(number), *read_period(given)
    record("audit.read", patient, patient.id, {"since": str(since), "until": str(until)})
    sights = who_saw(patient.id, since, until)
    return {
        "patient": patient,
        "label": label_of(patient, staff),
        "since": since,
        "until": until,
        "sights": sights,
        "is_cut": len(sights) == MOST,
        "most": MOST,
    }


def access_disclosure(number: int, given: Mapping[str, str]) -> dict[str, Any]:
    """閲覧履歴の開示の内容 — the sheet for the patient, made because they asked."""
    current_work().purpose = Purpose.PATIENT_REQUEST
    patient, since, until = access_patient_of_trail(number), *read_period(given)
    has_names = given.get("names") == "yes"
    detail = {"since": str(since), "until": str(until), "names": has_names}
    record("audit.disclose", patient, patient.id, detail)
    sights = who_saw(patient.id, since, until, has_names=has_names)
    return {
        "patient": patient,
        "since": since,
        "until": until,
        "sights": sights,
        "has_names": has_names,
        "made_at": current_work().at,
        "is_cut": len(sights) == MOST,
        "most": MOST,
    }


def access_counts(given: Mapping[str, str], staff: Staff) -> dict[str, Any]:
    """患者ごとの閲覧回数の内容 — of a period, of everyone or one person."""
    since, until = read_period(given)
    actor = given.get("actor", "").strip()
    counted = opened_counts(since, until, actor)
    known = names_of((each.patient for each in counted), staff)
    record("audit.read", "audit.counts", detail={"since": str(since), "until": str(until)})
    rows = [
        {"patient": known.get(each.patient), "opened": each.opened, "listed": each.listed} for each in counted
    ]
    return {"since": since, "until": until, "actor": actor, "rows": rows}


def access_patient_of_trail(number: int) -> Patient:
    """患者の参照 — by chart number."""
    found = Patient.objects.filter(number=number).first() if number < 10**9 else None
    if found is None:
        raise Http404("patient")
    return found


def names_of(patients: Iterable[UUID | None], staff: Staff) -> dict[UUID, dict[str, Any]]:
    """患者の表示 — by id."""
    wanted = {each for each in patients if each is not None}
    found = Patient.objects.filter(id__in=wanted)
    return {each.id: {"number": each.number, "label": label_of(each, staff)} for each in found}


def label_of(patient: Patient, staff: Staff) -> str:
    """患者の表示 — name and number, or the number alone for those who may not read patients."""
    number = f"患者番号 {patient.number}"
    return f"{patient.name}（{number}）" if staff.may(Permission.PATIENT_VIEW) else number


def read_period(given: Mapping[str, str]) -> tuple[date, date]:
    """期間の読取り — the last 31 days when none is given; what cannot be read is refused."""
    try:
        until = date.fromisoformat(given["until"]) if given.get("until") else today()
        since = date.fromisoformat(given["since"]) if given.get("since") else until - timedelta(days=DAYS - 1)
    except ValueError as error:
        raise BadRequest("the period cannot be read") from error
    if not 0 <= (until - since).days <= LONGEST_DAYS or not 1900 <= since.year <= 2199:
        raise BadRequest("the period cannot be")
    return since, until
