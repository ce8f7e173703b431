# SPDX-License-Identifier: Apache-2.0
"""傷病名の作成 — SY records: those of the month, the main one first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.chart.visit import Diagnosis, Outcome
from tasuki.claims.codes import MAIN_DISEASE, UNCODED_DISEASE

if TYPE_CHECKING:
    from tasuki.claims.build.composing import Composing
    from tasuki.claims.build.month import PatientMonth
    from tasuki.claims.item_values import Month

_SUSPECTED = "8002"


def add_diseases(composing: Composing, patient: PatientMonth) -> None:
    """傷病名 — every disease that was open in the month, main first, then by start.

    An outcome after the month is not known to the month: the disease goes on.
    """
    first, last = patient.month.day(1), patient.month.day(patient.month.last_day)
    open_ones = [
        one
        for one in patient.diagnoses
        if one.since <= last and (one.ended_on is None or one.ended_on >= first)
    ]
    for one in sorted(open_ones, key=lambda one: (not one.is_main, one.since)):
        composing.add(
            "SY",
            {
                "disease_code": one.code,
                "since_on": f"{one.since:%Y%m%d}",
                "outcome": _outcome(one, patient.month).value,
                "modifiers": "".join(_modifiers(one)),
                "disease_name": one.name if one.code == UNCODED_DISEASE else "",
                "main": MAIN_DISEASE if one.is_main else "",
            },
        )


def _outcome(one: Diagnosis, month: Month) -> Outcome:
    if one.ended_on is not None and one.ended_on > month.day(month.last_day):
        return Outcome.CONTINUING
    return one.outcome


def _modifiers(one: Diagnosis) -> tuple[str, ...]:
    if one.is_suspected and _SUSPECTED not in one.modifiers:
        return (*one.modifiers, _SUSPECTED)
    return one.modifiers
