# SPDX-License-Identifier: Apache-2.0
"""架空の保守業者 — a company, its person with an account, and work orders in any state."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clinics import Clinic


def make_vendor(clinic: Clinic, name: str = "架空保守") -> Any:
    """A company, and the clinic's member of the maintenance role as its person."""
    from tasuki_server.maintenance.models import MaintenanceCompany, MaintenancePerson

    with clinic.work():
        company = MaintenanceCompany.objects.create(name=name)
        return MaintenancePerson.objects.create(company=company, staff=clinic.staff["maintenance"])


def make_order(
    clinic: Clinic,
    person: Any,
    scope: Iterable[Any],
    *,
    patients: Iterable[Any] = (),
    since: int = -60,
    hours: int = 2,
) -> Any:
    """An approved order that began ``since`` minutes from now and is ``hours`` long."""
    from django.utils import timezone

    from tasuki.security.maintenance import Decision
    from tasuki_server.maintenance.asking import Asked, Device, ask, decide

    starts = timezone.now() + timedelta(minutes=since)
    with clinic.work():
        asked = Asked(
            company=person.company,
            people=[person],
            what="架空の点検",
            starts_at=starts,
            ends_at=starts + timedelta(hours=hours),
            scope=list(scope),
            device=Device("PC-1", "2026-06-01", "EDRあり", is_encrypted=True),
            patients=list(patients),
        )
        order = ask(asked, clinic.staff["admin"])
        decide(order, Decision.APPROVED, clinic.staff["admin"], "")
    return order


def end_order(clinic: Clinic, order: Any, *, is_cut: bool) -> None:
    """Ended by its people, or cut by the clinic."""
    from tasuki_server.maintenance.access import access_order
    from tasuki_server.maintenance.asking import end

    with clinic.work():
        end(access_order(order.id), clinic.staff["admin"], is_cut=is_cut)
