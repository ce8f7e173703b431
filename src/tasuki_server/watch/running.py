# SPDX-License-Identifier: Apache-2.0
"""見張りの実行 — reads what is new in an institution's trail, feeds the rules, writes alerts and windows, in one transaction."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import connections
from django.utils import timezone

from tasuki.security.misuse.act import Act, ActKind
from tasuki.security.misuse.engine import Engine
from tasuki.security.misuse.rule_list import BY_ID, RULES
from tasuki_server.audit.models import AuditCheckpoint, AuditEvent
from tasuki_server.audit.trail import record
from tasuki_server.institutions.opening import system_actor
from tasuki_server.institutions.work import as_institution, current_work
from tasuki_server.watch.containing import end_sessions_after
from tasuki_server.watch.models import Alert, RuleWindow, Threshold
from tasuki_server.watch.seen import act_of, surroundings_of

if TYPE_CHECKING:
    from tasuki.security.misuse.engine import Alert as Found
    from tasuki.security.misuse.rule import State

# So many events in one transaction: the trail of the institution is not locked meanwhile.
MOST_AT_ONCE = 2_000
MOST_EVIDENCE = 500
# 証人へは毎分届く。
LATE_MINUTES = 15
CURSOR = ""


class Progress(NamedTuple):
    """見張りの結果 — how many events were read, how many cases are new, and whether more wait."""

    read: int
    raised: int
    has_more: bool


def watch_institution(institution_id: UUID) -> Progress:
    """医療機関の見張り — one step; nothing is opened when nothing is new."""
    with as_institution(institution_id, system_actor(institution_id)):
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"watch:{institution_id}"]
            )
        place, _ = RuleWindow.objects.get_or_create(rule=CURSOR, defaults={"state": {"number": 0}})
        events = list(
            AuditEvent.objects.filter(number__gt=place.state["number"]).order_by("number")[: MOST_AT_ONCE + 1]
        )
        has_more, events = len(events) > MOST_AT_ONCE, events[:MOST_AT_ONCE]
        late = None if has_more else _late_checkpoint(place.state)
        if not events and late is None:
            return Progress(0, 0, has_more=False)
        raised = _feed(institution_id, events, late)
        place.state["number"] = events[-1].number if events else place.state["number"]
        place.moved_at = current_work().at
        place.save()
    return Progress(len(events), raised, has_more)


def catch_up(institution_id: UUID) -> Progress:
    """追いつくまでの見張り — step after step until nothing is new."""
    read = raised = 0
    while True:
        step = watch_institution(institution_id)
        read, raised = read + step.read, raised + step.raised
        if not step.has_more:
            return Progress(read, raised, has_more=False)


def thresholds_at(day: date) -> dict[str, dict[str, int]]:
    """その日のしきい値 — the clinic's own, the newest of each that has begun."""
    found: dict[str, dict[str, int]] = {}
    for row in Threshold.objects.filter(since__lte=day).order_by("since", "set_at"):
        if row.knob in BY_ID[row.rule].knobs:
            found.setdefault(row.rule, {})[row.knob] = row.value
    return found


def _feed(institution_id: UUID, events: list[AuditEvent], late: Act | None) -> int:
    windows = {each.rule: each for each in RuleWindow.objects.exclude(rule=CURSOR)}
    states: dict[str, State] = {rule: each.state for rule, each in windows.items()}
    engine = Engine(RULES, states, thresholds_at(timezone.localtime(current_work().at).date()))
    around = surroundings_of(events, institution_id)
    acts = [act_of(event, around) for event in events]
    if late is not None:
        acts.append(late)
    raised = 0
    for act in acts:
        for found in engine.feed(act):
            raised += keep_alert(found)
    now = current_work().at
    for rule in engine.changed:
        window = windows.get(rule) or RuleWindow(rule=rule)
        window.state, window.moved_at = engine.states[rule], now
        window.save()
    return raised


def keep_alert(found: Found) -> bool:
    """検知の保存 — evidence goes to the open case of the same key; True when a case is new."""
    same = Alert.objects.filter(rule=found.rule_id, key=found.key[:200], closed_at=None)
    row = same.order_by("-last_at").first() if found.continues else None
    if row is not None:
        merged = sorted({*row.evidence, *found.evidence})
        row.evidence, row.facts, row.last_at = merged[-MOST_EVIDENCE:], dict(found.facts), found.at
        row.save(update_fields=["evidence", "facts", "last_at"])
        return False
    rule = BY_ID[found.rule_id]
    row = Alert.objects.create(
        rule=found.rule_id,
        severity=rule.severity.value,
        key=found.key[:200],
        staff_id=UUID(found.actor) if found.actor else None,
        account=found.account,
        patient_id=UUID(found.patient) if found.patient else None,
        facts=dict(found.facts),
        evidence=sorted(set(found.evidence)),
        first_at=found.at,
        last_at=found.at,
        raised_at=timezone.now(),
    )
    record("watch.alert", row, row.patient_id, {"rule": row.rule, "events": len(row.evidence)})
    if row.rule == "U10" and row.staff_id:
        end_sessions_after(row)
    return True


def _late_checkpoint(state: State) -> Act | None:
    """証人への提出の遅れ — told once for each size at which it stopped; a trail nobody witnesses is not late."""
    last = AuditCheckpoint.objects.order_by("-size").first()
    if last is None or state.get("late") == last.size:
        return None
    now = current_work().at
    waiting = AuditEvent.objects.filter(number__gt=last.size, at__lt=now - timedelta(minutes=LATE_MINUTES))
    # Alerts are events too; without acts of people the trail may rest.
    if not waiting.exclude(action__startswith="watch.").exists():
        return None
    state["late"] = last.size
    return Act(state["number"], now, ActKind.TRAIL_FAULT, fault="checkpoint_late")
