# SPDX-License-Identifier: Apache-2.0
"""本人の記入と持出しの画面 — own measures and notes, the record as a FHIR Bundle, and as a PDF."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tasuki_server.portal.acts import Act, asks
from tasuki_server.portal.bundle import record_bundle
from tasuki_server.portal.entries import Unusable, add_entry, drawings, entries_of, withdraw_entry
from tasuki_server.portal.models import EntryKind
from tasuki_server.portal.pages import here, lead_to, page
from tasuki_server.portal.printing import record_pdf
from tasuki_server.portal.standing import signed_in
from tasuki_server.portal.words import said


@asks(Act.ENTRIES)
@require_GET
def entries(request: HttpRequest) -> HttpResponse:
    """本人の記入 — what was measured and noted at home."""
    return _entries_page(request)


@asks(Act.ENTRY_ADD)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """本人の記入の追加."""
    account, person, _ = signed_in(request)
    try:
        row = add_entry(person, account, here(request).proxy, request.POST)
    except Unusable as wrong:
        return _entries_page(request, str(wrong))
    here(request).detail["entry"] = str(row.pk)
    return lead_to("entries", "added")


@asks(Act.ENTRY_END)
@require_POST
def withdraw(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """本人の記入の取消."""
    _, person, _ = signed_in(request)
    if not withdraw_entry(person, entry_id):
        raise Http404("entry")
    here(request).detail["entry"] = str(entry_id)
    return lead_to("entries", "taken_back")


@asks(Act.DOWNLOAD)
@require_GET
def download_page(request: HttpRequest) -> HttpResponse:
    """持出し — what can be taken along, and what to mind."""
    return page(request, "download")


@asks(Act.DOWNLOAD)
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """FHIRでの持出し — one Bundle of what the portal shows, the person's own notes marked as such."""
    _, person, _ = signed_in(request)
    here(request).detail["form"] = "json"
    return _file(record_bundle(person, timezone.now()), "application/fhir+json", "record.json")


@asks(Act.PRINT)
@require_GET
def print_record(request: HttpRequest) -> HttpResponse:
    """PDFでの持出し — one sheet after the other, in Japanese as it was recorded."""
    _, person, _ = signed_in(request)
    here(request).detail["form"] = "pdf"
    return _file(record_pdf(person, timezone.now()), "application/pdf", "record.pdf")


def _entries_page(request: HttpRequest, fault: str = "") -> HttpResponse:
    _, person, _ = signed_in(request)
    language = here(request).language
    rows = entries_of(person)
    titles = {name: said(language, f"entries.{name}") for name in ("pressure", "weight")}
    return page(
        request, "entries", 400 if fault else 200, rows=rows, drawn=drawings(rows, titles), fault=fault,
        given=request.POST if fault else {}, kinds=list(EntryKind.values),
    )  # fmt: skip


def _file(body: bytes, media_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
