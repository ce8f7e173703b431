# SPDX-License-Identifier: Apache-2.0
"""届いた文書の画面 — the inbox, one document, and what is done with it: whose, how urgent, by whom, done."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.privacy.asking import ask_for
from tasuki_server.sharing import inbox_access as access
from tasuki_server.sharing import triage
from tasuki_server.sharing.arrivals import contents_of
from tasuki_server.sharing.letter_views import file_answer


@requires(Permission.CHART_VIEW)
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """届いた文書の一覧."""
    return render(request, "sharing/arrived.html", access.access_inbox(request.GET.dict(), staff_of(request)))


@requires(Permission.CHART_VIEW)
@require_GET
def arrived(request: HttpRequest, arrived_id: UUID) -> HttpResponse:
    """届いた文書 — what it says."""
    return render(request, "sharing/arrived_page.html", access.access_arrived_page(arrived_id))


@requires(Permission.CHART_VIEW)
@require_GET
def arrived_file(request: HttpRequest, arrived_id: UUID, index: int) -> HttpResponse:
    """届いた添付."""
    return file_answer(*access.access_file(arrived_id, index))


@requires(Permission.CHART_VIEW)
@require_POST
def seen(request: HttpRequest, arrived_id: UUID) -> HttpResponse:
    """届いた文書の確認."""
    triage.see(access.access_arrived(arrived_id))
    return redirect("sharing:arrived_page", arrived_id)


@requires(Permission.CHART_VIEW)
@require_POST
def sort(request: HttpRequest, arrived_id: UUID) -> HttpResponse:
    """届いた文書の仕分け — urgency, and who sees to it."""
    text = request.POST.get("to", "")
    try:
        to = UUID(text) if text else None
    except ValueError:
        to = None
    try:
        triage.sort(access.access_arrived(arrived_id), request.POST.get("urgency", ""), to)
    except BadInput as bad:
        return _refused(request, arrived_id, bad)
    return redirect("sharing:arrived_page", arrived_id)


@requires(Permission.CHART_VIEW)
@require_POST
def bind(request: HttpRequest, arrived_id: UUID) -> HttpResponse:
    """患者との結付け — by chart number, of somebody whose chart this member of staff may see."""
    row = access.access_arrived(arrived_id)
    if request.POST.get("do") == "unbind":
        triage.unbind_patient(row)
        return redirect("sharing:arrived_page", arrived_id)
    is_sure = request.POST.get("sure") == "on"
    try:
        found = triage.patient_of_number(request.POST.get("number", ""))
        ask_for(request, found.id, Permission.CHART_VIEW)
        triage.bind_patient(row, found, is_sure=is_sure)
    except BadInput as bad:
        return _refused(request, arrived_id, bad)
    return redirect("sharing:arrived_page", arrived_id)


@requires(Permission.PATIENT_EDIT)
@require_POST
def register(request: HttpRequest, arrived_id: UUID) -> HttpResponse:
    """患者登録 — of the person whom the document names; their insurance is asked next."""
    row = access.access_arrived(arrived_id)
    try:
        made = triage.register_from(row, contents_of(row).told.patient)
    except BadInput as bad:
        return _refused(request, arrived_id, bad)
    messages.success(request, f"患者番号 {made.number} で登録しました。続けて保険を登録できます。")
    return redirect("patients:insurance_new", made.number)


@requires(Permission.CHART_VIEW)
@require_POST
def done(request: HttpRequest, arrived_id: UUID) -> HttpResponse:
    """届いた文書の済み — with what was done, or taken back."""
    row = access.access_arrived(arrived_id)
    if request.POST.get("do") == "reopen":
        triage.reopen(row)
        return redirect("sharing:arrived_page", arrived_id)
    try:
        triage.settle(row, staff_of(request), request.POST.get("words", ""))
    except BadInput as bad:
        return _refused(request, arrived_id, bad)
    return redirect("sharing:arrived")


def _refused(request: HttpRequest, arrived_id: UUID, bad: BadInput) -> HttpResponse:
    faults = [sentence(each) for each in bad.findings]
    context = access.access_arrived_page(arrived_id)
    return render(request, "sharing/arrived_page.html", {**context, "refusals": faults}, status=422)
