# SPDX-License-Identifier: Apache-2.0
"""送信の予定 — what must be shared after a chart was signed: gathered, checked and kept in the transaction of the signature.

Nothing is sent here. A unit with an error is kept as well, so that it can be seen and repaired, and never leaves.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from tasuki.kernel.finding import BadInput
from tasuki.sharing.build.around import Around
from tasuki.sharing.build.information import information_bundle
from tasuki.sharing.build.names import RESOURCE_NUMBER
from tasuki.sharing.build.parts import identifier, to_json
from tasuki_server.audit.trail import record
from tasuki_server.chart.draft import newest_note
from tasuki_server.chart.models import Note
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.reception.models import Visit, VisitState
from tasuki_server.sharing.checking import Checked, check_items, content_mark, emptied, now_in, refused
from tasuki_server.sharing.gathering import Gathered, Wanted, gather
from tasuki_server.sharing.local_codes import mappings
from tasuki_server.sharing.models import OPEN, SharedItem, SharedUnit, SharingStep, UnitKind, UnitState
from tasuki_server.sharing.person import patient_facts, sender_of
from tasuki_server.sharing.setting import is_used
from tasuki_server.sharing.standard_codes import codes_for

log = logging.getLogger("tasuki.sharing")
EMPTY_MARK = "empty"
_LETTERS = {UnitKind.DISEASES: "D", UnitKind.ALLERGIES: "A", UnitKind.RESULTS: "R"}


def plan_safely(visit: Visit, note: Note) -> None:
    """署名のあとの予定 — a fault of ours is written to the log and never stops a signature."""
    del note
    try:
        with transaction.atomic(using="default"):
            plan(visit)
    except Exception:  # a chart is signed whatever becomes of sharing it
        log.exception("what to share after a signature could not be planned")


def plan(visit: Visit, *, is_again: bool = False) -> list[SharedUnit]:
    """送信の予定 — of the signed visit: units whose content is new, or all that did not arrive when ``is_again``."""
    note = newest_note(visit)
    if not is_used() or note is None or note.withdrawn or visit.state == VisitState.CANCELLED:
        return []
    lock_patient(visit.patient_id)
    made = []
    for planned in preview(visit, note.made_by):
        last = newest_unit(visit, planned.wanted.unit_key)
        if not planned.wanted.items and not _was_sent(visit, planned.wanted):
            # What was taken back before it went does not go any more.
            drop_waiting(last)
            if last is None or not _was_sent(visit, planned.wanted):
                continue
        is_new = last is None or last.content != planned.mark
        is_lost = last is not None and last.state in (UnitState.REFUSED, UnitState.FAULTY)
        if is_new or (is_again and is_lost):
            made.append(_keep(visit, planned, last))
    return made


def lock_patient(patient_id: UUID) -> None:
    """患者の鍵 — until this transaction ends: two plans of one patient number the same units, two people may decide at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sharing:{patient_id}"])


class Planned(NamedTuple):
    """予定の単位 — the items of one Bundle with what checking them found, and the mark of their content."""

    wanted: Wanted
    checked: Checked
    mark: str


def preview(visit: Visit, doctor: Staff) -> list[Planned]:
    """送信前の点検 — what would be sent now, and what is wrong with it; nothing is kept."""
    chosen = mappings()
    gathered = gather(visit, chosen)
    found = []
    for wanted in (*gathered, *_emptied_reports(visit, gathered)):
        try:
            around = _around(visit, doctor, wanted, chosen)
        except BadInput as bad:
            checked = refused(bad)
            found.append(Planned(wanted, checked, content_mark(checked.told)))
            continue
        if not wanted.items:
            found.append(Planned(wanted, emptied(wanted.kind, around), EMPTY_MARK))
            continue
        checked = check_items(wanted.items, around)
        mark = content_mark(checked.told)
        if checked.bundle is not None:
            # The moment of sending is no content.
            said = information_bundle([each.facts for each in wanted.items], now_in(around, visit.arrived_at))
            mark = content_mark(said)
        found.append(Planned(wanted, checked, mark))
    return found


def _emptied_reports(visit: Visit, gathered: Sequence[Wanted]) -> list[Wanted]:
    """Reports of the visit that were shared and of which every result was taken back since."""
    known = {each.unit_key for each in gathered}
    rows = SharedUnit.objects.filter(visit=visit, kind=UnitKind.RESULTS, tries__gt=0)
    keys = sorted(set(rows.values_list("unit_key", flat=True)) - known)
    return [Wanted(UnitKind.RESULTS, key, ()) for key in keys]


def newest_unit(visit: Visit, unit_key: str) -> SharedUnit | None:
    """最新の送信単位 — of the patient, leaving out what was replaced before it went."""
    rows = SharedUnit.objects.filter(patient_id=visit.patient_id, unit_key=unit_key)
    return rows.exclude(state=UnitState.DROPPED).order_by("-number").first()


def note_step(unit: SharedUnit, kind: str, note: str = "") -> None:
    """経過の記入 — one step."""
    SharingStep.objects.create(unit=unit, kind=kind, note=note[:400])


def drop_waiting(last: SharedUnit | None) -> None:
    """差替え — what was never sent, or never could be, does not go any more."""
    if last is None:
        return
    # The keeper may have sent it since it was read.
    last = SharedUnit.objects.select_for_update(of=("self",)).get(pk=last.pk)
    is_unsent = last.state == UnitState.KEPT and last.tries == 0
    if is_unsent or last.state == UnitState.FAULTY:
        last.state = UnitState.DROPPED
        last.save(update_fields=["state"])
        note_step(last, "dropped", "次の版に差し替えた")


def _around(visit: Visit, doctor: Staff, wanted: Wanted, chosen: dict) -> Around:  # type: ignore[type-arg]
    sender = sender_of(visit, doctor)
    letter = _LETTERS[wanted.kind]
    whose = visit.patient_id if wanted.kind != UnitKind.RESULTS else wanted.unit_key.removeprefix("report-")
    return Around(
        institution=sender.institution,
        patient=patient_facts(visit.patient, visit),
        sent_at=current_work().at,
        unit_number=f"{letter}-{str(whose).replace('-', '')}",
        department=sender.department,
        doctor=sender.doctor,
        visit=sender.visit,
        codes=codes_for([each.facts for each in wanted.items], visit.day, chosen),
    )


def _keep(visit: Visit, planned: Planned, last: SharedUnit | None) -> SharedUnit:
    drop_waiting(last)
    wanted, checked = planned.wanted, planned.checked
    removed = _removed(visit, wanted)
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    number = SharedUnit.objects.filter(patient_id=visit.patient_id, unit_key=wanted.unit_key).aggregate(
        number=Max("number")
    )["number"]
    bundle = checked.bundle
    is_sound = checked.is_sound and bundle is not None
    unit = SharedUnit.objects.create(
        patient_id=visit.patient_id,
        visit=visit,
        kind=wanted.kind,
        unit_key=wanted.unit_key,
        number=(number or 0) + 1,
        state=UnitState.KEPT if is_sound else UnitState.FAULTY,
        content=planned.mark,
        bundle=to_json(bundle) if bundle is not None else b"",
        body=to_json(bundle) if is_sound and bundle is not None else None,
        findings=[each.kept() for each in checked.told],
        made_by_id=staff_id,
        made_at=current_work().at,
        next_at=current_work().at,
    )
    _keep_items(unit, wanted.items, bundle, removed)
    note_step(unit, "kept" if is_sound else "faulty", f"{len(wanted.items)}件")
    record(
        "sharing.plan",
        unit,
        visit.patient_id,
        {"kind": str(unit.kind), "state": str(unit.state), "items": len(wanted.items)},
    )
    return unit


def _keep_items(
    unit: SharedUnit,
    items: Sequence[Gathered],
    bundle: dict | None,
    removed: Sequence[SharedItem],  # type: ignore[type-arg]
) -> None:
    built = [entry["resource"] for entry in bundle["entry"][1:]] if bundle is not None else []
    for place, item in enumerate(items):
        SharedItem.objects.create(
            unit=unit,
            patient_id=unit.patient_id,
            place=place,
            subject=item.subject,
            of_record=item.record_id,
            of_version=item.version,
            identifier=identifier(built[place], RESOURCE_NUMBER) if place < len(built) else "",
            title=item.title[:200],
        )
    for place, before in enumerate(removed, len(items)):
        SharedItem.objects.create(
            unit=unit,
            patient_id=unit.patient_id,
            place=place,
            subject=before.subject,
            of_record=before.of_record,
            of_version=before.of_version,
            identifier=before.identifier,
            title=before.title,
            is_removed=True,
        )


def _was_sent(visit: Visit, wanted: Wanted) -> bool:
    return bool(_removed(visit, wanted))


def _removed(visit: Visit, wanted: Wanted) -> list[SharedItem]:
    """What went out before in this unit and is in the chart no more; whether it arrived does not matter."""
    rows = SharedItem.objects.filter(
        unit__patient_id=visit.patient_id, unit__unit_key=wanted.unit_key, unit__tries__gt=0
    ).order_by("unit__number", "place")
    newest = {row.identifier: row for row in rows if row.identifier}
    current = {item.record_id for item in wanted.items}
    gone = [row for row in newest.values() if row.of_record not in current]
    return [row for row in gone if not (row.is_removed and row.unit.state == UnitState.DONE)]


__all__ = ["OPEN", "Planned", "lock_patient", "newest_unit", "note_step", "plan", "plan_safely", "preview"]
