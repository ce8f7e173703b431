# SPDX-License-Identifier: Apache-2.0
"""予約の画面 — the day's list, a new booking, and what is changed of one; the person is received as everyone is."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.patients.birth_text import read_day
from tasuki_server.patients.models import Patient
from tasuki_server.patients.search import search_patients
from tasuki_server.reception.booking import (
    AlreadyBooked,
    StaleBooking,
    book,
    cancel_booking,
    change_booking,
)
from tasuki_server.reception.booking_access import access_booking, access_bookings, access_usual
from tasuki_server.reception.booking_forms import BookingForm
from tasuki_server.reception.clock import today

MOST_CANDIDATES = 9
_CHANGED = "ほかの端末で先に変わったか、もう来院しています。今の状態を確かめてください。"


@requires(Permission.RECEPTION_VIEW)
@require_GET
def bookings(request: HttpRequest) -> HttpResponse:
    """一日の予約 — of today, or of the day asked for."""
    day = read_day(request.GET.get("day", "")) or today()
    context = access_bookings(day)
    initial: dict[str, Any] = {"day": max(day, today()), "department": "01"}
    number, wanted = request.GET.get("patient", ""), None
    if number.isascii() and number.isdecimal() and len(number) < 10:
        wanted, usual = access_usual(int(number))
        initial |= {**usual, "patient": number}
    form = BookingForm(initial=initial, doctors=context["doctors"])
    return render(request, "reception/bookings.html", {**context, "form": form, "wanted": wanted})


@requires(Permission.RECEPTION_MANAGE)
@require_POST
def add_booking(request: HttpRequest) -> HttpResponse:
    """予約の追加 — the person by number or name; of several, one is to be chosen."""
    day = read_day(request.POST.get("day", "")) or today()
    context = access_bookings(day)
    form = BookingForm(request.POST, doctors=context["doctors"])
    candidates: tuple[Patient, ...] = ()
    has_more = False
    if form.is_valid():
        candidates, has_more = _people(form)
        if len(candidates) == 1:
            try:
                made = book(candidates[0], form.wish())
            except AlreadyBooked as other:
                form.add_error("patient", str(other))
            else:
                who = f"{candidates[0].shown_name}（{candidates[0].number}番）"
                messages.success(request, f"{who}を{made.day:%-m/%-d} {made.time:%-H:%M}に予約しました。")
                return redirect(_list_of(made.day))
            candidates = ()
        elif candidates:
            record("patient.search", detail={"count": len(candidates)}, patients=[p.id for p in candidates])
        else:
            form.add_error("patient", "当てはまる患者がいません。番号かカナを確かめてください。")
    context |= {"form": form, "candidates": candidates, "has_more": has_more}
    return render(request, "reception/bookings.html", context, status=422)


@requires(Permission.RECEPTION_MANAGE)
@require_http_methods(["GET", "POST"])
def booking(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """予約の変更 — refused when it was changed, or the person came, after this page was opened."""
    context = access_booking(booking_id)
    row = context["booking"]
    form = BookingForm(request.POST or None, initial=BookingForm.initial_of(row), doctors=context["doctors"])
    if request.method == "POST" and form.is_valid():
        try:
            made = change_booking(row.id, form.wish(), read_stamp=form.cleaned_data["read_stamp"] or 0)
        except StaleBooking:
            messages.error(request, _CHANGED)
            return redirect("reception:booking", row.id)
        except AlreadyBooked as other:
            form.add_error("day", str(other))
        else:
            messages.success(request, "予約を変更しました。")
            return redirect(_list_of(made.day))
    status = 422 if request.method == "POST" else 200
    return render(request, "reception/booking.html", {**context, "form": form}, status=status)


@requires(Permission.RECEPTION_MANAGE)
@require_POST
def cancel(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """予約の取消 — the row stays, with who cancelled it and why."""
    row = access_booking(booking_id)["booking"]
    stamp = request.POST.get("stamp", "")
    try:
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 10):
            raise StaleBooking(stamp)
        cancel_booking(row.id, request.POST.get("reason", "").strip(), read_stamp=int(stamp))
    except StaleBooking:
        messages.error(request, _CHANGED)
        return redirect("reception:booking", row.id)
    messages.success(request, "予約を取り消しました。")
    return redirect(_list_of(row.day))


def _people(form: BookingForm) -> tuple[tuple[Patient, ...], bool]:
    """Whoever is meant, and whether there are more than are shown."""
    if form.cleaned_data["number"]:
        return tuple(Patient.objects.filter(number=form.cleaned_data["number"])), False
    found = search_patients(form.cleaned_data["patient"], limit=MOST_CANDIDATES)
    return found.patients, found.has_more


def _list_of(day: date) -> str:
    return f"{reverse('reception:bookings')}?day={day:%Y-%m-%d}"
