# SPDX-License-Identifier: Apache-2.0
"""逓減 — the second and later time in a month of the same test on the body, or of CT and MRI."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.rule import Advice, Denial, Proposal, rule
from tasuki.calculation.rules.standing_acts import Done, each_act, ranked
from tasuki.kernel.because import facts
from tasuki.masters.book import once_a_book

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit
    from tasuki.calculation.rule import Outcome
    from tasuki.masters.book import Book
    from tasuki.masters.rows import Act

TEST_REDUCTION = "160000190"  # 検査逓減 90/100
SCAN_REDUCTION = "170022290"  # 2回目以降減算（CT、MRI） 80/100
ULTRASOUND = "40"  # 包括逓減区分: same test only when the same part of the body
TOMOGRAPHY = "断層撮影法"


class Earlier(NamedTuple):
    """前回 — an earlier time of the family in the month: its code, day and site."""

    code: str
    day: date
    site: str


def is_reduced(row: Act) -> bool:
    """逓減のある検査か — a test of a family whose second time in the month counts less."""
    return row.month_reduction == "1" and not row.is_addition and row.reduction_family not in ("0", "")


@rule(
    "table/repeated",
    title="同一検査の2回目以降",
    cite="医科点数表 D206〜D214-2 通則1, D215・D216 通則, 内視鏡検査 通則2, E200〜E202 通則2; "
    "医科診療行為マスター col 52・63",
    since=date(2024, 6, 1),
    acts=is_reduced,
)
def repeated(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """逓減 — the reduction is proposed onto a test whose family was already billed in the month.

    Two ultrasounds are the same test only at the same part of the body: with another code of the family
    and no part recorded, a human is asked.
    """
    outcomes: list[Outcome] = []
    seen: dict[str, list[Earlier]] = {}
    for row, unit in _in_time(case, draft):
        earlier = seen.setdefault(row.reduction_family, _in_history(case, row.reduction_family))
        outcome = _outcome(row, unit, earlier)
        if outcome is not None:
            outcomes.append(outcome)
        earlier.append(Earlier(row.code, case.day, unit.site))
    return tuple(outcomes) or None


def _in_time(case: Case, draft: Draft) -> list[Done]:
    """The tests of the visit by the instant of their orders; of one instant the dearest is the first."""
    instants = {order.id: order.at.isoformat() for order in case.visit.orders if order.at is not None}
    found = [each for each in each_act(draft) if is_reduced(each.row)]
    return sorted(ranked(found), key=lambda each: instants.get(each.unit.order_id, ""))


def _outcome(row: Act, unit: DraftUnit, earlier: list[Earlier]) -> Outcome | None:
    if not earlier:
        return None
    code = SCAN_REDUCTION if row.chapter == "E" else TEST_REDUCTION
    if any(line.code == code for line in unit.lines):
        return None
    if row.reduction_family == ULTRASOUND:
        same = [past for past in earlier if _is_same_part(past, row.code, unit.site)]
        unsure = [past for past in earlier if not past.site or not unit.site]
        if not same:
            if not unsure:
                return None
            return Advice(code, facts(test=row.name, last_day=unsure[-1].day))
        earlier = same
    return Proposal(
        code, facts(test=row.name, last_day=earlier[-1].day), onto=row.code, onto_group=unit.group
    )


def _is_same_part(past: Earlier, code: str, site: str) -> bool:
    """同一の部位 — told by the recorded sites; without them the same code stands for the same part."""
    if past.site and site:
        return past.site == site
    return past.code == code


def _in_history(case: Case, family: str) -> list[Earlier]:
    codes = family_codes(case.book.book).get(family, frozenset())
    month = (case.day.year, case.day.month)
    found = [
        Earlier(line.code, line.day, line.site)
        for code in codes
        for line in case.history.of(code)
        if (line.day.year, line.day.month) == month and line.day <= case.day
    ]
    return sorted(found, key=lambda past: (past.day, past.code))


@once_a_book
def family_codes(book: Book) -> dict[str, frozenset[str]]:
    """包括逓減区分 — the codes of each family of tests."""
    found: dict[str, set[str]] = {}
    for rows in book.acts.values():
        for row in rows:
            if row.reduction_family not in ("0", "") and not row.is_addition:
                found.setdefault(row.reduction_family, set()).add(row.code)
    return {family: frozenset(codes) for family, codes in found.items()}


@rule(
    "D215/same_method",
    title="超音波検査の同一方法",
    cite="通知 D215(2)",
    since=date(2024, 6, 1),
    sections=("D215",),
)
def same_method(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """超音波検査 — by one method at one time it is one test, however many parts were looked at.

    Of several 断層撮影法 of a visit the one with the most points stays.
    """
    found = ranked(
        each
        for each in each_act(draft)
        if each.row.section == "D215" and TOMOGRAPHY in each.row.name
        and "心臓超音波" not in each.row.name.replace("心臓超音波検査以外", "")
    )  # fmt: skip
    known = facts(method=TOMOGRAPHY)
    return (
        tuple(Denial(row.code, found[0].row.code, known, group=unit.group) for row, unit in found[1:]) or None
    )
