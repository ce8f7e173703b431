# SPDX-License-Identifier: Apache-2.0
"""患者の保護の画面 — the list, a new one in two steps (who is it, what is put on), a change with its reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.models import Patient
from tasuki_server.privacy import access
from tasuki_server.privacy import marks as acts
from tasuki_server.privacy.models import MarkKind, StaffRelation


@requires(Permission.PATIENT_PROTECT)
@require_GET
def marks(request: HttpRequest) -> HttpResponse:
    """閲覧の保護の一覧."""
    return render(request, "privacy/marks.html", access.access_marks())


@requires(Permission.PATIENT_PROTECT)
@require_http_methods(["GET", "POST"])
def new_mark(request: HttpRequest) -> HttpResponse:
    """保護の登録 — the number is answered with the person, so that the wrong one is not sealed."""
    sent = request.POST or request.GET
    patient = _patient(sent.get("number", ""))
    if patient is None:
        faults = ["この患者番号の患者はいません。"] if sent.get("number") else []
        status = 422 if request.method == "POST" else 200
        return render(request, "privacy/mark_who.html", {"faults": faults}, status=status)
    faults: list[str] = []
    if request.method == "POST":
        try:
            _put_on(request, patient)
        except acts.BadMark as bad:
            faults = [str(bad)]
        else:
            messages.success(request, f"患者番号 {patient.number} に登録しました。")
            return redirect("privacy:marks")
    record("patient_mark.read", patient, patient.id)
    context = {
        "patient": patient,
        "members": access.readers_to_choose(),
        "kinds": MarkKind.choices,
        "relations": StaffRelation.choices,
        "faults": faults,
        "sent": sent,
        "chosen": sent.getlist("readers"),
    }
    return render(request, "privacy/mark_new.html", context, status=422 if faults else 200)


@requires(Permission.PATIENT_PROTECT)
@require_http_methods(["GET", "POST"])
def change_mark(request: HttpRequest, patient_mark_id: UUID) -> HttpResponse:
    """保護の変更・解除 — a seal's readers, or its end."""
    mark = access.access_mark(patient_mark_id)
    faults: list[str] = []
    if request.method == "POST":
        version = request.POST.get("read_version", "")
        given: dict[str, Any] = {
            "read_version": int(version) if version.isdecimal() and len(version) < 9 else 0,
            "why": request.POST.get("why", ""),
        }
        try:
            if request.POST.get("do") == "withdraw":
                acts.withdraw_mark(mark, **given)
            else:
                acts.change_readers(mark, _readers(request), **given)
        except acts.BadMark as bad:
            faults = [str(bad)]
        else:
            messages.success(request, "変更しました。")
            return redirect("privacy:marks")
    record("patient_mark.read", mark, mark.patient_id)
    context = {"mark": mark, "members": access.readers_to_choose(), "faults": faults}
    return render(request, "privacy/mark.html", context, status=422 if faults else 200)


@requires(Permission.PATIENT_PROTECT)
@require_POST
def withdraw_link(request: HttpRequest, staff_patient_id: UUID) -> HttpResponse:
    """職員と患者の関係の取消."""
    link = access.access_link(staff_patient_id)
    try:
        acts.remove_link(link, why=request.POST.get("why", ""))
    except acts.BadMark as bad:
        messages.error(request, str(bad))
    else:
        messages.success(request, "取り消しました。")
    return redirect("privacy:marks")


def _put_on(request: HttpRequest, patient: Patient) -> None:
    kind = request.POST.get("kind", "")
    if kind in StaffRelation.values:
        members = Staff.objects.filter(is_active=True, id__in=_uuids([request.POST.get("staff", "")]))
        member = members.first()
        if member is None:
            raise acts.BadMark("職員を選んでください。")
        acts.add_link(member, patient, kind)
        return
    acts.add_mark(patient, kind, _readers(request), request.POST.get("why", ""))


def _readers(request: HttpRequest) -> list[Staff]:
    wanted = _uuids(request.POST.getlist("readers"))
    return list(Staff.objects.filter(is_active=True, is_system=False, id__in=wanted))


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _patient(text: str) -> Patient | None:
    if not text.isdecimal() or len(text) > 9:
        return None
    return Patient.objects.filter(number=int(text)).first()
