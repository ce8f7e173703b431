# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の参照 — what may be seen of registrations; every read of a person's is noted, the rest is 404."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from tasuki.kernel.kana import search_key
from tasuki.prescriptions.contents import PrescriptionKey
from tasuki.security.permissions import Permission
from tasuki_server.audit.trail import record
from tasuki_server.documents.prescription import outside_orders
from tasuki_server.eprescribing.consent import consent_of
from tasuki_server.eprescribing.models import (
    ConsentKind,
    DispensingResult,
    IssueType,
    Registration,
    SignerSetting,
    SigningRequest,
    Stage,
    Status,
)
from tasuki_server.eprescribing.setting import choice_of, is_chosen_at_reader, is_used, issue_type_of
from tasuki_server.eprescribing.shown import shown
from tasuki_server.eprescribing.signing import signer_setting
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.access import banner_of
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.asked_period import asked_period, is_of_patient
from tasuki_server.reception.clock import today
from tasuki_server.reception.models import Visit

MOST_ROWS = 300
FILTERS = (
    ("open", "未完了"),
    ("trouble", "要対応"),
    ("waiting", "未受付"),
    ("taken", "調剤中"),
    ("dispensed", "調剤済"),
    ("collected", "回収済"),
    ("cancelled", "取消"),
    ("all", "すべて"),
)
SORTS = (("new", "新しい順"), ("old", "古い順"), ("number", "患者番号順"), ("result", "調剤結果の新しい順"))
_ORDERS = {
    "new": ("-made_at", "-number"),
    "old": ("made_at", "number"),
    "number": ("patient__number", "-made_at"),
    "result": ("-status_at", "-made_at"),
}
_TROUBLE = Q(stage__in=(Stage.FAULTY, Stage.REFUSED))
_UNSEEN = Q(results__seen_at__isnull=True, results__isnull=False, results__is_current=True)
_SHOWN = {
    "open": Q(stage=Stage.PLANNED) | Q(stage=Stage.REGISTERED, status__in=("", Status.WAITING, Status.TAKEN)),
    "trouble": _TROUBLE | _UNSEEN,
    "waiting": Q(stage=Stage.REGISTERED, status=Status.WAITING),
    "taken": Q(stage=Stage.REGISTERED, status=Status.TAKEN),
    "dispensed": Q(status=Status.DISPENSED),
    "collected": Q(status=Status.COLLECTED),
    "cancelled": Q(stage__in=(Stage.CANCELLED, Stage.REPLACED)),
    "all": Q(),
}


def access_panel(visit_id: UUID) -> dict[str, Any]:
    """カルテの電子処方箋の欄 — of one visit; the read is audited."""
    visit = access_visit(visit_id)
    record("eprescription.read", visit, visit.patient_id)
    return panel_of(visit)


def panel_of(visit: Visit) -> dict[str, Any]:
    """電子処方箋の欄の内容 — the newest of each prescription, with what may be done."""
    rows = list(registrations_of(visit))
    newest: dict[PrescriptionKey, Registration] = {}
    for row in rows:
        before = newest.get(row.key)
        if row.stage == Stage.DROPPED and before is not None:
            continue
        newest[row.key] = row
    alive = [row for row in rows if row.is_live and row not in newest.values()]
    every = [shown(row) for row in (*alive, *newest.values())]
    choice = choice_of(visit)
    return {
        "visit": visit,
        "is_used": is_used() or bool(rows),
        "issue_type": issue_type_of(visit),
        "issue_types": IssueType.choices,
        "comment": choice.comment if choice is not None else "",
        "is_from_reader": is_chosen_at_reader(visit),
        "registrations": every,
        "is_waiting": any(each.is_waiting for each in every),
        "has_outside": bool(outside_orders(visit)),
        "has_number": any(each.row.access_code for each in every if each.row.is_live),
        "consent": consent_of(visit),
        "consents": ConsentKind.choices,
        "today": today(),
    }


def registrations_of(visit: Visit) -> QuerySet[Registration]:
    """受診の登録 — the first first."""
    rows = Registration.objects.filter(visit=visit).select_related("doctor", "visit", "replaces")
    return rows.order_by("number")


def access_list(wanted: Mapping[str, str]) -> dict[str, Any]:
    """電子処方箋の一覧 — narrowed, sorted, searched; the read names everyone who is shown."""
    filter_name = wanted.get("show", "open") if wanted.get("show", "open") in _SHOWN else "open"
    sort = wanted.get("sort", "new") if wanted.get("sort", "new") in _ORDERS else "new"
    days = asked_period(wanted)
    rows = Registration.objects.exclude(stage=Stage.DROPPED).filter(visit__day__range=days)
    counts = {name: rows.filter(rule).distinct().count() for name, rule in _SHOWN.items()}
    found = rows.filter(_SHOWN[filter_name]).distinct().order_by(*_ORDERS[sort])
    found = found.select_related("patient", "visit", "doctor", "replaces").annotate(
        unseen_count=Count("results", filter=Q(results__seen_at__isnull=True, results__is_current=True))
    )
    q = wanted.get("q", "").strip()
    listed = [row for row in found[: MOST_ROWS * 10] if not q or _is_meant(row, q)][:MOST_ROWS]
    record(
        "eprescription.read",
        "list",
        detail={"rows": len(listed)},
        patients={row.patient_id for row in listed},
    )
    return {
        "rows": listed,
        "filters": [(name, label, counts[name]) for name, label in FILTERS],
        "sorts": SORTS,
        "shown": filter_name,
        "sort": sort,
        "q": q,
        "since": days[0],
        "until": days[1],
        "is_used": is_used(),
        "waiting_requests": SigningRequest.objects.filter(state="waiting").count(),
    }


def access_registration(registration_id: UUID) -> Registration:
    """処方箋の登録の参照 — by id."""
    rows = Registration.objects.select_related("patient", "visit", "visit__patient", "doctor", "replaces")
    found = rows.filter(pk=registration_id).first()
    if found is None:
        raise Http404("registration")
    return found


def access_registration_page(registration_id: UUID) -> dict[str, Any]:
    """処方箋の登録の画面 — everything that happened to it; the read is audited."""
    row = access_registration(registration_id)
    record("eprescription.read", row, row.patient_id)
    acts = list(row.acts.select_related("made_by").order_by("place"))
    return {
        **banner_of(row.patient),
        "visit": row.visit,
        "each": shown(row),
        "steps": [(act, list(act.steps.order_by("at", "id"))) for act in acts],
        "replaced_by": row.replaced_by.exclude(stage=Stage.DROPPED).order_by("number").last(),
    }


def access_result(result_id: UUID) -> DispensingResult:
    """調剤結果の参照 — by id."""
    found = DispensingResult.objects.select_related("registration").filter(pk=result_id).first()
    if found is None:
        raise Http404("result")
    return found


def access_signing_request(request_id: UUID, doctor: Staff) -> SigningRequest:
    """署名の依頼の参照 — one's own only."""
    found = SigningRequest.objects.filter(pk=request_id, doctor=doctor).first()
    if found is None:
        raise Http404("signing request")
    return found


def _is_meant(row: Registration, q: str) -> bool:
    """By the patient's number or name, by 引換番号, or by the pharmacy."""
    digits = "".join(character for character in q if character.isascii() and character.isdecimal())
    if digits and (digits == str(row.patient.number) or (len(digits) >= 4 and digits in row.access_code)):
        return True
    key = search_key(q)
    return is_of_patient(row.patient, q) or (bool(key) and key in search_key(row.pharmacy))


def doctors() -> list[tuple[Staff, SignerSetting | None]]:
    """医師と署名の用意 — who may sign prescriptions, and how; never a key."""
    found = Staff.objects.filter(is_active=True, is_system=False).order_by("kana", "id")
    return [(each, signer_setting(each)) for each in found if each.may(Permission.CHART_SIGN)]
