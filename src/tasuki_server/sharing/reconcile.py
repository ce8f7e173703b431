# SPDX-License-Identifier: Apache-2.0
"""突合せ — what becomes of an item of another institution: taken over into our chart, kept apart, or known already.

Each decision is a version with its author and the version of the item that was read; undoing is a version as well. A
disease taken over begins with us on the day of the visit (診療開始日 is ours, not theirs); drugs go into the doctor's draft of
the visit and are orders only when it is signed. The same item taken twice is one record.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import emit, record
from tasuki_server.chart.diagnose import undo_diagnosis
from tasuki_server.chart.draft import basket_of, find_draft, save_basket
from tasuki_server.chart.models import DiagnosisRecord
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.models import AllergyRecord
from tasuki_server.patients.records import withdraw_record
from tasuki_server.reception.models import Visit
from tasuki_server.sharing.models import Decision, Reconciled
from tasuki_server.sharing.planning import lock_patient
from tasuki_server.sharing.side_groups import RECONCILED
from tasuki_server.sharing.side_items import SideItem
from tasuki_server.sharing.taking import take

UNDONE = "元に戻す"
_AGAIN = "決め直し"

register(
    {
        "desk.not_reconciled": "{title}は突合せる情報ではありません。突合せるのは病名・アレルギー・処方です。",
        "desk.changed_since": "{title}は、引き継いだあとで自院の記録が変わっています。カルテの欄で直してください。",
        "desk.signed_since": "{title}は、すでに署名したオーダにあります。カルテを訂正して取り消してください。",
    }
)
_CODES = {
    "desk.not_reconciled": "SHR-0061",
    "desk.changed_since": "SHR-0062",
    "desk.signed_since": "SHR-0063",
}


def decisions_of(patient_id: UUID) -> dict[str, Reconciled]:
    """突合せの決定 — those in force, by the identifier of the item."""
    rows = Reconciled.objects.current().filter(patient=patient_id).select_related("made_by")  # type: ignore[attr-defined]
    return {row.source: row for row in rows}


def decide(visit: Visit, staff: Staff, item: SideItem, wanted: Decision, ours: list[SideItem]) -> Reconciled:
    """突合せの決定 — the same again changes nothing; raises ``BadInput`` for what cannot be taken over.

    What is ours already by the key is not taken a second time: it is known, and named by our record.
    """
    if item.information not in RECONCILED or item.is_ours:
        raise refusal("desk.not_reconciled", title=item.title)
    lock_patient(visit.patient_id)
    newest = (
        Reconciled.objects.filter(patient=visit.patient_id, source=item.source).order_by("-version").first()
    )
    is_in_force = newest is not None and not newest.withdrawn
    if is_in_force and newest.decision == wanted and newest.source_version == item.source_version:
        return newest
    if is_in_force and newest.decision == Decision.TAKEN and wanted is Decision.APART:
        newest = undo(visit, staff, newest, read_version=newest.version)
        is_in_force = False
    made = newest.made_record if is_in_force else None
    if wanted is Decision.TAKEN and made is None:
        match = next((each for each in ours if set(each.keys) & set(item.keys)), None)
        if match is not None:
            wanted, made = Decision.KNOWN, match.record_id
        else:
            made = take(visit, staff, item)
    members = {
        "information": str(item.information),
        "item_key": item.keys[0].text[:200],
        "source_version": item.source_version[:40],
        "source_number": item.source_number,
        "source_name": item.source_name[:100],
        "source_on": item.on,
        "title": item.title[:200],
        "decision": wanted,
        "made_record": made,
        "withdrawn": False,
    }
    if newest is None:
        row = Reconciled.objects.create(patient_id=visit.patient_id, source=item.source, **members)
    else:
        row = newest.revise(read_version=newest.version, reason=_AGAIN, **members)
    return _told(row)


def undo(visit: Visit, staff: Staff, row: Reconciled, *, read_version: int) -> Reconciled:
    """元に戻す — the decision is withdrawn, and with it the record that came of it while nobody has changed that.

    Raises ``BadInput`` when our record changed since, ``StaleVersion`` when somebody else decided meanwhile.
    """
    lock_patient(visit.patient_id)
    saved = row.withdraw(read_version=read_version, reason=UNDONE)
    if row.decision == Decision.TAKEN and row.made_record is not None:
        _take_back(visit, staff, row)
    return _told(saved)


def _take_back(visit: Visit, staff: Staff, row: Reconciled) -> None:
    assert row.made_record is not None
    disease: Any = DiagnosisRecord.objects.filter(record_id=row.made_record).order_by("-version").first()
    allergy: Any = AllergyRecord.objects.filter(record_id=row.made_record).order_by("-version").first()
    found = disease or allergy
    if found is not None:
        if found.version > 1:
            if found.withdrawn:
                return
            raise refusal("desk.changed_since", title=row.title)
        if disease is not None:
            undo_diagnosis(disease, read_version=1)
        else:
            withdraw_record(allergy, read_version=1, reason=UNDONE)
        return
    draft = find_draft(visit.patient, staff)
    lines = basket_of(draft) if draft is not None else None
    if draft is None or lines is None or str(row.made_record) not in {each.order.id for each in lines.lines}:
        raise refusal("desk.signed_since", title=row.title)
    save_basket(draft, lines.without(str(row.made_record)))


def refusal(key: str, **facts: object) -> BadInput:
    """突合せの拒否 — of one item."""
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(record="突合せ"), key, facts)])


def _told(row: Reconciled) -> Reconciled:
    detail = {"decision": str(row.decision), "version": row.version, "withdrawn": row.withdrawn}
    record("others.decide", row, row.patient_id, {**detail, "from": row.source_number})
    emit("others.decided", {"patient": str(row.patient_id), "record": str(row.record_id)})
    return row


__all__ = ["decide", "decisions_of", "undo"]
