# SPDX-License-Identifier: Apache-2.0
"""保守作業の閲覧 — what this institution may see of its orders and companies, else 404."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from tasuki_server.maintenance.models import MaintenanceCompany, MaintenancePerson, WorkOrder
from tasuki_server.maintenance.plans import orders

SHOWN = 100


def access_order(order_id: UUID) -> WorkOrder:
    """作業指示 — with all that its plan is made of."""
    found = orders().filter(id=order_id).first()
    if found is None:
        raise Http404
    return found


def access_company(company_id: UUID) -> MaintenanceCompany:
    """保守業者 — of this institution."""
    found = MaintenanceCompany.objects.filter(id=company_id).first()
    if found is None:
        raise Http404
    return found


def access_person(person_id: UUID) -> MaintenancePerson:
    """保守業者の人 — of this institution."""
    found = MaintenancePerson.objects.select_related("staff", "company").filter(id=person_id).first()
    if found is None:
        raise Http404
    return found


def person_of(staff_id: UUID) -> MaintenancePerson | None:
    """本人の会社 — None where an account was made without one: it can ask for nothing."""
    return MaintenancePerson.objects.select_related("company").filter(staff_id=staff_id).first()
