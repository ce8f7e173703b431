# SPDX-License-Identifier: Apache-2.0
"""登録の予定 — what must be done at the service after a chart was signed, signed again, or another choice was made.

Nothing is sent here: rows are written in the transaction of the signature, and a keeper sends after it. So the chart
never waits for the service, and what was signed is never forgotten.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.db.models import Max

from tasuki.kernel.finding import BadInput
from tasuki.prescriptions.contents import PrescriptionContents, PrescriptionKey
from tasuki_server.audit.trail import record
from tasuki_server.chart.draft import newest_note
from tasuki_server.chart.models import Note
from tasuki_server.documents.prescription import outside_orders
from tasuki_server.eprescribing.contents import (
    has_card,
    is_same_prescription,
    kept_contents,
    signed_prescriptions,
)
from tasuki_server.eprescribing.models import (
    OPEN,
    ActKind,
    ActState,
    ActStep,
    Registration,
    RegistrationAct,
    Stage,
)
from tasuki_server.eprescribing.setting import choice_of, is_used, issue_type_of
from tasuki_server.eprescribing.sharing_drugs import gives_drug_of
from tasuki_server.eprescribing.validation import faults_of
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.reception.models import Visit, VisitState

log = logging.getLogger("tasuki.eprescribing")
_GONE = "処方の取消"
_MOVED = "薬を別の処方箋に移すため"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What one prescription of the visit should be at the service."""

    doctor: Staff
    contents: PrescriptionContents
    issue_type: str
    comment: str


def plan_safely(visit: Visit, note: Note) -> None:
    """署名のあとの予定 — a fault of ours is written to the log and never stops a signature."""
    del note
    try:
        with transaction.atomic(using="default"):
            plan(visit)
    except (DatabaseError, LookupError, ValueError, TypeError, AssertionError):
        log.exception("what to register after a signature could not be planned")


def plan(visit: Visit) -> list[Registration]:
    """登録の予定 — compares what is signed with what is registered or on its way, and writes what has to follow."""
    lock_visit(visit)
    before = standing_of(visit)
    if not is_used() and not before:
        return []
    wanted = _wanted(visit)
    made = []
    changed = {key for key in {*wanted} & {*before} if not _is_same(before[key], wanted[key])}
    # What held a drug before goes first: what takes it over is registered only when that is gone (``sharing_drugs``).
    for key in sorted({*before} - {*wanted}):
        _give_up(before[key], _GONE)
    for key in sorted(_passing_on(visit, {each: wanted[each].contents for each in changed})):
        _give_up(before.pop(key), _MOVED)
    for key in (*sorted(changed & {*before}), *sorted({*wanted} - {*before})):
        made.append(_write(visit, wanted[key], before.get(key)))
    return made


def standing_of(visit: Visit) -> dict[PrescriptionKey, Registration]:
    """有効な登録 — what is registered or about to be, each by what sets it apart, and is not about to be cancelled."""
    rows = Registration.objects.filter(visit=visit, stage__in=(Stage.PLANNED, Stage.REGISTERED))
    ending = set(
        RegistrationAct.objects.filter(visit=visit, kind=ActKind.CANCEL, state__in=OPEN).values_list(
            "registration_id", flat=True
        )
    )
    found: dict[PrescriptionKey, Registration] = {}
    for row in rows.order_by("number"):
        if row.id not in ending:
            found[row.key] = row
    return found


def add_act(registration: Registration, kind: ActKind, reason: str = "") -> RegistrationAct:
    """送信の追加 — behind whatever else the visit still waits for."""
    last = RegistrationAct.objects.filter(visit_id=registration.visit_id).aggregate(place=Max("place"))
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    act = RegistrationAct.objects.create(
        registration=registration,
        patient_id=registration.patient_id,
        visit_id=registration.visit_id,
        place=(last["place"] or 0) + 1,
        kind=kind,
        reason=reason[:200],
        made_by_id=staff_id,
        made_at=current_work().at,
        next_at=current_work().at,
    )
    note_step(act, "kept")
    return act


def note_step(act: RegistrationAct, kind: str, note: str = "") -> None:
    """経過の記入 — one step."""
    ActStep.objects.create(act=act, kind=kind, note=note[:400])


def drop_act(act: RegistrationAct, why: str) -> None:
    """送信の取止め — of one that was never sent."""
    act.state = ActState.DROPPED
    act.save(update_fields=["state"])
    note_step(act, "dropped", why)


def lock_visit(visit: Visit) -> None:
    """受診の鍵 — two plans of one visit come one after the other."""
    Visit.objects.select_for_update(of=("self",)).only("id").get(pk=visit.pk)


def _wanted(visit: Visit) -> dict[PrescriptionKey, _Wanted]:
    if (
        visit.state == VisitState.CANCELLED
        or not is_used()
        or not has_card(visit)
        or not outside_orders(visit)
    ):
        return {}
    try:
        signed = signed_prescriptions(visit)
    except BadInput as bad:
        # What is no prescription on paper either: the form says why when it is asked for.
        log.info("not registered: %s", ", ".join(sorted({each.code for each in bad.findings})))
        return {}
    choice = choice_of(visit)
    comment = choice.comment if choice is not None else ""
    return {
        key: _Wanted(signed.doctor, contents, issue_type_of(visit).value, comment)
        for key, contents in signed.contents.items()
    }


def _passing_on(visit: Visit, changed: dict[PrescriptionKey, PrescriptionContents]) -> set[PrescriptionKey]:
    """薬を譲る処方箋 — those of the changed ones that hold a drug of another: cancelled first, then registered anew.

    A change takes the old and brings the new at once, so two that exchange drugs have no order in which they could change.
    """
    if len(changed) < 2:
        return set()
    live = Registration.objects.filter(visit=visit, stage__in=(Stage.PLANNED, Stage.REGISTERED))
    return {
        row.key
        for row in live
        if row.key in changed and any(gives_drug_of(row, key, now) for key, now in changed.items())
    }


def _is_same(last: Registration, now: _Wanted) -> bool:
    return last.issue_type == now.issue_type and is_same_prescription(last.contents, now.contents)


def _write(visit: Visit, now: _Wanted, last: Registration | None) -> Registration:
    faults = faults_of(now.contents, visit.day)
    note = newest_note(visit)
    number = Registration.objects.filter(visit=visit).aggregate(number=Max("number"))["number"]
    replaces = _withdrawn_or_kept(last) if last is not None else None
    row = Registration.objects.create(
        patient_id=visit.patient_id,
        visit=visit,
        note_version=note.version if note is not None else 0,
        refill_count=now.contents.refill_count,
        split_count=now.contents.split_count,
        split_nth=now.contents.split_nth,
        number=(number or 0) + 1,
        issue_type=now.issue_type,
        contents=kept_contents(now.contents),
        comment=now.comment,
        faults=faults,
        stage=Stage.FAULTY if faults else Stage.PLANNED,
        replaces=replaces,
        doctor=now.doctor,
        made_at=current_work().at,
    )
    if not faults:
        add_act(row, ActKind.REGISTER if replaces is None else ActKind.CHANGE)
    elif replaces is not None:
        _give_up(replaces, _GONE)
    record(
        "eprescription.plan",
        row,
        visit.patient_id,
        {"stage": row.stage, "issue_type": row.issue_type, "number": row.number},
    )
    return row


def _withdrawn_or_kept(last: Registration) -> Registration | None:
    """What the new one replaces: the last one, or the one before it where the last was never sent."""
    act = last.acts.filter(kind__in=(ActKind.REGISTER, ActKind.CHANGE)).first()
    if last.stage == Stage.PLANNED and act is not None and act.state == ActState.KEPT and act.body is None:
        drop_act(act, "次の版に差し替えた")
        last.stage = Stage.DROPPED
        last.save(update_fields=["stage"])
        return last.replaces
    return last


def _give_up(last: Registration, reason: str) -> None:
    """The prescription is no longer wanted: not sent when it was not, cancelled when it was."""
    before = _withdrawn_or_kept(last)
    if before is not None:
        add_act(before, ActKind.CANCEL, reason)


__all__ = ["add_act", "drop_act", "lock_visit", "note_step", "plan", "plan_safely", "standing_of"]
