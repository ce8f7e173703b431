# SPDX-License-Identifier: Apache-2.0
"""接続機関の鍵の登録・停止 — the public half only; a stopped key ends its tokens at the next request."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from tasuki_server.api.sender_key import without_key
from tasuki_server.api.service_clients import KEY_DAYS, NotRegistered, read_key
from tasuki_server.platform.clients import house_token, token_digest
from tasuki_server.platform.models import ConnectedInstitution, InstitutionKey

MOST_KEYS = 3


def add_key(row: ConnectedInstitution, key_text: str, at: datetime, days: int = KEY_DAYS) -> InstitutionKey:
    """鍵の登録 — beside the old one, so that a system changes over without a pause. Raises :class:`NotRegistered`."""
    public, thumbprint = read_key(key_text, days)
    if row.revoked_at is not None:
        raise NotRegistered("stopped")
    if InstitutionKey.objects.filter(thumbprint=thumbprint).exists():
        raise NotRegistered("taken")
    if InstitutionKey.objects.filter(connected=row, revoked_at=None, expires_at__gt=at).count() >= MOST_KEYS:
        raise NotRegistered("many")
    return InstitutionKey.objects.create(
        connected=row, thumbprint=thumbprint, public=public, added_at=at, expires_at=at + timedelta(days=days)
    )


def token_only(at: datetime, here: Iterable[UUID]) -> list[str]:
    """トークンだけの接続機関 — number and name of those in use without a key; those that are ``here`` ask in this process."""
    own = (token_digest(house_token(each)) for each in here)
    keyed = InstitutionKey.objects.values("connected")
    rows = without_key(ConnectedInstitution.objects.all(), keyed, at, own)
    return [f"{row.institution_number} {row.name}" for row in rows]


def revoke_key(institution_id: UUID, thumbprint: str, at: datetime) -> bool:
    """鍵の停止 — False when there is no such key in use."""
    found = InstitutionKey.objects.filter(connected_id=institution_id, thumbprint=thumbprint, revoked_at=None)
    return bool(found.update(revoked_at=at))
