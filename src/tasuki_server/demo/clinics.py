# SPDX-License-Identifier: Apache-2.0
"""お試しの医療機関 — two made-up clinics, their staff and sign-ins."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID, uuid5

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP

from tasuki.facility.standards import (
    BASE_UP,
    DISEASE_MANAGEMENT,
    FREE_STATEMENT,
    GENERIC_NAMES,
    LIFESTYLE_MANAGEMENT,
    R8_DIGITAL,
)
from tasuki.security.permissions import Role
from tasuki_server.accounts.models import User
from tasuki_server.cli.words import Stop
from tasuki_server.database.places import installation_secrets
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.institutions.opening import add_staff, open_institution, system_actor
from tasuki_server.institutions.work import as_institution

PASSWORD = "tasuki-no-demo"  # noqa: S105 - printed by `up`; the account opens with the second factor only
_SPACE = UUID("5f0f7a34-3f0e-4d9b-8a55-7461737569aa")


@dataclass(frozen=True, slots=True)
class DemoClinic:
    """お試しの医療機関 — what it is called and how its users' names end."""

    key: str
    code: str
    prefecture: str
    name: str
    ending: str
    kind: str = "clinic"

    @property
    def id(self) -> UUID:
        """医療機関の識別子 — the same in every demo."""
        return uuid5(_SPACE, self.key)


CLINICS = (
    DemoClinic("first", "9990010", "13", "たすき内科クリニック", ""),
    DemoClinic("second", "9990028", "40", "となり町整形外科", "2"),
)
# 薬局: where the prescriptions of the clinics are dispensed; it has no patients of its own records.
PHARMACY = DemoClinic("pharmacy", "9990036", "13", "たすき薬局", "", "pharmacy")
PHARMACISTS = (("pharmacist", "薬剤 かおる", "ヤクザイ カオル", Role.PHARMACIST),)
PEOPLE = (
    ("reception", "受付 はるか", "ウケツケ ハルカ", Role.RECEPTION),
    ("doctor", "襷 太郎", "タスキ タロウ", Role.DOCTOR),
    ("nurse", "看護 みどり", "カンゴ ミドリ", Role.NURSE),
    ("clerk", "医事 さとる", "イジ サトル", Role.CLERK),
    ("admin", "管理 あおい", "カンリ アオイ", Role.ADMIN),
)
WEEK = [
    {"weekday": day, "since": since, "until": until}
    for day in range(6)
    for since, until in ((("09:00", "12:30"), ("14:30", "18:00")) if day != 5 else (("09:00", "12:30"),))
]


# 届出: what a small clinic of internal medicine usually notifies or meets.
STANDARDS = (
    *(
        (code, "2024-06-01")
        for code in ("3001", "3826", BASE_UP, FREE_STATEMENT, GENERIC_NAMES, LIFESTYLE_MANAGEMENT)
    ),
    *((code, "2026-06-01") for code in (R8_DIGITAL[1], DISEASE_MANAGEMENT)),
)


def open_missing() -> list[DemoClinic]:
    """お試しの開設 — makes the clinics and people that are missing; returns the clinics that were made."""
    _refuse_real_names()
    made = []
    for clinic in CLINICS:
        if _is_open(clinic.id):
            continue
        open_institution(
            clinic.id,
            code=clinic.code,
            prefecture=clinic.prefecture,
            name=clinic.name,
            telephone="00-0000-0000",
            address="（架空の所在地）",
            director="襷 太郎",
            hours=WEEK,
            standards=[{"code": code, "since": since} for code, since in STANDARDS],
            is_demo=True,
        )
        made.append(clinic)
    for clinic in CLINICS:
        _ensure_people(clinic, PEOPLE)
    if not _is_open(PHARMACY.id):
        open_institution(
            PHARMACY.id,
            code=PHARMACY.code,
            prefecture=PHARMACY.prefecture,
            name=PHARMACY.name,
            kind=PHARMACY.kind,
            telephone="00-0000-0001",
            address="（架空の所在地）",
            director="薬剤 かおる",
            hours=WEEK,
            is_demo=True,
        )
    _ensure_people(PHARMACY, PHARMACISTS)
    return made


def demo_secret(username: str) -> str:
    """お試しの認証アプリの鍵 — derived from the installation's key, so that nothing secret is in the source."""
    digest = hmac.new(installation_secrets().derived("demo"), username.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:20]).decode()


def _refuse_real_names() -> None:
    """A real person's sign-in must never be given the demo's second factor, nor a namesake beside it."""
    names = [base + clinic.ending for clinic in CLINICS for base, *_ in PEOPLE]
    names += [base for base, *_ in PHARMACISTS]
    for name in names:
        if User.objects.filter(username__iexact=name, is_demo=False).exists():
            raise Stop(
                f"利用者名「{name}」は実際の職員が使っているため、お試しの医療機関は作りません。./tasuki up --no-demo で起動してください。",
                f"The user name “{name}” belongs to a real person, so no demo clinic is made. Use ./tasuki up --no-demo.",
            )


def _is_open(institution_id: UUID) -> bool:
    with as_institution(institution_id, system_actor(institution_id)):
        return Institution.objects.exists()


def _ensure_people(clinic: DemoClinic, people: tuple[tuple[str, str, str, Role], ...]) -> None:
    for base, name, kana, role in people:
        username = base + clinic.ending
        user = User.objects.filter(username=username).first()
        if user is None:
            user = User.objects.create_user(username, PASSWORD, institution_id=clinic.id, is_demo=True)
        if not Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists():
            TOTP.activate(user, demo_secret(username))
        with as_institution(clinic.id, system_actor(clinic.id)):
            if not Staff.objects.filter(user_id=user.pk).exists():
                add_staff(name, kana, [role], user_id=user.pk)
