# SPDX-License-Identifier: Apache-2.0
"""患者の画面 — search, registration, and a patient's page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.patients import access
from tasuki_server.patients.forms import PatientForm, PatientRevisionForm
from tasuki_server.patients.register import WhoTheyAre, register_patient, revise_patient
from tasuki_server.patients.search import search_patients, similar_patients
from tasuki_server.reception.clock import today


@requires(Permission.PATIENT_VIEW)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """患者検索 — one box; htmx asks for the list alone."""
    answer = search_patients(request.GET.get("q", ""))
    target = request.headers.get("HX-Target", "")
    template = "patients/_found.html" if target == "found" else "patients/search.html"
    return render(request, template, {"answer": answer, "today": today()})


@requires(Permission.PATIENT_EDIT)
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """患者登録 — a namesake with the same birth date is shown before a second number is given."""
    form = PatientForm(request.POST or None, initial=access.initial_of_search(request.GET.get("q", "")))
    similar = []
    if request.method == "POST" and form.is_valid():
        given = form.who()
        similar = similar_patients(name=given.name, kana=given.kana, born=given.born, phone=given.phone)
        if not form.caution(*(_same(each.number) for each in similar)):
            patient = register_patient(given)
            messages.success(request, f"患者番号 {patient.number} で登録しました。続けて保険を登録できます。")
            return redirect("patients:insurance_new", patient.number)
    return render(
        request, "patients/register.html", {"form": form, "similar": similar}, status=_status(request)
    )


@requires(Permission.PATIENT_VIEW)
@require_GET
def patient(request: HttpRequest, number: int) -> HttpResponse:
    """患者の画面 — who they are, what pays, what they must not be given, when they came."""
    return render(request, "patients/patient.html", access.access_patient_page(number, today()))


@requires(Permission.PATIENT_EDIT)
@require_http_methods(["GET", "POST"])
def revise(request: HttpRequest, number: int) -> HttpResponse:
    """患者情報の変更 — a new version with its reason."""
    found = access.access_patient(number)
    versions = access.access_demographics(found)
    form = PatientRevisionForm(request.POST or None, initial=access.initial_of_version(versions[0]))
    if request.method == "POST" and form.is_valid():
        given: WhoTheyAre = form.who()
        revise_patient(
            found, given, read_version=form.cleaned_data["read_version"], reason=form.cleaned_data["reason"]
        )
        messages.success(request, "患者情報を変更しました。")
        return redirect("patients:patient", number)
    context = {**access.banner_of(found), "form": form, "versions": versions}
    return render(request, "patients/revise.html", context, status=_status(request))


def _same(number: int) -> str:
    return f"患者番号 {number} とよく似ています。同じ人ではありませんか。"


def _status(request: HttpRequest) -> int:
    """A form that comes back was not saved: 422."""
    return 422 if request.method == "POST" else 200
