# SPDX-License-Identifier: Apache-2.0
"""書類の画面 — a letter in three acts (to whom, what, consent), its draft and files, and where it stands once signed."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.institutions.middleware import institution_of, staff_of
from tasuki_server.reception.access import access_visit
from tasuki_server.sharing import letter_access as access
from tasuki_server.sharing import letter_draft as drafts
from tasuki_server.sharing.inbox_access import access_arrived
from tasuki_server.sharing.letter_print import letter_pdf
from tasuki_server.sharing.letter_tracking import ask_cancel, letter_of
from tasuki_server.sharing.letters import read_letter, sign_letter
from tasuki_server.sharing.line import NotAnswered, Refused, find_receivers, wire_for
from tasuki_server.sharing.models import ArrivedDocument, UnitKind

STALE = "別の画面でこの書類が保存されています。ここで書いた内容はまだ保存していません。写してから開き直してください。"


@requires(Permission.CHART_SIGN)
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, visit_id: UUID, kind: str) -> HttpResponse:
    """書類の作成 — filled in from the chart, or as it was left; signed, it is kept and goes."""
    wanted, staff = access.letter_kind(kind), staff_of(request)
    if request.method == "GET":
        context = access.access_letter_form(visit_id, wanted, staff, answers=_answers(request, visit_id))
        return render(request, "sharing/letter_form.html", context)
    visit, form = access_visit(visit_id), request.POST.dict()
    typed = access.typed_in(visit, wanted, form, request.POST.getlist("part"))
    try:
        given = read_letter(wanted, form)
        draft = drafts.find_letter_draft(visit, staff, wanted)
        if draft is None and (answers := _answers(request, visit_id)) is not None:
            draft = drafts.hold_letter_draft(visit, staff, wanted, typed.contents, answers)
        document = sign_letter(visit, wanted, given, staff, typed, draft)
    except BadInput as bad:
        context = access.access_letter_form(
            visit_id, wanted, staff, typed=typed, answers=_answers(request, visit_id)
        )
        faults = [sentence(each) for each in bad.findings]
        return render(request, "sharing/letter_form.html", {**context, "faults": faults}, status=422)
    return redirect("sharing:letter", document.id)


@requires(Permission.CHART_SIGN)
@require_POST
def save(request: HttpRequest, visit_id: UUID, kind: str) -> HttpResponse:
    """書類の保存 — by itself while typing."""
    wanted = access.letter_kind(kind)
    try:
        draft = _saved(request, visit_id, wanted)
    except drafts.StaleLetter as clash:
        context = {"draft": clash.draft, "fault": STALE}
        return render(request, "sharing/_letter_saved.html", context, status=422)
    if request.headers.get("HX-Request"):
        return render(request, "sharing/_letter_saved.html", {"draft": draft})
    return redirect(f"sharing:write_{wanted}", visit_id)


@requires(Permission.CHART_SIGN)
@require_POST
def discard(request: HttpRequest, visit_id: UUID, kind: str) -> HttpResponse:
    """書類の破棄 — nothing of it stays."""
    wanted = access.letter_kind(kind)
    draft = drafts.find_letter_draft(access_visit(visit_id), staff_of(request), wanted)
    if draft is not None:
        drafts.discard_letter(draft)
        messages.info(request, "書きかけの書類を破棄しました。")
    return redirect("chart:visit", visit_id)


@requires(Permission.CHART_SIGN)
@require_POST
def attach(request: HttpRequest, visit_id: UUID, kind: str) -> HttpResponse:
    """添付の追加 — a PDF; what was typed is saved with it."""
    wanted, staff = access.letter_kind(kind), staff_of(request)
    visit, given = access_visit(visit_id), request.FILES.get("file")
    draft = drafts.find_letter_draft(visit, staff, wanted)
    if draft is None:
        answers = _answers(request, visit_id)
        draft = drafts.hold_letter_draft(visit, staff, wanted, access.begun(visit, wanted, answers), answers)
    try:
        drafts.add_file(draft, given.name or "" if given else "", given.read() if given else b"")
    except BadInput as bad:
        context = access.access_letter_form(visit_id, wanted, staff)
        faults = [sentence(each) for each in bad.findings]
        return render(request, "sharing/letter_form.html", {**context, "faults": faults}, status=422)
    return redirect(f"sharing:write_{wanted}", visit_id)


@requires(Permission.CHART_SIGN)
@require_POST
def detach(request: HttpRequest, visit_id: UUID, kind: str, draft_file_id: UUID) -> HttpResponse:
    """添付の取外し."""
    wanted = access.letter_kind(kind)
    draft = drafts.find_letter_draft(access_visit(visit_id), staff_of(request), wanted)
    drafts.remove_file(access.access_draft_file(draft, draft_file_id))
    return redirect(f"sharing:write_{wanted}", visit_id)


@requires(Permission.CHART_SIGN)
@require_GET
def draft_file(request: HttpRequest, visit_id: UUID, kind: str, draft_file_id: UUID) -> HttpResponse:
    """書きかけの添付 — as it was added."""
    visit = access_visit(visit_id)
    draft = drafts.find_letter_draft(visit, staff_of(request), access.letter_kind(kind))
    found = access.access_draft_file(draft, draft_file_id)
    record("sharing.read", visit, visit.patient_id, {"part": "file"})
    return file_answer(found.title, bytes(found.data))


@requires(Permission.CHART_SIGN)
@require_GET
def receiver(request: HttpRequest) -> HttpResponse:
    """利用状況の確認 — whether the institution can be sent to; asked at the service at once."""
    number = request.GET.get("recipient_number", "").strip()
    context: dict[str, object] = {"number": number}
    try:
        found = find_receivers(wire_for(institution_of(request)), [number])
        context["receiver"] = found[0] if found else None
    except (NotAnswered, Refused) as away:
        context["fault"] = str(away)
    return render(request, "sharing/_receiver.html", context)


@requires(Permission.CHART_VIEW)
@require_GET
def letter(request: HttpRequest, written_id: UUID) -> HttpResponse:
    """書いた書類 — as signed, and where it stands."""
    return render(request, "sharing/letter.html", access.access_letter(written_id))


@requires(Permission.CHART_SIGN)
@require_POST
def cancel(request: HttpRequest, written_id: UUID) -> HttpResponse:
    """書類の取消 — with its reason."""
    document = access.access_written(written_id)
    row = letter_of(document.id)
    if row is None:
        raise Http404("letter")
    try:
        ask_cancel(row, staff_of(request), request.POST.get("reason", ""))
    except BadInput as bad:
        context = {**access.access_letter(written_id), "faults": [sentence(each) for each in bad.findings]}
        return render(request, "sharing/letter.html", context, status=422)
    return redirect("sharing:letter", document.id)


@requires(Permission.CHART_VIEW)
@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    """送った紹介状の一覧 — those without a reply first."""
    return render(request, "sharing/sent.html", access.access_sent(request.GET.dict()))


@requires(Permission.CHART_VIEW)
@require_GET
def sent_file(request: HttpRequest, written_id: UUID, index: int) -> HttpResponse:
    """送った添付 — as it was signed."""
    document = access.access_written(written_id)
    files = access.files_sent(access.unit_of(document))
    if index >= len(files):
        raise Http404("file")
    record("sharing.read", document, document.patient_id, {"part": "file"})
    return file_answer(*files[index])


@requires(Permission.DOCUMENT_PRINT)
@require_GET
def pdf(request: HttpRequest, written_id: UUID) -> HttpResponse:
    """書類のPDF — 別紙様式11 of a 診療情報提供書; other letters print as their page."""
    document = access.access_written(written_id)
    if document.kind != UnitKind.REFERRAL:
        return redirect("sharing:letter", document.id)
    record("document.read", document, document.patient_id, {"kind": document.kind})
    return file_answer("letter.pdf", letter_pdf(document))


def file_answer(name: str, data: bytes) -> HttpResponse:
    """PDFの回答 — shown by the browser, never taken for a page of ours; what is no PDF is only saved."""
    is_pdf = data.startswith(drafts.PDF)
    how = "inline" if is_pdf else "attachment"
    headers = {
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
    }
    kind = "application/pdf" if is_pdf else "application/octet-stream"
    return HttpResponse(data, content_type=kind, headers=headers)


def _saved(request: HttpRequest, visit_id: UUID, kind: UnitKind):  # type: ignore[no-untyped-def]
    visit, staff = access_visit(visit_id), staff_of(request)
    typed = access.typed_in(visit, kind, request.POST.dict(), request.POST.getlist("part"))
    draft = drafts.hold_letter_draft(visit, staff, kind, typed.contents, _answers(request, visit_id))
    stamp = request.POST.get("stamp", "")
    return drafts.save_letter(
        draft,
        typed,
        read_stamp=int(stamp) if stamp.isdecimal() and len(stamp) < 9 else 1,
        window=request.POST.get("window", "")[:36],
    )


def _answers(request: HttpRequest, visit_id: UUID) -> ArrivedDocument | None:
    """The letter that is answered, of the same patient."""
    text = request.GET.get("answers", "") or request.POST.get("answers", "")
    try:
        row = access_arrived(UUID(text))
    except (ValueError, Http404):
        return None
    return row if row.patient_id == access_visit(visit_id).patient_id else None
