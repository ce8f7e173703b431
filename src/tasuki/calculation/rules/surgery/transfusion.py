# SPDX-License-Identifier: Apache-2.0
"""輸血 — its tests of one another, and 輸血管理料 (K920, K920-2)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Denial, Stage, rule

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

COMPUTER = "150404970"  # コンピュータクロスマッチ加算
BY_HAND = ("150225510", "150225610")  # 血液交叉試験加算, 間接クームス検査加算


@rule(
    "K920/computer_crossmatch",
    title="コンピュータクロスマッチ加算",
    cite="医科点数表 K920 注8 ただし書",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    codes=(COMPUTER,),
)
def computer_crossmatch(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """コンピュータクロスマッチ加算 — takes the place of 血液交叉試験加算 and 間接クームス検査加算."""
    if COMPUTER not in draft.codes():
        return None
    return tuple(Denial(code, COMPUTER) for code in BY_HAND if code in draft.codes()) or None
