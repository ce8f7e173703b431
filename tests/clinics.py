# SPDX-License-Identifier: Apache-2.0
"""試験の医療機関 — two made-up institutions with staff of every role, and browsers signed in as them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from django.test import Client

PASSWORD = "correct horse battery"


def totp_code(user: Any, step: int = 0) -> str:
    """What the person's authenticator app shows now, or some steps of thirty seconds later."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
    from allauth.mfa.utils import decrypt

    factor = Authenticator.objects.get(user_id=user.pk, type="totp")
    now = int(time.time()) // 30 + step
    return str(format_hotp_value(hotp_value(decrypt(factor.data["secret"]), now)))


@dataclass
class Clinic:
    """One institution; ``users`` by role value."""

    id: UUID
    name: str
    users: dict[str, Any] = field(default_factory=dict)
    staff: dict[str, Any] = field(default_factory=dict)

    def work(self, role: str = "admin") -> AbstractContextManager[Any]:
        """A transaction of this institution, as its member of staff."""
        from tasuki_server.institutions.work import Actor, as_institution

        member = self.staff[role]
        return as_institution(self.id, Actor(label=member.name, staff_id=member.id))

    def browser(self, role: str = "admin", *, proved: bool = True, **options: Any) -> Client:
        """A browser that has given password and second factor, just now or (not ``proved``) long ago."""
        from tasuki_server.drills.people import entered

        given = {
            "HTTP_USER_AGENT": "",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": "testserver",
            "raise_request_exception": True,
            **options,
        }
        return entered(self.users[role], proved_at=None if proved else 0, **given)


@dataclass
class Server:
    """The two institutions, and the connection strings of the three roles."""

    connections: Any
    first: Clinic
    second: Clinic

    def clinics(self) -> Iterator[Clinic]:
        """Both."""
        yield self.first
        yield self.second


def make_clinics(connections: Any) -> Server:
    """Opens two institutions with one member of staff for each role."""
    from tasuki_server.institutions.ids import new_id

    made = []
    for number, name in enumerate(("ひがし野診療所", "にし丘医院"), start=1):
        made.append(_make_clinic(new_id(), f"999000{number}", name, f"_{number}"))
    return Server(connections, *made)


def _make_clinic(clinic_id: UUID, code: str, name: str, ending: str) -> Clinic:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from tasuki.security.permissions import Role
    from tasuki_server.accounts.models import User
    from tasuki_server.institutions.opening import add_staff, open_institution, system_actor
    from tasuki_server.institutions.work import as_institution

    open_institution(clinic_id, code=code, prefecture="13", name=name)
    clinic = Clinic(clinic_id, name)
    for role in Role:
        user = User.objects.create_user(role.value + ending, PASSWORD, institution_id=clinic_id)
        TOTP.activate(user, generate_totp_secret())
        with as_institution(clinic_id, system_actor(clinic_id)):
            clinic.staff[role.value] = add_staff(f"{role.label} 花子", "ハナコ", [role], user_id=user.pk)
        clinic.users[role.value] = user
    return clinic
