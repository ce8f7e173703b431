# SPDX-License-Identifier: Apache-2.0
"""情報共有の不変条件 — both sides of the wire beside each other: the service shows what the chart says, once, and nothing waits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from tasuki_server.reception.models import Visit

# What the service makes of its own, and what points at other resources by its own addresses.
_ITS_OWN = frozenset({"id", "meta", "subject", "patient", "encounter", "recorder", "asserter", "contained"})
_HELD = """
    SELECT r.type, r.body FROM records_insured p JOIN exchange_resource r ON r.patient = p.patient
    WHERE p.person = %s AND NOT r.is_deleted AND r.type IN ('Condition', 'AllergyIntolerance')
"""


def broken_records(visits: Sequence[UUID]) -> list[str]:
    """情報共有の不変条件の違反 — inside a transaction of the clinic, after everything settled."""
    from tasuki_server.reception.models import Visit

    found = list(_waiting())
    for visit in Visit.objects.filter(pk__in=visits).select_related("patient"):
        found += [*_same(visit), *_told(visit)]
    return found


def _same(visit: Visit) -> Iterator[str]:
    """The service holds the records of the chart: each once, with the words of its newest version, and none besides."""
    held = _held(visit)
    twice = [number for number, count in Counter(number for number, _ in held).items() if count > 1]
    if twice:
        yield "サービスに同じ情報が二つあります。"
    wanted = _wanted(visit)
    theirs = dict(held)
    if set(wanted) - set(theirs):
        yield f"サービスに{len(set(wanted) - set(theirs))}件の情報がありません（失われました）。"
    if set(theirs) - set(wanted):
        yield f"カルテにない情報がサービスに{len(set(theirs) - set(wanted))}件残っています。"
    for number in set(wanted) & set(theirs):
        if _plain(wanted[number]) != _plain(theirs[number]):
            yield "サービスの情報が、最後に送った内容と違います（古い版が新しい版を上書きしました）。"


def _wanted(visit: Visit) -> dict[str, dict[str, Any]]:
    """What the newest version of each unit says; a chart that was signed has told everything it holds."""
    from tasuki_server.sharing.planning import preview

    made: dict[str, dict[str, Any]] = {}
    for planned in preview(visit, _doctor(visit)):
        bundle = planned.checked.bundle
        for entry in (bundle or {}).get("entry", ())[1:]:
            resource = entry["resource"]
            made[_number(resource)] = resource
    return made


def _doctor(visit: Visit) -> Any:
    from tasuki_server.chart.draft import newest_note
    from tasuki_server.institutions.models import Staff
    from tasuki_server.institutions.work import current_work

    note = newest_note(visit)
    return note.made_by if note is not None else Staff.objects.get(pk=current_work().actor.staff_id)


def _held(visit: Visit) -> list[tuple[str, dict[str, Any]]]:
    from django.db import connections

    from tasuki.sharing.permission import insured_key
    from tasuki_server.exchange.bodies import read_kept
    from tasuki_server.sharing.viewing import insured_of

    with connections["platform"].cursor() as cursor:
        cursor.execute(_HELD, [insured_key(insured_of(visit).number)])
        return [
            (_number(value), value) for _, body in cursor.fetchall() for value in [read_kept(bytes(body))]
        ]


def _number(resource: dict[str, Any]) -> str:
    from tasuki.sharing.build.names import RESOURCE_NUMBER
    from tasuki.sharing.build.parts import identifier

    return f"{resource['resourceType']} {identifier(resource, RESOURCE_NUMBER)}"


def _plain(resource: dict[str, Any]) -> str:
    kept = {name: value for name, value in resource.items() if name not in _ITS_OWN}
    return json.dumps(kept, sort_keys=True, default=str, ensure_ascii=False)


def _waiting() -> Iterator[str]:
    from tasuki_server.sharing.models import OPEN, SharedUnit, UnitState

    if SharedUnit.objects.filter(state__in=OPEN).exists():
        yield "終わらない送信があります。"
    if any(not row.message for row in SharedUnit.objects.filter(state=UnitState.REFUSED)):
        yield "差し戻された送信に理由がありません。"


def _told(visit: Visit) -> Iterator[str]:
    """Each settled unit tells its way, and each answer that was taken stands in the trail once."""
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.sharing.models import SharedUnit, UnitState

    rows = SharedUnit.objects.filter(patient=visit.patient_id, state__in=(UnitState.DONE, UnitState.REFUSED))
    ids = [str(row.pk) for row in rows]
    if AuditEvent.objects.filter(action="sharing.answer", subject_id__in=ids).count() != len(ids):
        yield "監査記録の sharing.answer が回答の数と合いません。"
    for row in rows:
        steps = Counter(row.steps.values_list("kind", flat=True))
        if not steps["sent"] or steps[str(row.state)] != 1:
            yield "送信の経過に抜けか重なりがあります。"
