# SPDX-License-Identifier: Apache-2.0
"""接続先の画面 — a client and its public keys; who registers or adds one gives the second factor again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import without_step_up
from tasuki_server.api.client_access import access_client, access_key, client_row
from tasuki_server.api.models import SCOPES, ServiceClient
from tasuki_server.api.service_clients import (
    KEY_DAYS,
    LONGEST_KEY_DAYS,
    MOST_KEYS,
    REASONS,
    NotRegistered,
    add_key,
    register_client,
    revoke_client,
    revoke_key,
)

DAYS = (90, 180, KEY_DAYS, LONGEST_KEY_DAYS)
LARGEST_FILE = 8192


@requires(Permission.API_MANAGE)
@require_http_methods(["GET", "POST"])
def new_client(request: HttpRequest) -> HttpResponse:
    """接続先の登録 — what was typed stays when something is wrong."""
    context: dict[str, Any] = {
        "scopes": [(value, label, True) for value, label in SCOPES.items()], "days": DAYS, "chosen_days": KEY_DAYS,
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "api/client_new.html", context)
    name, chosen, text = request.POST.get("name", ""), request.POST.getlist("scopes"), _key_text(request)
    try:
        row = register_client(name, chosen, text, _days(request))
    except NotRegistered as refusal:
        scopes = [(value, label, value in chosen) for value, label in SCOPES.items()]
        typed = {"name": name[:60], "scopes": scopes, "chosen_days": _days(request)}
        return render(request, "api/client_new.html", context | typed | _said(refusal, text), status=400)
    return redirect("api:client", row.id)


@requires(Permission.API_MANAGE)
@require_GET
def client(request: HttpRequest, service_client_id: UUID) -> HttpResponse:
    """接続先 — its name for the other system, its keys, its use."""
    return _page(request, access_client(service_client_id))


@requires(Permission.API_MANAGE)
@require_POST
def new_key(request: HttpRequest, service_client_id: UUID) -> HttpResponse:
    """鍵の追加 — the new one serves beside the old one until that is stopped."""
    row, text = access_client(service_client_id), _key_text(request)
    try:
        add_key(row, text, _days(request))
    except NotRegistered as refusal:
        return _page(request, row, _said(refusal, text), status=400)
    return redirect("api:client", row.id)


@without_step_up
@requires(Permission.API_MANAGE)
@require_POST
def stop_key(request: HttpRequest, client_key_id: UUID) -> HttpResponse:
    """鍵の停止 — at once, with the tokens made by it; stopping needs no second proof."""
    key = access_key(client_key_id)
    revoke_key(key)
    return redirect("api:client", key.client.id)


@without_step_up
@requires(Permission.API_MANAGE)
@require_POST
def stop_client(request: HttpRequest, service_client_id: UUID) -> HttpResponse:
    """接続先の停止 — at once; stopping needs no second proof."""
    row = access_client(service_client_id)
    revoke_client(row)
    return redirect("api:client", row.id)


def _page(
    request: HttpRequest, row: ServiceClient, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    shown = client_row(row, timezone.now())
    context = {
        "client": shown,
        "days": DAYS,
        "chosen_days": KEY_DAYS,
        "most_keys": MOST_KEYS,
        "has_room": shown["usable_keys"] < MOST_KEYS and row.revoked_at is None,
    }
    return render(request, "api/client.html", context | (more or {}), status=status)


def _said(refusal: NotRegistered, text: str) -> dict[str, str]:
    # A private key that was pasted is not shown again.
    kept = "" if refusal.why == "private" else text[:LARGEST_FILE]
    return {"refusal": REASONS[refusal.why], "wrong": refusal.why, "key_text": kept}


def _key_text(request: HttpRequest) -> str:
    """A file that was chosen comes before what was pasted."""
    file = request.FILES.get("key_file")
    if file is not None:
        return bytes(file.read(LARGEST_FILE)).decode("utf-8", "replace")
    return request.POST.get("key", "")


def _days(request: HttpRequest) -> int:
    days = request.POST.get("days", "")
    return int(days) if days.isdecimal() and days.isascii() and len(days) < 6 else 0
