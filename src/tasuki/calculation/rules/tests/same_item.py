# SPDX-License-Identifier: Apache-2.0
"""定性・半定量・定量 — several ways to measure one item count as the main one (留意事項通知 第3部 通則8・14)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, rule
from tasuki.calculation.rules.standing_acts import done
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from decimal import Decimal

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.masters.rows import Act

_LIST_SECTIONS = tuple(f"D{number:03}" for number in (1, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15))
_WAYS = re.compile("定性・半定量|半定量・定量|定性・定量|半定量|定性|定量")


# Cultures and slides are taken of several parts; stool is asked for on two days.
_ONE_SPECIMEN = ("D000", "D002", "D005", "D006", "D007", "D008", "D009", "D011", "D013", "D014", "D015")


@rule(
    "D000/ordered_twice",
    title="同一検体の検査の重複",
    cite="通知 第3部検査 通則14; 医科点数表 D007 注 (1回に採取した血液)",
    since=date(2024, 6, 1),
    sections=_ONE_SPECIMEN,
)
def ordered_twice(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """同一検体の検査の重複 — one test in two orders of one time: of one specimen it counts once, a second draw has a time."""
    times = Counter(
        (each.row.code, case.instants.get(each.unit.order_id)) for each in done(draft, _ONE_SPECIMEN)
    )
    found = sorted((code, count) for (code, _), count in times.items() if count > 1)
    return tuple(Advice(code, facts(count=count)) for code, count in found) or None


@rule(
    "D000/same_item",
    title="定性検査・半定量検査・定量検査",
    cite="通知 第3部検査 通則8・14",
    since=date(2024, 6, 1),
    sections=_LIST_SECTIONS,
)
def same_item(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """定性・半定量・定量 — of one item in one 区分番号 at one time only the test of most points is billed.

    The item is told by the name without the way it was measured; the specimen stands in the name, so that
    urine and blood are two items.
    """
    items: dict[tuple[str, str], list[Act]] = defaultdict(list)
    for act in draft.acts():
        if act.section in _LIST_SECTIONS and act.judgment_kind == "1" and not act.is_addition:
            items[act.section, item_name(act.name)].append(act)
    denials = []
    for rows in items.values():
        ranked = sorted({row.code: row for row in rows}.values(), key=_rank)
        denials += [Denial(row.code, ranked[0].code, facts()) for row in ranked[1:]]
    return tuple(denials) or None


def _rank(row: Act) -> tuple[Decimal, int, str]:
    """The most points first; of equal points what was measured most exactly."""
    exactness = 2 if "定性" in row.name else 1 if "半定量" in row.name else 0
    return (-row.points, exactness, row.code)


@lru_cache(maxsize=4096)
def item_name(name: str) -> str:
    """項目名 — the name of a test without 定性, 半定量 or 定量.

    >>> item_name("ＨＣＧ半定量"), item_name("アルブミン定性（尿）")
    ('ＨＣＧ', 'アルブミン（尿）')
    """
    return _WAYS.sub("", name)
