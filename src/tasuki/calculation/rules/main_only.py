# SPDX-License-Identifier: Apache-2.0
"""主たるもののみ — acts of which a note lets only the main ones be billed when they are done together.

A note of this kind is data: its members by 区分番号 or code, its citation and its days. ``register_main_only``
makes a rule of one; ``beyond`` is the count that all of them share, those of tests drawn together too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.standing_acts import Done, done, done_earlier, ranked
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.masters.rows import Act


class MainOnly(NamedTuple):
    """主たるもののみの組 — acts of one day that stand for each other, once one of ``only_with`` is among them."""

    id: str
    title: str
    cite: str
    since: date
    members: frozenset[str]
    until: date | None = None
    only_with: frozenset[str] = frozenset()


class LimitedSet(NamedTuple):
    """併せて測定した場合 — of these codes at most ``most`` are billed, the ones of the most points.

    ``as_one`` are codes of the set that count as one item together.
    """

    name: str
    codes: tuple[str, ...]
    most: int
    cite: str
    as_one: frozenset[str] = frozenset()


def register_main_only(kept: MainOnly) -> None:
    """主たるもののみの登録 — one rule for one note."""
    asking = kept.only_with or kept.members
    sections = sorted(each for each in asking if not each.isdecimal())
    codes = sorted(each for each in asking if each.isdecimal())

    @rule(
        kept.id,
        title=kept.title,
        cite=kept.cite,
        since=kept.since,
        until=kept.until,
        stage=Stage.CONDITION,
        sections=sections,
        codes=codes,
    )
    def only_the_main(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
        if kept.only_with and not done(draft, kept.only_with):
            return None
        return main_only(case, draft, kept.members)


def main_only(case: Case, draft: Draft, members: frozenset[str]) -> tuple[Outcome, ...] | None:
    """主たるもののみ — every act but the one of most points falls, also when the other was billed earlier today.

    Where the earlier one has fewer points, a human decides which is the main one.
    """
    found = ranked(done(draft, members))
    if not found:
        return None
    first = found[0]
    earlier = max(done_earlier(case, members), key=lambda row: (row.points, row.code), default=None)
    outcomes: list[Outcome] = []
    if earlier is not None:
        outcomes.append(_against_earlier(first, earlier))
    outcomes.extend(
        Denial(each.row.code, first.row.code, group=each.unit.group)
        for each in beyond(found, 1, lambda each: (each.row.code, each.unit.group))
    )
    return tuple(outcomes) or None


def _against_earlier(first: Done, earlier: Act) -> Outcome:
    if earlier.points >= first.row.points:
        return Denial(first.row.code, earlier.code, group=first.unit.group)
    return Advice(first.row.code, facts(lost_to=earlier.code))


def main_of_set(draft: Draft, kept: LimitedSet) -> tuple[Denial, ...]:
    """併せて測定した場合 — the tests of fewest points of a set fall until it holds no more than its number.

    One test of two draws is one item.
    """
    found = ranked(done(draft, kept.codes))
    known = facts(name=kept.name, most=kept.most, cite=kept.cite)
    lost = beyond(found, kept.most, lambda each: kept.name if each.row.code in kept.as_one else each.row.code)
    codes = dict.fromkeys(each.row.code for each in lost)
    return tuple(Denial(code, found[0].row.code, known) for code in codes)


def beyond(found: Sequence[Done], most: int, item_of: Callable[[Done], object]) -> list[Done]:
    """主たるもの以外 — those that find no place among the most that may stand, the first ones served first."""
    taken: set[object] = set()
    lost: list[Done] = []
    for each in found:
        item = item_of(each)
        if item not in taken and len(taken) >= most:
            lost.append(each)
        else:
            taken.add(item)
    return lost
