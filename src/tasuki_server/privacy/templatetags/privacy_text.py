# SPDX-License-Identifier: Apache-2.0
"""閲覧の保護の表示 — badges in a patient's header, the banner of break-glass, the box of reviews that wait."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from tasuki.security.conditions import Condition
from tasuki.security.permissions import Permission
from tasuki_server.privacy.asking import Asked
from tasuki_server.privacy.emergency import waiting_reviews

register = template.Library()
_BADGES = (
    (Condition.VIP, "★ 要配慮"),
    (Condition.OWN_RECORD, "本人の記録"),
    (Condition.FAMILY, "家族の記録"),
    (Condition.COLLEAGUE, "同僚の記録"),
)


@register.inclusion_tag("privacy/_badges.html", takes_context=True)
def patient_marks(context: dict[str, Any], patient: Any) -> dict[str, Any]:
    """保護の印 — of a patient, as the page's own question found them."""
    asked: Asked | None = getattr(context.get("request"), "asked", None)
    standing = asked.standings.get(patient.id) if asked is not None else None
    if standing is None:
        return {"badges": []}
    badges = ["⛔ 閲覧制限"] if standing.is_sealed else []
    return {"badges": badges + [label for each, label in _BADGES if each in standing.whose.conditions]}


@register.inclusion_tag("privacy/_emergency.html", takes_context=True)
def emergency_banner(context: dict[str, Any]) -> dict[str, Any]:
    """緊急閲覧の帯 — with the minutes that are left, while a page is open by break-glass."""
    asked: Asked | None = getattr(context.get("request"), "asked", None)
    moment = timezone.now()
    open_now = [
        {"number": each.number, "id": each.emergency_id, "until": each.emergency_until,
         "minutes": max(0, -(-int((each.emergency_until - moment).total_seconds()) // 60))}
        for each in (asked.emergencies.values() if asked is not None else ())
        if each.emergency_until is not None
    ]  # fmt: skip
    return {"open_now": open_now, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("privacy/_waiting.html", takes_context=True)
def waiting_reviews_box(context: dict[str, Any]) -> dict[str, Any]:
    """確認待ちの箱 — on the first page of who reviews."""
    staff = context.get("staff")
    if staff is None or not staff.may(Permission.EMERGENCY_REVIEW):
        return {"waiting": []}
    rows = list(waiting_reviews().select_related("staff", "patient")[:20])
    today = timezone.localdate()
    return {"waiting": rows, "late": sum(each.review_due_on < today for each in rows)}
