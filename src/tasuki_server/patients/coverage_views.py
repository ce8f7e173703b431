# SPDX-License-Identifier: Apache-2.0
"""保険・公費の画面 — cards as of a day, their history, adding, correcting and withdrawing."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.patients import access, records
from tasuki_server.patients.birth_text import read_day
from tasuki_server.patients.coverage_forms import InsuranceForm, ProgrammeForm
from tasuki_server.patients.coverage_values import (
    insurance_members,
    insurance_value,
    programme_members,
    programme_value,
)
from tasuki_server.patients.forms import WithdrawForm
from tasuki_server.reception.clock import today


@requires(Permission.PATIENT_VIEW)
@require_GET
def coverage(request: HttpRequest, number: int) -> HttpResponse:
    """保険・公費 — what holds on a day, and every version ever recorded."""
    text = request.GET.get("on", "")
    day = read_day(text) if text else today()
    context = access.access_coverage_page(number, day or today())
    return render(request, "patients/coverage.html", {**context, "asked": text, "is_bad_day": day is None})


@requires(Permission.COVERAGE_EDIT)
@require_http_methods(["GET", "POST"])
def insurance_new(request: HttpRequest, number: int) -> HttpResponse:
    """保険の追加 — closes the card before it when asked."""
    patient = access.access_patient(number)
    form = InsuranceForm(request.POST or None, initial={"since": None, "confirmed_on": today()})
    if request.method == "POST" and form.is_valid():
        overlapping = records.overlapping_insurances(patient, form.cleaned_data["kind"], form.days())
        if not form.caution(*(access.overlap_sentence(each) for each in overlapping)):
            if request.POST.get("close_before") == "yes":
                records.close_before(overlapping, form.days().since)
            records.add_insurance(patient, form.value(), form.days(), form.cleaned_data["confirmed_on"])
            messages.success(request, "保険を登録しました。")
            return redirect("patients:patient", number)
    return _page(request, "保険の追加", form, patient, closes=True)


@requires(Permission.COVERAGE_EDIT)
@require_http_methods(["GET", "POST"])
def insurance_revise(request: HttpRequest, number: int, record_id: UUID) -> HttpResponse:
    """保険の訂正 — a new version with its reason."""
    patient = access.access_patient(number)
    newest = access.access_insurance(patient, record_id)
    value = insurance_value(newest)
    initial = InsuranceForm.initial_of(value, newest.since, newest.until, newest.confirmed_on)
    form = InsuranceForm(request.POST or None, initial={**initial, "read_version": newest.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        overlapping = records.overlapping_insurances(patient, given["kind"], form.days(), but=record_id)
        if not form.caution(*(access.overlap_sentence(each) for each in overlapping)):
            members = insurance_members(form.value(value), since=given["since"], until=given["until"])
            records.revise_record(
                newest,
                read_version=given["read_version"] or 0,
                reason=given["reason"],
                confirmed_on=given["confirmed_on"],
                **members,
            )
            messages.success(request, "保険を訂正しました。")
            return redirect("patients:coverage", number)
    return _page(request, "保険の訂正", form, patient, newest=newest, withdraw="patients:insurance_withdraw")


@requires(Permission.COVERAGE_EDIT)
@require_http_methods(["GET", "POST"])
def programme_new(request: HttpRequest, number: int) -> HttpResponse:
    """公費の追加."""
    patient = access.access_patient(number)
    form = ProgrammeForm(request.POST or None, initial={"confirmed_on": today()})
    if request.method == "POST" and form.is_valid():
        overlapping = records.overlapping_programmes(patient, form.cleaned_data["payer_number"], form.days())
        cautions = [*form.recipient_caution(), *(access.overlap_sentence(each) for each in overlapping)]
        if not form.caution(*cautions):
            records.add_programme(patient, form.value(), form.days(), form.cleaned_data["confirmed_on"])
            messages.success(request, "公費を登録しました。")
            return redirect("patients:patient", number)
    return _page(request, "公費の追加", form, patient)


@requires(Permission.COVERAGE_EDIT)
@require_http_methods(["GET", "POST"])
def programme_revise(request: HttpRequest, number: int, record_id: UUID) -> HttpResponse:
    """公費の訂正 — a new version with its reason."""
    patient = access.access_patient(number)
    newest = access.access_programme(patient, record_id)
    value = programme_value(newest)
    initial = ProgrammeForm.initial_of(value, newest.since, newest.until, newest.confirmed_on)
    form = ProgrammeForm(request.POST or None, initial={**initial, "read_version": newest.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        overlapping = records.overlapping_programmes(
            patient, given["payer_number"], form.days(), but=record_id
        )
        cautions = [*form.recipient_caution(), *(access.overlap_sentence(each) for each in overlapping)]
        if not form.caution(*cautions):
            members = programme_members(form.value(value), since=given["since"], until=given["until"])
            records.revise_record(
                newest,
                read_version=given["read_version"] or 0,
                reason=given["reason"],
                confirmed_on=given["confirmed_on"],
                **members,
            )
            messages.success(request, "公費を訂正しました。")
            return redirect("patients:coverage", number)
    return _page(request, "公費の訂正", form, patient, newest=newest, withdraw="patients:programme_withdraw")


@requires(Permission.COVERAGE_EDIT)
@require_http_methods(["GET", "POST"])
def insurance_withdraw(request: HttpRequest, number: int, record_id: UUID) -> HttpResponse:
    """保険の取消 — for a card that should never have been recorded."""
    patient = access.access_patient(number)
    return _withdraw(request, patient, access.access_insurance(patient, record_id), "保険の取消")


@requires(Permission.COVERAGE_EDIT)
@require_http_methods(["GET", "POST"])
def programme_withdraw(request: HttpRequest, number: int, record_id: UUID) -> HttpResponse:
    """公費の取消 — for a certificate that should never have been recorded."""
    patient = access.access_patient(number)
    return _withdraw(request, patient, access.access_programme(patient, record_id), "公費の取消")


def _withdraw(request: HttpRequest, patient, newest, title: str) -> HttpResponse:  # type: ignore[no-untyped-def]
    form = WithdrawForm(request.POST or None, initial={"read_version": newest.version})
    if request.method == "POST" and form.is_valid():
        records.withdraw_record(
            newest, read_version=form.cleaned_data["read_version"], reason=form.cleaned_data["reason"]
        )
        messages.success(request, f"{title}をしました。")
        return redirect("patients:coverage", patient.number)
    context = {**access.banner_of(patient), "title": title, "form": form, "newest": newest}
    return render(request, "patients/withdraw.html", context, status=422 if request.method == "POST" else 200)


def _page(request: HttpRequest, title: str, form, patient, **more) -> HttpResponse:  # type: ignore[no-untyped-def]
    context = {**access.banner_of(patient), "title": title, "form": form, **more}
    template = (
        "patients/insurance_form.html" if isinstance(form, InsuranceForm) else "patients/programme_form.html"
    )
    return render(request, template, context, status=422 if request.method == "POST" else 200)
