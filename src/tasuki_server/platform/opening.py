# SPDX-License-Identifier: Apache-2.0
"""運用担当者の登録 — who may sit at the desk; needs the connection that owns the tables, so no page can do it."""

from __future__ import annotations

from uuid import UUID

from tasuki_server.platform.models import PlatformOperator


def add_operator(user_id: UUID, name: str) -> PlatformOperator:
    """運用担当者の登録 — once for each sign-in."""
    row, _ = PlatformOperator.objects.using("owner").get_or_create(user_id=user_id, defaults={"name": name})
    return row
