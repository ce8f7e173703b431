# SPDX-License-Identifier: Apache-2.0
"""書類の画面 — issue, show, print again."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.documents import access
from tasuki_server.documents.issue import is_as_issued, print_document
from tasuki_server.documents.issue import issue as issue_document
from tasuki_server.documents.issue import reissue as reissue_document
from tasuki_server.reception.access import access_visit


@requires(Permission.DOCUMENT_PRINT)
@require_POST
def issue(request: HttpRequest, visit_id: UUID, kind: str) -> HttpResponse:
    """発行 — makes the document and goes on to its PDF; 422 with the reason when it cannot be made."""
    visit, wanted = access_visit(visit_id), access.read_kind(kind)
    try:
        made = issue_document(visit, wanted)
    except BadInput as refused:
        context = access.access_visit_documents(visit_id)
        faults = [sentence(each) for each in refused.findings]
        return render(request, "documents/of_visit.html", {**context, "faults": faults}, status=422)
    return redirect("documents:pdf", made.id)


@requires(Permission.DOCUMENT_PRINT)
@require_POST
def reissue(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """再発行 — the same data again, marked."""
    return redirect("documents:pdf", reissue_document(access.access_document(document_id)).id)


@requires(Permission.DOCUMENT_PRINT)
@require_GET
def pdf(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """PDFの表示 — in the browser's own viewer, from where it is printed."""
    document = access.access_document(document_id)
    data = print_document(document)
    detail = {"kind": document.kind, "as_issued": is_as_issued(document, data)}
    record("document.read", document, document.patient_id, detail)
    name = f"{document.kind}-{document.paper_number}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(data, content_type="application/pdf", headers=headers)


@requires(Permission.DOCUMENT_PRINT)
@require_GET
def of_visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """受診の書類 — issued so far, with what may be issued now."""
    return render(request, "documents/of_visit.html", access.access_visit_documents(visit_id))
