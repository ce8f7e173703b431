# SPDX-License-Identifier: Apache-2.0
"""包括 — acts that another billed act already contains (電子点数表 02)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.draft import Draft, DraftLine, DraftUnit, advised, denied, fallen
from tasuki.masters.rows import InclusionParent, InclusionUnit

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.statement import Line
    from tasuki.kernel.because import Because

CITE = "医科電子点数表 02 包括・被包括テーブル"


def apply_inclusions(draft: Draft) -> Draft:
    """包括 — denies each member of a group whose parent stands within the window; special ones are advised."""
    case = draft.case
    members: dict[str, tuple[InclusionParent, bool]] = {}
    for code in sorted(draft.codes() | _past_codes(case)):
        for parent in case.book.inclusion_groups(code):
            if code not in draft.codes() and not _was_within(case, code, parent.unit):
                continue
            for member in case.book.inclusion_members(parent.group):
                if member.code != code:
                    members.setdefault(member.code, (parent, member.is_special))
    if not members:
        return draft
    advice: list[Line] = []

    def reason_of(_unit: DraftUnit, line: DraftLine) -> Because | None:
        found = members.get(line.code)
        if found is None:
            return None
        parent, is_special = found
        if is_special:
            reason = advised(
                "table/inclusion", CITE, parent.group, lost_to=parent.code, unit=int(parent.unit)
            )
            advice.append(fallen(line, reason))
            return None
        return denied("table/inclusion", CITE, parent.group, lost_to=parent.code, unit=int(parent.unit))

    after = draft.deny(reason_of)
    return replace(after, advised=(*after.advised, *advice)) if advice else after


def _past_codes(case: Case) -> frozenset[str]:
    return frozenset(code for code in case.history.by_code if code in case.book.book.parents)


def _was_within(case: Case, code: str, unit: InclusionUnit) -> bool:
    past = case.history.of(code)
    if unit is InclusionUnit.DAY:
        return any(line.day == case.day for line in past)
    if unit is InclusionUnit.MONTH:
        return any((line.day.year, line.day.month) == (case.day.year, case.day.month) for line in past)
    if unit is InclusionUnit.WEEK_BEFORE_OPERATION:
        return any(case.day - timedelta(days=7) <= line.day <= case.day for line in past)
    return False
