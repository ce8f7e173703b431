# SPDX-License-Identifier: Apache-2.0
"""資格確認の画面 — an answer beside the record, registering, taking over and receiving by one key."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.confirmation import access
from tasuki_server.confirmation.receive import (
    NotReady,
    choose_patient,
    put_away,
    receive_answer,
    register_from_card,
)
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.patients.access import access_patient
from tasuki_server.patients.birth_text import read_day
from tasuki_server.reception.clock import today


@requires(Permission.ELIGIBILITY_VIEW)
@require_GET
def day(request: HttpRequest) -> HttpResponse:
    """資格確認 — of a day: what arrived, what was asked, how the line is."""
    return render(request, "confirmation/day.html", access.access_day_page(_day(request)))


@requires(Permission.ELIGIBILITY_VIEW)
@require_GET
def answer(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """着信 — side by side with the record, or with those who may be meant."""
    return render(request, "confirmation/answer.html", access.access_answer_page(answer_id))


@requires(Permission.ELIGIBILITY_ASK, Permission.RECEPTION_MANAGE)
@require_POST
def receive(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """着信の受付 — with the differences that are ticked; taking over needs the right to change coverage."""
    row = access.access_answer(answer_id)
    chosen = [] if request.POST.get("as_is") else _may_be_taken(request)
    try:
        visit, count = receive_answer(row, chosen)
    except NotReady as refused:
        messages.error(request, str(refused))
        return redirect("confirmation:answer", answer_id)
    taken = f"{count}項目を取り込み、" if count else ""
    if visit is not None:
        messages.success(request, f"{taken}{visit.serial}番で受付しました。")
    else:
        messages.success(request, f"{taken}資格を確認しました。")
    return redirect("reception:board")


@requires(Permission.ELIGIBILITY_ASK, Permission.PATIENT_EDIT, Permission.RECEPTION_MANAGE)
@require_POST
def register(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """カードからの登録と受付 — a new patient with the card's insurance, received at once."""
    row = access.access_answer(answer_id)
    try:
        with transaction.atomic(using="default"):
            patient = register_from_card(row, request.POST.get("sex", ""))
            visit, _ = receive_answer(row, ())
    except NotReady as refused:
        messages.error(request, str(refused))
        return redirect("confirmation:answer", answer_id)
    number = f"、{visit.serial}番で受付しました" if visit is not None else "ました"
    messages.success(request, f"患者番号 {patient.number} で登録し{number}。")
    return redirect("reception:board")


@requires(Permission.ELIGIBILITY_ASK)
@require_POST
def choose(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """患者の選択 — of one proposed, or by chart number; the differences are shown next."""
    row = access.access_answer(answer_id)
    typed = request.POST.get("number", "").strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 9):
        messages.error(request, "患者番号を数字で入れてください。")
        return redirect("confirmation:answer", answer_id)
    try:
        choose_patient(row, access_patient(int(typed)))
    except NotReady as refused:
        messages.error(request, str(refused))
    return redirect("confirmation:answer", answer_id)


@requires(Permission.ELIGIBILITY_ASK)
@require_POST
def away(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """着信の片付け — without receiving anyone."""
    put_away(access.access_answer(answer_id))
    messages.info(request, "着信を片付けました。内容は資格確認の一日に残っています。")
    return redirect("reception:board")


def _may_be_taken(request: HttpRequest) -> list[str]:
    """The ticked items that this member of staff may write."""
    staff = staff_of(request)
    ticked = request.POST.getlist("item") if staff.may(Permission.COVERAGE_EDIT) else []
    return [each for each in ticked if staff.may(Permission.PATIENT_EDIT) or not each.startswith("who:")]


def _day(request: HttpRequest) -> date:
    return read_day(request.GET.get("day", "")) or today()
