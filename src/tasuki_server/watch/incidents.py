# SPDX-License-Identifier: Apache-2.0
"""インシデント — opened from an alert, a report or by hand; its timeline comes from the trail, alerts, reports and notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from tasuki.security.misuse.sentences import TEXTS, finding_of
from tasuki_server.audit.action_names import action_name
from tasuki_server.audit.models import AuditEvent
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.reception.clock import now, today
from tasuki_server.shell.waiting import Waiting
from tasuki_server.watch.incident_items import LEAK_ITEMS, MINISTRY_ITEMS, ReportItem, dues_of
from tasuki_server.watch.incident_models import IncidentKind, MistakeKind
from tasuki_server.watch.models import (
    Alert,
    Containment,
    Incident,
    IncidentEntry,
    MistakeReport,
)

# 時系列に載せる監査記録: the evidence of the alerts, not everything anyone did.
MOST_LINES = 400


class Line(NamedTuple):
    """時系列の一行 — when, from what it is known, and what."""

    at: datetime
    source: str
    words: str
    who: str


def open_incident(
    title: str, kind: str, began_at: datetime, known_on: date, *, is_draft: bool = False
) -> Incident:
    """インシデントの開始 — the clocks of reports run from the day of knowing."""
    row = Incident.objects.create(
        title=title,
        kind=kind,
        began_at=began_at,
        known_on=known_on,
        is_draft=is_draft,
        opened_at=current_work().at,
        opened_by_id=current_work().actor.staff_id,
    )
    record("incident.open", row, detail={"kind": kind, "draft": is_draft})
    return row


def incident_from(alert: Alert) -> Incident:
    """検知からのインシデント — a decoy or vendor tells of an attack; the rest is misuse until someone says else."""
    if alert.incident is not None:
        return alert.incident
    kind = IncidentKind.FAULT if alert.rule == "U15" else IncidentKind.MISUSE
    row = open_incident(TEXTS[alert.rule].title, kind, alert.first_at, today())
    alert.incident = row
    alert.save(update_fields=["incident"])
    return row


def report_mistake(kind: str, words: str, happened_at: datetime) -> MistakeReport:
    """間違い・不審の報告 — opens the draft of an incident, for whoever is in charge to look at."""
    how = IncidentKind.ATTACK if kind in (MistakeKind.MAIL, MistakeKind.STRANGE) else IncidentKind.MISTAKE
    draft = open_incident(MistakeKind(kind).label, how, happened_at, today(), is_draft=True)
    row = MistakeReport.objects.create(
        kind=kind,
        words=words,
        happened_at=happened_at,
        incident=draft,
        made_at=current_work().at,
        made_by_id=current_work().actor.staff_id,
    )
    record("mistake.report", row, detail={"kind": kind})
    return row


def access_incident(incident_id: UUID) -> Incident:
    """インシデントの参照 — with who opened it."""
    row = Incident.objects.select_related("opened_by").filter(pk=incident_id).first()
    if row is None:
        raise Http404("incident")
    return row


def write_item(incident: Incident, item: str, words: str) -> None:
    """項目の記入 — a new entry; what was written before stays."""
    IncidentEntry.objects.create(
        incident=incident,
        item=item,
        words=words,
        happened_at=now(),
        made_at=current_work().at,
        made_by_id=current_work().actor.staff_id,
    )
    record("incident.write", incident, detail={"item": item})


def write_line(incident: Incident, words: str, happened_at: datetime) -> None:
    """時系列への記入 — when it happened and when it was written are both kept."""
    IncidentEntry.objects.create(
        incident=incident,
        words=words,
        happened_at=happened_at,
        made_at=current_work().at,
        made_by_id=current_work().actor.staff_id,
    )
    record("incident.write", incident, detail={"item": ""})


def decide(incident: Incident, *, title: str, kind: str, known_on: date, must_report: bool | None) -> None:
    """インシデントの判断 — whether the leak must be reported is a person's decision."""
    incident.title, incident.kind, incident.known_on = title, kind, known_on
    incident.must_report, incident.is_draft = must_report, False
    incident.save(update_fields=["title", "kind", "known_on", "must_report", "is_draft"])
    record("incident.write", incident, detail={"item": "decision", "must_report": must_report})


def close_incident(incident: Incident) -> None:
    """インシデントの終了 — its papers stay."""
    incident.closed_at = incident.ended_at = current_work().at
    incident.save(update_fields=["closed_at", "ended_at"])
    record("incident.close", incident)


def papers_of(incident: Incident) -> dict[str, Any]:
    """インシデントの書類 — items with their newest words, dues, and the timeline."""
    written: dict[str, IncidentEntry] = {}
    for each in incident.entries.exclude(item="").select_related("made_by").order_by("made_at", "pk"):
        written[each.item] = each
    is_wilful = incident.kind in (IncidentKind.ATTACK, IncidentKind.MISUSE)
    return {
        "incident": incident,
        "leak": _filled(LEAK_ITEMS, written),
        "ministry": _filled(MINISTRY_ITEMS, written)
        if incident.kind in (IncidentKind.ATTACK, IncidentKind.FAULT)
        else [],
        "dues": dues_of(incident.known_on, is_wilful=is_wilful),
        "is_wilful": is_wilful,
        "timeline": timeline_of(incident),
        "today": today(),
    }


def _filled(
    items: Sequence[ReportItem], written: dict[str, IncidentEntry]
) -> list[tuple[ReportItem, IncidentEntry | None]]:
    return [(item, written.get(item.key)) for item in items]


def timeline_of(incident: Incident) -> list[Line]:
    """時系列 — assembled anew each time from the trail, alerts, containment, reports and notes."""
    alerts = list(incident.alerts.select_related("staff"))
    lines = [
        Line(
            each.raised_at,
            "検知",
            f"{TEXTS[each.rule].title}：{finding_of(each.rule, each.facts)}",
            str(each.staff or ""),
        )
        for each in alerts
    ]
    numbers = sorted({number for each in alerts for number in each.evidence})[:MOST_LINES]
    lines += [
        Line(each.at, f"監査記録 {each.number}", action_name(each.action), each.actor)
        for each in AuditEvent.objects.filter(number__in=numbers)
    ]
    for held in Containment.objects.filter(alert__in=alerts).select_related("staff", "begun_by", "ended_by"):
        words = f"{held.get_kind_display()}{f'（{held.staff}）' if held.staff else ''}：{held.reason}"
        lines.append(Line(held.begun_at, "封じ込め", words, str(held.begun_by)))
        if held.ended_at and held.ended_at != held.begun_at:
            lines.append(Line(held.ended_at, "封じ込めの解除", held.end_reason, str(held.ended_by or "")))
    for told in incident.reports.select_related("made_by"):
        lines.append(Line(told.happened_at, "できごと", told.get_kind_display(), str(told.made_by)))
        lines.append(Line(told.made_at, "報告", told.words or told.get_kind_display(), str(told.made_by)))
    for noted in incident.entries.filter(item="").select_related("made_by"):
        lines.append(Line(noted.happened_at, "記入", noted.words, str(noted.made_by)))
    lines.append(
        Line(
            incident.opened_at, "開始", f"インシデントとして扱う（{incident.title}）", str(incident.opened_by)
        )
    )
    if incident.closed_at:
        lines.append(Line(incident.closed_at, "終了", "インシデントを終える", ""))
    return sorted(lines, key=lambda line: timezone.localtime(line.at))


def waiting_incidents(_staff: Staff) -> list[Waiting]:
    """終わっていないインシデントの件数 — none is late by itself: what is due when stands on its page."""
    known = list(Incident.objects.filter(closed_at=None).values_list("known_on", flat=True))
    return [
        Waiting(
            "終わっていないインシデント",
            len(known),
            reverse("watch:incidents"),
            oldest=min(known, default=None),
        )
    ]
