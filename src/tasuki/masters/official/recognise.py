# SPDX-License-Identifier: Apache-2.0
"""原本の識別 — what a file is, by its content: type letter, number of columns, keys; then when it was published."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from tasuki.masters.official.fields import BadField, day
from tasuki.masters.official.layout import (
    ACTS,
    LAYOUTS,
    WARD_REPORT,
    Layout,
)

if TYPE_CHECKING:
    from tasuki.masters.official.source import Record

_DATE = re.compile(r"(?<!\d)(20[0-4]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")


def layout_of(records: list[Record]) -> Layout | None:
    """マスターの識別 — by the type letter in the second field of most lines, None when no master has it.

    病床機能報告用マスター shares the letter of the acts; its codes all begin with 1906.
    """
    letters = Counter(record.fields[1] for record in records[:200] if len(record.fields) > 15)
    if not letters:
        return None
    letter = letters.most_common(1)[0][0]
    if letter == ACTS.letter and all(record.fields[2].startswith("1906") for record in records[:200]):
        return WARD_REPORT
    return next((layout for layout in LAYOUTS if layout.letter == letter), None)


def is_full(records: list[Record]) -> bool:
    """全件か — a full file has rows that did not change (変更区分 0); a difference has none."""
    return any(record.fields[0] == "0" for record in records)


def published_on(name: str, days: Counter[date]) -> date:
    """公表日 — the last date in the file's name, else the newest change date it holds."""
    found = _DATE.findall(name.rsplit("/", 1)[-1]) or _DATE.findall(name)
    if found:
        year, month, of_month = map(int, found[-1])
        return date(year, month, of_month)
    return max(days, default=date(1900, 1, 1))


def change_days(layout: Layout, records: list[Record]) -> Counter[date]:
    """変更日の分布 — how many rows begin on each day."""
    days: Counter[date] = Counter()
    for record in records:
        try:
            since = day(record.fields, layout.since)
        except (BadField, IndexError):
            continue
        if since:
            days[since] += 1
    return days
