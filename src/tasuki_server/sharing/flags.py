# SPDX-License-Identifier: Apache-2.0
"""共有の印 — 長期保存, 未告知 and 未提供 of one record of a chart, with the reason, each change a version of its own.

Cite: 電子カルテ情報共有サービス JP-CLINS JP_ehrshrs_indication（LTS, UNINFORMED, UNDELIVERED）
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import emit, record
from tasuki_server.patients.models import Patient
from tasuki_server.sharing.models import RecordFlags, Subject

register(
    {
        "desk.flag_reason": "印を付ける・外す理由を入れてください。",
        "desk.flag_place": "{subject}に「{flag}」の印は付けられません。付けられるのは{allowed}です。",
    }
)
_CODES = {"desk.flag_reason": "SHR-0011", "desk.flag_place": "SHR-0012"}
LABELS = {"is_kept_long": "長期保存", "is_untold": "未告知", "is_withheld": "未提供"}
# 未告知・未提供 belong to diseases only; a result keeps 長期保存 only when it is of an infection (checked when it is sent).
ALLOWED = {
    Subject.DISEASE: ("is_kept_long", "is_untold", "is_withheld"),
    Subject.ALLERGY: ("is_kept_long",),
    Subject.RESULT: ("is_kept_long",),
}


class Wanted(NamedTuple):
    """付ける印 — as the form says."""

    is_kept_long: bool = False
    is_untold: bool = False
    is_withheld: bool = False


def flags_of(records: Iterable[UUID]) -> dict[UUID, RecordFlags]:
    """記録の印 — of these records, by record id; those without are not there."""
    rows = RecordFlags.objects.current().filter(record_id__in=list(records)).select_related("made_by")  # type: ignore[attr-defined]
    return {row.record_id: row for row in rows}


def set_flags(
    patient: Patient, subject: Subject, record_id: UUID, wanted: Wanted, words: str, *, read_version: int
) -> RecordFlags:
    """印の変更 — raises ``BadInput`` for a flag that has no place there or without a reason, ``StaleVersion`` when
    someone else was faster."""
    if not words.strip():
        raise _refusal("desk.flag_reason")
    for name in Wanted._fields:
        if getattr(wanted, name) and name not in ALLOWED[subject]:
            allowed = "・".join(LABELS[each] for each in ALLOWED[subject])
            raise _refusal("desk.flag_place", subject=subject.label, flag=LABELS[name], allowed=allowed)
    newest = RecordFlags.objects.filter(record_id=record_id).order_by("-version").first()
    members = {**wanted._asdict(), "words": words.strip()[:200]}
    if newest is None:
        saved = RecordFlags.objects.create(patient=patient, subject=subject, record_id=record_id, **members)
    else:
        saved = newest.revise(read_version=read_version, reason=members["words"], **members)
    record("sharing.flags", saved, patient.id, {"version": saved.version, "flags": list(saved.labels)})
    emit("sharing.flags", {"patient": str(patient.id), "record": str(record_id)})
    return saved


def _refusal(key: str, **facts: object) -> BadInput:
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(record="印"), key, facts)])
