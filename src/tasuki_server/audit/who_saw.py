# SPDX-License-Identifier: Apache-2.0
"""閲覧者 — who saw a patient's data, when, as what and why; the same answer for the clinic's pages and for the patient."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from tasuki_server.audit.action_names import action_name
from tasuki_server.audit.handing_out import Asked, events_within
from tasuki_server.audit.models import ShownPatient
from tasuki_server.audit.reading import purpose_name
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.sight import unseen

MOST = 2000


class Sight(NamedTuple):
    """閲覧の一件 — ``who`` is the name, or only the role where names are not told; a list shows many at once."""

    at: datetime
    who: str
    role: str
    act: str
    purpose: str
    is_list: bool
    address: str
    session: str


class Opened(NamedTuple):
    """患者ごとの回数 — how often a patient's own pages were opened, and how often a list showed them."""

    patient: UUID
    opened: int
    listed: int


def who_saw(patient: UUID, since: date, until: date, *, has_names: bool = True) -> list[Sight]:
    """閲覧者 — of a patient's data within days, both included, the newest first; :data:`MOST` at most.

    Without names the role stands alone: whether staff are named to patients is the institution's policy.
    """
    with unseen():
        # A list names others beside this patient, and none of them is shown here.
        events = list(events_within(Asked(since, until, patient)).order_by("-number")[:MOST])
    roles = {staff.id: staff.role_labels for staff in Staff.objects.all()}
    sights = []
    for event in events:
        role = roles.get(event.staff_id, "") if event.staff_id else ""
        sights.append(
            Sight(
                at=event.at,
                who=event.actor if has_names else role or "システム",
                role=role,
                act=action_name(event.action),
                purpose=purpose_name(event.purpose),
                is_list=event.patient_id != patient,
                address=event.address,
                session=event.session,
            )
        )
    return sights


def opened_counts(since: date, until: date, actor: str = "") -> list[Opened]:
    """患者ごとの閲覧回数 — within days, of everyone or of those whose name holds a text; the most opened first.

    Cite: 医療情報システムの安全管理に関するガイドライン Q&A 23（指定した期間に患者ごとに何回開かれたか）
    """
    events = events_within(Asked(since, until))
    if actor:
        events = events.filter(actor__icontains=actor)
    opened = Counter[UUID](each for each in events.values_list("patient_id", flat=True) if each is not None)
    numbers = events.filter(detail__has_key="patients").values("number")
    listed = Counter[UUID](
        ShownPatient.objects.filter(number__in=numbers).values_list("patient_id", flat=True)
    )
    counted = [Opened(each, opened[each], listed[each]) for each in opened.keys() | listed.keys()]
    return sorted(counted, key=lambda each: (-each.opened, -each.listed, str(each.patient)))
