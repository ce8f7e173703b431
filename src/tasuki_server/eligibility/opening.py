# SPDX-License-Identifier: Apache-2.0
"""救急時医療情報閲覧の権限の登録 — needs the connection that owns the tables, so no page can do it."""

from __future__ import annotations

from datetime import datetime

from tasuki_server.eligibility.models import EmergencyRight
from tasuki_server.platform.models import ConnectedInstitution, FeeTable
from tasuki_server.platform.operator_acts import note_act


class NotAHospital(ValueError):
    """医科でない接続機関 — 救急時医療情報閲覧 is a hospital's: none of another table gets the right."""


def allow_emergency(caller: ConnectedInstitution, made_by: str, at: datetime) -> bool:
    """権限の付与 — False where the institution has it already. Raises :class:`NotAHospital`.

    Cite: オンライン資格確認等システム 救急時医療情報閲覧（病院、2024-12-09から）
    """
    if caller.fee_table != FeeTable.MEDICAL:
        raise NotAHospital(caller.institution_number)
    rows = EmergencyRight.objects.using("owner")
    if rows.filter(caller_id=caller.pk, ended_at=None).exists():
        return False
    rows.create(caller_id=caller.pk, since_at=at, made_by=made_by[:80])
    note_act("emergency-right", caller, at, by=made_by[:80])
    return True


def end_emergency_right(caller: ConnectedInstitution, at: datetime, by: str = "") -> bool:
    """権限の終了 — False where the institution has none."""
    rows = EmergencyRight.objects.using("owner").filter(caller_id=caller.pk, ended_at=None)
    is_done = bool(rows.update(ended_at=at))
    if is_done:
        note_act("end-emergency-right", caller, at, by=by[:80])
    return is_done
