# SPDX-License-Identifier: Apache-2.0
"""認証基盤の画面 — away and back for whoever signs in; settings and links for the administrator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import without_step_up
from tasuki_server.institutions.work import current_institution_id
from tasuki_server.providers import settling
from tasuki_server.providers.flow import REASONS, SENTENCES, NoSignIn, back_address, begin, finish


@require_GET
def start(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """認証基盤への出発 — an institution that has none is told as one that does not exist."""
    if request.user.is_authenticated:
        if request.user.institution_id != institution_id:
            raise Http404
        return redirect("home")
    try:
        return redirect(begin(request, institution_id))
    except NoSignIn as refusal:
        return _refused(request, refusal)


@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """認証基盤からの帰り — on to the second factor."""
    if request.user.is_authenticated:
        return redirect("home")
    try:
        return finish(request)
    except NoSignIn as refusal:
        return _refused(request, refusal)


@requires(Permission.STAFF_MANAGE)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """認証基盤の設定 — the secret is never shown again."""
    if request.method == "GET":
        return _page(request)
    given = {
        name: request.POST.get(name, "").strip() for name in ("name", "issuer", "client_id", "client_secret")
    }
    try:
        settling.set_provider(**given)
    except settling.NotSet as refusal:
        typed = {name: value for name, value in given.items() if name != "client_secret"}
        return _page(request, {"refusal": REASONS[refusal.why], "typed": typed}, 400)
    return redirect("providers:settings")


@without_step_up
@requires(Permission.STAFF_MANAGE)
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """認証基盤の終了 — everyone goes on by password."""
    provider = settling.provider_in_use()
    if provider is not None:
        settling.end_provider(provider)
    return redirect("providers:settings")


@requires(Permission.STAFF_MANAGE)
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """結び付け — of an account there to a member of staff."""
    subject = request.POST.get("subject", "").strip()
    try:
        settling.link(_uuid(request.POST.get("staff", "")), subject)
    except settling.NotSet as refusal:
        return _page(request, {"link_refusal": REASONS[refusal.why], "subject": subject}, 400)
    return redirect("providers:settings")


@without_step_up
@requires(Permission.STAFF_MANAGE)
@require_POST
def unlink(request: HttpRequest, linked_identity_id: UUID) -> HttpResponse:
    """切離し — at once, with the person's sessions."""
    settling.unlink(linked_identity_id)
    return redirect("providers:settings")


def _page(request: HttpRequest, more: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    found = settling.access_provider()
    provider = found["provider"]
    kept = {name: getattr(provider, name) for name in ("name", "issuer", "client_id")} if provider else {}
    start_here = request.build_absolute_uri(reverse("providers:start", args=[current_institution_id()]))
    context = {**found, "typed": kept, "back": back_address(request), "start": start_here}
    return render(request, "providers/settings.html", context | (more or {}), status=status)


def _refused(request: HttpRequest, refusal: NoSignIn) -> HttpResponse:
    context = {"sentence": SENTENCES[refusal.kind]}
    return render(request, "providers/refused.html", context, status=503 if refusal.kind == "down" else 400)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
