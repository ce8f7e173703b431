# SPDX-License-Identifier: Apache-2.0
"""カルテの画面 — one page to read, write and sign; its parts answer on their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.chart import draft as drafts
from tasuki_server.chart import page
from tasuki_server.chart.fact_form import UnreadableFact, keep_posted_facts
from tasuki_server.chart.models import SOAP, Draft
from tasuki_server.chart.preview import preview
from tasuki_server.chart.sign import Checked, NotReady, StaleNote, merge_text, sign_draft, take_over_newest
from tasuki_server.institutions.middleware import institution_of, staff_of
from tasuki_server.reception.access import access_visit, next_waiting
from tasuki_server.reception.clock import today
from tasuki_server.reception.models import Visit, VisitState
from tasuki_server.reception.receive import move_visit, take_visit


@requires(Permission.CHART_VIEW)
@require_GET
def visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """カルテ — of a visit."""
    context = page.access_chart(visit_id, staff_of(request), is_asked="edit" in request.GET)
    return render(request, "chart/visit.html", context)


@requires(Permission.CHART_WRITE)
@require_GET
def own_drafts(request: HttpRequest) -> HttpResponse:
    """署名していない記載 — one's own drafts of every day."""
    return render(
        request, "chart/drafts.html", {"drafts": drafts.own_drafts(staff_of(request)), "day": today()}
    )


@requires(Permission.CHART_VIEW)
@require_GET
def versions(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """診療録の版 — every signed version with its reason."""
    return render(request, "chart/versions.html", page.access_versions(visit_id))


@requires(Permission.CHART_VIEW)
@require_GET
def show_preview(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """算定の見込み — of the draft as it stands."""
    found = access_visit(visit_id)
    mine = drafts.find_draft(found.patient, staff_of(request))
    draft = (
        mine
        if mine is not None and mine.visit_id == found.id
        else drafts.blank_draft(found, staff_of(request))
    )
    record("chart.read", found, found.patient_id, {"part": "preview"})
    answer = preview(found, draft, institution_of(request))
    return render(request, "chart/_preview.html", {"preview": answer, "visit": found})


@requires(Permission.CHART_WRITE)
@require_POST
def save(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """下書きの保存 — by itself while typing, and by the key."""
    found = access_visit(visit_id)
    try:
        draft = _keep_texts(request, found)
    except drafts.StaleDraft as clash:
        return _draft_clash(request, found, clash)
    record("draft.save", draft, found.patient_id)
    if drafts.is_as_signed(draft):
        drafts.discard_draft(draft)
        draft = drafts.blank_draft(found, staff_of(request))
    if request.headers.get("HX-Request"):
        return render(request, "chart/_saved.html", {"draft": draft})
    return redirect("chart:visit", found.id)


@requires(Permission.CHART_WRITE)
@require_POST
def discard(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """下書きの破棄 — nothing of it stays."""
    found = access_visit(visit_id)
    mine = drafts.find_draft(found.patient, staff_of(request))
    if mine is not None:
        record("draft.discard", mine, found.patient_id)
        drafts.discard_draft(mine)
        messages.info(request, "下書きを破棄しました。カルテには何も残りません。")
    return redirect("chart:visit", found.id)


@requires(Permission.CHART_WRITE)
@require_POST
def move_draft(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """下書きの移動 — the unsigned draft of an earlier visit goes on in this one."""
    found = access_visit(visit_id)
    mine = drafts.find_draft(found.patient, staff_of(request))
    if mine is not None and mine.visit_id != found.id:
        record("draft.move", mine, found.patient_id)
        drafts.move_draft(mine, found)
    return redirect("chart:visit", found.id)


@requires(Permission.CHART_WRITE)
@require_POST
def take_over(request: HttpRequest, visit_id: UUID, draft_id: UUID) -> HttpResponse:
    """下書きの引継ぎ — another person's draft of the same visit comes after one's own."""
    found = access_visit(visit_id)
    source = page.access_draft(found, draft_id)
    draft = _keep_texts(request, found)
    record("draft.take_over", draft, found.patient_id, {"from": str(source.staff_id)})
    drafts.take_over(draft, source)
    return redirect("chart:visit", found.id)


@requires(Permission.CHART_WRITE)
@require_POST
def copy_note(request: HttpRequest, visit_id: UUID, note_id: UUID) -> HttpResponse:
    """記載の転記 — parts of an earlier note come after today's text, with their origin."""
    found = access_visit(visit_id)
    note = page.access_note(found.patient, note_id)
    draft = _keep_texts(request, found)
    record("note.copy", note, found.patient_id, {"to": str(found.id)})
    draft = drafts.copy_note(draft, note, request.POST.getlist("part") or SOAP)
    context = {
        "visit": found,
        "draft": draft,
        "soap": page.soap_fields(draft),
        "window": request.POST.get("window", ""),
    }
    return render(request, "chart/_soap.html", context)


@requires(Permission.CHART_SIGN)
@require_POST
def sign(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """署名 — note, orders, audit event and outbox in one transaction; refused when something is unfinished."""
    found = access_visit(visit_id)
    staff = staff_of(request)
    try:
        draft = _keep_texts(request, found, is_strict=True)
        state = page.basket_state(found, draft)
        note = sign_draft(
            draft,
            staff,
            Checked(state.unfinished, state.warnings),
            reason=request.POST.get("reason", "").strip()[:200],
        )
    except drafts.StaleDraft as clash:
        return _draft_clash(request, found, clash)
    except StaleNote as clash:
        return _note_clash(request, found, clash)
    except (NotReady, UnreadableFact) as missing:
        context = page.access_chart(found.id, staff)
        texts = {name: request.POST.get(name, "") for name in SOAP}
        return render(
            request,
            "chart/visit.html",
            {**context, **page.with_texts(context, texts), "not_ready": missing},
            status=422,
        )
    messages.success(request, f"署名しました（第{note.version}版）。")
    return _after_sign(request, found)


@requires(Permission.CHART_SIGN)
@require_POST
def merge(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """版の突合せ — the merged text becomes the draft on top of the version that came first."""
    found = access_visit(visit_id)
    draft = drafts.hold_draft(found, staff_of(request))
    newest = drafts.newest_note(found)
    texts = {name: request.POST.get(name, "").replace("\r\n", "\n") for name in SOAP}
    onto = _stamp(request, "onto")
    if newest is None:
        drafts.save_texts(draft, texts, read_stamp=None)
    elif newest.version != onto:
        # Signed while the two texts were compared: what was merged so far meets the third text.
        for name, text in texts.items():
            setattr(draft, name, text)
        draft.base_version = onto
        return _note_clash(request, found, StaleNote(draft, newest))
    else:
        take_over_newest(draft, newest, texts)
        record("draft.merge", draft, found.patient_id, {"onto": newest.version})
    return redirect("chart:visit", found.id)


@requires(Permission.CHART_WRITE)
@require_POST
def keep_mine(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """窓の突合せ — the text chosen from two windows of the same person."""
    found = access_visit(visit_id)
    draft = drafts.hold_draft(found, staff_of(request))
    texts = {name: request.POST.get(name, "").replace("\r\n", "\n") for name in SOAP}
    try:
        drafts.save_texts(draft, texts, read_stamp=_stamp(request, "text_stamp"))
    except drafts.StaleDraft as clash:
        return _draft_clash(request, found, clash)
    record("draft.save", draft, found.patient_id)
    return redirect("chart:visit", found.id)


@requires(Permission.CHART_WRITE)
@require_POST
def to_billing(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """会計へ — the text is kept, the patient goes on to 会計; an unsigned note stays a draft."""
    found = access_visit(visit_id)
    mine = drafts.find_draft(found.patient, staff_of(request))
    if page.has_unsigned(found) or (mine is not None and mine.visit_id == found.id):
        _keep_texts(request, found)
        messages.warning(request, "署名していない記載があります。署名すると会計に進めます。")
        return redirect("chart:visit", found.id)
    if found.state in (VisitState.WAITING, VisitState.IN_ROOM):
        move_visit(found.id, VisitState.TO_PAY)
    return redirect(_billing_url(found) if request.POST.get("open") else "reception:board")


@requires(Permission.CHART_WRITE)
@require_POST
def next_patient(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """次の患者 — the text is kept as a draft, the next who waits for this doctor is called."""
    found = access_visit(visit_id)
    if page.has_texts(request.POST, found, staff_of(request)):
        _keep_texts(request, found)
    following = next_waiting(staff_of(request), today(), found.id)
    if following is None:
        messages.info(request, "待っている患者はいません。")
        return redirect("reception:board")
    take_visit(following.id, staff_of(request))
    return redirect("chart:visit", following.id)


def _keep_texts(request: HttpRequest, found: Visit, *, is_strict: bool = False) -> Draft:
    """Every act of the page carries the texts, so that none is lost; an unreadable number stops a strict one only."""
    draft = drafts.hold_draft(found, staff_of(request))
    if "subjective" not in request.POST:
        return draft
    texts = {name: request.POST.get(name, "").replace("\r\n", "\n") for name in SOAP}
    window = request.POST.get("window", "")[:36]
    draft = drafts.save_texts(draft, texts, read_stamp=_stamp(request, "text_stamp"), window=window)
    try:
        if keep_posted_facts(draft, request.POST):
            drafts.save_facts(draft)
    except UnreadableFact:
        if is_strict:
            raise
    return draft


def _stamp(request: HttpRequest, name: str) -> int:
    """A stamp that our own page carried; 0, which is none of ours, for anything else."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= 9 else 0


def _after_sign(request: HttpRequest, found: Visit) -> HttpResponse:
    if request.POST.get("then") == "billing":
        if found.state in (VisitState.WAITING, VisitState.IN_ROOM):
            move_visit(found.id, VisitState.TO_PAY)
        return redirect(_billing_url(found))
    return redirect("chart:visit", found.id)


def _billing_url(found: Visit) -> str:
    try:
        return reverse("billing:visit", args=[found.id])
    except NoReverseMatch:
        return reverse("reception:board")


def _draft_clash(request: HttpRequest, found: Visit, clash: drafts.StaleDraft) -> HttpResponse:
    rows = [
        {**field, "mine": clash.texts[field["name"]], "theirs": getattr(clash.draft, field["name"])}
        for field in page.soap_fields(clash.draft)
    ]
    context = {
        **page.banner_of(found.patient),
        "visit": found,
        "rows": page.merged(rows),
        "draft": clash.draft,
    }
    return render(request, "chart/stale_draft.html", context, status=409)


def _note_clash(request: HttpRequest, found: Visit, clash: StaleNote) -> HttpResponse:
    base = page.base_texts(found, clash.draft.base_version)
    rows: list[dict[str, Any]] = []
    for field in page.soap_fields(clash.draft):
        name = field["name"]
        mine, theirs = getattr(clash.draft, name), getattr(clash.theirs, name)
        rows.append({**field, "mine": mine, "theirs": theirs, "merged": merge_text(base[name], mine, theirs)})
    context = {
        **page.banner_of(found.patient),
        "visit": found,
        "rows": rows,
        "theirs": clash.theirs,
        "order_changes": page.order_changes(found, clash.draft),
    }
    return render(request, "chart/stale_note.html", context, status=409)
