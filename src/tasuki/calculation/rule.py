# SPDX-License-Identifier: Apache-2.0
"""算定ルール — the registry of what only the notes of the fee table say, dated and cited.

A rule is a pure function ``(case, draft) -> outcome`` where the outcome is None, one of
:class:`Proposal`, :class:`Denial`, :class:`Advice`, or a tuple of them. What a table says is not a rule.

A rule that hangs on certain acts says so where it is registered, and costs nothing at the visits without
them::

    @rule("D215/same_method", ..., sections=("D215",))   # an act of 区分番号 D215 stands
    @rule("table/procedure_hours", ..., chapters="DJKL")  # an act of one of these chapters stands
    @rule("G004/drip_by_volume", ..., codes=DRIPS)        # one of these acts, drugs or materials stands
    @rule("F200/day_limit", ..., orders=DRUG_KINDS)       # the visit has an order of one of these kinds
    @rule("J024/oxygen_correction", ..., records=(LineKind.MATERIAL,))  # a drug or a material stands

What it asks of the visit or of the institution besides, whatever stands, it may say too; all of it must hold::

    @rule("C001/attended", ..., needs=(Flag.ATTENDED_DEATH,))  # one of these facts of the visit is recorded
    @rule("A001/infant", ..., below_age=6)                     # the patient is younger
    @rule("F100/anticancer", ..., at=is_large_hospital)        # the institution is one of these on the day
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping
from datetime import date
from decimal import Decimal
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from tasuki.calculation.case import Case
from tasuki.calculation.draft import Draft
from tasuki.calculation.statement import LineKind
from tasuki.chart.orders import OrderKind
from tasuki.facility.premises import Premises
from tasuki.kernel.validity import Validity


class Stage(IntEnum):
    """段階 — when a rule is asked: the basic fee first, then what follows from everything drafted.

    BASE proposes 初・再診料; ADDITION proposes what hangs on the drafted acts; CONDITION denies what lacks
    a condition of its own note, before the tables weigh acts against each other; CHECK denies and advises
    after the tables have spoken (limits, exclusions, inclusions), when only what stands is left.
    """

    BASE = 1
    ADDITION = 2
    CONDITION = 3
    CHECK = 4


class Proposal(NamedTuple):
    """算定提案 — a code to add. ``onto`` names the base code whose unit it joins, "" for a unit of its own.

    ``onto_group`` picks one unit by its group when several carry the base. ``replaces`` names a standing
    code whose place in that unit the new one takes, with its amount; the old one is denied.
    """

    code: str
    facts: tuple[tuple[str, object], ...] = ()
    onto: str = ""
    onto_group: str = ""
    amount: Decimal | None = None
    times: int = 1
    replaces: str = ""


class Denial(NamedTuple):
    """算定不可 — takes a standing code away, or says why one is not proposed.

    ``lost_to`` names the code or limit that won, "" when a fact is missing instead.
    """

    code: str
    lost_to: str
    facts: tuple[tuple[str, object], ...] = ()
    group: str = ""


class Advice(NamedTuple):
    """助言 — a code that could be billed, or must be looked at by a human, with what is missing."""

    code: str
    facts: tuple[tuple[str, object], ...] = ()


Outcome = Proposal | Denial | Advice
Premise = Callable[[Premises], bool]
RuleFunction = Callable[[Case, Draft], "Outcome | tuple[Outcome, ...] | None"]


class Rule(NamedTuple):
    """算定ルール — a registered function with its identity, source and dates.

    ``families`` are the 注加算コード of the basic fees it adds to; a rule with some is asked only while
    such a fee stands. ``hangs_on`` are the chapters, sections, codes and kinds of orders of which at least one
    must be there for the rule to be asked; a rule with none is always asked. ``needs``, ``below_age`` (None:
    every age) and ``at`` are asked besides, of the visit, of the patient and of the institution on the day.
    """

    id: str
    title: str
    cite: str
    validity: Validity
    stage: Stage
    function: RuleFunction
    families: frozenset[str] = frozenset()
    hangs_on: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    below_age: int | None = None
    at: Premise | None = None


_RULES: dict[str, list[Rule]] = {}
_CHAPTER, _SECTION, _CODE = re.compile("[A-Z]"), re.compile(r"[A-Z]\d{3}(-\d+)*"), re.compile(r"\d{9}")


def rule(
    rule_id: str,
    *,
    title: str,
    cite: str,
    since: date,
    until: date | None = None,
    stage: Stage = Stage.ADDITION,
    families: Collection[str] = (),
    chapters: Collection[str] = (),
    sections: Collection[str] = (),
    codes: Collection[str] = (),
    orders: Collection[OrderKind] = (),
    records: Collection[LineKind] = (),
    needs: Collection[str] = (),
    below_age: int | None = None,
    at: Premise | None = None,
) -> Callable[[RuleFunction], RuleFunction]:
    """算定ルール登録 — registers a function under an id.

    With ``chapters`` (letters of コード表用番号), ``sections`` (区分番号, "B001-3") or ``codes`` (nine digits)
    the rule is asked only while a line of at least one of them stands, with ``orders`` only at a visit that
    has an order of such a kind, with ``records`` while a drug or a material stands; of several named, one is enough. They must name everything the rule can
    speak about: a rule that may also answer from the history or the visit alone names none.

    Raises ``ValueError`` without a citation, for a chapter, section or code of another form, or when a rule
    of the same id already covers some of the days.
    """
    if not cite.strip():
        raise ValueError(f"rule {rule_id} has no citation")
    for kind, pattern, named in (
        ("chapter", _CHAPTER, chapters),
        ("section", _SECTION, sections),
        ("code", _CODE, codes),
    ):
        for each in named:
            if not pattern.fullmatch(each):
                raise ValueError(f"rule {rule_id} hangs on {each!r}, which is no {kind}")
    hangs_on = frozenset((*chapters, *sections, *codes, *orders, *records))
    validity = Validity(since, until)

    def register(function: RuleFunction) -> RuleFunction:
        for other in _RULES.get(rule_id, ()):
            if other.validity.overlaps(validity):
                raise ValueError(f"rule {rule_id} overlaps itself: {other.validity} and {validity}")
        _RULES.setdefault(rule_id, []).append(
            Rule(
                rule_id,
                title,
                cite,
                validity,
                stage,
                function,
                frozenset(families),
                hangs_on,
                frozenset(needs),
                below_age,
                at,
            )
        )
        plan_on.cache_clear()
        return function

    return register


class Plan(NamedTuple):
    """適用計画 — the rules of a stage on a day, with the places of those that each mark lets in, as bits.

    Place n of ``rules`` is bit n. A rule hangs on marks of lines and orders, on the family of the basic fee,
    on both, or on nothing. ``needing`` are the places of those that need a fact of the visit, ``by_need`` of
    those that each fact satisfies, ``kept`` what was found out of ages and institutions.
    """

    rules: tuple[Rule, ...]
    always: int
    by_mark: Mapping[str, int]
    by_family: Mapping[str, int]
    hangs_only: int
    family_only: int
    needing: int
    by_need: Mapping[str, int]
    kept: MutableMapping[object, int]

    def hung_on(self, marks: Iterable[str]) -> int:
        """標識による候補 — the places of the rules that hang on one of the marks, whatever the basic fee."""
        places = 0
        found = self.by_mark.get
        for mark in marks:
            places |= found(mark, 0)
        return places

    def let_in(self, hung: int, family: int) -> int:
        """適用候補 — those to be asked, from the places that marks and the family of the basic fee gave."""
        return self.always | hung & (self.hangs_only | family) | family & self.family_only

    def open_to(self, case: Case) -> int:
        """対象 — the places of the rules whose facts, age and institution fit, whatever stands."""
        places = self._of_age(case.age.years) & self._at(case.premises)
        needing = self.needing
        for fact in case.facts:
            needing &= ~self.by_need.get(fact, 0)
        return places & ~needing

    def _of_age(self, years: int) -> int:
        places = self.kept.get(years)
        if places is None:
            places = self.kept[years] = _places(
                each.below_age is None or years < each.below_age for each in self.rules
            )
        return places

    def _at(self, premises: Premises) -> int:
        """Kept with the institution's day, beside the plan it was found for."""
        known = premises.kept_on(premises.day)
        found: tuple[Plan, int] | None = known.get(_OPEN, _NOTHING).get(id(self))
        if found is None:
            places = _places(each.at is None or each.at(premises) for each in self.rules)
            found = known.setdefault(_OPEN, {})[id(self)] = (self, places)
        return found[1]


_OPEN = "open rules"
_NOTHING: Mapping[int, tuple[Plan, int]] = {}


def _places(is_in: Iterable[bool]) -> int:
    return sum(1 << place for place, each in enumerate(is_in) if each)


def plan_of(rules: tuple[Rule, ...]) -> Plan:
    """適用計画 — of rules in the order in which they are to be asked."""
    always = hangs_only = family_only = 0
    by_mark: dict[str, int] = {}
    by_family: dict[str, int] = {}
    by_need: dict[str, int] = {}
    for place, each in enumerate(rules):
        bit = 1 << place
        for mark in each.hangs_on:
            by_mark[mark] = by_mark.get(mark, 0) | bit
        for family in each.families:
            by_family[family] = by_family.get(family, 0) | bit
        for need in each.needs:
            by_need[need] = by_need.get(need, 0) | bit
        if each.hangs_on and not each.families:
            hangs_only |= bit
        elif each.families and not each.hangs_on:
            family_only |= bit
        elif not each.families:
            always |= bit
    needing = _places(bool(each.needs) for each in rules)
    return Plan(rules, always, by_mark, by_family, hangs_only, family_only, needing, by_need, {})


@lru_cache(maxsize=1024)
def plan_on(day: date, stage: Stage) -> Plan:
    """適用計画 — of a stage on a day, in the order of the ids of its rules."""
    return plan_of(rules_on(day, stage))


def rules_on(day: date, stage: Stage) -> tuple[Rule, ...]:
    """有効ルール — the rules of a stage on a day, in the order of their ids."""
    return tuple(
        rule
        for _, rules in sorted(_RULES.items())
        for rule in rules
        if day in rule.validity and rule.stage is stage
    )


def all_rules() -> tuple[Rule, ...]:
    """全ルール — every registered rule, for the generated reference and the test of cases."""
    return tuple(rule for _, rules in sorted(_RULES.items()) for rule in rules)
