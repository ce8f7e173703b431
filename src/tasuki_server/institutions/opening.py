# SPDX-License-Identifier: Apache-2.0
"""開設 — a new tenant, its automatic member of staff, and its people with their sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from tasuki.security.permissions import Role
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.institutions.work import Actor, as_institution

SYSTEM_NAME = "自動処理"


def system_actor(institution_id: UUID) -> Actor:
    """自動処理 — the actor of commands and jobs; each institution has this member of staff from its opening."""
    return Actor(label=SYSTEM_NAME, staff_id=uuid5(institution_id, "system"))


def open_institution(institution_id: UUID, **values: Any) -> Institution:
    """医療機関の開設 — makes the tenant in a transaction of its own."""
    from tasuki_server.keys.models import DataKey
    from tasuki_server.keys.ring import first_keys

    actor = system_actor(institution_id)
    with as_institution(institution_id, actor):
        institution = Institution.objects.create(id=institution_id, **values)
        first_keys(DataKey, institution_id)
        Staff.objects.create(id=actor.staff_id, name=SYSTEM_NAME, is_system=True, roles=[])
        record("institution.open", institution)
    return institution


def add_staff(
    name: str, kana: str, roles: Sequence[Role], user_id: UUID | None = None, **values: Any
) -> Staff:
    """職員の登録 — inside an open transaction of the institution."""
    staff = Staff.objects.create(
        name=name, kana=kana, roles=[str(each) for each in roles], user_id=user_id, **values
    )
    record("staff.add", staff, detail={"roles": staff.roles})
    return staff
