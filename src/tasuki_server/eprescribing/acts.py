# SPDX-License-Identifier: Apache-2.0
"""処方箋への指示 — cancelling, taking back, and reading a result; what the service is asked for waits in the queue."""

from __future__ import annotations

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import record
from tasuki_server.eprescribing.models import (
    OPEN,
    ActKind,
    DispensingResult,
    Registration,
    RegistrationAct,
    Stage,
    Status,
)
from tasuki_server.eprescribing.planning import add_act, lock_visit, standing_of
from tasuki_server.eprescribing.sharing_drugs import first_with_drugs
from tasuki_server.institutions.work import current_work

register(
    {
        "eprescribing.begun": "この処方箋は「{status}」のため取り消せません。{pharmacy}に連絡して、受付を取り消してもらってください。",
        "eprescribing.not_registered": "この処方箋は「{stage}」のため、{act}できません。",
        "eprescribing.waiting": "前の送信が終わっていません。終わってからもう一度指示してください。",
        "eprescribing.other": "同じ受診の別の処方箋が有効なため、{act}できません。先にそちらを取り消してください。",
        "eprescribing.reason": "取消の理由を入れてください。",
    }
)
_CODES = {
    "eprescribing.begun": "EPR-0005",
    "eprescribing.not_registered": "EPR-0006",
    "eprescribing.waiting": "EPR-0007",
    "eprescribing.other": "EPR-0008",
    "eprescribing.reason": "EPR-0009",
}


def cancel(row: Registration, reason: str) -> RegistrationAct:
    """処方箋取消の指示 — raises ``BadInput`` saying why it cannot be. The orders in the chart stay as they are."""
    row = _held(row)
    if not reason.strip():
        raise _refusal("eprescribing.reason")
    if row.stage != Stage.REGISTERED:
        raise _refusal("eprescribing.not_registered", stage=row.get_stage_display(), act="取消")
    if row.status in (Status.TAKEN, Status.DISPENSED, Status.COLLECTED):
        raise _refusal("eprescribing.begun", status=row.get_status_display(), pharmacy=row.pharmacy or "薬局")
    record("eprescription.cancel", row, row.patient_id)
    return add_act(row, ActKind.CANCEL, reason.strip())


def undo_kind(row: Registration) -> ActKind | None:
    """取り消せる指示 — what an UNDO of this prescription would be; None where there is none."""
    if row.stage == Stage.CANCELLED and row.prescription_id and not row.replaced_by.exists():
        return ActKind.UNDO_CANCEL
    if row.stage == Stage.REGISTERED and row.status == Status.WAITING and row.replaces is not None:
        return ActKind.UNDO_CHANGE if row.replaces.stage == Stage.REPLACED else None
    return None


def undo(row: Registration) -> RegistrationAct:
    """UNDOの指示 — of a cancellation, or of a change: then the prescription before is good again."""
    row = _held(row)
    kind = undo_kind(row)
    if kind is None:
        raise _refusal("eprescribing.not_registered", stage=row.get_stage_display(), act="UNDO")
    standing = standing_of(row.visit).get(row.key)
    restored = row if kind is ActKind.UNDO_CANCEL or row.replaces is None else row.replaces
    others = [each for key, each in standing_of(row.visit).items() if key != row.key]
    is_second = first_with_drugs(restored, others) is not None
    if is_second or (kind is ActKind.UNDO_CANCEL and standing is not None):
        raise _refusal("eprescribing.other", act="UNDO")
    record("eprescription.undo", row, row.patient_id, {"kind": str(kind)})
    return add_act(row, kind)


def mark_seen(result: DispensingResult) -> None:
    """調剤結果の確認 — once, by whom."""
    if result.seen_at is None:
        result.seen_at = current_work().at
        result.seen_by_id = current_work().actor.staff_id
        result.save(update_fields=["seen_at", "seen_by"])
        record("eprescription.seen", result, result.patient_id)


def _held(row: Registration) -> Registration:
    lock_visit(row.visit)
    if RegistrationAct.objects.filter(visit_id=row.visit_id, state__in=OPEN).exists():
        raise _refusal("eprescribing.waiting")
    return Registration.objects.select_related("visit", "replaces").get(pk=row.pk)


def _refusal(key: str, **facts: object) -> BadInput:
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(), key, facts)])
