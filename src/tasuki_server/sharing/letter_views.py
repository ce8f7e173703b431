# SPDX-License-Identifier: Apache-2.0
"""書類の画面 — writing and signing a letter, printing it, and reading those that came."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.reception.access import access_visit
from tasuki_server.sharing import letter_access as access
from tasuki_server.sharing.letter_print import letter_pdf
from tasuki_server.sharing.letters import read_letter, sign_letter
from tasuki_server.sharing.models import UnitKind


@requires(Permission.CHART_SIGN)
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, visit_id: UUID, kind: str) -> HttpResponse:
    """書類の作成 — filled in from the chart; signed, it is kept and goes."""
    wanted = access.letter_kind(kind)
    if request.method == "GET":
        return render(request, "sharing/letter_form.html", access.access_letter_form(visit_id, wanted))
    try:
        given = read_letter(wanted, request.POST.dict())
        document = sign_letter(access_visit(visit_id), wanted, given, staff_of(request))
    except BadInput as bad:
        context = access.access_letter_form(visit_id, wanted, request.POST.dict())
        faults = [sentence(each) for each in bad.findings]
        return render(request, "sharing/letter_form.html", {**context, "faults": faults}, status=422)
    return redirect("sharing:letter", document.id)


@requires(Permission.CHART_VIEW)
@require_GET
def letter(request: HttpRequest, written_id: UUID) -> HttpResponse:
    """書いた書類 — as signed."""
    return render(request, "sharing/letter.html", access.access_letter(written_id))


@requires(Permission.DOCUMENT_PRINT)
@require_GET
def pdf(request: HttpRequest, written_id: UUID) -> HttpResponse:
    """書類のPDF — 別紙様式11 of a 診療情報提供書; other letters print as their page."""
    document = access.access_written(written_id)
    if document.kind != UnitKind.REFERRAL:
        return redirect("sharing:letter", document.id)
    record("document.read", document, document.patient_id, {"kind": document.kind})
    headers = {
        "Content-Disposition": 'inline; filename="letter.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(letter_pdf(document), content_type="application/pdf", headers=headers)


@requires(Permission.CHART_VIEW)
@require_GET
def arrived_list(request: HttpRequest) -> HttpResponse:
    """届いた文書の一覧."""
    return render(request, "sharing/arrived.html", access.access_arrivals())


@requires(Permission.CHART_VIEW)
@require_GET
def arrived(request: HttpRequest, arrived_id: UUID) -> HttpResponse:
    """届いた文書 — what it says."""
    return render(request, "sharing/arrived_page.html", access.access_arrived_page(arrived_id))


@requires(Permission.CHART_WRITE)
@require_POST
def seen(request: HttpRequest, arrived_id: UUID) -> HttpResponse:
    """届いた文書の確認."""
    access.mark_seen(access.access_arrived(arrived_id))
    return redirect("sharing:arrived")
