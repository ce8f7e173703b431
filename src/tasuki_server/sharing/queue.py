# SPDX-License-Identifier: Apache-2.0
"""送信の列（情報共有） — one round of an institution: what is due is sent and settled, the versions of a unit in their order.

Each step is a transaction of its own and may be done again: the request and its key are kept before the first sending
and never change.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.work import Actor, as_institution
from tasuki_server.platform.retrying import is_due, wait_after
from tasuki_server.records.messages import DocumentTold
from tasuki_server.sharing.letter_tracking import note_refused, note_sent
from tasuki_server.sharing.line import Answered, NotAnswered, send, send_document, wire_for
from tasuki_server.sharing.models import OPEN, SharedUnit, UnitKind, UnitState
from tasuki_server.sharing.planning import note_step

MOST_AT_ONCE = 20
FIRST_WAIT = timedelta(seconds=3)


class Round(NamedTuple):
    """一巡の結果（情報共有） — how many were settled, and what was in the way, in Japanese."""

    settled: int = 0
    fault: str = ""


def attend(institution: Institution, actor: Actor) -> Round:
    """一巡 — a line that does not answer ends the round; everything else waits for the next."""
    settled = 0
    for unit_id in _due(institution.id, actor):
        try:
            settled += _step(institution, actor, unit_id)
        except NotAnswered as away:
            _note_failed(institution.id, actor, unit_id, str(away))
            return Round(settled, str(away))
    return Round(settled)


def _due(institution_id: UUID, actor: Actor) -> list[UUID]:
    """The first open version of each unit, when its time has come."""
    with as_institution(institution_id, actor):
        before = SharedUnit.objects.filter(
            patient=OuterRef("patient"),
            unit_key=OuterRef("unit_key"),
            state__in=OPEN,
            number__lt=OuterRef("number"),
        )
        rows = SharedUnit.objects.filter(is_due(timezone.now()), ~Exists(before), state__in=OPEN)
        return list(rows.order_by("next_at", "made_at").values_list("id", flat=True)[:MOST_AT_ONCE])


def _step(institution: Institution, actor: Actor, unit_id: UUID) -> bool:
    """One unit as far as it goes; whether it was settled. Raises :class:`NotAnswered`."""
    with as_institution(institution.id, actor):
        unit = _locked(unit_id)
        if unit is None or unit.body is None:
            return False
        unit.state, unit.tries = UnitState.SENT, unit.tries + 1
        unit.next_at = timezone.now() + wait_after(unit.tries, FIRST_WAIT)
        unit.save(update_fields=["state", "tries", "next_at"])
        note_step(unit, "sent", f"{unit.tries}回目")
        body, key, kind, number = bytes(unit.body), unit.key, UnitKind(unit.kind), unit.number
        record("sharing.send", unit, unit.patient_id, {"kind": str(unit.kind), "try": unit.tries})
    wire = wire_for(institution)
    answered = send_document(wire, body, key) if kind.is_document else send(wire, body, key, number)
    return _settle(institution.id, actor, unit_id, answered)


def _settle(institution_id: UUID, actor: Actor, unit_id: UUID, answered: Answered) -> bool:
    with as_institution(institution_id, actor):
        unit = SharedUnit.objects.select_for_update(of=("self",)).get(pk=unit_id)
        if not unit.is_open:
            return False
        unit.answer = answered.data
        if answered.newer:
            return _after(unit, answered.newer)
        unit.state = UnitState.DONE if answered.is_done else UnitState.REFUSED
        unit.sent_at = timezone.now() if answered.is_done else None
        unit.message = "\n".join(answered.reasons)[:1000]
        unit.save(update_fields=["answer", "state", "sent_at", "message"])
        note_step(unit, str(unit.state), unit.message)
        if UnitKind(unit.kind).is_document:
            if answered.is_done:
                note_sent(unit.unit_key, msgspec.convert(answered.value, DocumentTold))
            else:
                note_refused(unit.unit_key)
        record("sharing.answer", unit, unit.patient_id, {"state": str(unit.state)})
        return True


def _after(unit: SharedUnit, held: int) -> bool:
    """The service has a later version than this clinic ever counted, as after a restore: the newest goes behind it.

    An older one that still waits is not needed: a unit is told whole.
    """
    versions = SharedUnit.objects.filter(patient=unit.patient_id, unit_key=unit.unit_key)
    rows = versions.filter(number__gt=unit.number)
    if rows.exclude(state=UnitState.DROPPED).exists():
        unit.state = UnitState.DROPPED
        note_step(unit, "dropped", f"サービスに第{held}版があり、次の版が待っている")
    else:
        # What was dropped keeps its number as well: no two versions of a unit have one.
        given = versions.aggregate(newest=Max("number"))["newest"]
        unit.number, unit.state, unit.next_at = max(held, given) + 1, UnitState.KEPT, timezone.now()
        note_step(unit, "renumbered", f"サービスに第{held}版があるため、第{unit.number}版として送り直す")
    unit.save(update_fields=["answer", "state", "number", "next_at"])
    return unit.state == UnitState.DROPPED


def _note_failed(institution_id: UUID, actor: Actor, unit_id: UUID, why: str) -> None:
    with as_institution(institution_id, actor):
        unit = SharedUnit.objects.select_for_update(of=("self",)).get(pk=unit_id)
        if unit.is_open:
            unit.message = why[:1000]
            unit.save(update_fields=["message"])
            note_step(unit, "not_answered", why)


def _locked(unit_id: UUID) -> SharedUnit | None:
    """None when another process has it or it is over."""
    rows = SharedUnit.objects.select_for_update(skip_locked=True, of=("self",))
    return rows.filter(is_due(timezone.now()), pk=unit_id, state__in=OPEN).first()
