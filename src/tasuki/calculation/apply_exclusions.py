# SPDX-License-Identifier: Apache-2.0
"""背反 — acts that may not both be billed within a window (電子点数表 03-1 to 03-4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.apply_inclusions import inclusions_of
from tasuki.calculation.draft import Draft, advised, denied, fallen, nominal_points
from tasuki.calculation.lifted_exclusions import is_lifted
from tasuki.masters.rows import Act, Exclusion, Window

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.kernel.because import Because

CITES = {
    Window.DAY: "医科電子点数表 03-1 背反テーブル1（1日につき）",
    Window.MONTH: "医科電子点数表 03-2 背反テーブル2（同一月内）",
    Window.SAME_TIME: "医科電子点数表 03-3 背反テーブル3（同時）",
    Window.WEEK: "医科電子点数表 03-4 背反テーブル4（1週間につき）",
}


class Clash(NamedTuple):
    """背反の衝突 — a loser and its winner; ``is_past`` when the winner was billed before this visit."""

    loser: str
    winner: str
    pair: Exclusion
    is_past: bool


def apply_exclusions(draft: Draft) -> Draft:
    """背反 — each clash is settled, the firm ones first, until no two standing acts exclude each other.

    A pair marked 1 or 2 has its winner; of a pair marked 3 the one already billed stays, else the one of
    more points, else the smaller code. A pair with 特例条件 is shown to a human and both stay. What another
    act certainly contains excludes nothing: 包括 takes it away, and a later round looks at what is left. What
    may be contained is weighed like any other, for whether it is contained or not the two never stand together.
    """
    special: dict[str, Because] = {}
    inclusions = inclusions_of(draft)
    contained = {code for code, each in inclusions.items() if not each.is_doubtful} if inclusions else set()
    while True:
        clashes = _clashes(draft, special, contained)
        if not clashes:
            break
        losers = {clash.loser for clash in clashes}
        firm = [clash for clash in clashes if clash.is_past or clash.winner not in losers]
        settled = firm or [min(clashes, key=lambda clash: (_points(draft, clash.loser), clash.loser))]
        reasons = {clash.loser: _reason(draft.case, clash) for clash in reversed(settled)}
        draft = draft.deny_codes(reasons)
    if not special:
        return draft
    advice = [fallen(line, special[line.code]) for line in draft.lines() if line.code in special]
    return draft.with_fallen(advised=[line for line in advice if line not in draft.advised])


def exclude_again(draft: Draft) -> Draft:
    """背反の再確認 — what only a contained act had held back is weighed once 包括 has taken that act away."""
    contained = [line for line in draft.denied if line.because[-1].rule_id == "table/inclusion"]
    return apply_exclusions(draft) if contained else draft


def _clashes(draft: Draft, special: dict[str, Because], contained: set[str]) -> list[Clash]:
    case = draft.case
    standing = draft.codes() - contained if contained else draft.codes()
    found: list[Clash] = []
    recent = case.recent_codes
    others = standing | recent if recent else standing
    partners = case.book.book.partners
    for code in sorted([each for each in standing if not partners[each].isdisjoint(others)]):
        for pair in case.book.exclusions_with(code, others):
            is_standing = pair.other in standing
            is_past = _was_within(case, pair)
            if (not is_past and not is_standing) or is_lifted(case, pair):
                continue
            if pair.is_special:
                special.setdefault(
                    code,
                    advised(
                        "table/exclusion",
                        CITES[pair.window],
                        f"{code}/{pair.other}",
                        other=pair.other,
                        other_name=case.name_of(pair.other),
                    ),
                )
            elif is_past and pair.keep in (2, 3):
                found.append(Clash(code, pair.other, pair, True))
            elif is_past and pair.keep == 1:
                reason = advised(
                    "table/excluded_before",
                    CITES[pair.window],
                    f"{code}/{pair.other}",
                    other=pair.other,
                    other_name=case.name_of(pair.other),
                )
                special.setdefault(code, reason)
            elif is_standing and _loses(draft, pair):
                if _is_ordered_apart(draft, pair):
                    special.setdefault(code, _may_be_apart(case, pair))
                else:
                    found.append(Clash(code, pair.other, pair, False))
    return found


def _is_ordered_apart(draft: Draft, pair: Exclusion) -> bool:
    """A scope and a photograph of another order: only the photograph of the scope itself is at one time.

    Cite: 通知 第3部第3節 内視鏡検査(12)ウ・エ
    """
    if pair.window is not Window.SAME_TIME:
        return False
    orders: dict[str, set[str]] = {}
    for unit in draft.units:
        for line in unit.lines:
            if line.code in (pair.code, pair.other) and isinstance(line.row, Act):
                orders.setdefault(line.row.chapter, set()).add(unit.order_id)
    return orders.keys() == {"D", "E"} and orders["D"].isdisjoint(orders["E"])


def _may_be_apart(case: Case, pair: Exclusion) -> Because:
    known = {"other": pair.other, "other_name": case.name_of(pair.other)}
    return advised("table/exclusion", CITES[pair.window], f"{pair.code}/{pair.other}", **known)


def _loses(draft: Draft, pair: Exclusion) -> bool:
    if pair.keep != 3:
        return pair.keep == 2
    mine, theirs = _points(draft, pair.code), _points(draft, pair.other)
    return (mine, pair.other) < (theirs, pair.code)


def _points(draft: Draft, code: str) -> int:
    return max((nominal_points(line.row) for line in draft.lines() if line.code == code), default=0)


def _was_within(case: Case, pair: Exclusion) -> bool:
    past = case.history.of(pair.other)
    if pair.window is Window.DAY:
        return any(line.day == case.day for line in past)
    if pair.window is Window.MONTH:
        return any((line.day.year, line.day.month) == (case.day.year, case.day.month) for line in past)
    if pair.window is Window.WEEK:
        return any(case.day - timedelta(days=6) <= line.day <= case.day for line in past)
    return False


def _reason(case: Case, clash: Clash) -> Because:
    return denied(
        "table/exclusion",
        CITES[clash.pair.window],
        f"{clash.pair.code}/{clash.pair.other}",
        lost_to=clash.winner,
        window=int(clash.pair.window),
        is_past=clash.is_past,
        lost_to_name=case.name_of(clash.winner),
    )
