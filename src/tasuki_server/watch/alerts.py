# SPDX-License-Identifier: Apache-2.0
"""検知の参照 — lists and one case with its evidence, for the screens."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from tasuki.security.misuse.rule_list import BY_ID, RULES
from tasuki.security.misuse.sentences import KNOBS, SEVERITIES, TEXTS, finding_of
from tasuki_server.audit.action_names import action_name
from tasuki_server.audit.models import AuditEvent
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.models import Patient
from tasuki_server.shell.waiting import Waiting
from tasuki_server.watch.beside import not_fed
from tasuki_server.watch.incidents import incident_from
from tasuki_server.watch.models import Alert, CloseCode, RuleWindow, Threshold
from tasuki_server.watch.running import CURSOR, thresholds_at

PAGE = 100
_ORDER = {"urgent": 0, "review": 1, "notice": 2}


def list_alerts(*, is_closed: bool, rule: str) -> list[dict[str, Any]]:
    """検知の一覧 — open cases by weight, closed ones by time."""
    rows = Alert.objects.select_related("staff", "closed_by").filter(closed_at__isnull=not is_closed)
    if rule in BY_ID:
        rows = rows.filter(rule=rule)
    found = [shown(row) for row in rows.order_by("-last_at")[:PAGE]]
    return found if is_closed else sorted(found, key=lambda each: _ORDER[each["row"].severity])


def waiting_alerts(_staff: Staff) -> list[Waiting]:
    """開いている検知の件数 — for the first page of who watches."""
    found = list(
        Alert.objects.filter(closed_at=None).order_by("raised_at").values_list("raised_at", "severity")
    )
    urgent = sum(severity == "urgent" for _, severity in found)
    oldest = timezone.localdate(found[0][0]) if found else None
    return [Waiting("不正利用の検知", len(found), reverse("watch:alerts"), urgent, "至急", oldest)]


def shown(row: Alert) -> dict[str, Any]:
    """検知の表示 — the row with its words."""
    return {
        "row": row,
        "text": TEXTS[row.rule],
        "finding": finding_of(row.rule, row.facts),
        "severity": SEVERITIES[row.severity],
        "tone": {"urgent": "bad", "review": "warn", "notice": "plain"}[row.severity],
    }


def access_alert(alert_id: UUID) -> Alert:
    """検知の参照 — 404 for what is not this institution's."""
    row = Alert.objects.select_related("staff", "closed_by", "incident").filter(pk=alert_id).first()
    if row is None:
        raise Http404("alert")
    return row


def evidence_of(row: Alert) -> list[dict[str, Any]]:
    """検知の証拠 — events of the trail by number, with the patient's number and never the name."""
    events = list(AuditEvent.objects.filter(number__in=row.evidence).order_by("number")[:PAGE])
    numbers = dict(
        Patient.objects.filter(pk__in={each.patient_id for each in events}).values_list("pk", "number")
    )
    return [
        {"event": each, "act": action_name(each.action), "patient": numbers.get(each.patient_id)}
        for each in events
    ]


def close_alert(row: Alert, code: str, words: str) -> None:
    """検知を閉じる — with what it was; an incident is opened from it."""
    row.closed_at, row.closed_by_id = current_work().at, current_work().actor.staff_id
    row.close_code, row.close_words = code, words
    row.save(update_fields=["closed_at", "closed_by_id", "close_code", "close_words"])
    record("watch.close", row, row.patient_id, {"rule": row.rule, "code": code})
    if code == CloseCode.INCIDENT:
        incident_from(row)


def rule_rows(day: date) -> list[dict[str, Any]]:
    """検知ルールの一覧 — with the numbers that count today, and how its closed cases turned out."""
    own, missing = thresholds_at(day), not_fed()
    tallies: dict[tuple[str, str], int] = {}
    for rule, code in Alert.objects.exclude(closed_at=None).values_list("rule", "close_code"):
        tallies[rule, code] = tallies.get((rule, code), 0) + 1
    return [
        {
            "rule": rule,
            "text": TEXTS[rule.id],
            "severity": SEVERITIES[rule.severity.value],
            "not_fed": missing.get(rule.id, ""),
            "knobs": [
                {
                    "name": knob,
                    "label": KNOBS[knob],
                    "default": default,
                    "value": own.get(rule.id, {}).get(knob, default),
                }
                for knob, default in rule.knobs.items()
            ],
            "tally": [(code.label, tallies.get((rule.id, code.value), 0)) for code in CloseCode],
        }
        for rule in RULES
    ]


def set_threshold(rule: str, knob: str, value: int, since: date, reason: str) -> None:
    """しきい値の変更 — from a day on; rows are kept, the newest counts."""
    Threshold.objects.create(
        rule=rule, knob=knob, value=value, since=since, reason=reason, set_by_id=current_work().actor.staff_id
    )
    record("watch.set", detail={"rule": rule, "knob": knob, "value": value, "since": str(since)})


def threshold_history() -> list[dict[str, Any]]:
    """しきい値の履歴 — the newest first."""
    return [
        {"row": row, "title": TEXTS[row.rule].title, "label": KNOBS.get(row.knob, row.knob)}
        for row in Threshold.objects.select_related("set_by").order_by("-set_at")[:PAGE]
    ]


def state_of_watch() -> dict[str, Any]:
    """見張りの状態 — the number read last against the trail's, and when."""
    place = RuleWindow.objects.filter(rule=CURSOR).first()
    last = AuditEvent.objects.order_by("-number").values_list("number", flat=True).first() or 0
    read = place.state["number"] if place else 0
    return {"read": read, "waiting": last - read, "moved_at": place.moved_at if place else None}
