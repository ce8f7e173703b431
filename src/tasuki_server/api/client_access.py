# SPDX-License-Identifier: Apache-2.0
"""接続先の閲覧 — what this institution's administrators may see of its clients and their keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki_server.api.models import SCOPES, ClientKey, ServiceClient
from tasuki_server.api.service_clients import public_name
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff

_KEY_STATES = {"usable": "有効", "expired": "期限切れ", "revoked": "停止済み"}
# An administrator is told of a key's end this long before.
SOON_DAYS = 30


def access_clients(moment: datetime) -> list[dict[str, Any]]:
    """接続先の一覧 — newest first; looking at it is noted."""
    record("api_client.read")
    rows = ServiceClient.objects.select_related("made_by").prefetch_related("keys").order_by("-made_at")
    return [client_row(each, moment) for each in rows]


def access_client(client_id: UUID) -> ServiceClient:
    """接続先 — of this institution, else 404; looking at it is noted."""
    row = ServiceClient.objects.select_related("made_by").filter(id=client_id).first()
    if row is None:
        raise Http404
    record("api_client.read", row)
    return row


def access_key(key_id: UUID) -> ClientKey:
    """接続先の公開鍵 — of this institution, else 404."""
    row = ClientKey.objects.select_related("client").filter(id=key_id).first()
    if row is None:
        raise Http404
    return row


def clients_made_by(staff: Staff, moment: datetime) -> list[dict[str, Any]]:
    """職員が登録した接続先 — newest first."""
    rows = ServiceClient.objects.filter(made_by=staff).select_related("made_by").prefetch_related("keys")
    return [client_row(each, moment) for each in rows.order_by("-made_at")]


def client_row(row: ServiceClient, moment: datetime) -> dict[str, Any]:
    """接続先の行 — for a screen or a list."""
    keys = [key_row(each, moment) for each in sorted(row.keys.all(), key=lambda key: key.added_at)]  # type: ignore[attr-defined]
    usable = [each for each in keys if each["state"] == "usable"]
    state = "revoked" if row.revoked_at else "usable" if usable else "without_key"
    return {
        "id": row.id,
        "client_id": public_name(row),
        "name": row.name,
        "scopes": "・".join(SCOPES[scope] for scope in row.scopes),
        "state": state,
        "state_label": {"revoked": "停止済み", "usable": "有効", "without_key": "使える鍵がありません"}[
            state
        ],
        "keys": keys,
        "usable_keys": len(usable),
        "key_until": max((each["expires_at"] for each in usable), default=None),
        "ends_soon": bool(usable) and max(each["days_left"] for each in usable) < SOON_DAYS,
        "made_at": row.made_at,
        "made_by": row.made_by.name,
        "revoked_at": row.revoked_at,
        "last_used_at": row.last_used_at,
        "use_count": row.use_count,
    }


def key_row(row: ClientKey, moment: datetime) -> dict[str, Any]:
    """接続先の公開鍵の行 — a public key has nothing to hide; its thumbprint is what two people compare."""
    state = row.state_at(moment)
    return {
        "id": row.id,
        "thumbprint": row.thumbprint,
        "state": state,
        "state_label": _KEY_STATES[state],
        "added_at": row.added_at,
        "expires_at": row.expires_at,
        "days_left": (row.expires_at - moment).days,
        "revoked_at": row.revoked_at,
    }
