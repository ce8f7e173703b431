# SPDX-License-Identifier: Apache-2.0
"""区分番号 — the number of the fee table an act belongs to, as the 告示 prints it.

The master's code-table number stops at the first branch (B001-2) and counts 項番 below it; the 告示 goes
one branch further (B001-2-9). Where they differ, the 項番 of 医科診療行為マスター tells which it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasuki.masters.rows import Act

# 区分番号 of the 告示 by the last 項番 (col 94) that belongs to it, in the order of the master (令和6年度).
_BRANCHES: dict[str, tuple[tuple[int, str], ...]] = {
    "B001-2": (
        (4, "B001-2"),
        (5, "B001-2-2"),
        (6, "B001-2-3"),
        (7, "B001-2-4"),
        (8, "B001-2-5"),
        (9, "B001-2-6"),
        (10, "B001-2-7"),
        (11, "B001-2-8"),
        (14, "B001-2-9"),
        (17, "B001-2-10"),
        (21, "B001-2-11"),
        (26, "B001-2-12"),
    ),
    "B001-3": ((3, "B001-3"), (5, "B001-3-2"), (7, "B001-3-3")),
    "B005-1": ((2, "B005-1-2"), (3, "B005-1-3")),
    "B005-6": ((2, "B005-6"), (3, "B005-6-2"), (4, "B005-6-3"), (6, "B005-6-4")),
    "B005-7": ((2, "B005-7"), (5, "B005-7-2"), (6, "B005-7-3")),
    "B005-10": ((1, "B005-10"), (2, "B005-10-2")),
    "C005-1": ((99, "C005-1-2"),),
}


def section_of(act: Act) -> str:
    """区分番号 — the section of the 告示 that an act stands in.

    Cite: マスターファイル仕様説明書 令和6年度版 項番90-94 コード表用番号
    """
    branches = _BRANCHES.get(act.section)
    if branches is None or not act.item:
        return act.section
    at = int(act.item)
    return next((section for last, section in branches if at <= last), act.section)
