# SPDX-License-Identifier: Apache-2.0
"""電文の日時 — days and times of Japan as messages write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

# Japan keeps no summer time.
JAPAN = timezone(timedelta(hours=9))


def read_day(text: str) -> date | None:
    """年月日 — YYYYMMDD, None for what is no day.

    >>> read_day("20260229") is None, read_day("20260228")
    (True, datetime.date(2026, 2, 28))
    """
    if len(text) != 8 or not (text.isascii() and text.isdecimal()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def read_time(text: str) -> datetime | None:
    """日時 — YYYYMMDDHHmmss as a time of Japan, None for what is none.

    >>> read_time("20261130083000").isoformat()
    '2026-11-30T08:30:00+09:00'
    """
    day = read_day(text[:8])
    clock = text[8:]
    if day is None or len(clock) != 6 or not (clock.isascii() and clock.isdecimal()):
        return None
    try:
        return datetime(
            day.year, day.month, day.day, int(clock[:2]), int(clock[2:4]), int(clock[4:]), tzinfo=JAPAN
        )
    except ValueError:
        return None


def day_text(day: date) -> str:
    """年月日の記録 — YYYYMMDD.

    >>> day_text(date(2026, 11, 30))
    '20261130'
    """
    return f"{day.year:04}{day.month:02}{day.day:02}"


def time_text(at: datetime) -> str:
    """日時の記録 — YYYYMMDDHHmmss in Japan. An aware time is asked for.

    >>> from datetime import UTC
    >>> time_text(datetime(2026, 11, 29, 23, 30, tzinfo=UTC))
    '20261130083000'
    """
    here = at.astimezone(JAPAN)
    return f"{day_text(here)}{here.hour:02}{here.minute:02}{here.second:02}"
