# SPDX-License-Identifier: Apache-2.0
"""世帯合算の画面 — a month of a household as its insurer adds it up, and who belongs to it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.billing.desk_input import BadAmount, read_count
from tasuki_server.billing.household_page import PLACES, household_page
from tasuki_server.institutions.rows import StaleVersion
from tasuki_server.patients.access import access_patient
from tasuki_server.patients.household import BadMember, add_member, end_member
from tasuki_server.patients.models import HouseholdMember, Patient
from tasuki_server.privacy.asking import ask_for
from tasuki_server.reception.clock import today


@requires(Permission.BILLING_VIEW)
@require_GET
def household(request: HttpRequest, number: int) -> HttpResponse:
    """世帯合算 — of a month; payments elsewhere come with the address and are kept nowhere."""
    return _page(request, access_patient(number), _month(request.GET.get("month", "")), [])


@requires(Permission.COVERAGE_EDIT, Permission.BILLING_VIEW)
@require_POST
def add(request: HttpRequest, number: int) -> HttpResponse:
    """世帯の家族の登録 — by 患者番号, from a day on."""
    patient = access_patient(number)
    month = _month(request.POST.get("month", ""))
    try:
        since = _day(request.POST.get("since", "")) or month
        other = _other(request.POST.get("member", ""))
        ask_for(request, other.id, Permission.COVERAGE_EDIT, Permission.BILLING_VIEW)
        add_member(patient, other, since=since)
    except BadMember as bad:
        return _page(request, patient, month, [str(bad)], 422)
    messages.success(request, f"患者番号 {other.number} を世帯の家族に登録しました。")
    return redirect(f"/billing/household/{number}?month={month:%Y-%m}")


@requires(Permission.COVERAGE_EDIT, Permission.BILLING_VIEW)
@require_POST
def end(request: HttpRequest, number: int, record_id: UUID) -> HttpResponse:
    """世帯からの離脱・取消 — with a last day, or as a mistake."""
    patient = access_patient(number)
    month = _month(request.POST.get("month", ""))
    row = HouseholdMember.objects.current().filter(record_id=record_id).first()
    households = HouseholdMember.objects.current().filter(patient=patient).values_list("household", flat=True)
    if row is None or row.household not in set(households):
        raise Http404("household member")
    text = request.POST.get("until", "").strip()
    try:
        until = _day(text)
        if text and until is None:
            raise BadMember("終了日を YYYY-MM-DD で入れてください。")
        version = read_count(request.POST.get("read_version", ""), "版")
        end_member(row, read_version=version, until=until, reason=request.POST.get("reason", ""))
    except (BadMember, BadAmount) as bad:
        return _page(request, patient, month, [str(bad)], 422)
    except StaleVersion:
        return _page(request, patient, month, ["ほかの人が世帯を直しました。開き直してください。"], 409)
    messages.success(request, "世帯の記録を直しました。")
    return redirect(f"/billing/household/{number}?month={month:%Y-%m}")


def _other(text: str) -> Patient:
    number = (
        int(text) if text.strip().isascii() and text.strip().isdecimal() and len(text.strip()) < 10 else 0
    )
    found = Patient.objects.filter(number=number).first() if number else None
    if found is None:
        raise BadMember("その患者番号の患者はいません。")
    return found


def _month(text: str) -> date:
    """The first of the month asked for, else of this month."""
    return _day(f"{text.strip()}-01") or today().replace(day=1)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2199 else None


def _page(
    request: HttpRequest, patient: Patient, month: date, faults: list[str], status: int = 200
) -> HttpResponse:
    given = request.GET if request.method == "GET" else QueryDict()
    page = household_page(patient, month, given)
    for person in {patient, *(row.patient for row in page.members)}:
        record("household.read", person, person.id, {"month": f"{month:%Y-%m}"})
    context: dict[str, Any] = {
        "patient": patient,
        "month": month,
        "today": today(),
        "page": page,
        "people": [row.patient for row in page.members] or [patient],
        "places": list(PLACES.items()),
        "faults": [*faults, *page.faults],
    }
    return render(request, "billing/household.html", context, status=status)
