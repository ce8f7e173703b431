# SPDX-License-Identifier: Apache-2.0
"""主たるもののみ — sets of tests of which only some may be billed together (留意事項通知 D007 など).

電子点数表 tells pairs; "of three the main two" stands only in the 通知.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.rule import Denial, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.masters.rows import Act


class LimitedSet(NamedTuple):
    """併せて測定した場合 — of these codes at most ``most`` are billed, the ones of the most points."""

    name: str
    codes: tuple[str, ...]
    most: int
    cite: str


LIMITED_SETS = (
    LimitedSet(
        "総コレステロール・HDL-コレステロール・LDL-コレステロール",
        ("160022410", "160023410", "160167250"), 2, "通知 D007(5)",
    ),
    LimitedSet("蛋白分画・総蛋白・アルブミン", ("160022810", "160017410", "160018910"), 2, "通知 D007(7)"),
    LimitedSet("TIBC・UIBC", ("160023610", "160023710"), 1, "通知 D007(3)"),
    LimitedSet("カルシウム・イオン化カルシウム", ("160021510", "160021610"), 1, "通知 D007(2)"),
)  # fmt: skip


@rule(
    "D007/limited_set",
    title="併せて測定した場合",
    cite="通知 D007(2)・(3)・(5)・(7)",
    since=date(2024, 6, 1),
    codes=[code for each in LIMITED_SETS for code in each.codes],
)
def limited_set(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """主たるもの — the tests of fewest points of a set fall until the set holds no more than its number."""
    rows: dict[str, Act] = {act.code: act for act in draft.acts()}
    denials = []
    for each in LIMITED_SETS:
        found = [rows[code] for code in each.codes if code in rows]
        ranked = sorted(found, key=lambda row: (-row.points, row.code))
        for row in ranked[each.most :]:
            denials.append(
                Denial(row.code, ranked[0].code, facts(name=each.name, most=each.most, cite=each.cite))
            )
    return tuple(denials) or None
