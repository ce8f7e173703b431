# SPDX-License-Identifier: Apache-2.0
"""保険者の担当者の登録 — who may see what came for an insurer; needs the connection that owns the tables, so no page can do it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tasuki_server.platform.models import ConnectedInstitution, FeeTable
from tasuki_server.records.models import InsurerClerk


class NoInsurer(ValueError):
    """保険者でない — the connection is of something else."""


def add_clerk(user_id: UUID, name: str, connected: ConnectedInstitution) -> InsurerClerk:
    """保険者の担当者の登録 — one insurer to a sign-in; again, it moves to this one. Raises :class:`NoInsurer`."""
    if connected.fee_table != FeeTable.INSURER:
        raise NoInsurer(connected.fee_table)
    row, _ = InsurerClerk.objects.using("owner").update_or_create(
        user_id=user_id, defaults={"name": name[:60], "connected_id": connected.pk, "ended_at": None}
    )
    return row


def end_clerk(user_id: UUID, at: datetime) -> bool:
    """保険者の担当者の終了 — whether they were one."""
    rows = InsurerClerk.objects.using("owner").filter(user_id=user_id, ended_at=None)
    return rows.update(ended_at=at) > 0
