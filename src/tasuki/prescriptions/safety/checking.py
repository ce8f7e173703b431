# SPDX-License-Identifier: Apache-2.0
"""処方の点検 — a prescription against itself, the drugs taken already, and the person it is for.

A pure function of values: the same input gives the same alerts in any order of entry, and a drug that has nothing
to do with the others changes none of theirs. What the tables do not say is not guessed; what cannot be judged
because a number is missing is 情報 that names the number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasuki.prescriptions.safety.alert import Alert, alert_order
from tasuki.prescriptions.safety.dose import dose_alerts
from tasuki.prescriptions.safety.pairs import Taken, pair_alerts
from tasuki.prescriptions.safety.person_checks import (
    AllergyMap,
    age_alerts,
    allergy_alerts,
    by_key,
    disease_alerts,
    kidney_alerts,
    state_alerts,
)
from tasuki.prescriptions.safety.rows import Tier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tasuki.prescriptions.safety.knowledge import Knowledge
    from tasuki.prescriptions.safety.person import Medicine, Patient

# How an institution is called that gave a drug and is not named.
ELSEWHERE = "ほかの医療機関"


def check(
    prescription: Sequence[Medicine],
    patient: Patient,
    history: Sequence[Medicine],
    shared_history: Sequence[Medicine],
    knowledge: Knowledge,
    day: date,
) -> tuple[Alert, ...]:
    """処方の点検 — every alert once, in a stable order.

    ``history`` holds what this institution gave before, ``shared_history`` what others did (each with the
    ``institution`` that gave it); drugs whose days do not meet the prescription's are left alone.

    Cite: 電子処方箋管理サービスの導入に関するシステムベンダ向け技術解説書（重複投薬等チェック）; 電子添文
    """
    prescribed = [
        Taken(each, knowledge.profile(each.code, each.ingredient), position)
        for position, each in enumerate(prescription)
    ]
    years = patient.years_on(day)
    elsewhere = [
        each if each.institution else replace(each, institution=ELSEWHERE) for each in shared_history
    ]
    found = list(pair_alerts(prescribed, (*history, *elsewhere), knowledge, day))
    allergies = AllergyMap(patient.allergies, knowledge)
    diseases = by_key(patient.conditions)
    for one in prescribed:
        if not one.medicine.ingredient:
            found.append(_unknown(one))
        found += allergy_alerts(one, allergies, day)
        found += disease_alerts(one, diseases, day)
        if one.profile.ages:
            found += age_alerts(one, years, day)
        if one.profile.states:
            found += state_alerts(one, patient, years, day)
        if one.profile.kidney:
            found += kidney_alerts(one, patient, day)
    found += dose_alerts(prescribed, patient, years, day)
    once = {(each.code, each.where, each.cause, each.beside): each for each in sorted(found, key=_latest)}
    return tuple(sorted(once.values(), key=alert_order))


def _latest(alert: Alert) -> tuple[str, str, object]:
    """Of several boxes of one drug taken before, the one that lasts longest is told."""
    return (alert.fact("until"), alert.fact("since"), alert.facts)


def _unknown(one: Taken) -> Alert:
    facts = (("drug", one.medicine.name),)
    return Alert(
        "RX-A-34", Tier.INFO, one.medicine.place, facts, "", "prescription.safety.RX-A-34", one.identity
    )
