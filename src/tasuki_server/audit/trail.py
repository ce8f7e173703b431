# SPDX-License-Identifier: Apache-2.0
"""監査証跡 — record an act, tell the outbox, and verify the chain."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models

from tasuki.security.audit_chain import (
    FIRST_LINK,
    Break,
    Event,
    canonical,
    check_chain,
    link_of,
    patients_digest,
    seal_of,
)
from tasuki.security.merkle import Frontier, leaf_hash
from tasuki_server.audit.models import AuditEvent, OutboxMessage, ShownPatient
from tasuki_server.database.places import installation_secrets
from tasuki_server.database.prepared import execute_prepared
from tasuki_server.institutions.work import PendingEvent, PendingMessage, current_work

if TYPE_CHECKING:
    from datetime import datetime

    from tasuki.security.checkpoint import Checkpoint
    from tasuki_server.institutions.work import Work


def record(
    action: str,
    subject: models.Model | str = "",
    patient_id: UUID | None = None,
    detail: Mapping[str, object] | None = None,
    patients: Iterable[UUID] = (),
) -> None:
    """監査の記録 — notes an act in the open transaction; reads of a chart are acts too.

    ``action`` is ``noun.verb`` (``chart.read``, ``payment.take``). ``detail`` holds ids and counts, never names or
    the text of notes. ``patients`` are those a list or a file tells of.
    """
    is_row = isinstance(subject, models.Model)
    event = PendingEvent(
        action=action,
        subject=subject._meta.label_lower if isinstance(subject, models.Model) else str(subject),
        subject_id=str(subject.pk) if is_row else "",
        patient_id=patient_id,
        detail=dict(detail or {}),
    )
    current_work().events.append(event.with_patients(patients))


def emit(topic: str, payload: Mapping[str, object] | None = None) -> None:
    """送信箱への記入 — a message for others, written when this transaction commits."""
    current_work().messages.append(PendingMessage(topic=topic, payload=dict(payload or {})))


# A chain that cannot be locked for so long is a log that is down: the act is refused.
LOCK_SECONDS = 20.0


def lock_chain(institution_id: UUID) -> None:
    """監査記録の鍵 — of one institution's chain, until this transaction ends; raises when another keeps it.

    What the transaction still owes is checked first: a foreign key is otherwise checked at the commit, where it waits for
    whoever holds the row it points at, and the whole institution would wait for the chain meanwhile.
    """
    execute_prepared("SET CONSTRAINTS ALL IMMEDIATE")
    execute_prepared(
        "SELECT set_config('lock_timeout', %s, true), pg_advisory_xact_lock(hashtextextended(%s, 0))",
        [f"{int(LOCK_SECONDS * 1000)}ms", f"audit:{institution_id}"],
    )


def write_messages(work: Work) -> None:
    """送信箱の書込み — at the end of the transaction."""
    if not work.messages:
        return
    OutboxMessage.objects.bulk_create(
        OutboxMessage(made_at=work.at, topic=each.topic, payload=dict(each.payload)) for each in work.messages
    )


def write_events(work: Work) -> None:
    """監査記録の書込み — numbers and links the events; the institution's chain is locked until the commit."""
    if not work.events:
        return
    lock_chain(work.institution_id)
    number, link = _last_link(work.institution_id)
    key = seal_key()
    rows: list[AuditEvent] = []
    shown: list[ShownPatient] = []
    for pending in work.events:
        number += 1
        by = pending.by or work.actor
        detail = {**pending.detail, **work.marks}
        if pending.patients:
            detail |= shown_part(pending.patients)
            shown += [
                ShownPatient(number=number, patient_id=each, at=work.at) for each in sorted(pending.patients)
            ]
        row = AuditEvent(
            number=number,
            at=work.at,
            actor=by.label,
            staff_id=by.staff_id,
            action=pending.action,
            subject=pending.subject,
            subject_id=pending.subject_id,
            patient_id=pending.patient_id,
            detail=detail,
            address=by.address,
            session=by.session,
            purpose=work.purpose,
        )
        row.link = link = link_of(link, event_of(row, work.institution_id))
        row.seal = seal_of(key, link)
        rows.append(row)
    _insert(rows)
    if shown:
        ShownPatient.objects.bulk_create(shown, batch_size=1000)


# Every page and every call of a machine ends here, so these statements are written out.
_COLUMNS = (
    *(
        "id",
        "institution_id",
        "number",
        "at",
        "actor",
        "staff_id",
        "action",
        "subject",
        "subject_id",
        "patient_id",
    ),
    *("detail", "address", "session", "purpose", "link", "seal"),
)
_INSERT = """
    INSERT INTO audit_auditevent (id, institution_id, number, at, actor, staff_id, action, subject, subject_id, patient_id,
        detail, address, session, purpose, link, seal)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::timestamptz[], %s::text[], %s::uuid[], %s::text[],
        %s::text[], %s::text[], %s::uuid[], %s::jsonb[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
"""
# Nearly every page leaves one event.
_INSERT_ONE = """
    INSERT INTO audit_auditevent (id, institution_id, number, at, actor, staff_id, action, subject, subject_id, patient_id,
        detail, address, session, purpose, link, seal)
    VALUES (%s, %s, %s, %s, %s, %s::uuid, %s, %s, %s, %s::uuid, %s::jsonb, %s, %s, %s, %s, %s)
"""
_LAST = "SELECT number, link FROM audit_auditevent WHERE institution_id = %s ORDER BY number DESC LIMIT 1"


def _last_link(institution_id: UUID) -> tuple[int, str]:
    return execute_prepared(_LAST, [institution_id]).fetchone() or (0, FIRST_LINK)


def _insert(rows: Sequence[AuditEvent]) -> None:
    # Written as it is linked: the hash is over the same JSON that the database gives back.
    details = [json.dumps(row.detail) for row in rows]
    given = [details if name == "detail" else [getattr(row, name) for row in rows] for name in _COLUMNS]
    if len(rows) == 1:
        execute_prepared(_INSERT_ONE, [each[0] for each in given])
    else:
        execute_prepared(_INSERT, given)


def shown_part(patients: Collection[UUID]) -> dict[str, object]:
    """閲覧された患者の要約 — what the chained event says of a list: how many, and a digest of who."""
    return {"patients": len(patients), "patients_sha256": patients_digest(map(str, patients))}


# No event has this number: what is kept beside later ones than there are is told by asking for it.
_BEYOND_ALL = 2**63 - 1


def verify_chain(institution_id: UUID, witnessed: Checkpoint | None = None) -> tuple[int, str, list[Break]]:
    """監査記録の検証 — number of events, the last link and every break; inside a transaction of the institution.

    Events are compared with each other, with our own checkpoints, and with what a witness keeps: ``checkpoint``
    and ``witness`` name the size at which the trail is no longer the one that was signed, or is shorter.
    """
    from tasuki_server.audit.checkpoints import signed_checkpoints

    count, last, frontier = 0, FIRST_LINK, Frontier()
    asked = [("checkpoint", each) for each in signed_checkpoints(institution_id)]
    if witnessed is not None:
        asked.append(("witness", witnessed))
    asked.sort(key=lambda each: -each[1].size)
    breaks: list[Break] = []

    def events() -> Iterator[tuple[Event, str, str]]:
        nonlocal count, last, frontier
        told = _told_patients()
        for row in AuditEvent.objects.order_by("number").iterator(chunk_size=2000):
            count, last = count + 1, row.link
            if row.detail.get("patients_sha256", "") != told(row.number, row.at):
                breaks.append(Break(row.number, "patients"))
            event = event_of(row, institution_id)
            frontier = frontier.grown((leaf_hash(canonical(event)),))
            while asked and asked[-1][1].size <= frontier.size:
                kind, checkpoint = asked.pop()
                if (frontier.size, frontier.root) != checkpoint[1:]:
                    breaks.append(Break(checkpoint.size, kind))
            yield event, row.link, row.seal
        if told(_BEYOND_ALL, None):
            breaks.append(Break(count + 1, "patients"))

    breaks.extend(check_chain(events(), seal_key()))
    breaks.extend(Break(checkpoint.size, kind) for kind, checkpoint in reversed(asked) if checkpoint.size)
    return count, last, sorted(breaks)


def _told_patients() -> Callable[[int, datetime | None], str]:
    """Digest of the patients kept beside an event, asked in the order of numbers; rows beside no event are told by the next.

    They are of the moment of their event: one that is moved out of a range of days would be left out of a disclosure.
    """
    kept = ShownPatient.objects.order_by("number", "at").values_list("number", "at", "patient_id")
    groups = groupby(kept.iterator(2000), key=itemgetter(0, 1))
    ahead = next(groups, None)

    def told(number: int, at: datetime | None) -> str:
        nonlocal ahead
        if ahead is None or ahead[0][0] > number:
            return ""
        place, rows = ahead
        digest = patients_digest(str(each) for _, _, each in rows)
        ahead = next(groups, None)
        return digest if place == (number, at) else "beside no event"

    return told


def event_of(row: AuditEvent, institution_id: UUID) -> Event:
    """監査記録の値 — the row as the chain sees it."""
    return Event(
        institution=str(institution_id),
        number=row.number,
        at=row.at.isoformat(timespec="microseconds"),
        actor=row.actor,
        staff=str(row.staff_id or ""),
        action=row.action,
        subject=row.subject,
        subject_id=row.subject_id,
        patient=str(row.patient_id or ""),
        detail=row.detail,
        address=row.address,
        session=row.session,
        purpose=row.purpose,
    )


def seal_key() -> bytes:
    """封印の鍵 — known to the server, not to the database."""
    return installation_secrets().derived("audit")
