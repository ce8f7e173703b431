# SPDX-License-Identifier: Apache-2.0
"""接続の振分け — sign-in tables through the sign-in role, all else through the app role, changes of tables by the owner."""

from __future__ import annotations

from typing import Any

SIGNIN_APPS = frozenset({"accounts", "account", "mfa", "sessions", "django_cache"})


class RoleRouter:
    """役割による振分け — one physical database seen through three roles."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """読取 — see the module."""
        return "signin" if model._meta.app_label in SIGNIN_APPS else "default"

    db_for_write = db_for_read

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool | None:
        """関連 — a row of sign-in and a clinical row never point at each other."""
        is_signin = {each._meta.app_label in SIGNIN_APPS for each in (first, second)}
        return len(is_signin) == 1

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """移行 — only the owner changes tables."""
        return db == "owner"
