# SPDX-License-Identifier: Apache-2.0
"""印字文字列 — numbers, days and one-digit-a-cell numbers as the forms print them."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from tasuki.kernel.eras import era_of


class EraDay(NamedTuple):
    """和暦の年月日 — the parts of a day as they go into the boxes of a form."""

    era: str
    year: str
    month: str
    day: str


def era_parts(day: date | None) -> EraDay:
    """和暦の年月日 — of a day; all parts empty where the form is left blank.

    >>> era_parts(date(2026, 6, 1))
    EraDay(era='令和', year='8', month='6', day='1')
    >>> era_parts(date(2019, 5, 1)).year
    '元'
    """
    if day is None:
        return EraDay("", "", "", "")
    _, name, year = era_of(day)
    return EraDay(name, "元" if year == 1 else str(year), str(day.month), str(day.day))


def grouped(number: int) -> str:
    """金額表記 — with a comma at each thousand; a negative number takes △ as ledgers write it.

    >>> grouped(12345), grouped(-300), grouped(0)
    ('12,345', '△300', '0')
    """
    return f"{number:,}" if number >= 0 else f"△{-number:,}"


def cells(number: str, count: int) -> list[str]:
    """桁枠 — one digit a cell, right-aligned as insurer numbers of four or six digits stand in eight cells.

    Raises ``ValueError`` when the number has more digits than the form has cells.

    >>> cells("130012", 8)
    ['', '', '1', '3', '0', '0', '1', '2']
    """
    if len(number) > count:
        raise ValueError(f"{number} does not fit {count} cells")
    return [""] * (count - len(number)) + list(number)


def share_text(percent: int | None) -> str:
    """負担割合 — in tenths, as said at every counter.

    >>> share_text(30), share_text(0), share_text(None)
    ('3割', '0割', '')
    """
    if percent is None:
        return ""
    tenths, rest = divmod(percent, 10)
    return f"{tenths}割" if not rest else f"{percent}％"
