# SPDX-License-Identifier: Apache-2.0
"""allauthとの接続 — sign-up closed, secrets encrypted at rest, the last factor kept."""

from __future__ import annotations

import base64
import ipaddress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.http import HttpRequest
from django.urls import reverse

from tasuki_server.accounts.back_off import Door, budget_of, give_back, take_try
from tasuki_server.accounts.models import User
from tasuki_server.database.places import installation_secrets


class AccountAdapter(DefaultAccountAdapter):
    """サインインの方針 — staff are made by an administrator; nobody signs up, no e-mail is sent."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """新規登録 — closed."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """接続元アドレス — an IPv4 address stays one where a socket serves both families; else all were one IPv6 network,
        and whoever guesses would use up the tries of everybody."""
        found = super().get_client_ip(request)
        mapped = getattr(ipaddress.ip_address(found), "ipv4_mapped", None)
        return found if mapped is None else str(mapped)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """サインイン後の画面 — a vendor's person waits for a work order; everyone else goes home."""
        from tasuki_server.maintenance.people import is_vendor

        return reverse("maintenance:waiting" if is_vendor(request.user) else "home")

    def is_reauthentication_required(self, *, app: str) -> bool:
        """再認証 — asked before second factors are changed, unless a second factor was proved just now."""
        from tasuki_server.accounts.step_up import proved_recently

        return not proved_recently(self.request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """照合の前 — a try is taken from the budget of the name, before the costly comparison."""
        name = str(credentials.get("username") or credentials.get("email") or "")
        user = User.objects.filter(username__iexact=name).only("pk").first() if name else None
        self._budget = budget_of(request, Door.PASSWORD, name, user.pk if user else None)
        self._login_failed_rl_usage = None
        if not take_try(self._budget):
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """照合 — of name and password; a success gives the try back."""
        user = super().authenticate(request, **credentials)
        if user is not None:
            give_back(self._budget)
        return user

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """知らせのメール — none; the trail notes the change."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """メール — none."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """二要素認証の方針 — TOTP secrets and recovery seeds are encrypted with the installation's key."""

    def encrypt(self, text: str) -> str:
        """暗号化 — Fernet (AES-128-CBC with HMAC-SHA256)."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """復号 — raises when the key is not the one it was written with."""
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """二要素の削除 — never the last one: the account would stand open to the password alone."""
        if authenticator.type == Authenticator.Type.RECOVERY_CODES:
            return True
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """パスキーの相手 — the host, under our name."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Tasuki"}


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(installation_secrets().derived("second-factor")))
