# SPDX-License-Identifier: Apache-2.0
"""接続の振分け — sign-in tables through the sign-in role, services of the other side through theirs, all else through the app role, changes of tables by the owner."""

from __future__ import annotations

from typing import Any

SIGNIN_APPS = frozenset({"accounts", "account", "mfa", "sessions", "django_cache"})
# 相手側のサービス: rooms of no institution, with no reach into one, by the connection they go through.
SERVICE_APPS = {
    "receiving": "receiving",
    "platform": "platform",
    "eligibility": "platform",
    "prescriptions": "platform",
    "exchange": "platform",
    "records": "platform",
    "portal": "platform",
}


class RoleRouter:
    """役割による振分け — one physical database seen through the role of each room."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """読取 — see the module."""
        label = model._meta.app_label
        return "signin" if label in SIGNIN_APPS else SERVICE_APPS.get(label, "default")

    db_for_write = db_for_read

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool | None:
        """関連 — rows of sign-in, of a service and of institutions never point at each other."""
        return self.db_for_read(first) == self.db_for_read(second)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """移行 — only the owner changes tables."""
        return db == "owner"
