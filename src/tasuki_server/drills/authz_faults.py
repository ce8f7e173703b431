# SPDX-License-Identifier: Apache-2.0
"""認可の訓練の欠陥 — one check removed at a time; each must show in cells that the table judges."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from tasuki_server.drills.authz import Tried, cell
from tasuki_server.drills.authz_ground import Clinic, Situation, situations
from tasuki_server.drills.authz_table import Entry, entries, expected, holders

Fault = Callable[[Clinic, random.Random], Iterator[Tried]]
# Cells that are asked with a fault planted: enough to see it, few enough to be quick.
ASKED = 4


def faults() -> dict[str, Fault]:
    """わざと入れる欠陥 — by name."""
    from tasuki.security.conditions import CONDITION_RULES
    from tasuki.security.permissions import Permission

    found: dict[str, Fault] = {}
    for permission in Permission:
        if any(permission in each.permissions for each in entries().values()):
            found[f"permission {permission}"] = _without_permission(permission)
    for rule in CONDITION_RULES:
        situation = {"no_care_relation": "no_relation"}.get(rule.condition, rule.condition.value)
        if any(each.name == situation for each in situations()) and rule.effect >= 2:
            found[f"rule {rule.rule_id}"] = _without_rule(rule.rule_id, situation)
    found["whose is not asked"] = _in("sealed", _patients_unasked)
    found["undeclared view is open"] = _undeclared
    found["second factor not asked"] = _in("mfa_pending", _no_second_factor)
    found["left staff may stay"] = _in("left_staff", _left_staff_stay)
    found["seal reads past everybody"] = _in("sealed", _nobody_sealed)
    return found


def _without_permission(permission: Any) -> Fault:
    """Every address that asks the permission asks only for a sign-in."""

    def planted(clinic: Clinic, chosen: random.Random) -> Iterator[Tried]:
        from tasuki_server.accounts import permission_gate

        real = permission_gate.permissions_needed

        def lax(name: str, view: Any) -> Any:
            needed = real(name, view)
            return needed and tuple(each for each in needed if each != permission)

        home = situations()[0]
        touched = [each for each in entries().values() if permission in each.permissions]
        with mock.patch.object(permission_gate, "permissions_needed", lax):
            for entry in _some(touched, chosen):
                for role in chosen.sample(shut := _shut_out(entry, clinic, permission), min(2, len(shut))):
                    yield cell(clinic, entry, role, home)

    return planted


def _shut_out(entry: Entry, clinic: Clinic, permission: str) -> list[str]:
    """Those whom this permission alone keeps out."""
    held = holders()
    return [
        role
        for role in sorted(clinic.staff)
        if role not in held[permission]
        and all(role in held[other] for other in entry.permissions if other != permission)
    ]


def _without_rule(rule_id: str, situation_name: str) -> Fault:
    def planted(clinic: Clinic, chosen: random.Random) -> Iterator[Tried]:
        from tasuki.security import conditions, decision

        rules = tuple(each for each in conditions.CONDITION_RULES if each.rule_id != rule_id)
        removed = conditions.RULES_BY_ID[rule_id]
        real = decision.decide

        def lax(
            person: Any, action: Any, whose: Any = decision.NOBODY, circumstances: Any = decision.ORDINARY
        ) -> Any:
            return real(person, action, whose, circumstances, rules)

        touched = [
            each
            for each in entries().values()
            if each.is_of_a_patient
            and any(
                removed.applies_to(permission, conditions.TOUCHES.get(permission, conditions.Touch.NOTHING))
                for permission in each.permissions
            )
        ]
        with mock.patch("tasuki_server.privacy.asking.decide", lax):
            yield from _cells(clinic, situation_name, _some(touched, chosen))

    return planted


def _in(situation_name: str, plant: Callable[[], Any]) -> Fault:
    def planted(clinic: Clinic, chosen: random.Random) -> Iterator[Tried]:
        touched = [each for each in entries().values() if each.is_of_a_patient]
        with plant():
            yield from _cells(clinic, situation_name, _some(touched, chosen))

    return planted


def _cells(clinic: Clinic, situation_name: str, touched: list[Any]) -> Iterator[Tried]:
    situation = _situation(situation_name)
    with situation.arranged(clinic):
        for entry in touched:
            held = [r for r in sorted(clinic.staff) if expected(entry, r, "own_clinic") == "open"]
            for role in held[:1]:
                yield cell(clinic, entry, role, situation)


def _situation(name: str) -> Situation:
    return next(each for each in situations() if each.name == name)


def _some(touched: list[Any], chosen: random.Random) -> list[Any]:
    return chosen.sample(touched, min(ASKED, len(touched)))


@contextmanager
def _patients_unasked() -> Iterator[None]:
    with mock.patch("tasuki_server.accounts.permission_gate.finders_of", lambda room, names: {}):
        yield


def _undeclared(clinic: Clinic, chosen: random.Random) -> Iterator[Tried]:
    """A view that names no permission passes."""
    from tasuki_server.accounts import permission_gate

    real = permission_gate.permissions_needed
    closed = [each for each in entries().values() if not each.permissions]
    with mock.patch.object(permission_gate, "permissions_needed", lambda name, view: real(name, view) or ()):
        for entry in closed:
            yield cell(clinic, entry, "admin", situations()[0])


@contextmanager
def _no_second_factor() -> Iterator[None]:
    with mock.patch("tasuki_server.accounts.second_factor.proved_types", lambda request: {"totp"}):
        yield


@contextmanager
def _left_staff_stay() -> Iterator[None]:
    from tasuki.security.decision import Person
    from tasuki.security.permissions import Role

    def lax(staff: Any) -> Person:
        return Person(frozenset(Role(each) for each in staff.roles))

    with mock.patch("tasuki_server.privacy.asking.person_of", lax):
        yield


@contextmanager
def _nobody_sealed() -> Iterator[None]:
    from tasuki_server.privacy import standing

    lax = standing._SQL.replace("AND NOT m.readers @> to_jsonb(%(staff)s::text)", "AND false")
    with mock.patch.object(standing, "_SQL", lax):
        yield
