# SPDX-License-Identifier: Apache-2.0
"""病名の画面 — the list beside the note: add by search, mark, close, take back."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from tasuki.chart.visit import Outcome
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.chart import diagnose
from tasuki_server.chart.page import access_diagnosis, diagnosis_context
from tasuki_server.orders.catalogue import day_book, find_diseases
from tasuki_server.patients.birth_text import read_day
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.models import Visit


@requires(Permission.DISEASE_EDIT)
@require_GET
def search(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """病名の候補 — diseases and modifiers; those chosen so far are shown above."""
    visit = access_visit(visit_id)
    text = request.GET.get("text", "")
    found = find_diseases(text, day_book(visit.day))
    return render(
        request, "chart/_disease_candidates.html", {"candidates": found, "text": text, "visit": visit}
    )


@requires(Permission.DISEASE_EDIT)
@require_POST
def add(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """病名の追加 — a modifier waits for its disease; a disease takes the waiting modifiers and is saved."""
    visit = access_visit(visit_id)
    book = day_book(visit.day)
    code = request.POST.get("code", "")
    waiting = [each for each in request.POST.getlist("modifier") if each]
    try:
        if len(code) == 4:
            waiting.append(code)
            return _panel(request, visit, waiting=[book.modifier(each) for each in waiting])
        diagnose.add_diagnosis(visit.patient, code, waiting, visit.day, book)
    except (UnknownCode, EndedCode):
        return _panel(request, visit, notice="この日に使えない病名です。候補から選んでください。")
    return _panel(request, visit)


@requires(Permission.DISEASE_EDIT)
@require_POST
def change(request: HttpRequest, visit_id: UUID, record_id: UUID) -> HttpResponse:
    """病名の変更 — main, suspected, suffix, outcome, start, or one step back."""
    visit = access_visit(visit_id)
    row = access_diagnosis(visit.patient, record_id)
    act, stamp = request.POST.get("act", ""), request.POST.get("version", "")
    if not stamp.isdecimal() or len(stamp) > 9:
        return HttpResponseBadRequest()
    notice = ""
    version = int(stamp)
    if act == "main":
        diagnose.change_diagnosis(row, read_version=version, reason="主病の変更", is_main=not row.is_main)
    elif act == "suspected":
        diagnose.set_suspected(row, not row.is_suspected, day_book(visit.day), read_version=version)
    elif act == "undo":
        diagnose.undo_diagnosis(row, read_version=version)
    elif act == "since":
        notice = _change_start(row, request.POST.get("since", ""), version)
    elif act in {each.value for each in Outcome}:
        notice = _close(row, Outcome(act), request.POST.get("ended_on", ""), visit, version)
    else:
        return HttpResponseBadRequest()
    return _panel(request, visit, notice=notice)


def _change_start(row, text: str, version: int) -> str:  # type: ignore[no-untyped-def]
    day = read_day(text)
    if day is None or (row.ended_on is not None and row.ended_on < day):
        return "開始日を確かめてください。"
    diagnose.change_diagnosis(row, read_version=version, reason="開始日の訂正", since=day)
    return ""


def _close(row, outcome: Outcome, text: str, visit: Visit, version: int) -> str:  # type: ignore[no-untyped-def]
    if outcome is Outcome.CONTINUING:
        diagnose.change_diagnosis(
            row, read_version=version, reason="転帰の取消", outcome=outcome.value, ended_on=None
        )
        return ""
    day = read_day(text) or visit.day
    try:
        diagnose.close_diagnosis(row, outcome, day, read_version=version)
    except ValueError:
        return "転帰日が開始日より前です。"
    return ""


def _panel(request: HttpRequest, visit: Visit, **more: object) -> HttpResponse:
    answer = render(request, "chart/_diagnoses.html", {"visit": visit, **diagnosis_context(visit), **more})
    answer["HX-Trigger"] = "bill-changed"
    return answer
