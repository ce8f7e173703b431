# SPDX-License-Identifier: Apache-2.0
"""お試しの情報共有 — from today on the demo shares; a few of this morning's people bring results and allergies in words."""

from __future__ import annotations

from datetime import datetime, time

from tasuki_server.demo.schedule import TOKYO
from tasuki_server.patients.records import add_allergy
from tasuki_server.reception.models import Visit, VisitState
from tasuki_server.sharing.results import Entered, keep_report

# As laboratories write them: some names are those of the list, some are not, one has no standard code.
_REPORTS = (
    (
        Entered("HbA1c", "7.2", "%", "4.6", "6.2", "全血", ""),
        Entered("血糖", "148", "mg/dL", "73", "109", "血漿", ""),
        Entered("γ-GTP", "62", "U/L", "10", "47", "血清", ""),
        Entered("クレアチニン", "0.88", "mg/dL", "0.65", "1.07", "血清", ""),
    ),
    (
        Entered("LDLコレステロール", "151", "mg/dL", "70", "139", "血清", ""),
        Entered("HBs抗原", "陰性", "", "", "", "血清", ""),
        Entered("尿蛋白", "±", "", "", "", "尿", ""),
        Entered("ペプシノゲンI", "38.1", "ng/mL", "", "", "血清", ""),
    ),
)
_ALLERGIES = (
    ("food", "そば", "severe", "じんましん"),
    ("other", "スギ花粉", "mild", "鼻汁"),
    ("food", "えび・かに", "mild", "口のかゆみ"),
)


def bring_results(morning: list[Visit]) -> None:
    """結果とアレルギー — of the first people who wait; the caller's work is the doctor's."""
    for place, visit in enumerate(morning[: len(_ALLERGIES)]):
        collected = datetime.combine(visit.day, time(8, 30), TOKYO)
        if place < len(_REPORTS):
            keep_report(visit, _REPORTS[place], collected)
        kind, substance, severity, reaction = _ALLERGIES[place]
        add_allergy(
            visit.patient,
            kind=kind,
            substance=substance,
            severity=severity,
            reaction=reaction,
            noted_on=visit.day,
        )


def waiting_visits() -> list[Visit]:
    """この朝に待つ人 — in the order they came."""
    rows = Visit.objects.filter(state=VisitState.WAITING).select_related("patient")
    return list(rows.order_by("arrived_at"))
