# SPDX-License-Identifier: Apache-2.0
"""対称器官の検査 — points of tests of ears and eyes that are for both sides (医科点数表 第3部検査 通則5)."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Denial, rule
from tasuki.calculation.rules.standing_acts import each_act, is_for_both_sides, other_sides
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.masters.rows import Act

# 耳鼻咽喉科学的検査 D244〜D254, 眼科学的検査 D255〜D282-3.
_EARS_AND_EYES = re.compile(r"D2(4[4-9]|[5-7]\d|8[0-2])(-\d)?")


def is_of_ears_or_eyes(row: Act) -> bool:
    """耳鼻咽喉科学的検査・眼科学的検査か — whose points are for both sides."""
    return bool(_EARS_AND_EYES.fullmatch(row.section)) and is_for_both_sides(row)


@rule(
    "D000/both_sides",
    title="対称器官の検査",
    cite="医科点数表 第3部検査 通則5; 通知 D256(1), D261(1), D262(1)",
    since=date(2024, 6, 1),
    acts=is_of_ears_or_eyes,
)
def both_sides(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """対称器官の検査 — one test ordered for the right and for the left is billed once, unless its name says 片側."""
    found = other_sides(each for each in each_act(draft) if is_of_ears_or_eyes(each.row))
    return (
        tuple(Denial(row.code, row.code, facts(name=row.name), group=unit.group) for row, unit in found)
        or None
    )
