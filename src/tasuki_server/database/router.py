# SPDX-License-Identifier: Apache-2.0
"""接続の振分け — sign-in tables through the sign-in role, services of the other side through theirs, all else through the app role, changes of tables by the owner.

A page of the portal reads the platform's rows through the portal's own role (:func:`by_way_of`), which sees one person's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

SIGNIN_APPS = frozenset({"accounts", "account", "mfa", "sessions", "django_cache"})
PLATFORM, PORTAL_DOOR, PORTAL = "platform", "portal_door", "portal"
# 相手側のサービス: rooms of no institution, with no reach into one, by the connection they go through.
SERVICE_APPS = {
    "receiving": "receiving",
    "platform": PLATFORM,
    "eligibility": PLATFORM,
    "prescriptions": PLATFORM,
    "exchange": PLATFORM,
    "records": PLATFORM,
    "portal": PORTAL_DOOR,
}
# Rows of these may point at each other.
_OF_THE_PLATFORM = frozenset({PLATFORM, PORTAL_DOOR})
_way: ContextVar[str] = ContextVar("tasuki_way_to_the_platform", default="")


@contextmanager
def by_way_of(alias: str) -> Iterator[None]:
    """経路 — every row of the platform's rooms goes through this connection meanwhile; "" is each through its own again."""
    token = _way.set(alias)
    try:
        yield
    finally:
        _way.reset(token)


class RoleRouter:
    """役割による振分け — one physical database seen through the role of each room."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """読取 — see the module."""
        alias = _own(model)
        return _way.get() or alias if alias in _OF_THE_PLATFORM else alias

    db_for_write = db_for_read

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool | None:
        """関連 — rows of sign-in, of a service and of institutions never point at each other."""
        sides = {_own(first), _own(second)}
        return len(sides) == 1 or sides <= _OF_THE_PLATFORM

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """移行 — only the owner changes tables."""
        return db == "owner"


def _own(model: Any) -> str:
    label = model._meta.app_label
    return "signin" if label in SIGNIN_APPS else SERVICE_APPS.get(label, "default")
