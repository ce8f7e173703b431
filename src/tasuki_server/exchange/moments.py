# SPDX-License-Identifier: Apache-2.0
"""日時の幅 — the first and the last moment that a date of FHIR may mean; what cannot be read is without bound."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from tasuki.eligibility.times import JAPAN

_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def first_moment(text: Any) -> datetime | None:
    """最初の時刻 — a day without a zone is a day in Japan.

    >>> first_moment("2026-04").isoformat()
    '2026-04-01T00:00:00+09:00'
    """
    bounds = _bounds(text)
    return bounds[0] if bounds else None


def last_moment(text: Any) -> datetime | None:
    """最後の時刻の次 — the moment after it.

    >>> last_moment("2026").isoformat()
    '2027-01-01T00:00:00+09:00'
    """
    bounds = _bounds(text)
    return bounds[1] if bounds else None


def _bounds(text: Any) -> tuple[datetime, datetime] | None:
    if not isinstance(text, str):
        return None
    found = _DAY.fullmatch(text)
    try:
        if found is None:
            moment = datetime.fromisoformat(text)
            at = moment if moment.tzinfo else moment.replace(tzinfo=JAPAN)
            at.utctimetuple()
            return at, at + timedelta(milliseconds=1)
        year, month, day = (int(each) if each else None for each in found.groups())
        assert year is not None
        first = datetime(year, month or 1, day or 1, tzinfo=JAPAN)
        if day:
            return first, first + timedelta(days=1)
        if month:
            return first, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=JAPAN)
        return first, datetime(year + 1, 1, 1, tzinfo=JAPAN)
    except (ValueError, OverflowError):
        return None
