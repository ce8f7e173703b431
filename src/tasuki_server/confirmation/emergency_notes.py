# SPDX-License-Identifier: Apache-2.0
"""救急時医療情報閲覧の表示の記録 — every showing is written on the look itself, for whoever reviews it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tasuki_server.confirmation.inquiry_models import WAITING
from tasuki_server.confirmation.models import EmergencyLook, Inquiry, InquiryState
from tasuki_server.institutions.models import Staff
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


def is_running(look: EmergencyLook) -> bool:
    """閲覧中か — it brought everything it asked for, or still may; after a refusal it is to be asked for anew."""
    # By the visit, which has an index; the look has none of its own.
    states = set(
        Inquiry.objects.filter(visit_id=look.visit_id, emergency=look).values_list("state", flat=True)
    )
    return not states.isdisjoint(WAITING) or states == {InquiryState.ANSWERED}


class Showing(NamedTuple):
    """表示の一回 — when a look was shown, to whom, and how many rows of each table."""

    at: datetime
    name: str
    shown: dict[str, int]


def showings_of(look: EmergencyLook) -> list[Showing]:
    """表示の一覧 — of a look, as whoever reviews it reads them: names instead of ids, the first first."""
    staff = {str(each.pk): each.name for each in Staff.objects.filter(pk__in=_viewers(look))}
    return [
        Showing(
            datetime.fromisoformat(each["at"]),
            staff.get(each["by"], "（職員の記録にない人）"),
            {name: int(count) for name, count in each["shown"].items()},
        )
        for each in look.seen
    ]


def _viewers(look: EmergencyLook) -> set[UUID]:
    return {UUID(each["by"]) for each in look.seen if each["by"] != str(None)}
