# SPDX-License-Identifier: Apache-2.0
"""検索の日時 — a date as precise as it was written is a span of time: from its start to the first moment after it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

# What is written without a zone is meant as it is read in Japan.
HOUSE_ZONE = timezone(timedelta(hours=9))
EVER_FROM = datetime(1, 1, 2, tzinfo=UTC)
EVER_UNTIL = datetime(9999, 12, 30, tzinfo=UTC)
_FORM = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)

_LONGEST = len("2026-11-30T09:00:00.000000000+09:00")


class Span(NamedTuple):
    """期間 — from ``low`` up to, and without, ``high``."""

    low: datetime
    high: datetime


def span_of(text: str) -> Span | None:
    """日時の期間 — of a FHIR date, dateTime or instant; ``None`` for what is none.

    Cite: FHIR R4 Search 3.1.1.4.7 date

    >>> [each.isoformat() for each in span_of("2026-06")]
    ['2026-06-01T00:00:00+09:00', '2026-07-01T00:00:00+09:00']
    """
    return _span(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _span(text: str) -> Span | None:
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        low = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
            min(int(second or 0), 59), int(((fraction or "") + "000000")[:6]), _zone(zone),
        )  # fmt: skip
        if day is None:
            high = _next_month(low) if month else low.replace(year=low.year + 1)
        else:
            high = low + _width(hour, second, fraction)
    except (ValueError, OverflowError):
        return None
    if low < EVER_FROM or high > EVER_UNTIL:
        low, high = max(low, EVER_FROM), min(high, EVER_UNTIL)
    return Span(low, high) if low < high else None


def _zone(text: str | None) -> timezone:
    if text is None:
        return HOUSE_ZONE
    if text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return timezone(-offset if text[0] == "-" else offset)


def _next_month(low: datetime) -> datetime:
    if low.month == 12:
        return low.replace(year=low.year + 1, month=1)
    return low.replace(month=low.month + 1)


def _width(hour: str | None, second: str | None, fraction: str | None) -> timedelta:
    if hour is None:
        return timedelta(days=1)
    if second is None:
        return timedelta(minutes=1)
    if fraction is None:
        return timedelta(seconds=1)
    return timedelta(microseconds=10 ** max(6 - len(fraction), 0))
