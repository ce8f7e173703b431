# SPDX-License-Identifier: Apache-2.0
"""一括照会の画面 — choosing who, how far it is, and what came of each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.confirmation.asking_views import NO_LINE
from tasuki_server.confirmation.bulk import NobodyToAsk, begin_bulk, seen_lately, unconfirmed_of
from tasuki_server.confirmation.consented import BadPeriod, begin_consented, unknown_of
from tasuki_server.confirmation.line import own_line
from tasuki_server.confirmation.models import BulkPerson, BulkRun, ConsentedWay, InquiryState, LineKind
from tasuki_server.confirmation.states import guidance_of_code
from tasuki_server.patients.birth_text import read_day
from tasuki_server.patients.forms import DayField, JapaneseForm
from tasuki_server.patients.models import Patient
from tasuki_server.reception.booking import booked_patients
from tasuki_server.reception.clock import today

RUNS_SHOWN = 10
BOOKED = 0
USUAL_DAYS = 90


class BulkForm(JapaneseForm):
    """一括照会の対象 — a day, and who may come on it: those booked, those seen lately, or chart numbers."""

    for_day = DayField(label="対象日（来院の予定日）")
    months = forms.TypedChoiceField(
        label="だれを",
        coerce=int,
        choices=[
            (BOOKED, "対象日に予約のある人"),
            *((n, f"{n}か月以内に受診した人") for n in (1, 2, 3, 6, 12)),
        ],
    )
    is_unconfirmed_only = forms.BooleanField(label="対象日の月にまだ確認していない人だけ", required=False)
    numbers = forms.CharField(
        label="患者番号で選ぶ",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="入れると、この番号の患者だけを照会します（空白か改行で区切ります）。",
    )

    def clean_numbers(self) -> list[int]:
        """患者番号の読取り — digits, parted by anything else that parts."""
        words = self.cleaned_data["numbers"].replace(",", " ").replace("、", " ").split()
        wrong = [each for each in words if not (each.isascii() and each.isdecimal() and len(each) < 10)]
        if wrong:
            raise forms.ValidationError(f"患者番号として読めません: {wrong[0][:20]}")
        return [int(each) for each in words]


class ConsentedForm(JapaneseForm):
    """再照会の対象 — visits to the home or online, and between which days the consent was given."""

    way = forms.ChoiceField(
        label="場面",
        choices=[(each.value, each.label) for each in ConsentedWay],
    )
    since = DayField(label="同意の日（から）")
    until = DayField(label="同意の日（まで）")


@requires(Permission.ELIGIBILITY_ASK)
@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """一括照会 — begins one, and shows those before."""
    form = BulkForm(request.POST or None, initial=_bulk_initial(request))
    if request.method == "POST" and form.is_valid():
        if own_line().kind == LineKind.OFF:
            messages.error(request, NO_LINE)
            return redirect("confirmation:day")
        try:
            return redirect("confirmation:bulk_run", _begun(form).id)
        except NobodyToAsk as nobody:
            form.add_error(None, str(nobody))
    return _bulk_page(request, form, _blank_consented())


@requires(Permission.ELIGIBILITY_ASK)
@require_POST
def consented(request: HttpRequest) -> HttpResponse:
    """再照会 — of those who consented to visits to their home, or to being seen online."""
    form = ConsentedForm(request.POST, prefix="consented")
    if form.is_valid():
        if own_line().kind == LineKind.OFF:
            messages.error(request, NO_LINE)
            return redirect("confirmation:day")
        given = form.cleaned_data
        try:
            run = begin_consented(ConsentedWay(given["way"]), given["since"], given["until"])
        except BadPeriod as wrong:
            form.add_error("until", str(wrong))
        else:
            return redirect("confirmation:bulk_run", run.id)
    return _bulk_page(request, BulkForm(initial=_bulk_initial(request)), form)


def _bulk_initial(request: HttpRequest) -> dict[str, Any]:
    day = read_day(request.GET.get("day", "")) or today() + timedelta(days=1)
    return {"for_day": day, "months": BOOKED if booked_patients(day) else 3, "is_unconfirmed_only": True}


def _blank_consented() -> ConsentedForm:
    since = today() - timedelta(days=USUAL_DAYS)
    return ConsentedForm(initial={"since": since, "until": today()}, prefix="consented")


def _bulk_page(request: HttpRequest, form: BulkForm, consented_form: ConsentedForm) -> HttpResponse:
    runs = BulkRun.objects.select_related("made_by").order_by("-made_at")[:RUNS_SHOWN]
    context = {"form": form, "consented": consented_form, "runs": runs, "line": own_line()}
    status = 422 if request.method == "POST" else 200
    return render(request, "confirmation/bulk.html", context, status=status)


@requires(Permission.ELIGIBILITY_VIEW)
@require_GET
def bulk_run(request: HttpRequest, bulk_run_id: UUID) -> HttpResponse:
    """一括照会の経過と結果 — what needs a person stands first; asks for itself again until all are answered."""
    run = BulkRun.objects.select_related("made_by").filter(pk=bulk_run_id).first()
    if run is None:
        raise Http404("bulk run")
    inquiries = list(run.inquiries.order_by("made_at").defer("data"))
    is_waiting = any(each.is_waiting for each in inquiries)
    context = {
        "run": run,
        "is_waiting": is_waiting,
        "refused": [each for each in inquiries if each.state == InquiryState.REFUSED],
        "line": own_line(),
    }
    if request.headers.get("HX-Request") and is_waiting:
        return render(request, "confirmation/_bulk_progress.html", context)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    rows = list(
        BulkPerson.objects.filter(bulk_run=run)
        .select_related("patient", "answer")
        .order_by("patient__number")
    )
    record("eligibility.read", run, detail={"count": len(rows)}, patients=[each.patient_id for each in rows])
    people = [(each, guidance_of_code(each.validity) if each.validity else None) for each in rows]
    people.sort(key=lambda pair: (not _needs_a_person(pair[0]), pair[0].patient.number))
    context |= {
        "people": people,
        "attention": sum(_needs_a_person(each) for each in rows),
        "unknown": unknown_of(run),
    }
    return render(request, "confirmation/bulk_run.html", context)


def _begun(form: BulkForm) -> BulkRun:
    given = form.cleaned_data
    if given["numbers"]:
        found = list(Patient.objects.filter(number__in=given["numbers"]).order_by("number"))
        return begin_bulk(given["for_day"], "患者番号で選んだ人", found)
    if given["months"] == BOOKED:
        booked = booked_patients(given["for_day"])
        if given["is_unconfirmed_only"]:
            booked = unconfirmed_of(booked, given["for_day"])
        return begin_bulk(given["for_day"], "予約のある人", booked)
    people = seen_lately(given["for_day"], given["months"], is_unconfirmed_only=given["is_unconfirmed_only"])
    return begin_bulk(given["for_day"], f"{given['months']}か月以内に受診した人", people)


def _needs_a_person(row: BulkPerson) -> bool:
    return row.is_done and (row.validity != "1" or row.difference_count > 0)
