# SPDX-License-Identifier: Apache-2.0
"""おとり — charts of nobody and a user name nobody has; no list, count, claim or statistic holds them."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.http import Http404

from tasuki_server.accounts.models import User
from tasuki_server.accounts.staff_changes import set_active
from tasuki_server.audit.trail import record
from tasuki_server.institutions.work import current_institution_id, current_work
from tasuki_server.patients.register import WhoTheyAre, register_patient
from tasuki_server.reception.clock import today
from tasuki_server.watch.models import Canary

if TYPE_CHECKING:
    from uuid import UUID

# ありふれていて、実在の患者と紛れない名: a made-up family name that no register of names holds.
_FAMILIES = (
    ("鴫原田", "シギハラダ"),
    ("椋岡本", "ムクオカモト"),
    ("榧ノ木", "カヤノキ"),
    ("鶸沢口", "ヒワサワグチ"),
    ("柾目谷", "マサメダニ"),
)
_GIVEN = (
    ("和夫", "カズオ", "male"),
    ("節子", "セツコ", "female"),
    ("正", "タダシ", "male"),
    ("良江", "ヨシエ", "female"),
)
_USERNAMES = ("backup-admin", "renkei", "scan-room", "yoyaku2", "jimu-old")
MOST = 20


def make_chart() -> Canary | None:
    """おとりカルテの作成 — takes the next chart number, as any patient would; None when there are enough."""
    if Canary.objects.filter(retired_at=None, patient__isnull=False).count() >= MOST:
        return None
    family, family_kana = secrets.choice(_FAMILIES)
    given, given_kana, sex = secrets.choice(_GIVEN)
    born = today() - timedelta(days=365 * 45 + secrets.randbelow(365 * 30))
    who = WhoTheyAre(
        f"{family} {given}", f"{family_kana} {given_kana}", date(born.year, born.month, born.day), sex
    )
    patient = register_patient(who)
    row = Canary.objects.create(patient=patient, made_by_id=current_work().actor.staff_id)
    record("canary.make", row, detail={"kind": "chart"})
    return row


def make_username() -> Canary:
    """おとりの利用者の作成 — a sign-in without a password that could be right; it is to be left lying about."""
    for _ in range(20):
        username = f"{secrets.choice(_USERNAMES)}-{secrets.randbelow(900) + 100}"
        try:
            with transaction.atomic(using="signin"):
                user = User.objects.create_user(
                    username, secrets.token_urlsafe(32), institution_id=current_institution_id()
                )
        except IntegrityError:
            continue
        set_active(user.pk, is_active=False)
        row = Canary.objects.create(
            user_id=user.pk, username=username, made_by_id=current_work().actor.staff_id
        )
        record("canary.make", row, detail={"kind": "user"})
        return row
    raise RuntimeError("every name is taken")


def retire(canary_id: UUID) -> None:
    """おとりの終了 — its chart stays, as every chart does, and stays out of lists."""
    row = Canary.objects.filter(pk=canary_id, retired_at=None).first()
    if row is None:
        raise Http404("canary")
    row.retired_at = current_work().at
    row.save(update_fields=["retired_at"])
    record("canary.retire", row)
