# SPDX-License-Identifier: Apache-2.0
"""接続トークンの閲覧 — what this institution's administrators may see of its tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki_server.api.models import SCOPES, ApiToken
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff

_STATES = {"usable": "有効", "expired": "期限切れ", "revoked": "停止済み"}


def access_tokens(moment: datetime) -> list[dict[str, Any]]:
    """接続トークンの一覧 — newest first; looking at it is noted."""
    record("api_token.read")
    rows = ApiToken.objects.select_related("made_by").order_by("-made_at")
    return [token_row(each, moment) for each in rows]


def access_token(token_id: UUID) -> ApiToken:
    """接続トークン — of this institution, else 404."""
    row = ApiToken.objects.filter(id=token_id).first()
    if row is None:
        raise Http404
    return row


def tokens_made_by(staff: Staff, moment: datetime) -> list[dict[str, Any]]:
    """職員が発行した接続トークン — newest first."""
    rows = ApiToken.objects.select_related("made_by").filter(made_by=staff).order_by("-made_at")
    return [token_row(each, moment) for each in rows]


def token_row(row: ApiToken, moment: datetime) -> dict[str, Any]:
    """接続トークンの行 — for a screen or a list; the token itself is not in it."""
    state = row.state_at(moment)
    return {
        "id": row.id,
        "name": row.name,
        "ending": row.ending,
        "scopes": "・".join(SCOPES[scope] for scope in row.scopes),
        "state": state,
        "state_label": _STATES[state],
        "made_at": row.made_at,
        "made_by": row.made_by.name,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
        "last_used_at": row.last_used_at,
        "use_count": row.use_count,
    }
