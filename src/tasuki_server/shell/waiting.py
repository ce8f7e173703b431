# SPDX-License-Identifier: Apache-2.0
"""いま要ること — what waits for a member of staff, told on the first page; each room tells its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from tasuki.security.permissions import Permission
from tasuki_server.institutions.models import Staff


class Waiting(NamedTuple):
    """待っていること — how many, of those how many are late or urgent, and the page where they are done."""

    label: str
    count: int
    url: str
    urgent: int = 0
    urgent_label: str = "期限切れ"


Tell = Callable[[Staff], Iterable[Waiting]]
_TELLERS: list[tuple[Permission, Tell]] = []


def tell_on_first_page(permission: Permission, tell: Tell) -> None:
    """いま要ることの登録 — asked of those who hold the permission; called once by each room as it starts."""
    _TELLERS.append((permission, tell))


def waiting_for(staff: Staff) -> list[Waiting]:
    """いま要ること — of this member of staff, the urgent first; what counts nothing is left out."""
    held = staff.permissions()
    found = [
        each for permission, tell in _TELLERS if permission in held for each in tell(staff) if each.count
    ]
    return sorted(found, key=lambda each: each.urgent == 0)
