# SPDX-License-Identifier: Apache-2.0
"""書類の参照 — what may be seen of issued documents; the rest is 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki_server.audit.trail import record
from tasuki_server.documents.exchange_numbers import registered_prescriptions
from tasuki_server.documents.issue import newest_bill
from tasuki_server.documents.models import DocumentKind, IssuedDocument
from tasuki_server.documents.prescription import outside_orders
from tasuki_server.patients.access import banner_of
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.models import Visit


def access_document(document_id: UUID) -> IssuedDocument:
    """書類の参照 — by id."""
    rows = IssuedDocument.objects.select_related("visit", "patient", "bill", "reissue_of", "visit__patient")
    found = rows.filter(pk=document_id).first()
    if found is None:
        raise Http404("document")
    return found


def read_kind(text: str) -> DocumentKind:
    """書類の種類 — 404 for a word that names none."""
    try:
        return DocumentKind(text)
    except ValueError as unknown:
        raise Http404("kind") from unknown


def documents_of(visit: Visit) -> list[IssuedDocument]:
    """受診の書類 — the newest first."""
    rows = IssuedDocument.objects.filter(visit=visit).select_related("made_by", "reissue_of", "replaces")
    return list(rows.order_by("-made_at", "-number"))


def access_visit_documents(visit_id: UUID) -> dict[str, Any]:
    """受診の書類の画面 — what was handed over, and what may be made now."""
    visit = access_visit(visit_id)
    record("document.read", visit, visit.patient_id)
    found = documents_of(visit)
    void = {each.replaces_id for each in found if each.replaces_id}
    return {
        **banner_of(visit.patient),
        "visit": visit,
        "documents": [(each, (each.reissue_of_id or each.id) in void) for each in found],
        "has_bill": newest_bill(visit) is not None,
        "has_outside": bool(outside_orders(visit)),
        "registered": registered_prescriptions(visit),
    }
