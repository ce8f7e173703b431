# SPDX-License-Identifier: Apache-2.0
"""認可の判断 — one function answers every question of who may do what to whose data.

What no role allows is refused; the strongest rule on the patient wins; break-glass answers a rule that asks and no
other. The function knows no clock and no database: what holds is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tasuki.security.conditions import (
    CONDITION_RULES,
    TOUCHES,
    Condition,
    ConditionRule,
    Effect,
    Touch,
)
from tasuki.security.permissions import PERMISSIONS, Permission, Role


class Person(NamedTuple):
    """行う人 — the roles a member of staff has, whether they still work here, and what a work order lends them."""

    roles: frozenset[Role]
    is_active: bool = True
    lent: frozenset[Permission] = frozenset()


class Whose(NamedTuple):
    """誰の記録か — what holds between the person and the patient."""

    conditions: frozenset[Condition] = frozenset()


class Circumstances(NamedTuple):
    """状況 — break-glass open for this patient, and the institution's own choices of rules by their id."""

    is_emergency_open: bool = False
    choices: Mapping[str, Effect] = {}


class Decision(NamedTuple):
    """判断 — the effect, the id of the row that decided with its source, and the rules to be marked in the trail."""

    effect: Effect
    rule_id: str
    source: str
    noted: tuple[str, ...] = ()
    is_by_emergency: bool = False

    @property
    def is_allowed(self) -> bool:
        """許可か — at once, without asking."""
        return self.effect <= Effect.NOTE


NOBODY = Whose()
ORDINARY = Circumstances()
_ROLE_SOURCE = "安全管理GL 6.0 システム運用編 14④"


def decide(
    person: Person,
    action: Permission,
    whose: Whose = NOBODY,
    circumstances: Circumstances = ORDINARY,
    rules: Sequence[ConditionRule] = CONDITION_RULES,
) -> Decision:
    """認可の判断 — default deny, forbid wins, every answer names its row.

    Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 14④

    >>> doctor = Person(frozenset({Role.DOCTOR}))
    >>> decide(doctor, Permission.CHART_VIEW).rule_id
    'role/chart.view'
    >>> sealed = Whose(frozenset({Condition.SEALED, Condition.VIP}))
    >>> asked = decide(doctor, Permission.CHART_VIEW, sealed)
    >>> asked.effect.name, asked.rule_id, asked.noted
    ('ASK', 'sealed/chart', ('vip',))
    >>> opened = decide(doctor, Permission.CHART_VIEW, sealed, Circumstances(is_emergency_open=True))
    >>> opened.effect.name, opened.noted, opened.is_by_emergency
    ('NOTE', ('sealed/chart', 'vip'), True)
    """
    if not person.is_active:
        return Decision(Effect.FORBID, "person/inactive", _ROLE_SOURCE)
    row = PERMISSIONS.get(action)
    has_role = row is not None and bool(row.roles & person.roles)
    if not has_role and action not in person.lent:
        return Decision(Effect.FORBID, f"role/{action}", _ROLE_SOURCE)
    if not has_role:
        # The order names its patients, and what it does not name is masked: it stands for the care relation.
        whose = Whose(whose.conditions - {Condition.NO_CARE_RELATION})
    found = _matching(action, whose, circumstances, rules)
    decided = max(found, key=lambda each: each[0], default=None)
    if decided is None or decided[0] is Effect.ALLOW:
        return Decision(Effect.ALLOW, f"role/{action}", _ROLE_SOURCE)
    effect, rule = decided
    marks = tuple(each.rule_id for strength, each in found if strength is Effect.NOTE)
    if effect is Effect.ASK and circumstances.is_emergency_open:
        asking = tuple(each.rule_id for strength, each in found if strength is Effect.ASK)
        return Decision(Effect.NOTE, rule.rule_id, rule.source, asking + marks, is_by_emergency=True)
    return Decision(effect, rule.rule_id, rule.source, marks)


def effect_of(rule: ConditionRule, choices: Mapping[str, Effect]) -> Effect:
    """規則の効果 — as an institution has it; a rule that forbids is nobody's to change, nor may one be made to forbid.

    >>> from tasuki.security.conditions import RULES_BY_ID
    >>> effect_of(RULES_BY_ID["own/change"], {"own/change": Effect.ALLOW}).name
    'FORBID'
    >>> effect_of(RULES_BY_ID["family"], {"family": Effect.ASK}).name
    'ASK'
    """
    chosen = choices.get(rule.rule_id)
    if chosen is None or not rule.may_be_changed or chosen is Effect.FORBID:
        return rule.effect
    return chosen


def _matching(
    action: Permission, whose: Whose, circumstances: Circumstances, rules: Sequence[ConditionRule]
) -> list[tuple[Effect, ConditionRule]]:
    touch = TOUCHES.get(action, Touch.NOTHING)
    return [
        (effect_of(rule, circumstances.choices), rule)
        for rule in rules
        if rule.condition in whose.conditions and rule.applies_to(action, touch)
    ]
