# SPDX-License-Identifier: Apache-2.0
"""訓練の診療所 — made-up people with a month of visits, bills and claims, and the browsers of everyone who works there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    import psycopg
    from django.test import Client

PEOPLE = 8


class Worker(NamedTuple):
    """訓練の職員 — a member of staff and their sign-in."""

    role: str
    user: Any
    staff_id: UUID
    name: str

    def get_factor(self) -> None:
        """二要素を持たせる — where it was taken away."""
        from allauth.mfa.models import Authenticator
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        if not Authenticator.objects.filter(user_id=self.user.pk, type=Authenticator.Type.TOTP).exists():
            TOTP.activate(self.user, generate_totp_secret())

    def browser(self) -> Client:
        """端末 — where password and second factor were given."""
        from tasuki_server.drills.people import entered

        # Whoever walks may give the person a new password; a session made for the old one is none.
        self.user.refresh_from_db()
        return entered(self.user)


class LivingClinic(NamedTuple):
    """訓練の診療所 — its staff by role, and the texts by which each patient would be known on a page."""

    id: UUID
    workers: Mapping[str, Worker]
    marks: Mapping[UUID, tuple[str, ...]]

    def let_in(self, owner: psycopg.Connection) -> None:
        """再び入れる — whoever walks may stop an account, take a factor or the writing away: all of it is given back.

        By the owner and past every trigger: what a drill does by itself is no act of the house.
        """
        with owner.transaction():
            owner.execute("SET LOCAL session_replication_role = replica")
            owner.execute(
                "UPDATE accounts_user SET is_active = true, must_change_password = false WHERE institution_id = %s",
                [self.id],
            )
            owner.execute(
                "UPDATE institutions_staff SET is_active = true WHERE institution_id = %s", [self.id]
            )
            for worker in self.workers.values():
                owner.execute(
                    "UPDATE institutions_staff SET roles = %s WHERE id = %s",
                    [Jsonb([worker.role]), worker.staff_id],
                )
            owner.execute(
                "UPDATE watch_containment SET ended_at = now() WHERE institution_id = %s AND ended_at IS NULL",
                [self.id],
            )
        for worker in self.workers.values():
            worker.get_factor()


def living_clinic() -> LivingClinic:
    """訓練の診療所 — inside a training ground; every act is the one of the screens."""
    from django.utils import timezone

    from tasuki_server.demo.clinics import CLINICS, open_missing
    from tasuki_server.demo.prepare import live_a_month

    open_missing()
    clinic = CLINICS[1]
    today = timezone.localdate()
    cast = live_a_month(clinic, PEOPLE, lambda _done, _total: None, today)
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    with cast.work("clerk"):  # type: ignore[attr-defined]
        _hand_out(month)
        _claim(month)
    return LivingClinic(clinic.id, _workers(cast), _marks(clinic.id))


def _hand_out(month: Any) -> None:
    from tasuki_server.billing.models import Bill
    from tasuki_server.documents.issue import issue_receipt

    for bill in Bill.objects.latest_versions().filter(visit__day__gte=month)[:PEOPLE]:
        issue_receipt(bill)


def _claim(month: Any) -> None:
    from tasuki_server.claims.making import make_claims

    make_claims(month)


def _workers(cast: Any) -> dict[str, Worker]:
    from tasuki_server.accounts.models import User

    users = {user.pk: user for user in User.objects.filter(institution_id=cast.clinic.id)}
    return {
        str(role): Worker(str(role), users[member.user_id], member.id, member.name)
        for role, member in cast.staff.items()
    }


def _marks(institution_id: UUID) -> dict[UUID, tuple[str, ...]]:
    """Name and kana in the spellings of pages and files, and the id."""
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.patients.models import Patient

    with as_institution(institution_id, system_actor(institution_id)):
        return {
            patient.id: tuple(
                {
                    spelling
                    for text in (patient.name, patient.kana)
                    for spelling in (text, text.replace("　", " "), text.replace("　", ""))
                }
                | {str(patient.id)}
            )
            for patient in Patient.objects.all()
        }
