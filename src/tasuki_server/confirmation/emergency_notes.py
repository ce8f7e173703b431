# SPDX-License-Identifier: Apache-2.0
"""救急時医療情報閲覧の表示の記録 — every showing is written on the look itself, for whoever reviews it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tasuki_server.confirmation.models import EmergencyLook
from tasuki_server.institutions.work import current_work


def note_seen(look_id: UUID, shown: dict[str, int]) -> None:
    """表示の記録 — what was shown of it, to whom and when."""
    work = current_work()
    row = EmergencyLook.objects.select_for_update(of=("self",)).get(pk=look_id)
    seen = {"at": work.at.isoformat(), "by": str(work.actor.staff_id), "shown": shown}
    row.seen = [*row.seen, seen]
    row.save(update_fields=["seen"])


def open_look(patient_id: UUID, at: datetime) -> EmergencyLook | None:
    """開いている救急時医療情報閲覧 — of a patient, the newest; one that was judged 不適切 is over."""
    rows = EmergencyLook.objects.filter(patient=patient_id, until_at__gte=at).exclude(is_justified=False)
    return rows.order_by("-asked_at").first()
