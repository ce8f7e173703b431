# SPDX-License-Identifier: Apache-2.0
"""包括される薬剤・材料 — drugs and materials that a comprehensive fee contains, which no table of codes lists."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.calculation.rules.management.comprehensive_codes import PAEDIATRIC_FEES
from tasuki.calculation.rules.management.lifestyle_disease_management import FIRST_KIND
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit

R6 = date(2024, 6, 1)
# 診療識別 of injections and tests.
TESTS_AND_INJECTIONS = frozenset({"31", "32", "33", "60"})


@rule(
    "B001-3/included_drugs",
    title="生活習慣病管理料（Ⅰ）に含まれる検査・注射の薬剤",
    cite="医科点数表 B001-3 注2 (第3部検査、第6部注射の費用)",
    since=R6,
    stage=Stage.CHECK,
    codes=FIRST_KIND,
)
def in_lifestyle_management(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """生活習慣病管理料（Ⅰ）に含まれる薬剤 — drugs and materials of a test or injection of the visit."""
    parent = min(draft.codes() & FIRST_KIND, default=None)
    if parent is None:
        return None
    return _denials(parent, [unit for unit in draft.units if unit.section in TESTS_AND_INJECTIONS])


@rule(
    "B001-2/included_drugs",
    title="小児科外来診療料等に含まれる薬剤・材料",
    cite="医科点数表 B001-2 注3, B001-2-11 注3 (診療に係る費用は含まれる)",
    since=R6,
    stage=Stage.CHECK,
    codes=PAEDIATRIC_FEES,
)
def in_paediatric_fee(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """小児科外来診療料等に含まれる薬剤 — every drug and material of the visit."""
    parent = min(draft.codes() & PAEDIATRIC_FEES, default=None)
    return None if parent is None else _denials(parent, draft.units)


def _denials(parent: str, units: Iterable[DraftUnit]) -> tuple[Denial, ...] | None:
    plain = [unit for unit in units if not any(isinstance(line.row, Act) for line in unit.lines)]
    return tuple(Denial(line.code, parent, group=unit.group) for unit in plain for line in unit.lines) or None
