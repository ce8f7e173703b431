# SPDX-License-Identifier: Apache-2.0
"""外来・在宅ベースアップ評価料 — with every first visit, revisit or home visit of a notified place (O001, O002)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation import places
from tasuki.calculation.base_fee import SECOND_DEPARTMENT_CODES
from tasuki.calculation.opening import OPENED, Opening, is_opened, opening_of
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule, usual_proposal
from tasuki.facility.standards import BASE_UP_CONTINUED, BASE_UP_SECOND
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
R8 = date(2026, 6, 1)

FIRST = {
    Opening.FIRST_VISIT: "180725710",
    Opening.REVISIT: "180725810",
    Opening.HOME_VISIT: "180725910",
    Opening.HOME_VISIT_SHARED: "180726010",
}
CONTINUED = {Opening.FIRST_VISIT: "180853810", Opening.REVISIT: "180853910"}
# 外来・在宅ベースアップ評価料（Ⅱ）1 … 8: first visit or home visit, revisit.
SECOND = tuple((str(180726110 + step), str(180726210 + step)) for step in range(0, 1600, 200))
FIRST_CODES = frozenset((*FIRST.values(), *CONTINUED.values()))
ALL_CODES = FIRST_CODES.union(code for pair in SECOND for code in pair)


@rule(
    "O001/base_up",
    title="外来・在宅ベースアップ評価料（Ⅰ）",
    cite="医科点数表 O001 (令和6年度); 通知 O001",
    since=R6,
    until=date(2026, 5, 31),
)
def base_up_r6(_case: Case, draft: Draft) -> Outcome | None:
    """外来・在宅ベースアップ評価料（Ⅰ） — the standard is the row's own condition."""
    opening = opening_of(draft)
    return None if opening is None else usual_proposal(FIRST[opening], "", OPENED[opening])


@rule(
    "O001/base_up",
    title="外来・在宅ベースアップ評価料（Ⅰ）",
    cite="医科点数表 O001 注1〜注7; 通知 O001 (2)〜(5)",
    since=R8,
)
def base_up_r8(case: Case, draft: Draft) -> Outcome | None:
    """外来・在宅ベースアップ評価料（Ⅰ） — in its place the points of 注5 where wages kept rising.

    From June 2027 the points of both are the higher ones of 注6 and 注7, which the book carries. It is billed
    again for a second department of the day; whether for a second visit of one department is not written.

    Cite: 疑義解釈その1 (令和8年3月23日) ベースアップ評価料 問4
    """
    opening = opening_of(draft)
    if opening is None:
        return None
    because = OPENED[opening]
    earlier = case.billed_today(FIRST_CODES)
    if earlier is not None and (draft.base is None or draft.base.code not in SECOND_DEPARTMENT_CODES):
        return Advice(FIRST[opening], (*because, ("last_day", earlier.day)))
    if not case.has_standard(BASE_UP_CONTINUED):
        return usual_proposal(FIRST[opening], "", because)
    if opening not in CONTINUED:
        return Advice(FIRST[opening], because)
    return usual_proposal(CONTINUED[opening], "", because)


@rule(
    "O002/base_up_second",
    title="外来・在宅ベースアップ評価料（Ⅱ）",
    cite="医科点数表 O002; 通知 O002 (2)・(3)",
    since=R6,
    codes=FIRST_CODES,
    at=places.has_any(BASE_UP_SECOND),
)
def base_up_second(case: Case, draft: Draft) -> Outcome | None:
    """外来・在宅ベースアップ評価料（Ⅱ） — the notified tier, only where （Ⅰ） is billed."""
    if draft.codes().isdisjoint(FIRST_CODES):
        return None
    opening = opening_of(draft)
    for standard, (at_first_visit, at_revisit) in zip(BASE_UP_SECOND, SECOND, strict=False):
        if case.has_standard(standard):
            code = at_revisit if opening is Opening.REVISIT else at_first_visit
            return Proposal(code, facts(standard=case.standard_names((standard,))[0]))
    return None


@rule(
    "O001/opening_fell",
    title="ベースアップ評価料の契機",
    cite="通知 O001 (2)〜(5), O002 (2)・(3)",
    since=R6,
    stage=Stage.CHECK,
    codes=ALL_CODES,
)
def opening_fell(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """外来・在宅ベースアップ評価料 — falls with the visit fee it was opened by; （Ⅱ） falls with （Ⅰ）."""
    standing = draft.codes() & ALL_CODES
    if not standing:
        return None
    if not is_opened(draft):
        return tuple(Denial(code, "", facts(reason="no_opening")) for code in sorted(standing))
    if standing.isdisjoint(FIRST_CODES):
        return tuple(Denial(code, "", facts(reason="no_first")) for code in sorted(standing))
    return None
