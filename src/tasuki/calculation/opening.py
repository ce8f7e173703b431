# SPDX-License-Identifier: Apache-2.0
"""初診・再診・訪問診療の別 — which acts open ベースアップ評価料 and 物価対応料 (医科診療行為マスター col 129).

Cite: 通知 O001 (2)〜(5), O100 (2)〜(4)
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasuki.calculation.draft import Draft


class Opening(StrEnum):
    """算定の契機 — what was done, as 外来・在宅ベースアップ評価料（１） col 129 marks the base acts."""

    FIRST_VISIT = "1"  # 初診時
    REVISIT = "3"  # 再診時等
    HOME_VISIT = "5"  # 訪問診療時 イ
    HOME_VISIT_SHARED = "7"  # 訪問診療時 ロ


_BY_VALUE = {opening.value: opening for opening in Opening}
_MARKS = frozenset(_BY_VALUE)
# What a reason says of each, as its facts.
OPENED = {opening: (("opening", opening.name.lower()),) for opening in Opening}


def opening_of(draft: Draft) -> Opening | None:
    """算定の契機 — of the standing acts; a home visit goes before the fee billed beside it.

    Not before a first visit: a visit by plan on that day is not billed (C001 注1), so 初診料 alone opens them.
    """
    found = {act.base_up for act in draft.acts()} & _MARKS
    if draft.is_first and Opening.FIRST_VISIT.value in found:
        return Opening.FIRST_VISIT
    return _BY_VALUE[max(found)] if found else None


def is_opened(draft: Draft) -> bool:
    """算定の契機の有無 — whether anything that opens them stands; nearly always the basic fee does."""
    base = draft.base
    return (base is not None and base.base_up in _MARKS) or opening_of(draft) is not None
