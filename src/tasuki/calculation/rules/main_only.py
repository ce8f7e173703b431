# SPDX-License-Identifier: Apache-2.0
"""主たるもののみ — acts of which a note lets only the one of most points be billed when they are done on one day.

A note of this kind is data: its members by 区分番号 or code, its citation and its days. ``register_main_only``
makes a rule of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.kernel.because import facts
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit
    from tasuki.calculation.rule import Outcome


class MainOnly(NamedTuple):
    """主たるもののみの組 — acts of one day that stand for each other, once one of ``only_with`` is among them."""

    id: str
    title: str
    cite: str
    since: date
    members: frozenset[str]
    until: date | None = None
    only_with: frozenset[str] = frozenset()


class Done(NamedTuple):
    """行った診療行為 — an act with the unit it stands in."""

    row: Act
    unit: DraftUnit


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
    earlier = _earlier(case, members)
    outcomes: list[Outcome] = []
    for place, each in enumerate(found):
        winner = found[0].row if place else earlier
        if winner is None:
            continue
        if place or winner.points >= each.row.points:
            outcomes.append(Denial(each.row.code, winner.code, group=each.unit.group))
        else:
            outcomes.append(Advice(each.row.code, facts(lost_to=winner.code)))
    return tuple(outcomes) or None


def done(draft: Draft, members: frozenset[str]) -> list[Done]:
    """行った診療行為 — the standing acts of the sections or codes, additions aside."""
    return [
        Done(row, unit)
        for unit in draft.units
        for line in unit.lines
        if isinstance(row := line.row, Act)
        and not row.is_addition
        and (row.section in members or row.code in members)
    ]


def ranked(found: Iterable[Done]) -> list[Done]:
    """順位 — the act of most points first, then by code and order."""
    return sorted(found, key=lambda each: (-each.row.points, each.row.code, each.unit.group))


def _earlier(case: Case, members: frozenset[str]) -> Act | None:
    """The act of most points among those billed at earlier visits of the day."""
    rows: list[Act] = []
    for line in case.today:
        try:
            row = case.book.item(line.code)
        except (UnknownCode, EndedCode):
            continue
        if isinstance(row, Act) and not row.is_addition and (row.section in members or row.code in members):
            rows.append(row)
    return max(rows, key=lambda row: (row.points, row.code), default=None)
