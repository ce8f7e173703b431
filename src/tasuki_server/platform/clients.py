# SPDX-License-Identifier: Apache-2.0
"""接続機関の登録と照合 — who may ask by machine; the token is shown once and kept as its HMAC only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID

from tasuki_server.database.places import installation_secrets
from tasuki_server.platform.models import ConnectedInstitution, FeeTable

PREFIX = "tskp_"


def register_institution(
    prefecture: str, fee_table: FeeTable, code: str, name: str, token: str = ""
) -> tuple[ConnectedInstitution, str]:
    """接続機関の登録 — gives the row and its token; with a token given, the row is made once."""
    plain = token or PREFIX + secrets.token_urlsafe(32)
    row, _ = ConnectedInstitution.objects.get_or_create(
        digest=token_digest(plain),
        defaults={"prefecture": prefecture, "fee_table": fee_table, "code": code, "name": name},
    )
    return row, plain


def revoke_institution(row: ConnectedInstitution, at: datetime) -> bool:
    """接続機関の停止 — its token opens nothing a second later; what it registered stays. False when it was stopped before."""
    found = ConnectedInstitution.objects.filter(pk=row.pk, revoked_at__isnull=True)
    return bool(found.update(revoked_at=at))


def restore_institution(row: ConnectedInstitution) -> bool:
    """接続機関の再開 — the same token opens again; for one that was stopped by mistake."""
    found = ConnectedInstitution.objects.filter(pk=row.pk, revoked_at__isnull=False)
    return bool(found.update(revoked_at=None))


def house_token(institution_id: UUID) -> str:
    """同じ設置の医療機関のトークン — derived from the installation's key, so that none is stored on the clinic's side."""
    key = installation_secrets().derived("platform-house")
    return PREFIX + hmac.new(key, institution_id.bytes, hashlib.sha256).hexdigest()


def token_digest(token: str, key: bytes | None = None) -> str:
    """トークンの要約 — as the table keeps it; whoever asks often brings the key of :func:`digest_key`."""
    return hmac.digest(key or digest_key(), token.encode(), "sha256").hex()


def digest_key() -> bytes:
    """要約の鍵 — of this installation."""
    return installation_secrets().derived("platform-token")
