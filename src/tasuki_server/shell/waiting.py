# SPDX-License-Identifier: Apache-2.0
"""いま要ること — what waits for a member of staff, told on the first page; each room tells its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from tasuki.security.permissions import Permission
from tasuki_server.institutions.models import Staff


class Waiting(NamedTuple):
    """待っていること — how many, of those how many are late or urgent, where they are done, and the first day of them."""

    label: str
    count: int
    url: str
    urgent: int = 0
    urgent_label: str = "期限切れ"
    oldest: date | None = None


def due_by(label: str, days: Sequence[date], url: str, today: date) -> Waiting:
    """期限のあること — one for each day by which it is to be done."""
    return Waiting(label, len(days), url, sum(each < today for each in days), oldest=min(days, default=None))


Tell = Callable[[Staff], Iterable[Waiting]]
_TELLERS: list[tuple[Permission, Tell]] = []


def tell_on_first_page(permission: Permission, tell: Tell) -> None:
    """いま要ることの登録 — asked of those who hold the permission; called once by each room as it starts."""
    _TELLERS.append((permission, tell))


def every_waiting(staff: Staff) -> list[Waiting]:
    """待つことのすべて — of this member of staff, in the order of the rooms; what counts nothing too."""
    held = staff.permissions()
    return [each for permission, tell in _TELLERS if permission in held for each in tell(staff)]


def waiting_for(staff: Staff) -> list[Waiting]:
    """いま要ること — what counts something, the urgent first."""
    return sorted((each for each in every_waiting(staff) if each.count), key=lambda each: each.urgent == 0)
