# SPDX-License-Identifier: Apache-2.0
"""閲覧の保護の参照 — what the pages of break-glass, marks and rules show; looking at them is noted."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from tasuki.security.conditions import CONDITION_RULES, TOUCHES, Effect
from tasuki.security.decision import decide, effect_of
from tasuki.security.decision_sentences import rule_sentence
from tasuki.security.permissions import Permission
from tasuki_server.audit.action_names import action_name
from tasuki_server.audit.models import AuditEvent
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.models import Patient
from tasuki_server.privacy.asking import person_of
from tasuki_server.privacy.emergency import find_emergency, is_open, waiting_reviews
from tasuki_server.privacy.models import (
    EmergencyAccess,
    PatientMark,
    PolicyChoice,
    StaffPatient,
    Verdict,
)
from tasuki_server.privacy.standing import standing_of

# 繰返しを数える日数.
COUNTED_DAYS = 30
SHOWN = 200


def access_patient_by_id(patient_id: UUID) -> Patient:
    """患者の参照 — by id, else 404."""
    found = Patient.objects.filter(id=patient_id).first()
    if found is None:
        raise Http404("patient")
    return found


def asking_rule(staff: Staff, patient: Patient) -> str:
    """求められる規則 — the row that asks this person for a reason before this patient opens; empty when none does."""
    standing = standing_of(staff.id, patient.id)
    if standing is None:
        return ""
    person = person_of(staff)
    closed = standing.circumstances._replace(is_emergency_open=False)
    for permission in TOUCHES:
        decision = decide(person, permission, standing.whose, closed)
        if decision.effect is Effect.ASK:
            return decision.rule_id
    return ""


def access_emergency(access_id: UUID) -> EmergencyAccess:
    """緊急閲覧の参照 — by id, else 404."""
    found = find_emergency(access_id)
    if found is None:
        raise Http404("emergency")
    return found


def access_own_or_reviewed(access_id: UUID, staff: Staff) -> EmergencyAccess:
    """終えてよい緊急閲覧 — one's own, or any for who reviews."""
    found = access_emergency(access_id)
    if found.staff_id != staff.id and not staff.may(Permission.EMERGENCY_REVIEW):
        raise PermissionDenied
    return found


def access_emergencies(staff: Staff) -> dict[str, Any]:
    """緊急閲覧の一覧 — what waits with its due day, what was reviewed, and who used it how often."""
    record("emergency.read")
    moment = timezone.now()
    waiting = list(waiting_reviews().select_related("patient", "staff"))
    done = EmergencyAccess.objects.filter(review__isnull=False).select_related(
        "patient", "staff", "review__made_by"
    )
    recent = EmergencyAccess.objects.filter(opened_at__gte=moment - timedelta(days=COUNTED_DAYS))
    counts = Counter(recent.values_list("staff__name", flat=True))
    today = timezone.localdate(moment)
    return {
        "waiting": [
            {
                "row": each,
                "is_open": is_open(each, moment),
                "is_late": each.review_due_on < today,
                "is_own": each.staff_id == staff.id,
            }
            for each in waiting
        ],
        "done": list(done.order_by("-opened_at")[:SHOWN]),
        "counts": counts.most_common(10),
        "counted_days": COUNTED_DAYS,
    }


def emergency_page(found: EmergencyAccess, staff: Staff) -> dict[str, Any]:
    """緊急閲覧の確認画面 — with what the person did to this patient's record while it was open."""
    record("emergency.read", found, found.patient_id)
    ended = found.end.made_at if hasattr(found, "end") else found.until
    acts = AuditEvent.objects.filter(
        staff_id=found.staff_id, patient_id=found.patient_id, at__gte=found.opened_at, at__lte=ended
    )
    moment = timezone.now()
    return {
        "emergency": found,
        "rule": rule_sentence(found.rule_id),
        "acts": [(each.at, action_name(each.action)) for each in acts.order_by("number")[:SHOWN]],
        "is_open": is_open(found, moment),
        "minutes": found.minutes_left(moment),
        "is_own": found.staff_id == staff.id,
        "review": getattr(found, "review", None),
        "verdicts": Verdict.choices,
    }


def access_marks() -> dict[str, Any]:
    """閲覧の保護の一覧 — seals, marks of care and staff who are patients, in force."""
    record("patient_mark.read")
    names = dict(Staff.objects.values_list("id", "name"))
    marks = PatientMark.objects.current().select_related("patient", "made_by").order_by("patient__number")
    links = StaffPatient.objects.current().select_related("patient", "staff").order_by("staff__kana")
    return {
        "marks": [
            (each, "・".join(names[UUID(reader)] for reader in each.readers if UUID(reader) in names))
            for each in marks
        ],
        "links": list(links),
    }


def access_mark(mark_id: UUID) -> PatientMark:
    """患者の保護の参照 — the newest version of the record of a version's id, else 404."""
    row = PatientMark.objects.filter(id=mark_id).first()
    newest = row and PatientMark.objects.latest_versions().filter(record_id=row.record_id).first()
    if not newest or newest.withdrawn:
        raise Http404("mark")
    return newest


def access_link(link_id: UUID) -> StaffPatient:
    """職員と患者の関係の参照 — in force, else 404."""
    row = StaffPatient.objects.current().filter(id=link_id).select_related("patient", "staff").first()
    if row is None:
        raise Http404("link")
    return row


def readers_to_choose() -> list[Staff]:
    """選べる職員 — who works here."""
    return list(Staff.objects.filter(is_active=True, is_system=False).order_by("kana"))


def access_rules() -> dict[str, Any]:
    """閲覧の規則の画面 — every row with what holds here, its source, and who changed it when."""
    record("access_policy.read")
    history = list(PolicyChoice.objects.select_related("made_by").order_by("-made_at", "-id"))
    newest: dict[str, PolicyChoice] = {}
    for each in history:
        newest.setdefault(each.rule_id, each)
    choices = {name: Effect(each.effect) for name, each in newest.items()}
    return {
        "rows": [
            {
                "rule": rule,
                "condition": rule.condition.label,
                "sentence": rule_sentence(rule.rule_id),
                "effect": effect_of(rule, choices),
                "default": rule.effect,
                "changed": newest.get(rule.rule_id),
            }
            for rule in CONDITION_RULES
        ],
        "effects": [each for each in Effect if each is not Effect.FORBID],
        "history": history[:SHOWN],
    }
