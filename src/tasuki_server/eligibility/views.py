# SPDX-License-Identifier: Apache-2.0
"""資格の登録（試行環境）の画面 — searching, one person with who looked, cards for a rehearsal, stopping, 災害時モード."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.eligibility import access, change
from tasuki_server.eligibility.certificates import NO_CERTIFICATES
from tasuki_server.eligibility.forms import CoverForm, PersonForm, SubsidyForm, TicketForm
from tasuki_server.eligibility.models import HeldQualification, InsuredPerson
from tasuki_server.patients.forms import JapaneseForm
from tasuki_server.platform.access import operator_of


@requires(Permission.PLATFORM_OPERATE)
@require_GET
def persons(request: HttpRequest) -> HttpResponse:
    """加入者の検索 — by name, birthday, card or number."""
    operator_of(request)
    return render(request, "eligibility/persons.html", access.access_persons(request.GET.get("q", "")))


@requires(Permission.PLATFORM_OPERATE)
@require_GET
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """加入者 — cards over time, consents, who looked."""
    operator_of(request)
    return render(request, "eligibility/person.html", access.access_person(person_id))


@requires(Permission.PLATFORM_OPERATE)
@require_http_methods(["GET", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    """加入者の登録 — then the first card is entered."""
    operator_of(request)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = change.add_person(form.cleaned_data)
        record("eligibility.change", detail={"person": str(made.id), "act": "add"})
        return redirect("eligibility:new_cover", person_id=made.id)
    return _form(request, "加入者の登録", form, None)


@requires(Permission.PLATFORM_OPERATE)
@require_http_methods(["GET", "POST"])
def new_cover(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """資格の登録 — one more card of a person; the one before is ended by hand."""
    operator_of(request)
    found = access.find_insured(person_id)
    form = CoverForm(request.POST or None, initial={"qualified_on": timezone.localdate(), "card_class": "01"})
    if request.method == "POST" and form.is_valid():
        return _saved(request, found, form, None)
    return _form(request, f"{found.name} の資格の登録", form, found)


@requires(Permission.PLATFORM_OPERATE)
@require_http_methods(["GET", "POST"])
def cover(request: HttpRequest, cover_id: UUID) -> HttpResponse:
    """資格の変更 — of one card, its end too."""
    operator_of(request)
    found = access.find_cover(cover_id)
    form = CoverForm(request.POST or None, initial=CoverForm.initial_of(found))
    if request.method == "POST" and form.is_valid():
        return _saved(request, found.person, form, found)
    return _form(request, f"{found.person.name} の資格の変更", form, found.person)


@requires(Permission.PLATFORM_OPERATE)
@require_http_methods(["GET", "POST"])
def new_ticket(request: HttpRequest, cover_id: UUID) -> HttpResponse:
    """医療券の登録 — for one institution and month."""
    operator_of(request)
    found = access.find_cover(cover_id)
    form = TicketForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        own = ("month", "institution_number", "since_on", "until_on")
        change.add_ticket(found, {name: form.cleaned_data[name] for name in own}, form.items())
        return _changed(request, found.person, "ticket", "医療券を登録しました。")
    return _form(request, f"{found.person.name} の医療券の登録", form, found.person)


@requires(Permission.PLATFORM_OPERATE)
@require_http_methods(["GET", "POST"])
def new_subsidy(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """公費の受給者証の登録 — as PMH has it."""
    operator_of(request)
    found = access.find_insured(person_id)
    form = SubsidyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        own = {name: value for name, value in form.cleaned_data.items() if name != "confirmed"}
        change.add_subsidy(found, own)
        return _changed(request, found, "subsidy", "公費の受給者証を登録しました。")
    return _form(request, f"{found.name} の公費の受給者証の登録", form, found)


@requires(Permission.PLATFORM_OPERATE)
@require_POST
def stop(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """利用停止・解除 — of the card, or of giving anything about this person."""
    operator = operator_of(request)
    found = access.find_insured(person_id)
    what = request.POST.get("what", "")
    if what in change.STOPS:
        is_stopped = change.stop_person(found, what, timezone.now(), operator)
        record("eligibility.stop", detail={"person": str(found.id), "what": what, "is_stopped": is_stopped})
        messages.success(request, "利用を停止しました。" if is_stopped else "利用を再開しました。")
    return redirect("eligibility:person", person_id=found.id)


@requires(Permission.PLATFORM_OPERATE)
@require_POST
def mode(request: HttpRequest) -> HttpResponse:
    """災害時モード — on or off."""
    operator = operator_of(request)
    is_on = request.POST.get("act") == "on"
    change.set_disaster(operator, is_on=is_on)
    record("eligibility.mode", detail={"is_disaster": is_on})
    messages.success(request, "災害時モードにしました。" if is_on else "災害時モードを終えました。")
    return redirect("eligibility:persons")


def _saved(
    request: HttpRequest, found: InsuredPerson, form: CoverForm, before: HeldQualification | None
) -> HttpResponse:
    certificates = access.certificates_of(before) if before is not None else NO_CERTIFICATES
    change.save_cover(found, form.own(), form.certificates(certificates), before)
    change.name_insurer(form.cleaned_data["insurer_number"], form.cleaned_data["insurer_name"])
    return _changed(request, found, "cover", "資格を保存しました。")


def _changed(request: HttpRequest, found: InsuredPerson, act: str, sentence: str) -> HttpResponse:
    record("eligibility.change", detail={"person": str(found.id), "act": act})
    messages.success(request, sentence)
    return redirect("eligibility:person", person_id=found.id)


def _form(
    request: HttpRequest, title: str, form: JapaneseForm, found: InsuredPerson | None, **more: Any
) -> HttpResponse:
    return render(request, "eligibility/form.html", {"title": title, "form": form, "person": found, **more})
