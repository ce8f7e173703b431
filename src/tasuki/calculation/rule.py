# SPDX-License-Identifier: Apache-2.0
"""算定ルール — the registry of what only the notes of the fee table say, dated and cited.

A rule is a pure function ``(case, draft) -> outcome`` where the outcome is None, one of
:class:`Proposal`, :class:`Denial`, :class:`Advice`, or a tuple of them. What a table says is not a rule.

A rule that hangs on certain acts says so where it is registered, and costs nothing at the visits without
them::

    @rule("D215/same_method", ..., sections=("D215",))   # an act of 区分番号 D215 stands
    @rule("table/procedure_hours", ..., chapters="DJKL")  # an act of one of these chapters stands
    @rule("G004/drip_by_volume", ..., codes=DRIPS)        # one of these acts, drugs or materials stands
    @rule("F200/many_kinds", ..., orders=(Dispensing.IN_HOUSE,))  # the visit has an order of such a kind or place
    @rule("J024/oxygen_correction", ..., records=(LineKind.MATERIAL,))  # a drug or a material stands
    @rule("table/repeated", ..., acts=is_reduced)         # an act stands whose row answers yes

What it asks of the visit or of the institution besides, whatever stands, it may say too; all of it must hold::

    @rule("C001/attended", ..., needs=(Flag.ATTENDED_DEATH,))  # one of these facts of the visit is recorded
    @rule("A001/infant", ..., below_age=6)                     # the patient is younger
    @rule("F100/anticancer", ..., at=is_large_hospital)        # the institution is one of these on the day
    @rule("A001/revisit", ..., kinds=(VisitKind.REVISIT,))     # the visit was decided to be one of these
    @rule("F000/patches", ..., drugs=is_patch)                 # a drug is ordered whose row answers yes
    @rule("B000/management", ..., diseases=is_listed)          # a disease is charted whose row answers yes
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal
from enum import IntEnum
from functools import lru_cache

from msgspec import Struct

from tasuki.calculation.case import Case
from tasuki.calculation.draft import Draft
from tasuki.calculation.statement import LineKind
from tasuki.chart.orders import Dispensing, OrderKind
from tasuki.chart.visit import VisitKind
from tasuki.facility.premises import Premises
from tasuki.kernel.validity import Validity
from tasuki.masters.rows import Act, Disease, Drug


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


class Proposal(Struct, frozen=True, gc=False):
    """算定提案 — a code to add. ``onto`` names the base code whose unit it joins, "" for a unit of its own.

    ``onto_group`` picks one unit by its group when several carry the base. ``replaces`` names a standing
    code whose place in that unit the new one takes, with its amount unless another is given; the old one is denied.
    """

    code: str
    facts: tuple[tuple[str, object], ...] = ()
    onto: str = ""
    onto_group: str = ""
    amount: Decimal | None = None
    times: int = 1
    replaces: str = ""


class Denial(Struct, frozen=True, gc=False):
    """算定不可 — takes a standing code away, or says why one is not proposed.

    ``lost_to`` names the code or limit that won, "" when a fact is missing instead.
    """

    code: str
    lost_to: str
    facts: tuple[tuple[str, object], ...] = ()
    group: str = ""


class Advice(Struct, frozen=True, gc=False):
    """助言 — a code that could be billed, or must be looked at by a human, with what is missing."""

    code: str
    facts: tuple[tuple[str, object], ...] = ()


@lru_cache(maxsize=4096)
def usual_proposal(code: str, onto: str = "", known: tuple[tuple[str, str], ...] = ()) -> Proposal:
    """いつもの算定提案 — the same value each time, so that its line is found by who it is; its facts are texts alone."""
    return Proposal(code, known, onto)


Outcome = Proposal | Denial | Advice
Premise = Callable[[Premises], bool]
RuleFunction = Callable[[Case, Draft], "Outcome | tuple[Outcome, ...] | None"]


class Rule(Struct, frozen=True):
    """算定ルール — a registered function with its identity, source and dates.

    ``families`` are the 注加算コード of the basic fees it adds to; a rule with some is asked only while
    such a fee stands. ``hangs_on`` are the chapters, sections, codes and kinds of orders of which at least one
    must be there for the rule to be asked, or an act for whose row ``acts`` answers yes; a rule with neither is
    always asked. ``needs``, ``below_age`` (None: every age) and ``at`` are asked besides, of the visit, of the
    patient and of the institution on the day; so are ``kinds`` of the decided visit (none named: every kind),
    ``drugs`` of the rows of the ordered drugs and ``diseases`` of those of the charted ones.
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
    kinds: frozenset[VisitKind] = frozenset()
    acts: Callable[[Act], bool] | None = None
    drugs: Callable[[Drug], bool] | None = None
    diseases: Callable[[Disease], bool] | None = None

    @property
    def hangs(self) -> bool:
        """条件付きか — whether something must stand or be ordered for the rule to be asked."""
        return bool(self.hangs_on) or self.acts is not None


_RULES: dict[str, list[Rule]] = {}
# What forgets what it knew of the rules when one more is registered.
WHEN_REGISTERED: list[Callable[[], None]] = []
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
    orders: Collection[OrderKind | Dispensing] = (),
    records: Collection[LineKind] = (),
    acts: Callable[[Act], bool] | None = None,
    needs: Collection[str] = (),
    below_age: int | None = None,
    at: Premise | None = None,
    kinds: Collection[VisitKind] = (),
    drugs: Callable[[Drug], bool] | None = None,
    diseases: Callable[[Disease], bool] | None = None,
) -> Callable[[RuleFunction], RuleFunction]:
    """算定ルール登録 — registers a function under an id.

    With ``chapters`` (letters of コード表用番号), ``sections`` (区分番号, "B001-3") or ``codes`` (nine digits)
    the rule is asked only while a line of at least one of them stands, with ``orders`` only at a visit that
    has an order of such a kind (of drugs: or of such a place), with ``records`` while a drug or a material stands,
    with ``acts`` while an act stands whose row answers yes; of several named, one is enough. They must name
    everything the rule can speak about: a rule that may also answer from the history or the visit alone names none.
    ``drugs`` is asked of the row of every ordered drug and ``diseases`` of every charted disease, ended or
    suspected too: the function still looks which of them count. A row is asked once a day of the book.

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
                frozenset(kinds),
                acts,
                drugs,
                diseases,
            )
        )
        for each in WHEN_REGISTERED:
            each()
        return function

    return register


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
