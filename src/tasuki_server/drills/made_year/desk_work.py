# SPDX-License-Identifier: Apache-2.0
"""作り物の事務 — receipts at the month's turn, the telephone, letters by the hundred, and administration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.security.misuse.act import ActKind
from tasuki_server.drills.made_year.clinic_life import Made
from tasuki_server.drills.made_year.people import PATIENTS

if TYPE_CHECKING:
    from tasuki_server.drills.made_year.clinic_life import Day
    from tasuki_server.drills.made_year.people import Person


def receipts(day: Day) -> None:
    """レセプト — the first ten days: clerks open receipt after receipt, some until late; the eighth day sends them."""
    chosen, clinic = day.chosen, day.clinic
    if not 1 <= day.date.day <= 9:
        return
    month = [patient for patient, last in clinic.visited.items() if day.day - last <= 45]
    for clerk in _present(day, "clerk"):
        is_late = chosen.random() < 0.35
        minute = 13.0 * 60
        end = (20.7 if is_late else 17.8) * 60
        todo = chosen.sample(month, min(len(month), int(len(month) * chosen.uniform(0.1, 0.3))))
        step = max(0.2, (end - minute) / max(len(todo), 1) * 0.9)
        for patient in todo:
            day.act(clerk, minute, ActKind.VIEW, "claims", patient, purpose="HPAYMT")
            if chosen.random() < 0.1:
                day.act(clerk, minute + 0.1, ActKind.WRITE, "claims", patient, purpose="HPAYMT")
            minute += step * chosen.uniform(0.5, 1.5)
    for doctor in _present(day, "doctor"):
        if day.date.day in (5, 6):
            for index, patient in enumerate(chosen.sample(month, min(len(month), 60))):
                day.act(doctor, 13 * 60 + index, ActKind.VIEW, "claims", patient, purpose="HPAYMT")
    if day.date.day in (8, 9) and (clerks := _present(day, "clerk")):
        payers = (0.6, 0.4) if day.date.day == 8 else (0.05,)
        for share in payers:
            amount = max(1, int(len(month) * share))
            day.act(clerks[0], 16 * 60, ActKind.EXPORT, "claims", amount=amount, purpose="HPAYMT")


def telephone(day: Day) -> None:
    """電話 — the desk opens whoever calls, seen lately or not; autumn invites many to vaccinations by letter."""
    chosen = day.chosen
    for person in _present(day, "reception"):
        for _ in range(chosen.randint(0, 4)):
            patient = chosen.randint(1, PATIENTS)
            if patient not in day.clinic.canaries:
                day.act(
                    person, chosen.uniform(540, 1000), ActKind.VIEW, "patient", patient, purpose="HOPERAT"
                )
        if chosen.random() < 0.01:
            # 転院・開示などで一人分をまとめて印刷する。
            day.act(
                person, chosen.uniform(700, 1000), ActKind.PRINT, "document", 0, amount=chosen.randint(20, 90)
            )
    if day.date.month == 9 and day.date.day == 10 and (desk := _present(day, "reception")):
        day.act(desk[0], 900, ActKind.PRINT, "letter", 0, amount=chosen.randint(200, 400))


def administration(day: Day) -> None:
    """管理 — a new colleague in April, a lost telephone, a new terminal, a typing error in an address, consent withdrawn."""
    chosen, clinic = day.chosen, day.clinic
    admins = _present(day, "admin")
    if admins:
        admin = admins[0]
        if day.date.day == 20:
            day.act(admin, 600, ActKind.EXPORT, "daybook", amount=31, purpose="HOPERAT")
        if chosen.random() < (0.08 if day.date.month == 4 else 0.01):
            day.act(admin, 560, ActKind.RIGHT_CHANGE, "staff", target=chosen.choice(clinic.people).id)
        if chosen.random() < 0.01:
            day.act(admin, 555, ActKind.FACTOR_RESET, "staff", target=chosen.choice(clinic.people).id)
    for person in clinic.people:
        if person.id in day.duty and chosen.random() < 0.0006:
            person.terminals = [f"{person.terminals[0]}-new{day.day}", *person.terminals[1:]]
        if person.id in day.duty and chosen.random() < 0.02:
            for each in range(chosen.choice((1, 1, 2, 4))):
                day.act(person, 700 + each * 0.2, ActKind.REFUSED, "page")
    if chosen.random() < 0.015:
        patient = chosen.choice(list(clinic.visited) or [1])
        clinic.withdrawn.append(patient)
        withdrawal = {"kind": ActKind.CONSENT_WITHDRAWN, "patient": str(patient)}
        day.acts.append(Made(day.start + 32_000, "", withdrawal))


def _present(day: Day, *roles: str) -> list[Person]:
    return [each for each in day.clinic.of_role(*roles) if each.id in day.duty]
