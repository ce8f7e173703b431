# SPDX-License-Identifier: Apache-2.0
"""有効期間 — the days on which a row, a rule or a card counts."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Validity(NamedTuple):
    """有効期間 — closed at both ends; ``until=None`` means open.

    >>> from datetime import date
    >>> date(2026, 6, 1) in Validity(date(2026, 6, 1), None)
    True
    >>> date(2026, 6, 1) in Validity(date(2024, 6, 1), date(2026, 5, 31))
    False
    """

    since: date
    until: date | None = None

    def __contains__(self, day: object) -> bool:
        """Whether the day lies inside, both ends included."""
        return self.since <= day and (self.until is None or day <= self.until)  # type: ignore[operator]

    def overlaps(self, other: Validity) -> bool:
        """Whether at least one day belongs to both."""
        starts_before_end = other.until is None or self.since <= other.until
        return starts_before_end and (self.until is None or other.since <= self.until)
