# SPDX-License-Identifier: Apache-2.0
"""まるめの点数 — the points of several blood tests of one draw, by group and number of items.

The groups are those of 医科診療行為マスター col 16, which lists the items; the points stand in notes of
the fee table that the master does not carry. They are the same in 令和6年度 and 令和8年度.
特異的IgE (group 11) is a stepped row of the master with its own upper limit; groups 8 to 10 only set a limit
(3,600 points of 負荷試験 a month, eight and two items of antibodies to viruses), which are rules.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tasuki.kernel.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Mapping

SINCE_R6 = Validity(date(2024, 6, 1), None)


class BundlePoints(NamedTuple):
    """まるめの点数 — ``steps`` are (from how many items, points), rising."""

    group: str
    name: str
    steps: tuple[tuple[int, int], ...]
    cite: str
    validity: Validity = SINCE_R6

    def points_of(self, count: int) -> int | None:
        """項目数の点数 — for a number of items, None when they are too few to be one bundle.

        >>> BUNDLE_POINTS[0].points_of(7), BUNDLE_POINTS[0].points_of(4)
        (93, None)
        """
        return max((points for least, points in self.steps if count >= least), default=None)


BUNDLE_POINTS: tuple[BundlePoints, ...] = (
    BundlePoints("1", "血液化学検査", ((5, 93), (8, 99), (10, 103)), "医科点数表 D007 注"),
    BundlePoints("2", "内分泌学的検査", ((3, 410), (6, 623), (8, 900)), "医科点数表 D008 注"),
    BundlePoints("3", "肝炎ウイルス関連検査", ((3, 290), (4, 360), (5, 425)), "医科点数表 D013 注"),
    BundlePoints("5", "腫瘍マーカー", ((2, 230), (3, 290), (4, 385)), "医科点数表 D009 注2"),
    BundlePoints("6", "出血・凝固検査", ((3, 530), (5, 722)), "医科点数表 D006 注"),
    BundlePoints("7", "自己抗体検査", ((2, 320), (3, 490)), "医科点数表 D014 注1"),
    BundlePoints(
        "13",
        "悪性腫瘍遺伝子検査（処理が容易なもの）",
        ((2, 4000), (3, 6000), (4, 8000)),
        "医科点数表 D004-2 注1",
    ),
    BundlePoints(
        "14", "悪性腫瘍遺伝子検査（処理が複雑なもの）", ((2, 8000), (3, 12000)), "医科点数表 D004-2 注2"
    ),
    BundlePoints(
        "15", "悪性腫瘍遺伝子検査（血液・血漿）", ((2, 4000), (3, 6000), (4, 8000)), "医科点数表 D006-27 注1"
    ),
    BundlePoints(
        "16", "悪性腫瘍遺伝子検査（血液・血漿、複雑）", ((2, 8000), (3, 12000)), "医科点数表 D006-27 注2"
    ),
)


@lru_cache(maxsize=512)
def bundles_on(day: date) -> Mapping[str, BundlePoints]:
    """有効なまるめ — the bundles of a day by their group."""
    return {bundle.group: bundle for bundle in BUNDLE_POINTS if day in bundle.validity}
