# SPDX-License-Identifier: Apache-2.0
"""自賠責の画面 — a month's motor insurers, what a statement needs to be told, and the statement as PDF."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
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
from tasuki_server.patients.forms import DayField, JapaneseForm


class StatementForm(JapaneseForm):
    """自賠責明細書の入力 — what the bills do not say. Nothing is chosen beforehand."""

    diseases = forms.MultipleChoiceField(
        label="この事故による傷病名", required=False, widget=forms.CheckboxSelectMultiple
    )
    injured_on = DayField(label="受傷日", required=False)
    first_visit_on = DayField(label="初診日", required=False)
    outcome = forms.ChoiceField(label="転帰", choices=accidents.OUTCOMES, required=False)
    certificate_count = forms.IntegerField(label="診断書（通）", min_value=1, max_value=99, required=False)
    certificate_yen = forms.IntegerField(
        label="診断書料（円）", min_value=0, max_value=999_999, required=False
    )
    statement_count = forms.IntegerField(label="明細書（通）", min_value=1, max_value=99, required=False)
    statement_yen = forms.IntegerField(label="明細書料（円）", min_value=0, max_value=999_999, required=False)
    insurer_name = forms.CharField(label="宛先（保険会社）", max_length=60, required=False)
    doctor_name = forms.CharField(label="医師名", max_length=40, required=False)
    claimed_on = DayField(label="請求日", required=False)

    def __init__(self, claim: accidents.AccidentClaim, month: Any, data: Any = None) -> None:
        super().__init__(data)
        rows = accidents.diseases_of(claim, month)
        self.fields["diseases"].choices = [(str(row.record_id), row.name) for row in rows]


@requires(Permission.CLAIMS_VIEW)
@require_GET
def accident_list(request: HttpRequest) -> HttpResponse:
    """自賠責の一覧 — every person and motor insurer of a month, last month by default."""
    month = access.read_month(request.GET.get("month", ""))
    claims = accidents.accident_claims(month)
    record("claims.read", "claims.accidents", detail={"month": f"{month:%Y-%m}"})
    context = {"month": month, "claims": claims, "total_yen": accidents.total_of(claims)}
    return render(request, "claims/accidents.html", context)


@requires(Permission.CLAIMS_VIEW)
@require_GET
def accident(request: HttpRequest, insurance_id: UUID) -> HttpResponse:
    """自賠責の明細書の入力 — for one person and insurer."""
    month = access.read_month(request.GET.get("month", ""))
    context = accidents.access_accident(month, insurance_id)
    return render(
        request, "claims/accident.html", {**context, "form": StatementForm(context["claim"], month)}
    )


@requires(Permission.CLAIMS_EXPORT)
@require_GET
def accident_sheet(request: HttpRequest, insurance_id: UUID) -> HttpResponse:
    """自賠責の明細書のPDF — with what was entered; what does not fit is shown on the page again."""
    month = access.read_month(request.GET.get("month", ""))
    claim = accidents.find_accident(month, insurance_id)
    form = StatementForm(claim, month, request.GET)
    faults: list[str] = []
    if form.is_valid():
        try:
            pdf = render_form("traffic_statement", accidents.statement_of(claim, month, form.cleaned_data))
        except BadInput as refused:
            faults = [sentence(each) for each in refused.findings]
        else:
            record("claims.read", claim.insurance, claim.patient.id, {"form": "traffic_statement"})
            name = f"traffic-{claim.patient.number}-{month:%Y-%m}.pdf"
            headers = {"Content-Disposition": f'inline; filename="{name}"'}
            return HttpResponse(pdf, content_type="application/pdf", headers=headers)
    context = {**accidents.access_accident(month, insurance_id), "form": form, "faults": faults}
    return render(request, "claims/accident.html", context, status=422)
