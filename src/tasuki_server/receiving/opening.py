# SPDX-License-Identifier: Apache-2.0
"""審査担当者の登録 — who may sit at the desk; needs the connection that owns the tables, so no page can do it."""

from __future__ import annotations

from uuid import UUID

from tasuki_server.receiving.models import Operator


def add_operator(user_id: UUID, name: str) -> Operator:
    """審査担当者の登録 — once for each sign-in."""
    row, _ = Operator.objects.using("owner").get_or_create(user_id=user_id, defaults={"name": name})
    return row
