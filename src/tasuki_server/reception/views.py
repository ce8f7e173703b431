# SPDX-License-Identifier: Apache-2.0
"""受付の画面 — the live board, receiving a patient, and moving them on."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.patients.birth_text import read_day
from tasuki_server.reception import access
from tasuki_server.reception.clock import today
from tasuki_server.reception.forms import ArrivalForm
from tasuki_server.reception.models import VisitState
from tasuki_server.reception.receive import (
    NotPossible,
    OnRecord,
    StaleVisit,
    change_visit,
    move_visit,
    receive_patient,
    take_visit,
)


@requires(Permission.RECEPTION_VIEW)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """受付一覧 — of a day; the list alone asks for itself again every three seconds."""
    return render(request, "reception/board.html", access.access_board(_day(request)))


@requires(Permission.RECEPTION_VIEW)
@require_GET
def board_rows(request: HttpRequest) -> HttpResponse:
    """受付一覧の更新 — 204 while nothing has changed."""
    day = _day(request)
    if request.GET.get("mark") == access.board_mark(day):
        return HttpResponse(status=204)
    return render(request, "reception/_rows.html", access.access_board(day))


@requires(Permission.RECEPTION_MANAGE)
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, number: int) -> HttpResponse:
    """受付 — the payers of today, and what is asked at the desk."""
    context = access.access_receive_page(number)
    cards = {name: context[name] for name in ("insurances", "programmes", "doctors")}
    initial = ArrivalForm.initial_for(context["insurances"], context["programmes"], context["previous"])
    if (booked := context["booking"]) is not None:
        doctor = str(booked.doctor_id) if booked.doctor_id else initial["doctor"]
        initial |= {"department": booked.department, "doctor": doctor, "memo": booked.memo}
    form = ArrivalForm(request.POST or None, initial=initial, **cards)
    if request.method == "POST" and form.is_valid():
        visit = receive_patient(context["patient"], form.arrival())
        messages.success(request, f"{visit.serial}番で受付しました。")
        return redirect("reception:board")
    status = 422 if request.method == "POST" else 200
    return render(request, "reception/receive.html", {**context, "form": form}, status=status)


@requires(Permission.RECEPTION_MANAGE)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """受付内容の変更 — refused when the visit was changed after this page was opened."""
    context = access.access_change_page(access.access_visit(visit_id))
    visit = context["visit"]
    cards = {name: context[name] for name in ("insurances", "programmes", "doctors")}
    form = ArrivalForm(request.POST or None, initial=ArrivalForm.initial_of(visit), **cards)
    if request.method == "POST" and form.is_valid():
        try:
            change_visit(visit.id, form.arrival(), read_stamp=form.cleaned_data["read_stamp"] or 0)
        except StaleVisit as clash:
            theirs = ArrivalForm(initial=ArrivalForm.initial_of(clash.visit), **cards)
            return render(
                request, "reception/stale.html", {**context, "mine": form, "theirs": theirs}, status=409
            )
        messages.success(request, "受付の内容を変更しました。")
        return redirect("reception:board")
    status = 422 if request.method == "POST" else 200
    return render(request, "reception/receive.html", {**context, "form": form}, status=status)


@requires(Permission.RECEPTION_VIEW)
@require_POST
def move(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """状態の変更 — answers with the board as it now is."""
    visit = access.access_visit(visit_id)
    state, stamp = request.POST.get("state", ""), request.POST.get("stamp", "")
    if state not in VisitState.values or not stamp.isdecimal() or len(stamp) > 9:
        return HttpResponseBadRequest()
    access.refuse_unless_may_move(staff_of(request), VisitState(state))
    notice = ""
    try:
        move_visit(
            visit.id, VisitState(state), read_stamp=int(stamp), reason=request.POST.get("reason", "")[:200]
        )
    except OnRecord:
        notice = "署名した診療録か会計がある受診は取り消せません。"
    except (StaleVisit, NotPossible):
        notice = "ほかの端末で先に変わりました。今の状態を確かめてください。"
    return render(request, "reception/_rows.html", {**access.access_board(visit.day), "notice": notice})


@requires(Permission.CHART_WRITE)
@require_POST
def take(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """診察開始 — calls the person in and opens the chart."""
    visit = access.access_visit(visit_id)
    if visit.state == VisitState.WAITING:
        take_visit(visit.id, staff_of(request))
    return redirect("chart:visit", visit.id)


@requires(Permission.CHART_WRITE)
@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """次の患者 — the next who waits for this doctor."""
    found = access.next_waiting(staff_of(request), today())
    if found is None:
        messages.info(request, "待っている患者はいません。")
        return redirect("reception:board")
    take_visit(found.id, staff_of(request))
    return redirect("chart:visit", found.id)


def _day(request: HttpRequest) -> date:
    return read_day(request.GET.get("day", "")) or today()
