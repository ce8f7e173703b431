# SPDX-License-Identifier: Apache-2.0
"""行った診療行為 — the look-ups that many rules share: which acts of some sections stand, in which unit, and which were billed earlier today."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.kernel.days import month_of
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit
    from tasuki.chart.visit import PastLine


class Done(NamedTuple):
    """行った診療行為 — an act with the unit it stands in."""

    row: Act
    unit: DraftUnit


def each_act(draft: Draft) -> Iterator[Done]:
    """診療行為と単位 — every standing act with its unit, additions too, in the order of the units."""
    for unit in draft.units:
        for line in unit.lines:
            if isinstance(line.row, Act):
                yield Done(line.row, unit)


def done(draft: Draft, members: Collection[str]) -> list[Done]:
    """行った診療行為 — the standing acts of the sections or codes, additions aside."""
    return [each for each in each_act(draft) if is_member(each.row, members)]


def is_member(row: Act, members: Collection[str]) -> bool:
    """該当する診療行為 — whether an act is no addition and is named by its section or its code."""
    return not row.is_addition and (row.section in members or row.code in members)


def ranked(found: Iterable[Done]) -> list[Done]:
    """順位 — the act of most points first, then by code and order."""
    return sorted(found, key=lambda each: (-each.row.points, each.row.code, each.unit.group))


def first_act(draft: Draft, is_wanted: Callable[[Act], bool]) -> Act | None:
    """最初の診療行為 — the first standing act that answers the question, None when none does."""
    return next((act for act in draft.acts() if is_wanted(act)), None)


def in_groups(found: Iterable[Done]) -> list[tuple[str, str]]:
    """コードと単位 — code and group of each, in a fixed order."""
    return sorted((each.row.code, each.unit.group) for each in found)


def done_earlier(case: Case, members: Collection[str]) -> list[Act]:
    """当日に行った診療行為 — those of the sections or codes billed at earlier visits of the day, additions aside."""
    return [row for _, row in _acts_of(case, case.today) if is_member(row, members)]


def acts_of_month(case: Case) -> Iterator[tuple[PastLine, Act]]:
    """当月に算定した診療行為 — of the calendar month, additions too, in the order of the history."""
    month = month_of(case.day)
    lines = case.history.since(case.day.replace(day=1))
    return _acts_of(case, (line for line in lines if month_of(line.day) == month))


def _acts_of(case: Case, lines: Iterable[PastLine]) -> Iterator[tuple[PastLine, Act]]:
    for line in lines:
        row = case.book.item(line.code) if case.book.has(line.code) else None
        if isinstance(row, Act):
            yield line, row


def at_one_site(rivals: Iterable[Done], act: Done) -> tuple[list[Done], list[Done]]:
    """同一部位の行為 — those at the site of an act, and those that may be at it because a site is not recorded."""
    site = act.unit.site
    known = list(rivals)
    same = [each for each in known if site and each.unit.site == site]
    return same, [each for each in known if not site or not each.unit.site]


def other_sides(found: Iterable[Done]) -> list[Done]:
    """反対側の行為 — acts of one code ordered for the right and for the left, but for the one that stays for both."""
    sides: dict[str, dict[str, list[Done]]] = {}
    for each in found:
        side = each.unit.site[:1]
        if side in _SIDES:
            sides.setdefault(each.row.code, {}).setdefault(side, []).append(each)
    paired = [by_side for by_side in sides.values() if len(by_side) == len(_SIDES)]
    return [each for by_side in paired for each in by_side[_SIDES[1]]]


def is_for_both_sides(row: Act) -> bool:
    """両側の点数か — the points of an act on paired organs, unless its name speaks of one side."""
    return not row.is_addition and not any(word in row.full_name for word in _ONE_SIDE)


_SIDES = ("右", "左")
_ONE_SIDE = ("片", "１眼", "一側", "１側", "ごと")
