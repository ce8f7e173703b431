# SPDX-License-Identifier: Apache-2.0
"""照会の画面 — asking by number, what became of it, and what to do while the line is down. No page waits for the line."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.confirmation import access
from tasuki_server.confirmation.ask import ask_again, ask_card, cancel_inquiry
from tasuki_server.confirmation.asking_forms import NumberForm
from tasuki_server.confirmation.line import own_line
from tasuki_server.confirmation.models import ArrivedAnswer, LineKind
from tasuki_server.confirmation.take import OPEN_VISITS
from tasuki_server.patients.access import access_insurances, access_patient, banner_of, cards_on
from tasuki_server.patients.models import Patient
from tasuki_server.reception.clock import now, today
from tasuki_server.reception.models import Visit

NO_LINE = "オンライン資格確認の連携方式が設定されていません。管理者が「資格確認」の「回線の設定」で選びます。"


@requires(Permission.ELIGIBILITY_ASK)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, number: int) -> HttpResponse:
    """患者の資格の照会 — with the numbers on record, which may be typed anew."""
    patient = access_patient(number)
    cards = cards_on(access_insurances(patient), today())
    form = NumberForm(
        request.POST or None, initial=NumberForm.initial_of(next(iter(cards), None), patient.born)
    )
    if request.method == "POST" and form.is_valid() and not form.caution(*form.number_caution()):
        return _asked(request, form, patient, _open_visit(patient))
    context = {**banner_of(patient), "form": form, "line": own_line()}
    return render(request, "confirmation/check.html", context, status=_status(request))


@requires(Permission.ELIGIBILITY_ASK)
@require_http_methods(["GET", "POST"])
def by_number(request: HttpRequest) -> HttpResponse:
    """番号による照会 — of someone who is not registered yet; the answer arrives on the board."""
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and not form.caution(*form.number_caution()):
        return _asked(request, form, None, None)
    return render(
        request, "confirmation/check.html", {"form": form, "line": own_line()}, status=_status(request)
    )


@requires(Permission.ELIGIBILITY_VIEW)
@require_GET
def inquiry(request: HttpRequest, inquiry_id: UUID) -> HttpResponse:
    """照会の経過 — asks for itself again until it is over, then shows the answer."""
    found = access.access_inquiry(inquiry_id)
    answer = ArrivedAnswer.objects.filter(inquiry=found).only("id").first()
    if answer is not None and request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse("confirmation:answer", args=[answer.id])
        return response
    context = {
        "inquiry": found,
        "answer": answer,
        "steps": list(found.steps.order_by("at", "id")),
        "line": own_line(),
    }
    part = "confirmation/_inquiry.html" if request.headers.get("HX-Request") else "confirmation/inquiry.html"
    return render(request, part, context)


@requires(Permission.ELIGIBILITY_ASK)
@require_POST
def again(request: HttpRequest, inquiry_id: UUID) -> HttpResponse:
    """もう一度の照会 — of one that was refused."""
    if not ask_again(access.access_inquiry(inquiry_id), now()):
        messages.info(request, "この照会は、もう一度は送れません。必要なら、新しく照会してください。")
    return redirect("confirmation:inquiry", inquiry_id)


@requires(Permission.ELIGIBILITY_ASK)
@require_POST
def cancel(request: HttpRequest, inquiry_id: UUID) -> HttpResponse:
    """照会の取りやめ — of one that nothing came of yet."""
    if not cancel_inquiry(access.access_inquiry(inquiry_id)):
        messages.info(request, "この照会は、もう終わっています。")
    return redirect("confirmation:inquiry", inquiry_id)


def _asked(
    request: HttpRequest, form: NumberForm, patient: Patient | None, visit: Visit | None
) -> HttpResponse:
    if own_line().kind == LineKind.OFF:
        messages.error(request, NO_LINE)
        return redirect("confirmation:day")
    row = ask_card(form.search(), patient=patient, visit=visit)
    return redirect("confirmation:inquiry", row.id)


def _open_visit(patient: Patient) -> Visit | None:
    found = list(Visit.objects.filter(patient=patient, day=today(), state__in=OPEN_VISITS)[:2])
    return found[0] if len(found) == 1 else None


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200
