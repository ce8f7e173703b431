# SPDX-License-Identifier: Apache-2.0
"""発生届の画面 — the hint in the chart, writing and signing, printing, handing in, and the list of what is open."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.notifications import access, signing
from tasuki_server.notifications.messages import refusal
from tasuki_server.notifications.models import Way
from tasuki_server.notifications.sending import send as send_notice
from tasuki_server.notifications.typed import Typed, posted
from tasuki_server.reception.access import access_visit


@requires(Permission.CHART_VIEW)
@require_GET
def show_list(request: HttpRequest) -> HttpResponse:
    """発生届の一覧."""
    given = request.GET
    context = access.access_list(given.get("show", "open"), given.get("q", "")[:60], given.get("sort", "due"))
    return render(request, "notifications/list.html", context)


@requires(Permission.CHART_VIEW)
@require_GET
def panel(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """カルテの候補の欄 — empty when nothing is to be reported."""
    return render(request, "notifications/_panel.html", access.access_panel(visit_id))


@requires(Permission.CHART_VIEW)
@require_GET
def of_visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """受診の発生届."""
    context = access.access_of_visit(visit_id, request.GET.get("q", "")[:60])
    return render(request, "notifications/of_visit.html", context)


@requires(Permission.CHART_WRITE)
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, visit_id: UUID, code: str) -> HttpResponse:
    """発生届の入力 — shown, and kept as a draft, right or wrong."""
    staff = staff_of(request)
    if request.method == "GET":
        return render(request, "notifications/form.html", access.access_form(visit_id, code, staff))
    visit = access_visit(visit_id)
    disease = access.access_disease(code, visit)
    typed = posted(disease, _lists(request))
    try:
        draft = signing.save_draft(visit, disease, typed, staff, stamp=_stamp(request))
    except BadInput as stale:
        return _form_again(request, visit_id, code, typed, stale, status=409)
    if "print" in request.POST:
        return redirect("notifications:draft_pdf", visit_id, code)
    context = access.access_form(visit_id, code, staff)
    try:
        notes = access.told(access.preview_of(disease, draft.typed))
    except BadInput as unread:
        notes = access.told(unread.findings)
    return render(request, "notifications/form.html", {**context, "is_saved": True, "notes": notes})


@requires(Permission.DOCUMENT_PRINT, Permission.CHART_VIEW)
@require_GET
def draft_pdf(request: HttpRequest, visit_id: UUID, code: str) -> HttpResponse:
    """発生届の下書きのPDF — as it was saved last, or as the chart fills it in; stamped on each page."""
    visit, disease, typed = access.access_draft(visit_id, code, staff_of(request))
    data = signing.draft_pdf(disease, typed)
    record("document.read", visit, visit.patient_id, {"kind": "notification-draft", "disease": disease.code})
    headers = {
        "Content-Disposition": 'inline; filename="notification-draft.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type="application/pdf", headers=headers)


@requires(Permission.CHART_SIGN)
@require_POST
def sign(request: HttpRequest, visit_id: UUID, code: str) -> HttpResponse:
    """署名 — 422 with every reason when it may not be signed."""
    visit = access_visit(visit_id)
    disease = access.access_disease(code, visit)
    typed = posted(disease, _lists(request))
    try:
        made = signing.sign(
            visit, disease, typed, staff_of(request), is_confirmed=bool(request.POST.get("confirmed"))
        )
    except BadInput as bad:
        return _form_again(request, visit_id, code, typed, bad, status=422)
    return redirect("notifications:notice", made.record_id)


@requires(Permission.CHART_SIGN)
@require_POST
def decide(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """届出しない判断 — with its reason, or taken back."""
    visit = access_visit(visit_id)
    diagnosis = access.access_diagnosis_record(visit, request.POST.get("diagnosis", ""))
    disease = access.access_disease(request.POST.get("disease", ""), visit)
    is_dismissed = request.POST.get("act") == "dismiss"
    words = request.POST.get("words", "")
    try:
        signing.decide_hint(
            visit.patient_id, diagnosis.record_id, disease.code, words, is_dismissed=is_dismissed
        )
    except BadInput as bad:
        context = access.access_of_visit(visit_id)
        return render(request, "notifications/of_visit.html", {**context, **_faults(bad)}, status=422)
    return redirect("notifications:of_visit", visit_id)


@requires(Permission.CHART_VIEW)
@require_GET
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """発生届 — as signed."""
    return render(request, "notifications/notice.html", access.access_notice(notice_id))


@requires(Permission.CHART_SIGN)
@require_http_methods(["GET", "POST"])
def revise(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """発生届の訂正 — the next version, with its reason."""
    row, disease, context = access.access_revision(notice_id)
    if request.method == "GET":
        return render(request, "notifications/form.html", {**context, "stamp": row.version})
    typed = posted(disease, _lists(request))
    try:
        made = signing.revise(
            row,
            disease,
            typed,
            staff_of(request),
            reason=request.POST.get("reason", ""),
            is_confirmed=bool(request.POST.get("confirmed")),
            read_version=_stamp(request),
        )
    except BadInput as bad:
        _, _, context = access.access_revision(notice_id, typed)
        more = {"stamp": _stamp(request), "reason": request.POST.get("reason", "")[:200], **_faults(bad)}
        return render(request, "notifications/form.html", {**context, **more}, status=422)
    return redirect("notifications:notice", made.record_id)


@requires(Permission.CHART_SIGN)
@require_POST
def withdraw(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """発生届の取下げ."""
    row = access.access_notice_row(notice_id)
    try:
        signing.withdraw(row, reason=request.POST.get("reason", ""), read_version=_stamp(request))
    except BadInput as bad:
        return _notice_again(request, notice_id, bad)
    return redirect("notifications:notice", row.record_id)


@requires(Permission.CHART_WRITE)
@require_POST
def submitted(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """届出の記録 — by hand: how it was handed in, or that the record was a mistake."""
    row = access.access_notice_row(notice_id)
    way = request.POST.get("way", "")
    try:
        if way == Way.EXCHANGE:
            raise refusal("notice.way")
        if _stamp(request) != row.version:
            raise refusal("notice.corrected")
        is_done = request.POST.get("act") != "undo"
        signing.submit(row, way, request.POST.get("words", ""), is_done=is_done)
    except BadInput as bad:
        return _notice_again(request, notice_id, bad)
    return redirect("notifications:notice", row.record_id)


@requires(Permission.CHART_SIGN)
@require_POST
def send(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """試行環境への送信 — recorded as handed in when it was taken."""
    row = access.access_notice_row(notice_id)
    try:
        if _stamp(request) != row.version:
            raise refusal("notice.corrected")
        send_notice(row, request.POST.get("receiver", "").strip())
    except BadInput as bad:
        return _notice_again(request, notice_id, bad)
    return redirect("notifications:notice", row.record_id)


@requires(Permission.DOCUMENT_PRINT)
@require_GET
def pdf(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """発生届のPDF — the newest version, in the browser's own viewer."""
    row = access.access_notice_row(notice_id)
    data = signing.pdf_of(row)
    record(
        "document.read",
        row,
        row.patient_id,
        {"kind": "notification", "as_issued": signing.is_as_signed(row, data)},
    )
    headers = {
        "Content-Disposition": f'inline; filename="notification-{row.number:06d}.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type="application/pdf", headers=headers)


@requires(Permission.CHART_VIEW)
@require_GET
def fhir(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """発生届のFHIR — the QuestionnaireResponse as it was signed."""
    row = access.access_notice_row(notice_id)
    record("notification.read", row, row.patient_id, {"part": "fhir"})
    answer = JsonResponse(row.response, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Type"] = "application/fhir+json"
    answer["Content-Disposition"] = f'attachment; filename="notification-{row.number:06d}.json"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _form_again(
    request: HttpRequest, visit_id: UUID, code: str, typed: Typed, bad: BadInput, *, status: int
) -> HttpResponse:
    context = access.access_form(visit_id, code, staff_of(request), typed)
    return render(request, "notifications/form.html", {**context, **_faults(bad)}, status=status)


def _notice_again(request: HttpRequest, notice_id: UUID, bad: BadInput) -> HttpResponse:
    context = access.access_notice(notice_id)
    return render(request, "notifications/notice.html", {**context, **_faults(bad)}, status=422)


def _faults(bad: BadInput) -> dict[str, object]:
    codes = {each.code for each in bad.findings}
    return {
        "faults": access.told(bad.findings),
        "asks_confirmation": "NTF-0104" in codes,
    }


def _lists(request: HttpRequest) -> dict[str, list[str]]:
    return {name: request.POST.getlist(name) for name in request.POST}


def _stamp(request: HttpRequest) -> int:
    text = request.POST.get("stamp", "")
    return int(text) if text.isdecimal() and len(text) <= 9 else 0
