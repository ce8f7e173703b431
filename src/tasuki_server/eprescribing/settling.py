# SPDX-License-Identifier: Apache-2.0
"""回答の受入れ — what the service answered, kept as it came, and what it means for the prescription."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.utils import timezone

from tasuki.prescriptions.service.messages import ServiceAnswer
from tasuki_server.audit.trail import record
from tasuki_server.eprescribing.line import Answered, NotAnswered
from tasuki_server.eprescribing.models import (
    ActKind,
    ActState,
    Registration,
    RegistrationAct,
    Stage,
    Status,
)
from tasuki_server.eprescribing.planning import note_step
from tasuki_server.eprescribing.preparing import registered_before
from tasuki_server.reception.board import raise_board

_DIGITS = 16


def settle(act: RegistrationAct, answered: Answered) -> None:
    """回答の受入れ — in one transaction with its step. Raises :class:`NotAnswered` when it lacks what it must have."""
    answer = answered.answer
    if answer.is_fine:
        _DONE[ActKind(act.kind)](act, answer)
        act.state, act.code, act.message = ActState.DONE, "", ""
    else:
        act.state = ActState.REFUSED
        act.code, act.message = answer.error_code[:40], answer.error_message[:400]
        _refused(act)
    act.answer = answered.data
    act.save()
    note_step(act, str(act.state), f"{act.code} {act.message}".strip())
    record(
        "eprescription.answer",
        act,
        act.patient_id,
        {"operation": act.operation, "state": str(act.state), "code": act.code},
    )
    raise_board(act.registration.visit.day)


def refuse_act(act: RegistrationAct, code: str, message: str) -> None:
    """送信前の拒否 — what cannot be recorded or signed is not sent."""
    act.state, act.code, act.message = ActState.REFUSED, code[:40], message[:400]
    act.save()
    _refused(act)
    note_step(act, "refused", message)
    raise_board(act.registration.visit.day)


def _refused(act: RegistrationAct) -> None:
    row = act.registration
    if act.kind in (ActKind.REGISTER, ActKind.CHANGE):
        before = registered_before(row)
        _move(row, stage=Stage.REFUSED)
        if before is not None:
            _ask_now(before)
    else:
        # Most often a pharmacy was faster: how it stands there is asked at once.
        _ask_now(row)


def _registered(act: RegistrationAct, answer: ServiceAnswer) -> None:
    row = act.registration
    number, code = _numbers(answer)
    # By what was asked: a status that came meanwhile may have told already that it is cancelled.
    before = row.replaces if act.operation == "205" else None
    if before is not None:
        _move(before, stage=Stage.REPLACED, status=Status.CANCELLED, next_status_at=None)
    _move(
        row,
        stage=Stage.REGISTERED,
        status=Status.WAITING,
        prescription_id=number,
        access_code=code,
        status_at=timezone.now(),
        next_status_at=timezone.now(),
    )


def _cancelled(act: RegistrationAct, answer: ServiceAnswer) -> None:
    _move(act.registration, stage=Stage.CANCELLED, status=Status.CANCELLED, next_status_at=None)


def _restored(act: RegistrationAct, answer: ServiceAnswer) -> None:
    _, code = _numbers(answer)
    _move(
        act.registration,
        stage=Stage.REGISTERED,
        status=Status.WAITING,
        access_code=code,
        next_status_at=timezone.now(),
    )


def _change_undone(act: RegistrationAct, answer: ServiceAnswer) -> None:
    number, code = _numbers(answer)
    _move(act.registration, stage=Stage.CANCELLED, status=Status.CANCELLED, next_status_at=None)
    before = act.registration.replaces
    while before is not None and before.prescription_id != number:
        before = before.replaces
    if before is not None:
        _move(
            before,
            stage=Stage.REGISTERED,
            status=Status.WAITING,
            access_code=code,
            next_status_at=timezone.now(),
        )


_DONE: dict[ActKind, Callable[[RegistrationAct, ServiceAnswer], None]] = {
    ActKind.REGISTER: _registered,
    ActKind.CHANGE: _registered,
    ActKind.CANCEL: _cancelled,
    ActKind.UNDO_CANCEL: _restored,
    ActKind.UNDO_CHANGE: _change_undone,
}


def _numbers(answer: ServiceAnswer) -> tuple[str, str]:
    """処方箋IDと引換番号 — both, or the answer is not whole."""
    number, code = answer.value("PrescriptionId"), answer.value("AccessCode")
    try:
        UUID(number)
    except ValueError:
        raise NotAnswered("回答に処方箋IDがありません。") from None
    if len(code) != _DIGITS or not (code.isascii() and code.isdecimal()):
        raise NotAnswered("回答に引換番号がありません。")
    return number, code


def _ask_now(row: Registration) -> None:
    if row.prescription_id:
        _move(row, next_status_at=timezone.now())


def _move(row: Registration, **changed: object) -> None:
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed))
