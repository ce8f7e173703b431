# SPDX-License-Identifier: Apache-2.0
"""保守作業の訓練場 — a clinic with two patients, a vendor's person with a browser, and orders in any state."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from tasuki.security.maintenance import Decision, Standing
from tasuki_server.drills.ground import a_clinic
from tasuki_server.drills.people import entered

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from django.test import Client

    from tasuki.security.permissions import Permission

NAMED, OTHER = "訓練 名指", "秘匿 未指定"
# Any of these on a page is a patient the order does not name.
OTHER_WORDS = ("秘匿", "ヒトク", "090-0000-7777")


class Vendor(NamedTuple):
    """訓練の保守業者 — the clinic, its administrator, the vendor's person and their browser, and rows to ask for."""

    clinic: UUID
    admin: Any
    person: Any
    browser: Client
    named: Any
    other: Any
    visits: dict[UUID, UUID]

    def work(self) -> AbstractContextManager[Any]:
        """取引 — of the administrator."""
        from tasuki_server.institutions.work import Actor, as_institution

        return as_institution(self.clinic, Actor(label=self.admin.name, staff_id=self.admin.id))


def make_vendor() -> Vendor:
    """訓練の保守業者 — inside a training ground."""
    from tasuki.security.permissions import Role
    from tasuki_server.institutions.opening import add_staff, system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.maintenance.models import MaintenanceCompany, MaintenancePerson

    clinic = a_clinic(9)
    user = _user(clinic)
    with as_institution(clinic, system_actor(clinic)):
        admin = add_staff("訓練 管理", "クンレン カンリ", [Role.ADMIN])
        staff = add_staff("訓練 保守", "クンレン ホシュ", [Role.MAINTENANCE], user_id=user.pk)
        company = MaintenanceCompany.objects.create(name="訓練保守")
        person = MaintenancePerson.objects.create(company=company, staff=staff)
        named, visit = _patient(NAMED, "クンレン ナザシ", "090-0000-1111")
        other, other_visit = _patient(OTHER, "ヒトク ミシテイ", "090-0000-7777")
    return Vendor(
        clinic, admin, person, entered(user), named, other, {named.id: visit.id, other.id: other_visit.id}
    )


def make_order(
    vendor: Vendor, wanted: Standing, scope: Iterable[Permission], patients: Iterable[Any] = ()
) -> Any:
    """作業指示 — brought to a state by the acts of the screens; one that is over was written with its past window."""
    from django.utils import timezone

    from tasuki_server.maintenance.access import access_order
    from tasuki_server.maintenance.asking import Asked, Device, ask, decide, end

    now = timezone.now()
    begins = now + timedelta(minutes=30) if wanted is Standing.WAITING else now - timedelta(hours=1)
    with vendor.work():
        asked = Asked(
            company=vendor.person.company,
            people=[vendor.person],
            what="訓練",
            starts_at=begins,
            ends_at=begins + timedelta(hours=2),
            scope=list(scope),
            device=Device("訓練端末", "2026-06-01", "EDR", is_encrypted=True),
            patients=list(patients),
        )
        if wanted is Standing.OVER:
            return access_order(_written(asked, vendor).id)
        order = ask(asked, vendor.admin)
        if wanted is Standing.ASKED:
            return order
        decision = Decision.REFUSED if wanted is Standing.REFUSED else Decision.APPROVED
        decide(order, decision, vendor.admin, "")
    if wanted in (Standing.CUT, Standing.ENDED):
        with vendor.work():
            end(access_order(order.id), vendor.admin, is_cut=wanted is Standing.CUT)
    with vendor.work():
        return access_order(order.id)


def close_order(vendor: Vendor, order: Any) -> None:
    """作業指示の遮断 — so that the next trial stands alone."""
    from tasuki_server.maintenance.access import access_order
    from tasuki_server.maintenance.asking import end

    with vendor.work():
        end(access_order(order.id), vendor.admin, is_cut=True)


def _written(asked: Any, vendor: Vendor) -> Any:
    """An order of the past, which nobody can ask for: approved before it began, and run out a minute ago."""
    from django.db.models import Max

    from tasuki_server.institutions.work import current_work
    from tasuki_server.maintenance.models import (
        StepKind,
        WorkOrder,
        WorkOrderPatient,
        WorkOrderPerson,
        WorkOrderStep,
    )

    at = current_work().at
    last = WorkOrder.objects.aggregate(last=Max("number"))["last"] or 0
    order = WorkOrder.objects.create(
        number=last + 1,
        company=asked.company,
        what=asked.what,
        starts_at=at - timedelta(hours=2),
        ends_at=at - timedelta(minutes=1),
        scope=[str(each) for each in asked.scope],
        device=asked.device.as_row(),
        asked_by=vendor.admin,
    )
    WorkOrderPerson.objects.create(order=order, person=vendor.person)
    for each in asked.patients:
        WorkOrderPatient.objects.create(order=order, patient=each)
    WorkOrderStep.objects.create(
        order=order,
        kind=StepKind.DECISION,
        outcome=Decision.APPROVED,
        at=at - timedelta(hours=3),
        by=vendor.admin,
    )
    return order


def _patient(name: str, kana: str, phone: str) -> tuple[Any, Any]:
    from django.utils import timezone

    from tasuki_server.patients.register import WhoTheyAre, register_patient
    from tasuki_server.reception.receive import Arrival, receive_patient

    patient = register_patient(WhoTheyAre(name, kana, date(1960, 4, 1), "male", phone=phone))
    return patient, receive_patient(patient, Arrival(), timezone.localtime())


def _user(clinic: UUID) -> Any:
    import secrets

    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from tasuki_server.accounts.models import User

    user = User.objects.create_user("drill_vendor", secrets.token_urlsafe(24), institution_id=clinic)
    TOTP.activate(user, generate_totp_secret())
    return user
