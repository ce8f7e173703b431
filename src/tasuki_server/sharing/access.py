# SPDX-License-Identifier: Apache-2.0
"""共有する情報の参照 — what may be seen of units, flags and results; every read of a person's is noted, the rest is 404."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404

from tasuki_server.audit.trail import record
from tasuki_server.chart.draft import newest_note
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.access import banner_of
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.asked_period import asked_period, is_of_patient
from tasuki_server.reception.models import Visit
from tasuki_server.sharing.models import LabResult, SharedUnit, UnitKind, UnitState
from tasuki_server.sharing.planning import newest_unit, preview
from tasuki_server.sharing.results import ROWS, SPECIMENS, results_of
from tasuki_server.sharing.setting import is_used
from tasuki_server.sharing.shown import shown_findings, shown_items, shown_planned

MOST_ROWS = 300
FILTERS = (
    ("open", "未送信"),
    ("trouble", "要対応"),
    ("done", "送信済"),
    ("refused", "差し戻し"),
    ("all", "すべて"),
)
SORTS = (("new", "新しい順"), ("old", "古い順"), ("number", "患者番号順"))
_ORDERS = {
    "new": ("-made_at", "-number"),
    "old": ("made_at", "number"),
    "number": ("patient__number", "-made_at"),
}
_SHOWN = {
    "open": Q(state__in=(UnitState.KEPT, UnitState.SENT)),
    "trouble": Q(state__in=(UnitState.FAULTY, UnitState.REFUSED)),
    "done": Q(state=UnitState.DONE),
    "refused": Q(state=UnitState.REFUSED),
    "all": Q(),
}


def access_list(wanted: Mapping[str, str]) -> dict[str, Any]:
    """情報共有の一覧 — narrowed, sorted, searched; the read names everyone who is shown."""
    shown = wanted.get("show", "open") if wanted.get("show", "open") in _SHOWN else "open"
    sort = wanted.get("sort", "new") if wanted.get("sort", "new") in _ORDERS else "new"
    kind = wanted.get("kind", "") if wanted.get("kind", "") in UnitKind.values else ""
    days = asked_period(wanted)
    rows = SharedUnit.objects.exclude(state=UnitState.DROPPED).filter(visit__day__range=days)
    if kind:
        rows = rows.filter(kind=kind)
    counts = {name: rows.filter(rule).count() for name, rule in _SHOWN.items()}
    found = rows.filter(_SHOWN[shown]).order_by(*_ORDERS[sort]).select_related("patient", "visit", "made_by")
    q = wanted.get("q", "").strip()
    listed = [row for row in found[: MOST_ROWS * 10] if not q or is_of_patient(row.patient, q)][:MOST_ROWS]
    record("sharing.read", "list", detail={"rows": len(listed)}, patients={row.patient_id for row in listed})
    return {
        "rows": listed,
        "filters": [(name, label, counts[name]) for name, label in FILTERS],
        "sorts": SORTS,
        "kinds": UnitKind.choices,
        "shown": shown,
        "sort": sort,
        "kind": kind,
        "q": q,
        "since": days[0],
        "until": days[1],
        "is_used": is_used(),
    }


def access_unit(unit_id: UUID) -> SharedUnit:
    """送信単位の参照 — by id."""
    rows = SharedUnit.objects.select_related("patient", "visit", "visit__patient", "made_by")
    found = rows.filter(pk=unit_id).first()
    if found is None:
        raise Http404("unit")
    return found


def access_unit_page(unit_id: UUID) -> dict[str, Any]:
    """送信単位の画面 — its items, what was found, and every step; the read is audited."""
    row = access_unit(unit_id)
    record("sharing.read", row, row.patient_id)
    return {
        **banner_of(row.patient),
        "visit": row.visit,
        "unit": row,
        "items": shown_items(row),
        "findings": shown_findings(row),
        "steps": list(row.steps.order_by("at", "id")),
        "newer": SharedUnit.objects.filter(
            patient_id=row.patient_id, unit_key=row.unit_key, number__gt=row.number
        )
        .exclude(state=UnitState.DROPPED)
        .order_by("-number")
        .first(),
    }


def access_visit_page(visit_id: UUID, staff: Staff) -> dict[str, Any]:
    """6情報の画面 — what would be shared now, what is wrong with it, and where each unit stands; the read is audited."""
    visit = access_visit(visit_id)
    record("sharing.read", visit, visit.patient_id)
    return {**banner_of(visit.patient), **context_of(visit, staff)}


def access_panel(visit_id: UUID, staff: Staff) -> dict[str, Any]:
    """カルテの情報共有の欄 — of one visit; the read is audited."""
    visit = access_visit(visit_id)
    record("sharing.read", visit, visit.patient_id, {"part": "panel"})
    return context_of(visit, staff)


def context_of(visit: Visit, staff: Staff) -> dict[str, Any]:
    """情報共有の内容 — of a visit: units with their items, flags and findings."""
    note = newest_note(visit)
    planned = preview(visit, note.made_by if note is not None else staff)
    units = [shown_planned(each, newest_unit(visit, each.wanted.unit_key), visit) for each in planned]
    # The diseases and allergies of everyone stand in the chart; what has no item and no unit says nothing.
    units = [each for each in units if each.items or each.unit is not None]
    return {
        "visit": visit,
        "is_used": is_used(),
        "is_signed": note is not None,
        "units": units,
        "is_waiting": any(each.unit is not None and each.unit.is_open for each in units),
        "fault_count": sum(each.fault_count for each in units),
        "can_resend": any(each.is_stale for each in units),
    }


def access_results(visit_id: UUID) -> dict[str, Any]:
    """検査結果の画面 — all results of the patient, and the form for another report; the read is audited."""
    visit = access_visit(visit_id)
    record("result.read", visit, visit.patient_id)
    return {
        **banner_of(visit.patient),
        "visit": visit,
        "results": results_of(visit.patient_id),
        "blank_rows": range(ROWS),
        "specimens": SPECIMENS,
        "day_text": f"{visit.day:%Y-%m-%d}",
    }


def access_result(visit: Visit, record_id: UUID) -> LabResult:
    """検査結果の参照 — the newest version of one record of this patient."""
    rows = LabResult.objects.filter(patient_id=visit.patient_id, record_id=record_id)
    found = rows.order_by("-version").first()
    if found is None:
        raise Http404("result")
    return found
