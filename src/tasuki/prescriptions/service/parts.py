# SPDX-License-Identifier: Apache-2.0
"""分割指示に係る処方箋の回の日 — on which days a part of a split prescription is taken.

Each part is recorded with its own length and the whole (分割指示調剤数量), not with those of the others. The first and
the last part are known by that; one between them only when its neighbours are at hand.

Cite: 記録条件仕様 102 分割指示調剤数量 (分割回ごと調剤数量, 総調剤数量); 63 分割指示
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.prescriptions.orders import rp_orders

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasuki.prescriptions.orders import RpOrder
    from tasuki.prescriptions.records import Document

_MOST_PARTS = 9


class Part(NamedTuple):
    """分割指示に係る処方箋の回 — which of how many; (0, 0) where a prescription is whole or does not say."""

    nth: int
    out_of: int


def part_of(document: Document) -> Part:
    """分割の回 — of the records of a prescription; a count smaller than its part is held to be as many."""
    nth, count = (_small(document.value("63", name)) for name in ("split_nth", "split_count"))
    return Part(nth, max(nth, count)) if nth else Part(0, 0)


def lengths_beside(document: Document, beside: Iterable[Document]) -> dict[str, dict[int, int]]:
    """ほかの回の調剤数量 — of each RP number of a part, the quantities of the other parts that are at hand.

    RPs are the same where form, usage, drugs, amounts and the whole are; what stands twice in a part is left out, and
    so is a part of which there are two.
    """
    others = [(part_of(each).nth, _lengths(each)) for each in beside]
    times = Counter(nth for nth, _ in others)
    mine = _lengths(document)
    return {
        rp: {nth: found[same][1] for nth, found in others if nth and times[nth] == 1 and same in found}
        for same, (rp, _) in mine.items()
    }


def days_of_part(part: Part, days: int, total: int | None, known: Mapping[int, int]) -> tuple[int, int]:
    """分割の回の日 — from the day of issue: days before the first that it can be taken on, and before the first after.

    A part between others whose lengths are not known is given every day it can be taken on: each other part has one
    day at the least. A finding too many is looked at by a doctor; one too few is seen by nobody.

    >>> [days_of_part(Part(n, 3), days, 74, {}) for n, days in ((1, 30), (3, 14))]
    [(0, 30), (60, 74)]
    >>> days_of_part(Part(2, 3), 30, 74, {}), days_of_part(Part(2, 3), 30, 74, {1: 30})
    ((1, 73), (30, 60))
    """
    if not part.nth:
        return 0, max(days, total or 0)
    before, after = range(1, part.nth), range(part.nth + 1, part.out_of + 1)
    if total is None or total < days + part.out_of - 1:
        # The whole is not told, or cannot be: each part is held to be as long as this one.
        total = days * part.out_of
    if sum(known.get(each, 1) for each in (*before, *after)) > total - days:
        known = {}
    least = sum(known.get(each, 1) for each in before)
    most = total - days - sum(known.get(each, 1) for each in after)
    if not before or (after and all(each in known for each in before)):
        most = least
    elif all(each in known for each in after):
        least = most
    return least, most + days


def _lengths(document: Document) -> dict[tuple[Any, ...], tuple[str, int]]:
    found: dict[tuple[Any, ...], tuple[str, int]] = {}
    twice = set()
    for rp in rp_orders(document):
        if rp.split_quantity:
            same = _same(rp)
            if same in found:
                twice.add(same)
            found[same] = rp.rp, rp.split_quantity
    return {same: told for same, told in found.items() if same not in twice}


def _same(rp: RpOrder) -> tuple[Any, ...]:
    drugs = tuple((each.code_kind, each.code, each.name, each.amount, each.unit) for each in rp.drugs)
    return rp.dosage_form, rp.whole_quantity, rp.usage_code, rp.usage_name, drugs


def _small(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else 0
    return number if number <= _MOST_PARTS else 0
