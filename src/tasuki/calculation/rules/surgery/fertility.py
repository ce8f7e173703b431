# SPDX-License-Identifier: Apache-2.0
"""生殖補助医療 — two methods of fertilisation at once (K917) and the upkeep of what is frozen (K917-3, K917-5)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_after

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
IN_VITRO = "150433010"
# 顕微授精 by the number of eggs → 体外受精及び顕微授精同時実施管理料 of that number, at half of 体外受精 more.
TOGETHER = {
    "150433110": "150436630",
    "150433210": "150436830",
    "150433310": "150436930",
    "150433410": "150436730",
}
MONTHS_OF_A_YEAR = 12
# 維持管理料 → 管理料（導入時） of the same.
FROZEN = {
    "150435310": ("150434910", "150435010", "150435110", "150435210"),
    "150452310": ("150452110", "150452210"),
}


@rule(
    "K917/together",
    title="体外受精と顕微授精の同時実施",
    cite="医科点数表 K917 注1; 通知 K917 (7)",
    since=R6,
    sections=("K917",),
)
def together(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """体外受精・顕微授精の同時実施 — the points of 顕微授精 and half of those of 体外受精, under one code."""
    codes = draft.codes()
    injected = next((code for code in TOGETHER if code in codes), None)
    if IN_VITRO not in codes or injected is None:
        return None
    one = TOGETHER[injected]
    return (Proposal(one, facts(), replaces=injected), Denial(IN_VITRO, one))


@rule(
    "K917-3/upkeep",
    title="凍結保存維持管理料の1年",
    cite="医科点数表 K917-3 注, K917-5 注",
    since=R6,
    stage=Stage.CONDITION,
    sections=("K917-3", "K917-5"),
)
def upkeep(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """胚・精子の凍結保存維持管理料 — once a year, from a year after the freezing.

    Within a calendar year the second falls; one less than twelve months after the last across a new year is shown, and one
    less than a year after the only freezing on record here, for something older may be stored.
    """
    outcomes: list[Outcome] = []
    for code, starts in FROZEN.items():
        if code not in draft.codes():
            continue
        last = max((line.day for line in case.history.of(code)), default=None)
        frozen = min((line.day for start in starts for line in case.history.of(start)), default=None)
        if last is not None and last.year == case.day.year:
            outcomes.append(Denial(code, "", facts(last_day=last)))
        elif last is not None and _is_within_a_year(case, last):
            outcomes.append(Advice(code, facts(reason="twelve_months", last_day=last)))
        elif last is None and frozen is not None and _is_within_a_year(case, frozen):
            outcomes.append(Advice(code, facts(frozen_on=frozen)))
    return tuple(outcomes) or None


def _is_within_a_year(case: Case, day: date) -> bool:
    return months_after(day, MONTHS_OF_A_YEAR) > case.day
