# SPDX-License-Identifier: Apache-2.0
"""送信の列 — one round of an institution: what waits is prepared, kept, sent and settled, one visit's acts in their order.

Each step is a transaction of its own, and each may be done again: the process may die between any two of them. The
request and its key are kept before it is sent for the first time and never change, so the service does nothing twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki_server.audit.trail import record
from tasuki_server.eprescribing.line import Answered, NotAnswered, ask, wire_for
from tasuki_server.eprescribing.models import OPEN, ActState, RegistrationAct
from tasuki_server.eprescribing.planning import note_step
from tasuki_server.eprescribing.preparing import Waits, prepare
from tasuki_server.eprescribing.settling import refuse_act, settle
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.work import Actor, as_institution
from tasuki_server.platform.retrying import is_due, wait_after

MOST_AT_ONCE = 20
FIRST_WAIT = timedelta(seconds=3)


class Round(NamedTuple):
    """一巡の結果 — how many were settled and how many asked about, and what was in the way, in Japanese."""

    settled: int = 0
    asked: int = 0
    fault: str = ""


def attend(institution: Institution, actor: Actor) -> Round:
    """一巡 — what is due; a line that does not answer ends the round, everything else waits for the next."""
    settled = 0
    for act_id in _due(institution.id, actor):
        try:
            settled += _step(institution, actor, act_id)
        except NotAnswered as away:
            _note_failed(institution.id, actor, act_id, str(away))
            return Round(settled, 0, str(away))
    return Round(settled)


def _due(institution_id: UUID, actor: Actor) -> list[UUID]:
    """The first open act of each visit, when its time has come."""
    with as_institution(institution_id, actor):
        before = RegistrationAct.objects.filter(
            visit=OuterRef("visit"), state__in=OPEN, place__lt=OuterRef("place")
        )
        rows = RegistrationAct.objects.filter(is_due(timezone.now()), ~Exists(before), state__in=OPEN)
        return list(rows.order_by("next_at", "made_at").values_list("id", flat=True)[:MOST_AT_ONCE])


def _step(institution: Institution, actor: Actor, act_id: UUID) -> bool:
    """One act as far as it goes; whether it was settled. Raises :class:`NotAnswered`."""
    with as_institution(institution.id, actor):
        act = _locked(act_id)
        if act is None:
            return False
        try:
            is_ready = act.body is not None or prepare(act, institution)
        except Waits as waits:
            act.code, act.message = waits.code, str(waits)[:400]
            act.next_at = timezone.now() + waits.seconds
            act.save(update_fields=["code", "message", "next_at", "prepared"])
            return False
        except BadInput as bad:
            refuse_act(act, bad.findings[0].code, " ".join(sentence(each) for each in bad.findings))
            return True
        if not is_ready:
            return True
        act.state, act.tries = ActState.SENT, act.tries + 1
        act.next_at = timezone.now() + wait_after(act.tries, FIRST_WAIT)
        act.save()
        note_step(act, "sent", f"{act.tries}回目")
        operation, body, key = act.operation, bytes(act.body or b""), act.key
        record("eprescription.send", act, act.patient_id, {"operation": operation, "try": act.tries})
    answered = ask(wire_for(institution), operation, body, key)
    return _settle(institution.id, actor, act_id, answered)


def _settle(institution_id: UUID, actor: Actor, act_id: UUID, answered: Answered) -> bool:
    with as_institution(institution_id, actor):
        act = (
            RegistrationAct.objects.select_for_update(of=("self",))
            .select_related("registration")
            .get(pk=act_id)
        )
        if not act.is_open:
            return False
        settle(act, answered)
        return True


def _note_failed(institution_id: UUID, actor: Actor, act_id: UUID, why: str) -> None:
    with as_institution(institution_id, actor):
        act = RegistrationAct.objects.select_for_update(of=("self",)).get(pk=act_id)
        if act.is_open:
            act.message = why[:400]
            act.save(update_fields=["message"])
            note_step(act, "not_answered", why)


def _locked(act_id: UUID) -> RegistrationAct | None:
    """None when another process has it or it is over."""
    rows = RegistrationAct.objects.select_for_update(skip_locked=True, of=("self",))
    rows = rows.select_related("registration", "registration__doctor", "visit", "patient")
    return rows.filter(is_due(timezone.now()), pk=act_id, state__in=OPEN).first()
