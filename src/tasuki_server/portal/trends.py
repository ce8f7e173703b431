# SPDX-License-Identifier: Apache-2.0
"""検査結果の並び — results gathered by item, with plain words, a drawing of the course and the same as a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from tasuki.forms.graphs import Trend, TrendPoint, trend
from tasuki_server.portal.plain_words import plain_words
from tasuki_server.portal.reading import LabRow

# A line of one point is no course.
FEWEST_POINTS = 2
WIDTH, HEIGHT = 340, 190


class ItemShown(NamedTuple):
    """検査項目 — its newest result, the earlier ones, and how they ran."""

    key: str
    name: str
    plain: str
    newest: LabRow
    rows: list[LabRow]
    svg: str


def by_item(rows: Iterable[LabRow], language: str) -> list[ItemShown]:
    """項目ごとの結果 — those outside their range first, then by name; rows come with the newest first."""
    gathered: dict[str, list[LabRow]] = {}
    for row in rows:
        gathered.setdefault(f"{row.key}|{row.unit}", []).append(row)
    items = [_shown(each, language) for each in gathered.values()]
    return sorted(items, key=lambda item: (not item.newest.mark, item.newest.is_infection, item.name))


def chosen(items: list[ItemShown], words: str, order: str) -> list[ItemShown]:
    """絞込みと並び — by words in the name; by day or by name when asked."""
    found = [each for each in items if words.casefold() in each.name.casefold()]
    if order == "name":
        return sorted(found, key=lambda item: item.name)
    if order == "day":
        return sorted(
            found, key=lambda item: item.newest.on.toordinal() if item.newest.on else 0, reverse=True
        )
    return found


def _shown(rows: list[LabRow], language: str) -> ItemShown:
    newest = rows[0]
    plain = plain_words(newest.item, language, newest.group)
    return ItemShown(newest.key, newest.name, plain, newest, rows, _drawing(rows))


def _drawing(rows: list[LabRow]) -> str:
    points = [TrendPoint(row.on, row.number, row.value) for row in reversed(rows) if row.on is not None]
    if sum(point.value is not None for point in points) < FEWEST_POINTS:
        return ""
    newest = rows[0]
    chart = Trend(newest.name, newest.unit, tuple(points), newest.low, newest.high)
    return trend(chart, width=WIDTH, height=HEIGHT)


def range_text(row: LabRow) -> str:
    """基準範囲 — as it was reported with the result; empty when none was."""
    if row.low is None and row.high is None:
        return ""
    return f"{'' if row.low is None else row.low}〜{'' if row.high is None else row.high}"


def as_facts(items: Iterable[ItemShown]) -> list[dict[str, Any]]:
    """画面の値 — of each item, for the template."""
    return [
        {
            "item": each,
            "range": range_text(each.newest),
            "earlier": [{"row": row, "range": range_text(row)} for row in each.rows],
        }
        for each in items
    ]
