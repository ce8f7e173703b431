# SPDX-License-Identifier: Apache-2.0
"""レセプトの画面 — a month, a receipt, its sheet, the files, closing and opening again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tasuki.forms import preview as draw_form
from tasuki.forms import render as render_form
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.claims import access
from tasuki_server.claims.claim_page import access_claim
from tasuki_server.claims.closing import close_service_month, is_closed, not_built, reopen_month
from tasuki_server.claims.invoices import invoice_of
from tasuki_server.claims.long_work import start_work
from tasuki_server.claims.looking_back import MOST_MONTHS
from tasuki_server.claims.making import newest_build
from tasuki_server.institutions.middleware import staff_of


@requires(Permission.CLAIMS_VIEW)
@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """請求月 — the receipts of a month, last month by default."""
    chosen = access.read_month(request.GET.get("month", ""))
    return render(request, "claims/month.html", access.access_month(chosen, request.GET.dict()))


@requires(Permission.CLAIMS_BUILD)
@require_POST
def build(request: HttpRequest) -> HttpResponse:
    """作成・点検 — makes and checks the month anew, outside of the request; what did not change is taken over."""
    chosen = access.read_month(request.POST.get("month", ""))
    if is_closed(chosen):
        return _refused(request, chosen, ["締め済みの月です。締めを解いてから作成してください。"])
    back = request.POST.get("back", "")
    facts: dict[str, object] = {"month": f"{chosen:%Y-%m}"}
    if request.POST.get("is_whole"):
        facts["is_whole"] = True
    if back.isdecimal() and len(back) < 3:
        facts["back"] = min(int(back), MOST_MONTHS)
    start_work("build", facts)
    return _to_month(chosen)


@requires(Permission.CLAIMS_EXPORT)
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """締め — no bill of the month changes from here on."""
    chosen = access.read_month(request.POST.get("month", ""))
    try:
        made = newest_build(chosen)
        if made is None or str(made.id) != request.POST.get("build"):
            raise not_built()
        close_service_month(made, is_despite_cards=bool(request.POST.get("is_despite_cards")))
    except BadInput as refused:
        return _refused(request, chosen, [sentence(each) for each in refused.findings])
    messages.success(request, f"{chosen:%Y年%-m月}診療分を締めました。")
    return _to_month(chosen)


@requires(Permission.CLAIMS_EXPORT)
@require_POST
def reopen(request: HttpRequest) -> HttpResponse:
    """締めの解除 — with its reason."""
    chosen = access.read_month(request.POST.get("month", ""))
    try:
        reopen_month(chosen, request.POST.get("reason", ""))
    except BadInput as refused:
        return _refused(request, chosen, [sentence(each) for each in refused.findings])
    messages.success(request, f"{chosen:%Y年%-m月}診療分の締めを解きました。")
    return _to_month(chosen)


@requires(Permission.CLAIMS_VIEW)
@require_GET
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """レセプト — its findings with where to put them right, and its sheet."""
    return render(request, "claims/claim.html", access_claim(claim_id, staff_of(request), request.GET.dict()))


@requires(Permission.CLAIMS_VIEW)
@require_GET
def check(request: HttpRequest, code: str) -> HttpResponse:
    """点検項目 — what it asks, where that is written, and what it found in a month."""
    month = access.read_month(request.GET.get("month", ""))
    return render(request, "claims/check.html", access.access_check(code, month))


@requires(Permission.CLAIMS_VIEW)
@require_GET
def sheet(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """明細書のPDF — in the official form."""
    found = access.find_claim(claim_id)
    data = render_form("claim_receipt", access.sheet_of(found))
    record("claims.read", found, found.patient_id, {"form": "pdf"})
    headers = {"Content-Disposition": f'inline; filename="receipt-{found.patient.number}.pdf"'}
    return HttpResponse(data, content_type="application/pdf", headers=headers)


@requires(Permission.CLAIMS_VIEW)
@require_GET
def picture(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """明細書の絵 — the first sheet, for the page of the receipt."""
    found = access.find_claim(claim_id)
    pages = draw_form("claim_receipt", access.sheet_of(found), picture="svg")
    return HttpResponse(pages[0], content_type="image/svg+xml")


@requires(Permission.CLAIMS_EXPORT)
@require_GET
def download(request: HttpRequest, claim_file_id: UUID) -> HttpResponse:
    """請求ファイルの出力 — the bytes as they were made, named as the payers want."""
    found = access.find_file(claim_file_id)
    detail = {"sha256": found.sha256, "payer": found.payer}
    record("claims.export", found, detail=detail, patients=access.patients_in(found))
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    return HttpResponse(bytes(found.data), content_type="application/octet-stream", headers=headers)


@requires(Permission.CLAIMS_EXPORT)
@require_GET
def invoice(request: HttpRequest, claim_file_id: UUID) -> HttpResponse:
    """診療報酬請求書のPDF — of one file, in the form of its payer; of 国保 and 後期 the 総括表 with ``?form=totals``."""
    found = access.find_file(claim_file_id)
    form, data = invoice_of(found)
    if form == "payer_invoices" and request.GET.get("form") == "totals":
        form = "claim_totals"
    try:
        pdf = render_form(form, data)
    except BadInput as refused:
        return _refused(request, found.build.month, [sentence(each) for each in refused.findings])
    record("claims.read", found, detail={"form": form, "payer": found.payer})
    name = f"{form.replace('_', '-')}-{found.build.month:%Y-%m}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _to_month(chosen: date) -> HttpResponse:
    return redirect(f"{reverse('claims:month')}?month={chosen:%Y-%m}")


def _refused(request: HttpRequest, chosen: date, faults: list[str]) -> HttpResponse:
    context = {**access.access_month(chosen, {}), "faults": faults}
    return render(request, "claims/month.html", context, status=422)
