# SPDX-License-Identifier: Apache-2.0
"""労災・自賠責の画面 — a month's accidents, what a statement needs to be told, and the statement as PDF."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tasuki.forms import render as render_form
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.claims import access, accidents
from tasuki_server.claims.accident_forms import accident_form
from tasuki_server.claims.accident_statements import statement_of


@requires(Permission.CLAIMS_VIEW)
@require_GET
def accident_list(request: HttpRequest) -> HttpResponse:
    """労災・自賠責の一覧 — every person and payer of a month, last month by default."""
    month = access.read_month(request.GET.get("month", ""))
    claims = accidents.accident_claims(month)
    record("claims.read", "claims.accidents", detail={"month": f"{month:%Y-%m}"})
    context = {"month": month, "claims": claims, "total_yen": accidents.total_of(claims)}
    return render(request, "claims/accidents.html", context)


@requires(Permission.CLAIMS_VIEW)
@require_GET
def accident(request: HttpRequest, insurance_id: UUID) -> HttpResponse:
    """明細書の入力 — for one person and payer."""
    month = access.read_month(request.GET.get("month", ""))
    context = accidents.access_accident(month, insurance_id)
    return render(
        request, "claims/accident.html", {**context, "form": accident_form(context["claim"], month)}
    )


@requires(Permission.CLAIMS_EXPORT)
@require_GET
def accident_sheet(request: HttpRequest, insurance_id: UUID) -> HttpResponse:
    """明細書のPDF — with what was entered; what does not fit is shown on the page again."""
    month = access.read_month(request.GET.get("month", ""))
    claim = accidents.find_accident(month, insurance_id)
    form = accident_form(claim, month, request.GET)
    faults: list[str] = []
    if form.is_valid():
        try:
            name, data = statement_of(claim, month, form.cleaned_data)
            pdf = render_form(name, data)
        except BadInput as refused:
            faults = [sentence(each) for each in refused.findings]
        else:
            record("claims.read", claim.insurance, claim.patient.id, {"form": name})
            file = f"{name.replace('_', '-')}-{claim.patient.number}-{month:%Y-%m}.pdf"
            headers = {"Content-Disposition": f'inline; filename="{file}"'}
            return HttpResponse(pdf, content_type="application/pdf", headers=headers)
    context = {**accidents.access_accident(month, insurance_id), "form": form, "faults": faults}
    return render(request, "claims/accident.html", context, status=422)
