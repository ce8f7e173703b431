# SPDX-License-Identifier: Apache-2.0
"""救急時医療情報閲覧の権限の登録 — needs the connection that owns the tables, so no page can do it."""

from __future__ import annotations

from datetime import datetime

from tasuki_server.eligibility.models import EmergencyRight
from tasuki_server.platform.models import ConnectedInstitution


def allow_emergency(caller: ConnectedInstitution, made_by: str, at: datetime) -> bool:
    """権限の付与 — False where the institution has it already."""
    rows = EmergencyRight.objects.using("owner")
    if rows.filter(caller_id=caller.pk, ended_at=None).exists():
        return False
    rows.create(caller_id=caller.pk, since_at=at, made_by=made_by[:80])
    return True


def end_emergency_right(caller: ConnectedInstitution, at: datetime) -> bool:
    """権限の終了 — False where the institution has none."""
    rows = EmergencyRight.objects.using("owner").filter(caller_id=caller.pk, ended_at=None)
    return bool(rows.update(ended_at=at))
