# SPDX-License-Identifier: Apache-2.0
"""改定影響の段階 — begins a run, takes one step of it, and puts the steps together."""

from __future__ import annotations

from datetime import date

import msgspec

from tasuki.calculation.impact import Impact, measure_impact, merge_impacts
from tasuki_server.audit.trail import record
from tasuki_server.chart.values import institution_value
from tasuki_server.impact.gather import billed_patients, gather_visits
from tasuki_server.impact.models import ImpactPart, ImpactRun
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.work import current_work
from tasuki_server.masters_source import current_book, store_path
from tasuki_server.patients.models import Patient

# About two seconds of calculation on a small machine: short enough to see it move.
VISITS_A_STEP = 150


class OtherTables(Exception):
    """点数表の変化 — the masters were imported anew since the run began: it must be begun again."""


def begin_run(month: date, revision: str) -> ImpactRun:
    """改定影響の計算の開始 — the month's patients in steps of about 150 visits; nothing is calculated yet."""
    steps: list[list[int]] = []
    room = 0
    people = billed_patients(month)
    for number, visits in people:
        if room <= 0:
            steps.append([])
            room = VISITS_A_STEP
        steps[-1].append(number)
        room -= visits
    run = ImpactRun.objects.create(
        month=month,
        revision=revision,
        book=book_mark(),
        steps=steps,
        visit_count=sum(visits for _, visits in people),
        made_by_id=current_work().actor.staff_id,
    )
    record("impact.start", run, detail={"month": f"{month:%Y-%m}", "revision": revision})
    return run


def take_step(run_id: object) -> ImpactRun:
    """一段階の計算 — the next one that is not done; two who ask at once take turns.

    Raises :class:`OtherTables` when other masters were imported meanwhile, ``ImpactRun.DoesNotExist`` for no run.
    """
    run = ImpactRun.objects.select_for_update().get(pk=run_id)
    if run.is_done:
        return run
    if run.book != book_mark():
        raise OtherTables
    gathered = gather_visits(run.month, run.steps[run.steps_done])
    facility = institution_value(Institution.objects.get())
    found = measure_impact(gathered.people, facility, current_book(), run.revision, is_part=True)
    ImpactPart.objects.create(run=run, position=run.steps_done, result=msgspec.to_builtins(found))
    run.steps_done += 1
    run.visits_done += found.visit_count + gathered.left_out
    run.left_out += gathered.left_out
    run.save(update_fields=["steps_done", "visits_done", "left_out"])
    return run


def result_of(run: ImpactRun) -> Impact | None:
    """改定影響の結果 — of the steps taken so far; None before the first."""
    rows = ImpactPart.objects.filter(run=run).order_by("position")
    parts = [msgspec.convert(row.result, Impact) for row in rows]
    return merge_impacts(parts) if parts else None


def names_of(run: ImpactRun) -> dict[str, str]:
    """患者の氏名 — by number, for the screen."""
    numbers = [number for step in run.steps for number in step]
    rows = Patient.objects.filter(number__in=numbers).only("number", "name")
    return {str(row.number): row.name for row in rows}


def book_mark() -> str:
    """点数表の印 — which tables count now: the starter's, or the store of masters by the instant it was kept."""
    path = store_path()
    return f"store {path.stat().st_mtime_ns}" if path.exists() else "starter"
