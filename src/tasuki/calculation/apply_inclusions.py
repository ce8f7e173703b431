# SPDX-License-Identifier: Apache-2.0
"""包括 — acts that another billed act already contains (電子点数表 02)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.draft import Draft, DraftLine, DraftUnit, advised, denied, fallen, unborn
from tasuki.masters.rows import InclusionParent, InclusionUnit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from tasuki.calculation.case import Case
    from tasuki.calculation.statement import Line
    from tasuki.chart.visit import PastLine
    from tasuki.kernel.because import Because
    from tasuki.masters.book import DayBook

CITE = "医科電子点数表 02 包括・被包括テーブル"
# The week is counted back from the day before the operation (通知 B001-4 (2)): seven days, and the day itself.
BEFORE_OPERATION = timedelta(days=7)
OPERATION_CITE = "医科点数表 B001-4 注5; 通知 B001-4 (2)"
# 生活習慣病管理料: on another day of the month it contains only what was done for the same disease,
# which no table tells (通知 B001-3 (3), B001-3-3 (3)).
CONTAINS_BY_DISEASE = frozenset({"113041710", "113041810", "113041910", "113707110", "113707210"})
_WEEK_BEFORE_OPERATION = InclusionUnit.WEEK_BEFORE_OPERATION
DISEASE_CITE = "通知 B001-3 (3), B001-3-3 (3)"
# 心臓超音波検査 contains the 心電図, 心音図 and 脈波図 recorded with it; one of its own order may have been recorded apart.
RECORDED_TOGETHER = frozenset({"D215001"})
RECORDED_CITE = "医科点数表 D215 注3; 通知 D215 (10)"


class Inclusion(NamedTuple):
    """包括の適用 — the parent that contains a code here, and whether a human must decide."""

    parent: InclusionParent
    is_past: bool
    is_doubtful: bool


def apply_inclusions(draft: Draft) -> Draft:
    """包括 — denies what a standing or earlier act contains within the window; doubtful ones are advised.

    An act that is itself contained contains nothing.
    """
    found = inclusions_of(draft)
    advice = list(_billed_before(draft)) if draft.case.recent_codes else []
    if not found:
        return draft.with_fallen(advised=advice)

    def reason_of(_unit: DraftUnit, line: DraftLine) -> Because | None:
        inclusion = found.get(line.row.code)
        if inclusion is None:
            return None
        parent = inclusion.parent
        facts = {
            "lost_to": parent.code, "unit": int(parent.unit), "is_past": inclusion.is_past,
            "lost_to_name": draft.case.name_of(parent.code),
        }  # fmt: skip
        if inclusion.is_doubtful:
            advice.append(fallen(line, advised("table/inclusion", _doubt_of(parent), parent.group, **facts)))
            return None
        return denied("table/inclusion", CITE, parent.group, **facts)

    after = draft.deny(reason_of, found)
    return after.with_fallen(advised=advice)


def _doubt_of(parent: InclusionParent) -> str:
    if parent.unit is InclusionUnit.WEEK_BEFORE_OPERATION:
        return OPERATION_CITE
    if parent.group in RECORDED_TOGETHER:
        return RECORDED_CITE
    return DISEASE_CITE if parent.code in CONTAINS_BY_DISEASE else CITE


def inclusions_of(draft: Draft) -> Mapping[str, Inclusion]:
    """包括の一覧 — every standing code that something contains, with what contains it."""
    return draft.case.keep(("inclusions", frozenset(draft.codes())), lambda _: _inclusions(draft))


def _inclusions(draft: Draft) -> Mapping[str, Inclusion]:
    case = draft.case
    standing = frozenset(draft.codes())
    book = case.book
    known = draft.weighed
    among: dict[str, Inclusion] | None = known.get(_AMONG)
    if among is None:
        parents = [
            (code, row)
            for code in sorted(standing & book.parent_codes)
            if not _contents(book, code).isdisjoint(standing)
            for row in book.inclusion_groups(code)
        ]
        among = _among(draft, parents)
        # What an operation contains depends on the history too, what was recorded together on the orders.
        if all(
            row.unit is not _WEEK_BEFORE_OPERATION and row.group not in RECORDED_TOGETHER
            for _, row in parents
        ):
            known[_AMONG] = among
    earlier = case.recent_codes and case.recent_codes & book.parent_codes
    if not earlier:
        return among
    found = dict(among)
    for code in sorted(earlier):
        if _contents(book, code).isdisjoint(standing):
            continue
        for row in book.inclusion_groups(code):
            if _was_within(case, code, row.unit):
                _collect(found, draft, row, code, is_past=True)
    return found


_AMONG = "inclusions"


def _among(draft: Draft, parents: list[tuple[str, InclusionParent]]) -> dict[str, Inclusion]:
    """What the standing acts contain of each other."""
    found: dict[str, Inclusion] = {}
    for code, row in parents:
        _collect(found, draft, row, code, is_past=False)
    if found:
        found = {}
        for code, row in parents:
            if not _is_contained(draft, code, parents):
                _collect(found, draft, row, code, is_past=False)
    return found


def _contents(book: DayBook, parent: str) -> frozenset[str]:
    """Every act that one contains in whatever window, found once for days of the same rows."""
    known: dict[str, frozenset[str]] = book.kept("contents of parents")
    found = known.get(parent)
    if found is None:
        groups = book.inclusion_groups(parent)
        found = known[parent] = frozenset(
            code for row in groups for code in book.inclusion_specials(row.group)
        )
    return found


def _collect(
    found: dict[str, Inclusion], draft: Draft, row: InclusionParent, parent: str, *, is_past: bool
) -> None:
    """What is certainly contained by one act is contained, whatever a doubtful row of another says.

    What is only contained when recorded together is certain within one order.

    Of the week before an operation only the first of each test is contained, and on the day itself only what
    was done before it, which no order tells.
    """
    members = draft.case.book.inclusion_specials(row.group)
    standing = [code for code in draft.codes() if code in members]
    if not standing:
        return
    is_before_operation = row.unit is _WEEK_BEFORE_OPERATION
    for code in standing:
        if code == parent or (code in found and not found[code].is_doubtful):
            continue
        if is_before_operation and _week_before_operation(draft.case, (code,)):
            continue
        is_doubtful = (
            members[code]
            or is_before_operation
            or (row.group in RECORDED_TOGETHER and _is_ordered_apart(draft, parent, code))
            or (is_past and parent in CONTAINS_BY_DISEASE and not _is_today(draft, parent))
        )
        if code not in found or not is_doubtful:
            found[code] = Inclusion(row, is_past, is_doubtful)


def _is_ordered_apart(draft: Draft, parent: str, code: str) -> bool:
    """Whether no order holds both acts."""
    orders: dict[str, set[str]] = {parent: set(), code: set()}
    for unit in draft.units:
        for line in unit.lines:
            if line.code in orders:
                orders[line.code].add(unit.order_id)
    return orders[parent].isdisjoint(orders[code])


def _is_contained(draft: Draft, code: str, parents: list[tuple[str, InclusionParent]]) -> bool:
    """By another parent that it does not contain in turn."""
    book = draft.case.book
    return any(
        other != code
        and code in book.inclusion_specials(row.group)
        and not any(other in book.inclusion_specials(mine.group) for each, mine in parents if each == code)
        for other, row in parents
    )


def _billed_before(draft: Draft) -> list[Line]:
    """Earlier bills that an act of today contains, of the month or of the week before an operation: today's act
    is shown to a human, once for each group."""
    case = draft.case
    lines: list[Line] = []
    for code in sorted(draft.codes() & case.book.parent_codes):
        if _contents(case.book, code).isdisjoint(case.recent_codes):
            continue
        for row in case.book.inclusion_groups(code):
            members = case.book.inclusion_specials(row.group)
            past = {each for each in case.recent_codes if each in members and each != code}
            line = _billed_earlier(case, row.unit, past) if past else None
            if line is not None:
                known = {"lost_to": line.code, "last_day": line.day, "lost_to_name": case.name_of(line.code)}
                cite = OPERATION_CITE if row.unit is InclusionUnit.WEEK_BEFORE_OPERATION else CITE
                reason = advised("table/included_before", cite, row.group, **known)
                lines.append(unborn(case.book.act(code), reason))
    return lines


def _billed_earlier(case: Case, unit: InclusionUnit, codes: Collection[str]) -> PastLine | None:
    if unit is InclusionUnit.MONTH:
        return case.billed_this_month(codes)
    if unit is InclusionUnit.WEEK_BEFORE_OPERATION:
        return next(iter(_week_before_operation(case, codes)), None)
    return None


def _week_before_operation(case: Case, codes: Collection[str]) -> list[PastLine]:
    """手術前1週間 — the earlier bills of the codes in it when the operation is today, the first one first."""
    found = [
        line
        for code in codes
        for line in case.history.of(code)
        if case.day - BEFORE_OPERATION <= line.day <= case.day
    ]
    return sorted(found, key=lambda line: (line.day, line.code))


def _is_today(draft: Draft, code: str) -> bool:
    return any(line.day == draft.case.day for line in draft.case.history.of(code))


def _was_within(case: Case, code: str, unit: InclusionUnit) -> bool:
    past = case.history.of(code)
    if unit is InclusionUnit.DAY:
        return any(line.day == case.day for line in past)
    if unit is InclusionUnit.MONTH:
        return any(_is_same_month(line.day, case.day) for line in past)
    # An operation contains what was done before it, never what follows.
    return False


def _is_same_month(day: date, other: date) -> bool:
    return (day.year, day.month) == (other.year, other.month)
