# SPDX-License-Identifier: Apache-2.0
"""日付の読取り — days as people write them at a reception desk: 1960-04-01, S35.4.1, 昭和35年4月1日, S35."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date

from tasuki.kernel.eras import era_text, from_era
from tasuki.kernel.validity import Validity

_ERA_NUMBERS = {"M": 1, "T": 2, "S": 3, "H": 4, "R": 5, "明": 1, "大": 2, "昭": 3, "平": 4, "令": 5}
_ERA_NAMES = re.compile("明治|大正|昭和|平成|令和")
_ERA = r"(?P<era>[MTSHR明大昭平令])"
_PARTED = re.compile(
    rf"(?:{_ERA}(?P<era_year>\d{{1,2}}|元)|(?P<year>\d{{4}}))"
    r"(?:[-./年](?:(?P<month>\d{1,2})(?:[-./月](?:(?P<day>\d{1,2})日?)?)?)?)?"
)
_SOLID = re.compile(rf"(?:{_ERA}(?P<era_year>\d{{2}})|(?P<year>\d{{4}}))(?P<month>\d{{2}})(?P<day>\d{{2}})")


def read_days(text: str) -> Validity | None:
    """日付の範囲 — the days a text names: one day, a month, or a year; None when it is no date.

    >>> read_days("Ｓ３５．４．１") == read_days("昭和35年4月1日") == read_days("19600401")
    True
    >>> read_days("昭和35年")
    Validity(since=datetime.date(1960, 1, 1), until=datetime.date(1960, 12, 31))
    >>> read_days("R元.5.1").since, read_days("1960-02-30"), read_days("1234")
    (datetime.date(2019, 5, 1), None, None)
    """
    folded = unicodedata.normalize("NFKC", text).strip().upper().replace(" ", "")
    folded = _ERA_NAMES.sub(lambda found: found[0][0], folded)
    found = _SOLID.fullmatch(folded) or _PARTED.fullmatch(folded)
    if found is None:
        return None
    parts = found.groupdict()
    if parts["year"] and not parts["month"] and "年" not in folded:
        # Four bare digits are a chart number, not a year.
        return None
    month = int(parts["month"] or 0)
    try:
        first = _day(parts, month or 1, int(parts["day"] or 1))
        if parts["day"]:
            return Validity(first, first)
        if month:
            return Validity(first, first.replace(day=monthrange(first.year, month)[1]))
        return Validity(first, first.replace(month=12, day=31))
    except ValueError:
        return None


def read_day(text: str) -> date | None:
    """日付の読取り — one day, None for anything else.

    >>> read_day("H1.1.8"), read_day("令和8年6月")
    (datetime.date(1989, 1, 8), None)
    """
    found = read_days(text)
    return found.since if found is not None and found.since == found.until else None


def day_text(day: date) -> str:
    """日付の表記 — western and era together, as screens show a birth date.

    >>> day_text(date(1960, 4, 1))
    '1960-04-01（昭和35年4月1日）'
    """
    return f"{day:%Y-%m-%d}（{era_text(day)}）"


def _day(parts: dict[str, str | None], month: int, day: int) -> date:
    if parts["year"]:
        year = int(parts["year"])
        if not 1868 <= year <= 2199:
            raise ValueError(year)
        return date(year, month, day)
    era_year = 1 if parts["era_year"] == "元" else int(parts["era_year"] or 0)
    if era_year == 0:
        raise ValueError(era_year)
    return from_era(_ERA_NUMBERS[str(parts["era"])], era_year, month, day)
