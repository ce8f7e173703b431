# SPDX-License-Identifier: Apache-2.0
"""物価対応料 — with every first visit, revisit or home visit from 令和8年度, without notice (O100)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.opening import OPENED, Opening, is_opened, opening_of
from tasuki.calculation.rule import Advice, Denial, Stage, rule, usual_proposal
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R8 = date(2026, 6, 1)
CODES = {
    Opening.FIRST_VISIT: "180819910",
    Opening.REVISIT: "180820010",
    Opening.HOME_VISIT: "180820110",
    Opening.HOME_VISIT_SHARED: "180820110",
}
_CODES = frozenset(CODES.values())


@rule(
    "O100/price_response", title="外来・在宅物価対応料", cite="医科点数表 O100; 通知 O100 (1)〜(4)", since=R8
)
def price_response(case: Case, draft: Draft) -> Outcome | None:
    """外来・在宅物価対応料 — once for the visit fee; doubled from June 2027, which the book carries.

    Whether a second visit on one day brings it again is not written, so a human is asked.
    """
    opening = opening_of(draft)
    if opening is None:
        return None
    earlier = case.billed_today(_CODES)
    if earlier is not None:
        return Advice(CODES[opening], facts(last_day=earlier.day))
    return usual_proposal(CODES[opening], "", OPENED[opening])


@rule(
    "O100/opening_fell",
    title="物価対応料の契機",
    cite="通知 O100 (2)〜(4)",
    since=R8,
    stage=Stage.CHECK,
    codes=_CODES,
)
def opening_fell(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """外来・在宅物価対応料 — falls with the visit fee it was opened by."""
    standing = draft.codes() & _CODES
    if not standing or is_opened(draft):
        return None
    return tuple(Denial(code, "", facts(reason="no_opening")) for code in sorted(standing))
