# SPDX-License-Identifier: Apache-2.0
"""背反の終わり — pairs of the table in force that a revision took away before a newer table is loaded."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.kernel.validity import Validity

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.masters.rows import Exclusion


class Lifted(NamedTuple):
    """終わった背反 — an act that since a day stands beside the acts of a section."""

    code: str
    section: str
    validity: Validity
    cite: str


LIFTED = (
    Lifted(
        "170036950",  # 血流予備量比コンピューター断層撮影解析
        "E200",
        Validity(date(2026, 6, 1), None),
        "疑義解釈その2 (令和8年4月1日) 医科 問64; 医科点数表(令和8年度) 第4部第3節 通則1",
    ),
    Lifted(
        "113041910",  # 生活習慣病管理料（Ⅰ）糖尿病を主病: only the listed drugs forbid it now (B001-3-3/self_injection)
        "C101",
        Validity(date(2026, 6, 1), None),
        "医科点数表(令和8年度) B001-3 注1ただし書; 特掲診療料の施設基準等 第三の四の九(2)",
    ),
)
_CODES = frozenset(each.code for each in LIFTED)


def is_lifted(case: Case, pair: Exclusion) -> bool:
    """背反の終わりか — whether the pair no longer counts on the day of the visit."""
    if pair.code not in _CODES and pair.other not in _CODES:
        return False
    return any(
        case.day in each.validity
        and each.code in (pair.code, pair.other)
        and _section(case, pair.other if pair.code == each.code else pair.code) == each.section
        for each in LIFTED
    )


def _section(case: Case, code: str) -> str:
    return case.book.act(code).section if code[:1] == "1" and case.book.has(code) else ""
