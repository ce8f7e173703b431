# SPDX-License-Identifier: Apache-2.0
"""保守業者の人の登録 — an account of the role that opens nothing by itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tasuki.security.permissions import Role
from tasuki_server.accounts.joining import Joined, join
from tasuki_server.audit.trail import record
from tasuki_server.cli.words import Stop
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import Actor, as_institution
from tasuki_server.maintenance.models import MaintenanceCompany, MaintenancePerson


class NameTaken(ValueError):
    """使われている利用者名 — of any institution: names of sign-in are one list."""


def is_vendor(user: Any) -> bool:
    """保守業者の人か — asked at sign-in, outside any transaction of the institution."""
    with as_institution(user.institution_id, Actor(label=user.username)):
        staff = Staff.objects.filter(user_id=user.pk).first()
    return staff is not None and Role.MAINTENANCE in staff.roles


def add_account(company: MaintenanceCompany, institution_id: UUID, user: str, name: str) -> Joined:
    """保守業者の人の登録 — sign-in, member of staff with the role alone, and the company they work for."""
    try:
        joined = join(institution_id, user, name, [Role.MAINTENANCE])
    except Stop as taken:
        raise NameTaken from taken
    staff = Staff.objects.get(user_id=joined.user.pk)
    person = MaintenancePerson.objects.create(company=company, staff=staff)
    record("maintenance.person", person, detail={"company": str(company.id), "staff": str(staff.id)})
    return joined
