# SPDX-License-Identifier: Apache-2.0
"""お試しの保険者 — a made-up insurer of some of the demo's people, and somebody of its staff who sees what came for them."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP

from tasuki.security.permissions import Role
from tasuki_server.accounts.models import User
from tasuki_server.demo.clinics import PASSWORD, DemoClinic, demo_secret
from tasuki_server.institutions.opening import add_staff, system_actor
from tasuki_server.institutions.work import as_institution
from tasuki_server.platform.clients import house_token, register_institution
from tasuki_server.platform.models import ConnectedInstitution, FeeTable
from tasuki_server.records.opening import add_clerk

STAFF = ("insurer", "保険 まもる", "ホケン マモル")
NAME = "架空健康保険組合"
# Its connection is this installation's own: nobody asks for it from elsewhere.
INSURER = UUID("018d0000-0000-7000-8000-696e73757265")


def open_insurer_desk(place: DemoClinic, insurer_number: str) -> None:
    """お試しの保険者の開設 — its person sits where the other side's operators sit, and belongs to no clinic; once."""
    username, name, kana = STAFF
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User.objects.create_user(username, PASSWORD, institution_id=place.id, is_demo=True)
        with as_institution(place.id, system_actor(place.id)):
            add_staff(name, kana, [Role.INSURER], user_id=user.pk)
    if not Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, demo_secret(username))
    number = {"prefecture": insurer_number[:2], "code": f"0{insurer_number[2:]}"}
    row = ConnectedInstitution.objects.filter(fee_table=FeeTable.INSURER, **number).first()
    if row is None:
        row, _ = register_institution(
            number["prefecture"], FeeTable.INSURER, number["code"], NAME, house_token(INSURER)
        )
        add_clerk(user.pk, name, row)
