# SPDX-License-Identifier: Apache-2.0
"""認可の照会 — decide() asked for a page or a reading function, and what it said kept for the trail and the screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from tasuki.security.conditions import TOUCHES, Effect
from tasuki.security.decision import Decision, Person, decide
from tasuki.security.permissions import Permission
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.models import Patient
from tasuki_server.privacy.standing import Standing, standings


@dataclass(slots=True)
class Asked:
    """照会の結果 — of one page: its patients, marks for the trail by patient, and whom break-glass opened."""

    standings: dict[UUID, Standing] = field(default_factory=dict)
    marks: dict[UUID, list[str]] = field(default_factory=dict)
    emergencies: dict[UUID, Standing] = field(default_factory=dict)

    def keep(self, standing: Standing, decision: Decision) -> None:
        """判断の保持 — what of a decision belongs into the trail and onto the page."""
        self.standings[standing.patient_id] = standing
        if decision.noted:
            held = self.marks.setdefault(standing.patient_id, [])
            held += [each for each in decision.noted if each not in held]
        if decision.is_by_emergency:
            self.emergencies[standing.patient_id] = standing


class Refusal(PermissionDenied):
    """拒否 — a refusal that knows which row decided, and whether a reason would open the page."""

    def __init__(self, decision: Decision, standing: Standing | None = None) -> None:
        self.decision = decision
        self.standing = standing
        super().__init__(decision.rule_id)

    @property
    def may_ask(self) -> bool:
        """理由で開けるか — whether break-glass answers it."""
        return self.decision.effect is Effect.ASK and self.standing is not None

    def for_trail(self) -> tuple[UUID | None, dict[str, object]]:
        """記録用 — whose it was, and the row that decided."""
        whose = self.standing.patient_id if self.standing is not None else None
        return whose, {"rule": self.decision.rule_id}


def person_of(staff: Staff) -> Person:
    """行う人 — as decide() takes it."""
    return Person(staff.roles_now(), staff.is_active, staff.lent)


def ask_roles(staff: Staff, permissions: Iterable[Permission]) -> None:
    """役割の照会 — before any row is looked for; raises :class:`Refusal`."""
    person = person_of(staff)
    for permission in permissions:
        decision = decide(person, permission)
        if not decision.is_allowed:
            raise Refusal(decision)


def ask_patients(
    staff: Staff, permissions: Sequence[Permission], finders: Sequence[tuple[str, object]], asked: Asked
) -> None:
    """患者の照会 — for each patient that a page concerns; raises :class:`Refusal` on the strongest no."""
    touching = [permission for permission in permissions if permission in TOUCHES]
    if not touching or not finders:
        return
    person = person_of(staff)
    refused: list[Refusal] = []
    for standing in standings(staff.id, finders):
        for permission in touching:
            decision = decide(person, permission, standing.whose, standing.circumstances)
            asked.keep(standing, decision)
            if not decision.is_allowed:
                refused.append(Refusal(decision, standing))
    if refused:
        raise max(refused, key=lambda each: each.decision.effect)


def ask_for(request: HttpRequest, patient_id: UUID, *permissions: Permission) -> None:
    """読む前の照会 — for a patient who is named in what was sent and not in the address."""
    staff: Staff | None = getattr(request, "staff", None)
    asked: Asked | None = getattr(request, "asked", None)
    if staff is None or asked is None:
        raise PermissionDenied
    try:
        ask_patients(staff, permissions, [("SELECT %s::uuid", patient_id)], asked)
    except Refusal as refusal:
        request.refusal = refusal  # type: ignore[attr-defined]
        raise


def candidates(patients: Iterable[Patient], *permissions: Permission) -> list[Patient]:
    """候補の絞込み — of patients who are alike somebody: without whom the person may not know of.

    A list of candidates tells that somebody of that name and birth date is a patient here. So whoever is sealed from the
    person is left out as in a search, and whomever a row forbids to the person as well; a row that asks for a reason
    does so when the chart is opened.
    """
    found = list(patients)
    staff = Staff.objects.filter(id=current_work().actor.staff_id).first()
    if staff is None or not found:
        return []
    person, asked_of = person_of(staff), [("SELECT unnest(%s::uuid[])", [each.id for each in found])]
    left_out = {
        standing.patient_id
        for standing in standings(staff.id, asked_of)
        for permission in permissions
        if decide(person, permission, standing.whose, standing.circumstances).effect is Effect.FORBID
    }
    return [each for each in found if not each.is_hidden and each.id not in left_out]


def mark_events(asked: Asked) -> None:
    """記録への印 — the rules that want to be seen stand with the events of their patient, or in one of their own."""
    events = current_work().events
    for patient_id, rules in asked.marks.items():
        detail = {"rules": sorted(rules)}
        standing = asked.emergencies.get(patient_id)
        if standing is not None:
            detail["emergency"] = [str(standing.emergency_id)]
        places = [place for place, event in enumerate(events) if event.patient_id == patient_id]
        for place in places:
            events[place] = replace(events[place], detail={**events[place].detail, **detail})
        if not places:
            record("access.noted", patient_id=patient_id, detail=detail)
