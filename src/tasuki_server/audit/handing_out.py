# SPDX-License-Identifier: Apache-2.0
"""監査記録の引渡し — the events of a period, or of one patient, read as they are and written as lines of FHIR."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from tasuki.security.fhir_audit import Place, audit_resources
from tasuki_server.audit.models import AuditEvent, ShownPatient
from tasuki_server.audit.trail import event_of, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from tasuki_server.institutions.models import Institution

CHUNK = 1000


class Asked(NamedTuple):
    """引渡しの範囲 — days, both included, and a patient or everyone."""

    since: date
    until: date
    patient: UUID | None = None


def note_export(asked: Asked) -> None:
    """引渡しの記録 — before the first line leaves."""
    record(
        "audit.export",
        patient_id=asked.patient,
        detail={"since": asked.since.isoformat(), "until": asked.until.isoformat(), "form": "fhir"},
    )


def fhir_lines(institution: Institution, asked: Asked) -> Iterator[str]:
    """FHIR AuditEvent（NDJSON） — one resource a line, in the order of the trail; inside a transaction of the institution."""
    place = Place(institution.code, institution.name, _address())
    events = events_within(asked).order_by("number").iterator(chunk_size=CHUNK)
    while chunk := list(islice(events, CHUNK)):
        shown = _shown(chunk, asked.patient)
        for row in chunk:
            event = event_of(row, institution.id)
            if asked.patient is not None and row.patient_id != asked.patient:
                # Of a list, the part that is this patient's; whoever stood beside is nobody else's business.
                event = event._replace(patient="")
            for resource in audit_resources(event, shown[row.number], place):
                yield json.dumps(resource, ensure_ascii=False, separators=(",", ":")) + "\n"


def events_within(asked: Asked) -> QuerySet[AuditEvent]:
    """範囲の監査記録 — of a patient: those about them, and those of lists that showed them."""
    start, end = _moment(asked.since), _moment(asked.until + timedelta(days=1))
    events = AuditEvent.objects.filter(at__gte=start, at__lt=end)
    if asked.patient is None:
        return events
    lists = ShownPatient.objects.filter(patient_id=asked.patient)
    return events.filter(Q(patient_id=asked.patient) | Q(number__in=lists.values("number")))


def _shown(chunk: Sequence[AuditEvent], patient: UUID | None) -> defaultdict[int, list[str]]:
    rows = ShownPatient.objects.filter(number__in=[row.number for row in chunk if "patients" in row.detail])
    if patient is not None:
        rows = rows.filter(patient_id=patient)
    shown: defaultdict[int, list[str]] = defaultdict(list)
    for number, each in rows.values_list("number", "patient_id"):
        shown[number].append(str(each))
    return shown


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _address() -> str:
    """By which the server is known: the first of its host names."""
    host = next((each for each in settings.ALLOWED_HOSTS if each not in ("*", ".localhost")), "localhost")
    return f"{'https' if settings.SESSION_COOKIE_SECURE else 'http'}://{host}/"
