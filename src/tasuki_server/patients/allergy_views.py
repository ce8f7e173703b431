# SPDX-License-Identifier: Apache-2.0
"""アレルギーの画面 — adding and withdrawing, from the patient's page or beside the note."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.orders.catalogue import day_book, find_drugs
from tasuki_server.patients import access, records
from tasuki_server.patients.forms import AllergyForm, WithdrawForm
from tasuki_server.reception.clock import today


@requires(Permission.CHART_WRITE)
@require_http_methods(["GET", "POST"])
def allergy_new(request: HttpRequest, number: int) -> HttpResponse:
    """アレルギーの追加 — by a word, or by a drug found in the master."""
    patient = access.access_patient(number)
    form = AllergyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        names = ("kind", "substance", "drug_code", "severity", "reaction")
        members = {name: form.cleaned_data[name] for name in names}
        records.add_allergy(patient, noted_on=today(), **members)
        messages.success(request, "アレルギーを登録しました。")
        return redirect(_return_to(request, number))
    context = {**access.banner_of(patient), "form": form, "return_to": _return_to(request, number)}
    return render(request, "patients/allergy.html", context, status=422 if request.method == "POST" else 200)


@requires(Permission.CHART_WRITE)
@require_http_methods(["GET"])
def allergy_drugs(request: HttpRequest, number: int) -> HttpResponse:
    """薬の候補 — for the allergy form."""
    access.access_patient(number)
    text = request.GET.get("substance", "")
    found = find_drugs(text, day_book(today()))
    return render(request, "patients/_drugs.html", {"candidates": found, "text": text})


@requires(Permission.CHART_WRITE)
@require_http_methods(["GET", "POST"])
def allergy_withdraw(request: HttpRequest, number: int, record_id: UUID) -> HttpResponse:
    """アレルギーの取消 — with the reason it no longer holds."""
    patient = access.access_patient(number)
    newest = access.access_allergy(patient, record_id)
    form = WithdrawForm(request.POST or None, initial={"read_version": newest.version})
    if request.method == "POST" and form.is_valid():
        records.withdraw_record(
            newest, read_version=form.cleaned_data["read_version"], reason=form.cleaned_data["reason"]
        )
        messages.success(request, "アレルギーの記録を取り消しました。")
        return redirect(_return_to(request, number))
    context = {
        **access.banner_of(patient),
        "title": "アレルギーの取消",
        "form": form,
        "newest": newest,
        "return_to": _return_to(request, number),
    }
    return render(request, "patients/withdraw.html", context, status=422 if request.method == "POST" else 200)


def _return_to(request: HttpRequest, number: int) -> str:
    """戻り先 — the page the form was opened from, if it is one of ours."""
    wanted = request.POST.get("return_to") or request.GET.get("return_to", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("patients:patient", args=[number])
