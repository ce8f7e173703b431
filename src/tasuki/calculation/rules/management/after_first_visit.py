# SPDX-License-Identifier: Apache-2.0
"""初診からの期間 — fees whose guidance soon after a first visit is part of the first visit, and no disease is named (B001の33, C010)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import FIRST_CODES
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.kernel.because import facts
from tasuki.kernel.days import a_month_after, months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

FIRST_VISIT = "111000110"
REPRODUCTION = ("113036310", "113036410")
SHARED_CARE = "114015310"


@rule(
    "C010/first_month",
    title="在宅患者連携指導料・生殖補助医療管理料と初診からの期間",
    cite="医科点数表 B001の33 注2, C010 注2・注3",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    codes=(*REPRODUCTION, SHARED_CARE),
)
def first_month(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """初診からの期間 — not on the day of a first visit; 生殖補助医療管理料 from the next month, 在宅患者連携指導料 after a month."""
    standing = sorted(draft.codes().intersection((*REPRODUCTION, SHARED_CARE)))
    if draft.is_first:
        return tuple(Denial(code, "", facts(reason="first_visit")) for code in standing)
    first = max((line.day for code in FIRST_CODES for line in case.history.of(code)), default=None)
    denials: list[Denial] = []
    for code in standing:
        if code == SHARED_CARE and case.has_flag(Flag.DISCHARGED_WITHIN_MONTH):
            denials.append(Denial(code, "", facts(reason="discharged")))
        elif first is not None:
            allowed = a_month_after(first) if code == SHARED_CARE else months_before(first, 0)
            because = facts(reason="first_month", first_day=first, allowed_from=allowed)
            denials += [Denial(code, FIRST_VISIT, because)] if case.day < allowed else []
    return tuple(denials) or None
