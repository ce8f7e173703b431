# SPDX-License-Identifier: Apache-2.0
"""連携アプリの登録・停止と許可 — an institution's apps, and what its people allow them; nothing secret of an app is kept."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction

from tasuki_server.exchange.app_models import AppPermit, AppSecret, LaunchApp
from tasuki_server.exchange.app_scopes import OFFLINE, Wanted, read_wanted
from tasuki_server.exchange.app_secrets import digest_of
from tasuki_server.platform.models import ConnectedInstitution

MOST_URIS, LONGEST_URI = 10, 500
CODE_SECONDS, SESSION_HOURS, OFFLINE_DAYS = 60, 8, 30
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
# この機械: an app that runs beside its browser may come back without TLS.
_LOOPBACK = frozenset(("127.0.0.1", "::1", "localhost"))


class NotRegistered(ValueError):
    """登録できない — says why, in Japanese."""


class Request(NamedTuple):
    """許可の求め — what an app asked with, all of it checked."""

    app: LaunchApp
    redirect_uri: str
    wanted: Wanted
    challenge: str
    state: str
    nonce: str


class Allowing(NamedTuple):
    """許可する人 — a member of staff, as the institution knows them, and the public number of the session they allow it in."""

    id: UUID
    name: str
    session: str = ""


def register_app(
    institution: ConnectedInstitution, name: str, uris: Sequence[str], scopes: Sequence[str], at: datetime
) -> LaunchApp:
    """連携アプリの登録 — raises :class:`NotRegistered` and BadScope."""
    if not 0 < len(name.strip()) <= 60:
        raise NotRegistered("名前を入れてください（60文字まで）。")
    kept = list(dict.fromkeys(uris))
    if not 0 < len(kept) <= MOST_URIS:
        raise NotRegistered(f"戻り先を1つから{MOST_URIS}個まで入れてください。")
    for each in kept:
        check_uri(each)
    wanted = read_wanted(scopes)
    if not wanted.data:
        raise NotRegistered("読ませるデータの利用範囲（patient/…）を一つ以上入れてください。")
    return LaunchApp.objects.create(
        connected=institution, name=name.strip(), redirect_uris=kept, scopes=list(wanted.texts), made_at=at
    )


def check_uri(text: str) -> None:
    """戻り先の確認 — raises :class:`NotRegistered`; compared letter by letter later, so nothing in it may be open.

    >>> check_uri("https://app.example/back")
    """
    fault = NotRegistered(
        f"戻り先「{text[:80]}」は使えません。https:// で始まる、# と * のないアドレス（この機械のアプリは http://127.0.0.1:番号/ ）にしてください。"
    )
    if len(text) > LONGEST_URI or not text.isascii() or any(each in text for each in " \\#*<>\"'\t\r\n"):
        raise fault
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise fault from None
    is_local = parts.scheme == "http" and host in _LOOPBACK
    if not host or parts.username is not None or not (parts.scheme == "https" or is_local):
        raise fault


def revoke_app(app: LaunchApp, at: datetime) -> bool:
    """連携アプリの停止 — its codes and tokens are refused from the next request on; False when it was stopped before."""
    with transaction.atomic(using=app._state.db):
        done = LaunchApp.objects.filter(pk=app.pk, revoked_at=None).update(revoked_at=at)
        AppPermit.objects.filter(app=app, ended_at=None).update(ended_at=at, why="app")
    return bool(done)


def end_permit(permit: AppPermit, at: datetime) -> bool:
    """許可の終了 — of everything that was given out for it; False when it had ended."""
    return bool(AppPermit.objects.filter(pk=permit.pk, ended_at=None).update(ended_at=at, why="staff"))


def end_permits_of(staff_id: UUID, at: datetime, *, but: str = "") -> int:
    """職員の許可の終了 — of who left, may not look any more, or may not have been it: no app looks for them; how many had not ended.

    What was allowed in the session ``but`` stays.
    """
    rows = AppPermit.objects.filter(allowed_by=staff_id, ended_at=None)
    return (rows.exclude(allowed_in=but) if but else rows).update(ended_at=at, why="left")


def end_permits_in(session: str, at: datetime) -> int:
    """端末の許可の終了 — of what was allowed in this session; how many had not ended."""
    return AppPermit.objects.filter(allowed_in=session, ended_at=None).update(ended_at=at, why="session")


def end_permits_for(places: Sequence[str], readers: Collection[UUID], at: datetime) -> int:
    """患者の許可の終了 — of what the exchange calls the patient, but for those whom ``readers`` allowed it."""
    rows = AppPermit.objects.filter(patient__in=places, ended_at=None).exclude(allowed_by__in=readers)
    return rows.update(ended_at=at, why="sealed")


def allow(request: Request, patient: str, by: Allowing, at: datetime) -> str:
    """許可 — keeps it, and gives the code that the app comes back with, once and within a minute."""
    lasting = (
        timedelta(days=OFFLINE_DAYS) if OFFLINE in request.wanted.words else timedelta(hours=SESSION_HOURS)
    )
    code = secrets.token_urlsafe(32)
    with transaction.atomic(using="platform"):
        permit = AppPermit.objects.create(
            app=request.app, allowed_by=by.id, allowed_by_name=by.name[:80], allowed_in=by.session, patient=patient,
            scopes=list(request.wanted.texts), made_at=at, expires_at=at + lasting,
        )  # fmt: skip
        AppSecret.objects.create(
            digest=digest_of(code), permit=permit, kind="code", redirect_uri=request.redirect_uri,
            challenge=request.challenge, nonce=request.nonce, scopes=permit.scopes,
            expires_at=at + timedelta(seconds=CODE_SECONDS),
        )  # fmt: skip
    return code
