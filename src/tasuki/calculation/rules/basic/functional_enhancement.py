# SPDX-License-Identifier: Apache-2.0
"""機能強化加算 — at a first visit to a notified clinic or small hospital (A000 注10)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import FIRST_FAMILY, base_taking_additions
from tasuki.calculation.rule import Proposal, rule

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

FUNCTIONAL_ENHANCEMENT = "111013770"


@rule(
    "A000/functional_enhancement",
    title="機能強化加算",
    cite="医科点数表 A000 注10; 通知 A000 (24)",
    since=date(2024, 6, 1),
    families=(FIRST_FAMILY,),
)
def functional_enhancement(_case: Case, draft: Draft) -> Proposal | None:
    """機能強化加算 — proposed at every first visit; the standard and the beds are the row's own conditions."""
    base = base_taking_additions(draft, FIRST_FAMILY)
    return None if base is None else Proposal(FUNCTIONAL_ENHANCEMENT, onto=base.code)
