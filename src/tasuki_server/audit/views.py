# SPDX-License-Identifier: Apache-2.0
"""監査記録の画面 — who did what, who saw a patient, how often, and what is handed out; looking at it is noted too."""

from __future__ import annotations

import tempfile

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit import access
from tasuki_server.audit.handing_out import Asked, fhir_lines, note_export
from tasuki_server.audit.reading import Question
from tasuki_server.institutions.middleware import institution_of, staff_of


@requires(Permission.AUDIT_VIEW)
@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    """監査記録 — by day, actor, act, patient, address, session and purpose."""
    context = access.access_trail(Question.asked(request.GET), staff_of(request))
    return render(request, "audit/list.html", context)


@requires(Permission.AUDIT_VIEW)
@require_GET
def patient(request: HttpRequest, number: int) -> HttpResponse:
    """この患者を見た人 — within a period."""
    return render(
        request, "audit/patient.html", access.access_who_saw(number, request.GET, staff_of(request))
    )


@requires(Permission.AUDIT_VIEW)
@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """患者ごとの閲覧回数 — within a period."""
    return render(request, "audit/counts.html", access.access_counts(request.GET, staff_of(request)))


@requires(Permission.AUDIT_EXPORT)
@require_GET
def sheet(request: HttpRequest, number: int) -> HttpResponse:
    """閲覧履歴の開示 — a sheet to print and hand to the patient."""
    return render(request, "audit/sheet.html", access.access_disclosure(number, request.GET))


@requires(Permission.AUDIT_EXPORT)
@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """監査記録の出力 — FHIR AuditEvent, one a line; written to a file before the first byte leaves."""
    asked = Asked(*access.read_period(request.GET))
    note_export(asked)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    for line in fhir_lines(institution_of(request), asked):
        file.write(line.encode())
    file.seek(0)
    name = f"audit-{asked.since}-{asked.until}.ndjson"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/fhir+ndjson")
