# SPDX-License-Identifier: Apache-2.0
"""認証基盤でのサインイン — away and back: one secret for each way, kept in the browser's own session, used once.

What comes back stands for the password and for nothing more: the second factor of this house follows as always.

Cite: OpenID Connect Core 1.0 3.1 (authorization code flow), RFC 7636 PKCE, RFC 9207 (iss), RFC 9700
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tasuki_server.accounts.models import User
from tasuki_server.audit.trail import record
from tasuki_server.institutions.work import Actor, as_institution, current_work
from tasuki_server.providers.identity_token import KeyUnknown, NotProven, subject_of
from tasuki_server.providers.models import IdentityProvider, LinkedIdentity
from tasuki_server.providers.settling import provider_in_use
from tasuki_server.providers.wire import NotReached, describe, keys_of, redeem

PENDING = "tasuki_provider"
PENDING_SECONDS = 600
LONGEST_CODE = 4096

# What a person or an administrator reads; which check of a token failed stands in the trail alone.
REASONS = {
    "name": "名前を入れてください（60文字まで）。",
    "address": "アドレスは https:// で始まる、認証基盤の issuer をそのまま入れてください。",
    "client": "クライアントIDを入れてください。",
    "secret": "クライアントシークレットを入れてください。",
    "unreachable": "認証基盤につながりません。アドレスと、この設置から外への通信を確かめてください。",
    "issuer": "認証基盤が名乗る issuer が、入力と違います。",
    "description": "認証基盤の説明（openid-configuration）を読めません。",
    "subject": "アカウントの識別子（sub）を、認証基盤の管理画面に出るとおりに入れてください。メールアドレスは使えません。",
    "taken": "このアカウントは、ほかの職員に結び付いています。",
    "has_one": "この職員には、別のアカウントが結び付いています。先に切り離してください。",
}


class NoSignIn(Exception):
    """サインインできない — ``kind`` is a key of :data:`SENTENCES`; ``why`` goes to the trail."""

    def __init__(self, kind: str, why: str = "") -> None:
        self.kind = kind
        self.why = why or kind
        super().__init__(self.why)


SENTENCES = {
    "none": "この医療機関では、認証基盤でのサインインを使っていません。",
    "down": "認証基盤につながりません。パスワードでサインインできます。",
    "stale": "サインインの途中の情報が見つからないか、時間が過ぎました。はじめからやり直してください。",
    "cancelled": "認証基盤でのサインインが取り消されました。",
    "refused": "認証基盤の応答を確かめられませんでした。はじめからやり直してください。続くときは管理者に知らせてください。",
    "unknown": "このアカウントは、この医療機関の職員に結び付いていません。管理者に結び付けを頼んでください。",
}


def begin(request: HttpRequest, institution_id: UUID) -> str:
    """認証基盤への出発 — the address to go to. Raises :class:`NoSignIn`."""
    with as_institution(institution_id, Actor(label="サインイン")):
        provider = provider_in_use()
    if provider is None:
        raise NoSignIn("none")
    try:
        description = describe(provider.issuer)
    except NotReached as wrong:
        raise NoSignIn("down", wrong.why) from None
    made = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    kept = {"institution": str(institution_id), "provider": str(provider.id), "at": int(time.time())}
    request.session[PENDING] = made | kept
    digest = hashlib.sha256(made["verifier"].encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back_address(request),
        "scope": "openid",
        "state": made["state"],
        "nonce": made["nonce"],
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        # At a desk that several share, whoever signed out here is asked anew there.
        "prompt": "login",
    }
    return description.authorize + ("&" if "?" in description.authorize else "?") + urlencode(asked)


def finish(request: HttpRequest) -> HttpResponse:
    """認証基盤からの帰り — the next step of signing in. Raises :class:`NoSignIn`."""
    # Whatever comes of it, it is used up.
    pending: dict[str, Any] | None = request.session.pop(PENDING, None)
    if pending is None or not 0 <= time.time() - pending["at"] <= PENDING_SECONDS:
        raise NoSignIn("stale")
    state = request.GET.get("state", "")
    if not hmac.compare_digest(state.encode("utf-8", "replace"), pending["state"].encode()):
        raise NoSignIn("stale", "state")
    institution_id = UUID(pending["institution"])
    try:
        user = _proven(request, institution_id, pending)
    except NoSignIn as refusal:
        with as_institution(institution_id, Actor(label="サインイン")):
            record("provider.refused", detail={"why": refusal.why})
        raise
    record_authentication(request, user, "provider")
    return perform_login(request, Login(user=user))


def back_address(request: HttpRequest) -> str:
    """帰りのアドレス — one for every institution, as registered with the provider."""
    return str(request.build_absolute_uri(reverse("providers:back")))


def _proven(request: HttpRequest, institution_id: UUID, pending: dict[str, Any]) -> User:
    """The provider is asked between two transactions: no row waits for a network."""
    with as_institution(institution_id, Actor(label="サインイン")):
        provider = IdentityProvider.objects.filter(id=pending["provider"], ended_at=None).first()
        if provider is None:
            raise NoSignIn("none")
        secret = str(provider.client_secret)
    if request.GET.get("iss", provider.issuer) != provider.issuer:
        raise NoSignIn("refused", "issuer")
    if "error" in request.GET:
        raise NoSignIn("cancelled")
    code = request.GET.get("code", "")
    if not 0 < len(code) <= LONGEST_CODE:
        raise NoSignIn("refused", "code")
    subject = _subject(request, provider, secret, pending, code)
    with as_institution(institution_id, Actor(label="サインイン")):
        return _linked_user(provider, subject)


def _linked_user(provider: IdentityProvider, subject: str) -> User:
    """Whom the administrator said the account is; somebody who may sign in here at this moment."""
    found = LinkedIdentity.objects.select_related("staff").filter(
        provider=provider, provider__ended_at=None, subject=subject, ended_at=None
    )
    linked = found.first()
    if linked is None or not linked.staff.is_active or linked.staff.user_id is None:
        raise NoSignIn("unknown")
    user = User.objects.filter(
        pk=linked.staff.user_id, institution_id=current_work().institution_id, is_active=True
    ).first()
    if user is None:
        raise NoSignIn("unknown")
    linked.last_used_at = current_work().at
    linked.save(update_fields=["last_used_at"])
    record("provider.answer", linked.staff, detail={"identity": str(linked.id)})
    return user


def _subject(
    request: HttpRequest, provider: IdentityProvider, secret: str, pending: dict[str, Any], code: str
) -> str:
    try:
        description = describe(provider.issuer)
        token = redeem(
            description, provider.client_id, secret, code, pending["verifier"],
            back_address(request),
        )  # fmt: skip
        expected = {"issuer": provider.issuer, "client_id": provider.client_id, "nonce": pending["nonce"]}
        try:
            return subject_of(token, keys_of(description), **expected, now=time.time())
        except KeyUnknown:
            return subject_of(token, keys_of(description, anew=True), **expected, now=time.time())
    except NotReached as wrong:
        raise NoSignIn("down" if wrong.why == "unreachable" else "refused", wrong.why) from None
    except NotProven as wrong:
        raise NoSignIn("refused", wrong.why) from None
