# SPDX-License-Identifier: Apache-2.0
"""作り物の診療 — consultations, vaccination days and the looking back at results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.security.misuse.act import ActKind, Mark
from tasuki_server.drills.made_year.clinic_life import patient_of

if TYPE_CHECKING:
    from tasuki_server.drills.made_year.clinic_life import Day
    from tasuki_server.drills.made_year.people import Person

V, W, P = ActKind.VIEW, ActKind.WRITE, ActKind.PRINT


def consultations(day: Day, visits: int) -> None:
    """診察 — half of the patients before ten; who was booked comes, and is booked again."""
    chosen, clinic = day.chosen, day.clinic
    booked = [
        patient for patient, days in clinic.booked.items() if day.day in days and chosen.random() < 0.92
    ]
    patients = [*booked, *(patient_of(chosen) for _ in range(max(0, visits - len(booked))))]
    patients = [each for each in patients if each not in clinic.canaries]
    doctors, nurses, desk = (
        _present(day, *roles) for roles in (("doctor",), ("nurse",), ("reception", "clerk"))
    )
    if not (doctors and nurses and desk):
        return
    day.today.update(patients)
    is_short = day.date.weekday() == 5
    for patient in patients:
        clinic.booked.pop(patient, None)
        begin = (
            chosen.uniform(8.5 * 60, 10 * 60)
            if chosen.random() < 0.5
            else chosen.uniform(600, 740 if is_short else 1000)
        )
        _one_visit(day, patient, begin, chosen.choice(doctors), chosen.choice(nurses), chosen.choice(desk))
        clinic.visited[patient] = day.day
        if chosen.random() < 0.35:
            clinic.booked[patient] = [day.day + chosen.choice((7, 14, 28, 28, 35))]


def _one_visit(day: Day, patient: int, begin: float, doctor: Person, nurse: Person, desk: Person) -> None:
    chosen = day.chosen
    station = (
        chosen.choice(nurse.terminals)
        if chosen.random() < 0.2
        else nurse.terminals[hash_of(nurse.id, day.day)]
    )
    day.act(desk, begin, V, "patient", patient, purpose="HOPERAT")
    day.act(desk, begin + 0.6, W, "visit", patient, purpose="HOPERAT")
    day.act(nurse, begin + chosen.uniform(3, 15), V, "chart", patient, device=station, purpose="TREAT")
    seen = begin + chosen.uniform(10, 60)
    for step in range(chosen.randint(1, 3)):
        day.act(doctor, seen + step, V, "chart", patient, purpose="TREAT")
    for step in range(chosen.randint(2, 5)):
        day.act(doctor, seen + 3 + step, W, "chart", patient, purpose="TREAT")
    if chosen.random() < 0.1 and patient not in day.clinic.withdrawn:
        # 同意を撤回した患者は、ネットワークの側が断る。
        day.act(doctor, seen + 6, V, "network", patient, purpose="TREAT", extra=_NETWORK)
    paid = seen + chosen.uniform(10, 40)
    day.act(desk, paid, V, "bill", patient, purpose="HPAYMT")
    day.act(desk, paid + 0.5, W, "bill", patient, purpose="HPAYMT")
    day.act(desk, paid + 1, P, "document", patient, purpose="HPAYMT", amount=chosen.choice((1, 2, 2, 3)))


_NETWORK = frozenset({Mark.THROUGH_NETWORK})


def vaccinations(day: Day, visits: int) -> None:
    """予防接種の日 — autumn Wednesdays: a nurse opens the whole list in half an hour, then one person a minute or two."""
    chosen = day.chosen
    if day.date.weekday() != 2 or day.date.month not in (10, 11, 12):
        return
    nurses = _present(day, "nurse")
    if not nurses:
        return
    # 家族は続き番号で来る。
    first = [patient_of(chosen) for _ in range(visits)]
    patients = [each + step for each in first for step in range(chosen.choice((1, 1, 2, 3)))]
    patients = [each for each in patients if each not in day.clinic.canaries]
    day.today.update(patients)
    minute = 12.7 * 60
    nurse = chosen.choice(nurses)
    for patient in patients:
        minute += chosen.uniform(0.15, 0.5)
        day.act(nurse, minute, V, "chart", patient, device=nurse.terminals[0], purpose="TREAT")
    minute = 13.5 * 60
    for patient in patients:
        minute += chosen.uniform(0.5, 2)
        nurse = chosen.choice(nurses)
        device = nurse.terminals[hash_of(nurse.id, day.day)]
        day.act(nurse, minute, V, "chart", patient, device=device, purpose="TREAT")
        day.act(nurse, minute + 0.4, W, "chart", patient, device=device, purpose="TREAT")
        day.clinic.visited[patient] = day.day


def looking_back(day: Day) -> None:
    """見返し — results of the last days; a letter comes about someone not seen for long; a chart is opened by mistake."""
    chosen, clinic = day.chosen, day.clinic
    recent = [patient for patient, last in clinic.visited.items() if 1 <= day.day - last <= 5]
    for doctor in _present(day, "doctor"):
        for patient in chosen.sample(recent, min(len(recent), chosen.randint(3, 10))):
            day.act(doctor, chosen.uniform(780, 840), V, "chart", patient, purpose="TREAT")
        if chosen.random() < 0.03:
            day.act(doctor, chosen.uniform(900, 1000), V, "chart", _someone(day), purpose="TREAT")
    for nurse in _present(day, "nurse"):
        if chosen.random() < 0.015:
            day.act(nurse, chosen.uniform(540, 1000), V, "chart", _someone(day), purpose="TREAT")


def _someone(day: Day) -> int:
    while True:
        patient = day.chosen.randint(1, 4000)
        if patient not in day.clinic.canaries:
            return patient


def _present(day: Day, *roles: str) -> list[Person]:
    return [each for each in day.clinic.of_role(*roles) if each.id in day.duty]


def hash_of(name: str, day: int) -> int:
    """今日の端末 — the place a nurse mostly works at today."""
    return (sum(name.encode()) + day) % 4
