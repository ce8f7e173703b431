# SPDX-License-Identifier: Apache-2.0
"""送信元の登録と照合 — who may send by machine; the token is shown once and kept as its HMAC only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID

from tasuki_server.database.places import installation_secrets
from tasuki_server.receiving.models import SendingClient

PREFIX = "tskr_"


def register_client(prefecture: str, code: str, name: str, token: str = "") -> tuple[SendingClient, str]:
    """送信元の登録 — gives the row and its token; with a token given, the row is made once."""
    plain = token or PREFIX + secrets.token_urlsafe(32)
    row, _ = SendingClient.objects.get_or_create(
        digest=token_digest(plain), defaults={"prefecture": prefecture, "code": code, "name": name}
    )
    return row, plain


def find_client(token: str) -> SendingClient | None:
    """送信元の照合 — None for a token that is unknown or stopped."""
    if not token.startswith(PREFIX):
        return None
    return SendingClient.objects.filter(digest=token_digest(token), revoked_at__isnull=True).first()


def revoke_client(row: SendingClient, at: datetime) -> bool:
    """送信元の停止 — its token opens nothing from now on; what it sent stays. False when it was stopped before."""
    return bool(SendingClient.objects.filter(pk=row.pk, revoked_at__isnull=True).update(revoked_at=at))


def restore_client(row: SendingClient) -> bool:
    """送信元の再開 — the same token opens again; for one that was stopped by mistake."""
    return bool(SendingClient.objects.filter(pk=row.pk, revoked_at__isnull=False).update(revoked_at=None))


def house_token(institution_id: UUID) -> str:
    """同じ設置の医療機関のトークン — derived from the installation's key, so that none is stored on the clinic's side."""
    key = installation_secrets().derived("receiving-house")
    return PREFIX + hmac.new(key, institution_id.bytes, hashlib.sha256).hexdigest()


def token_digest(token: str) -> str:
    """トークンの要約 — as the table keeps it."""
    key = installation_secrets().derived("receiving-token")
    return hmac.new(key, token.encode(), hashlib.sha256).hexdigest()
