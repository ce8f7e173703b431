# SPDX-License-Identifier: Apache-2.0
"""監査記録の検索 — what is asked of the trail, and its answer a page at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db.models import Q
from django.utils import timezone

from tasuki.security.purpose import Purpose
from tasuki_server.audit.action_names import action_name
from tasuki_server.audit.models import AuditEvent, ShownPatient
from tasuki_server.institutions.sight import saw
from tasuki_server.patients.models import Patient

PAGE = 100
_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Question:
    """検索条件 — empty parts do not restrict."""

    day: date | None = None
    actor: str = ""
    action: str = ""
    patient: UUID | None = None
    address: str = ""
    session: str = ""
    purpose: str = ""
    before: int | None = None
    is_oldest_first: bool = False

    @classmethod
    def asked(cls, given: Mapping[str, str]) -> Question:
        """検索条件の読取り — from an address; what cannot be read is refused."""
        try:
            return cls(
                day=_day(given["day"]) if given.get("day") else None,
                actor=given.get("actor", "").strip(),
                action=given.get("action", "").strip(),
                patient=UUID(given["patient"]) if given.get("patient") else None,
                address=given.get("address", "").strip(),
                session=given.get("session", "").strip(),
                purpose=given.get("purpose", "").strip(),
                before=int(given["before"]) if given.get("before") else None,
                is_oldest_first=given.get("order") == "oldest",
            )
        except ValueError as error:
            raise BadRequest("the question cannot be read") from error

    def as_query(self) -> str:
        """検索条件のアドレス — of the same question, for the next page and the export."""
        parts = {
            "day": str(self.day or ""),
            "actor": self.actor,
            "action": self.action,
            "patient": str(self.patient or ""),
            "address": self.address,
            "session": self.session,
            "purpose": self.purpose,
            "order": "oldest" if self.is_oldest_first else "",
        }
        return urlencode({name: value for name, value in parts.items() if value})

    def as_detail(self) -> dict[str, object]:
        """記録用 — what was asked, without names."""
        return {
            "day": str(self.day or ""),
            "action": self.action,
            "patient": str(self.patient or ""),
            "address": self.address[:45],
            "session": self.session[:12],
            "purpose": self.purpose[:12],
            "before": self.before,
        }


def events_matching(question: Question) -> tuple[list[dict[str, Any]], int | None]:
    """監査記録の答え — rows for the screen, and the number before which the next page begins."""
    events = AuditEvent.objects.order_by("number" if question.is_oldest_first else "-number")
    if question.day is not None:
        start = timezone.make_aware(datetime.combine(question.day, datetime.min.time()))
        events = events.filter(at__gte=start, at__lt=start + timedelta(days=1))
    if question.actor:
        events = events.filter(actor__icontains=question.actor)
    if question.action:
        events = events.filter(action__startswith=question.action)
    if question.patient is not None:
        lists = ShownPatient.objects.filter(patient_id=question.patient).values("number")
        events = events.filter(Q(patient_id=question.patient) | Q(number__in=lists))
    if question.address:
        events = events.filter(address=question.address)
    if question.session:
        events = events.filter(session=question.session)
    if question.purpose:
        events = events.filter(purpose=question.purpose)
    if question.before is not None:
        beyond = "number__gt" if question.is_oldest_first else "number__lt"
        events = events.filter(**{beyond: question.before})
    found = list(events[: PAGE + 1])
    rows = [
        {
            "number": event.number,
            "at": event.at,
            "actor": event.actor,
            "address": event.address,
            "session": event.session,
            "purpose": purpose_name(event.purpose),
            "act": action_name(event.action),
            "action": event.action,
            "patient_id": event.patient_id,
            "detail": "、".join(
                f"患者{value}人" if key == "patients" else f"{key}={value}"
                for key, value in event.detail.items()
                if value not in ("", None) and key != "patients_sha256"
            ),
        }
        for event in found[:PAGE]
    ]
    saw(_patients_in(row["detail"] for row in rows))
    return rows, found[PAGE - 1].number if len(found) > PAGE else None


def _patients_in(details: Iterable[str]) -> frozenset[UUID]:
    """Whose id stands in a detail, also inside an address that was refused: it is shown as the event's own is."""
    ids = {UUID(text) for detail in details for text in _ID.findall(detail)}
    return frozenset(Patient.objects.filter(id__in=ids).values_list("id", flat=True))


def purpose_name(code: str) -> str:
    """利用目的の名前 — in Japanese; a code of others as it is."""
    return Purpose(code).label if code in set(Purpose) else code


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not 1900 <= day.year <= 2199:
        raise ValueError(text)
    return day
