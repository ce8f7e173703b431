# SPDX-License-Identifier: Apache-2.0
"""再送 — when a request that was not answered is sent again, for every line to the national services."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

LONGEST_WAIT = timedelta(minutes=5)


def wait_after(tries: int, first: timedelta) -> timedelta:
    """次の送信までの間 — after so many tries: ``first`` after one, twice as long after each, five minutes at most.

    >>> [wait_after(n, timedelta(seconds=3)).seconds for n in (1, 2, 3, 20)]
    [3, 6, 12, 300]
    """
    return min(LONGEST_WAIT, first * 2 ** min(max(tries, 1) - 1, 10))


def is_due(at: datetime) -> Q:
    """送信の時か — its time has come; one farther ahead than any wait was set by a clock that has gone back since."""
    return Q(next_at__lte=at) | Q(next_at__gt=at + 2 * LONGEST_WAIT)
