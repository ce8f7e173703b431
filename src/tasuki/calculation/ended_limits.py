# SPDX-License-Identifier: Apache-2.0
"""失効した算定回数 — limits of an older table that a revision took away, for as long as the newer table is not loaded."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasuki.masters.rows import CountLimit

_DAY = "121"
_R8 = date(2026, 6, 1)
# 「１日につき」 was struck from O001 and O002 on 2026-06-01 (疑義解釈その1 看護職員処遇改善評価料及びベースアップ評価料関係 問4).
_ENDED = {
    (code, _DAY): _R8
    for code in (
        "180725710", "180725810", "180725910", "180726010",
        *(str(180726110 + step) for step in range(0, 1600, 100)),
    )
}  # fmt: skip


def is_ended(limit: CountLimit, day: date) -> bool:
    """失効した算定回数か — whether the fee table of the day no longer sets the limit.

    Cite: 医科点数表 O001, O002 (令和8年度); 疑義解釈その1 (令和8年3月23日) ベースアップ評価料 問4
    """
    since = _ENDED.get((limit.code, limit.unit_code))
    return since is not None and day >= since
