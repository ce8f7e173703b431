# SPDX-License-Identifier: Apache-2.0
"""基本診療料 — 初診料 and 再診料 of the visit itself (医科点数表 第1章)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Proposal, Stage, rule
from tasuki.chart.visit import VisitKind
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

FIRST_VISIT = "111000110"
REVISIT = "112007410"


@rule("A000/first_visit", title="初診料", cite="医科点数表 A000", since=date(2024, 6, 1), stage=Stage.BASE)
def first_visit(_case: Case, draft: Draft) -> Proposal | None:
    """初診料 — proposed when the visit was decided to be the first one."""
    if draft.kind is not VisitKind.FIRST:
        return None
    return Proposal(FIRST_VISIT, facts(kind=draft.kind.value))


@rule("A001/revisit", title="再診料", cite="医科点数表 A001", since=date(2024, 6, 1), stage=Stage.BASE)
def revisit(_case: Case, draft: Draft) -> Proposal | None:
    """再診料 — proposed at a revisit face to face."""
    if draft.kind is not VisitKind.REVISIT:
        return None
    return Proposal(REVISIT, facts(kind=draft.kind.value))
