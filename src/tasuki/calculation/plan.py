# SPDX-License-Identifier: Apache-2.0
"""適用計画 — which rules are to be asked at a visit, as bits of one number."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from tasuki.calculation.draft import kind_of
from tasuki.calculation.rule import WHEN_REGISTERED, Stage, rules_on
from tasuki.chart.visit import VisitKind
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.masters.rows import Act, Drug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, Priced
    from tasuki.calculation.rule import Rule, RuleFunction
    from tasuki.facility.premises import Premises
    from tasuki.masters.book import DayBook

# Orders of turns that are kept, and plans at a time: those of neighbouring days differ where a rule begins or ends.
MOST_KEPT, MOST_PLANS = 4096, 8


class Plan(Struct, frozen=True, eq=False):
    """適用計画 — the rules of a day, with the places of those that each mark lets in, as bits.

    Place n of ``rules`` is bit n, and ``stages`` has the places of each stage. A rule hangs on marks of lines and orders, on the family of the basic fee,
    on both, or on nothing. ``needing`` are the places of those that need a fact of the visit, ``by_need`` of
    those that each fact satisfies, ``of_drugs`` and ``of_diseases`` of those that need such a row; ``by_kind`` and
    ``by_age`` of those that a kind of visit and an age in years leave open, whoever is older by the last one.
    """

    rules: tuple[Rule, ...]
    stages: Mapping[Stage, int]
    always: int
    by_mark: Mapping[str, int]
    by_family: Mapping[str, int]
    hangs_only: int
    family_only: int
    needing: int
    by_need: Mapping[str, int]
    of_drugs: int
    of_diseases: int
    by_kind: Mapping[VisitKind, int]
    by_age: tuple[int, ...]

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

    def open_to(self, case: Case, kind: VisitKind) -> int:
        """対象 — the places of the rules whose facts, age, institution and kind of visit fit, whatever stands."""
        closed = self.needing
        for fact in case.facts:
            closed &= ~self.by_need.get(fact, 0)
        by_age, years = self.by_age, case.age.years
        fitting = by_age[years] if years < len(by_age) else by_age[-1]
        return fitting & self.by_kind[kind] & self._open_at(case.premises) & ~closed

    def _open_at(self, premises: Premises) -> int:
        """Found once an institution and day."""
        known: dict[Plan, int] = premises.kept_on(premises.day).setdefault(_OPEN, {})
        places = known.get(self)
        if places is None:
            places = known[self] = _places(each.at is None or each.at(premises) for each in self.rules)
        return places


_OPEN = "open rules"


def _places(is_in: Iterable[bool]) -> int:
    return sum(1 << place for place, each in enumerate(is_in) if each)


def plan_of(rules: tuple[Rule, ...]) -> Plan:
    """適用計画 — of rules in the order in which they are to be asked."""
    by_mark: dict[str, int] = {}
    by_family: dict[str, int] = {}
    by_need: dict[str, int] = {}
    for place, each in enumerate(rules):
        bit = 1 << place
        for marks, by in ((each.hangs_on, by_mark), (each.families, by_family), (each.needs, by_need)):
            for mark in marks:
                by[mark] = by.get(mark, 0) | bit
    return Plan(
        rules,
        {stage: _places(each.stage is stage for each in rules) for stage in Stage},
        _places(not each.hangs and not each.families for each in rules),
        by_mark,
        by_family,
        _places(each.hangs and not each.families for each in rules),
        _places(not each.hangs and bool(each.families) for each in rules),
        _places(bool(each.needs) for each in rules),
        by_need,
        _places(each.drugs is not None for each in rules),
        _places(each.diseases is not None for each in rules),
        {kind: _places(not each.kinds or kind in each.kinds for each in rules) for kind in VisitKind},
        tuple(
            _places(each.below_age is None or years < each.below_age for each in rules)
            for years in range(max((each.below_age or 0 for each in rules), default=0) + 1)
        ),
    )


@lru_cache(maxsize=1024)
def plan_on(day: date) -> Plan:
    """適用計画 — of a day, stage by stage, in the order of the ids of their rules; the same one on days of the same rules."""
    return _shared_plan(tuple(each for stage in Stage for each in rules_on(day, stage)))


_shared_plan = lru_cache(maxsize=64)(plan_of)
WHEN_REGISTERED.extend((plan_on.cache_clear, _shared_plan.cache_clear))


# 適用順: the places of the rules after one, its function, and the rule. A plain tuple is taken apart in a fifth of the
# time of a named one.
Turn = tuple[int, "RuleFunction", "Rule"]


class Gates:
    """候補の控え — what each row lets in by a plan, found once a row."""

    __slots__ = ("_turns", "book", "diseases", "drugs", "lines", "plan")

    def __init__(self, plan: Plan, book: DayBook) -> None:
        self.plan = plan
        self.book = book
        self._turns: dict[int, tuple[Turn, ...]] = {}
        self.lines: dict[str, int] = {}
        self.drugs: dict[str, int] = {}
        self.diseases: dict[str, int] = {}

    def in_turn(self, waiting: int) -> tuple[Turn, ...]:
        """適用順 — the rules of these places in their order."""
        found = self._turns.get(waiting)
        if found is None:
            if len(self._turns) >= MOST_KEPT:
                self._turns.clear()
            rules = self.plan.rules
            every = (1 << len(rules)) - 1
            found = self._turns[waiting] = tuple(
                (every >> place + 1 << place + 1, rule.function, rule)
                for place, rule in enumerate(rules)
                if waiting >> place & 1
            )
        return found

    def of_visit(self, case: Case, kind: VisitKind) -> tuple[int, int]:
        """対象とオーダの候補 — the places open to the visit whatever stands, and those its orders let in."""
        return self._open_to(case, kind), self.plan.hung_on(case.order_marks)

    def _open_to(self, case: Case, kind: VisitKind) -> int:
        plan = self.plan
        places = plan.open_to(case, kind)
        places &= ~plan.of_drugs | self._found(case.ordered_codes, self.drugs, self._of_drug)
        return places & (~plan.of_diseases | self._found(case.charted_codes, self.diseases, self._of_disease))

    def of_line(self, row: Priced) -> int:
        """明細の候補 — the places of the rules that hang on a row: its code, chapter and section, or its kind."""
        found = self.lines.get(row.code)
        if found is None:
            plan = self.plan
            if isinstance(row, Act):
                found = plan.hung_on((row.code, row.chapter, row.section)) | _places(
                    each.acts is not None and each.acts(row) for each in plan.rules
                )
            else:
                found = plan.hung_on((row.code, kind_of(row)))
            self.lines[row.code] = found
        return found

    def standing(self, draft: Draft, of_orders: int) -> tuple[int, int]:
        """残る候補 — the places that the orders and standing lines let in, and those that the basic fee does."""
        known = draft.weighed
        hung = known.get(self)
        if hung is None:
            hung = 0
            for line in draft.lines():
                hung |= self.of_line(line.row)
            known[self] = hung
        base = draft.base
        return of_orders | hung, 0 if base is None else self.plan.by_family.get(base.addition_group, 0)

    def _found(
        self, codes: tuple[str, ...], known: dict[str, int], answer: Callable[[str], int | None]
    ) -> int:
        places = 0
        for code in codes:
            found = known.get(code)
            if found is None:
                found = answer(code)
                if found is None:
                    # Not of the day's book, and there is no end of such codes: nothing is kept of them.
                    continue
                known[code] = found
            places |= found
        return places

    def _of_drug(self, code: str) -> int | None:
        try:
            row = self.book.item(code)
        except (UnknownCode, EndedCode):
            return None
        if not isinstance(row, Drug):
            return 0
        return _places(each.drugs is not None and each.drugs(row) for each in self.plan.rules)

    def _of_disease(self, code: str) -> int | None:
        try:
            row = self.book.disease(code)
        except (UnknownCode, EndedCode):
            return None
        return _places(each.diseases is not None and each.diseases(row) for each in self.plan.rules)


_GATES = "gates of the rules"


def gates_of(plan: Plan, book: DayBook) -> Gates:
    """候補の控え — of a plan, kept with the rows of the book."""
    known: dict[Plan, Gates] = book.kept(_GATES)
    found = known.get(plan)
    if found is None:
        if len(known) >= MOST_PLANS:
            known.clear()
        found = known[plan] = Gates(plan, book)
    return found
