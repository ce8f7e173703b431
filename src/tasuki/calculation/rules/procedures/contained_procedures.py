# SPDX-License-Identifier: Apache-2.0
"""併せて行った処置 — procedures that fall beside one whose note takes them into its points."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.calculation.rules.standing_acts import done, done_earlier
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_after

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

R6 = date(2024, 6, 1)


class Containing(NamedTuple):
    """所定点数のみにより算定する処置 — an act, and the sections that are not billed beside it on the day."""

    section: str
    contained: frozenset[str]


TRACTIONS = (
    Containing("J117", frozenset(("J119",))),
    Containing("K083", frozenset(("J118", "J119"))),
    Containing("K083-2", frozenset(("J118", "J119"))),
)
PERIOPERATIVE_INFANT = "140060170"
PERIOPERATIVE_MONTHS = 3


@rule(
    "J117/with_traction",
    title="直達牽引等と消炎鎮痛等処置・介達牽引",
    cite="医科点数表 J117 注2, K083 注, K083-2 注",
    since=R6,
    stage=Stage.CONDITION,
    sections=[each.section for each in TRACTIONS],
)
def with_traction(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """直達牽引等 — only its own points, whatever the other procedure's are."""
    denials: list[Denial] = []
    for each in TRACTIONS:
        members = (each.section,)
        main = next(iter([*(one.row for one in done(draft, members)), *done_earlier(case, members)]), None)
        if main is not None:
            denials.extend(
                Denial(lost.row.code, main.code, group=lost.unit.group)
                for lost in done(draft, each.contained)
            )
    return tuple(denials) or None


@rule(
    "J032/perioperative_infant",
    title="周術期乳幼児加算の期間",
    cite="医科点数表 J032 注",
    since=R6,
    stage=Stage.CONDITION,
    codes=(PERIOPERATIVE_INFANT,),
)
def perioperative_infant(case: Case, draft: Draft) -> Denial | None:
    """周術期乳幼児加算 — within three months from the first time it was billed."""
    if PERIOPERATIVE_INFANT not in draft.codes():
        return None
    first = min((line.day for line in case.history.of(PERIOPERATIVE_INFANT)), default=None)
    if first is None or case.day < months_after(first, PERIOPERATIVE_MONTHS):
        return None
    return Denial(PERIOPERATIVE_INFANT, "", facts(first_day=first))
