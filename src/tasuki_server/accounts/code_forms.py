# SPDX-License-Identifier: Apache-2.0
"""確認コードの入力 — a code opens the house once, for as long as the clock would accept it.

allauth remembers a used code for one period of thirty seconds, while a tolerance of one period on either side keeps it
acceptable for three: someone who read it over a shoulder would have a minute left.

Cite: RFC 6238 section 5.2 (a code must not be accepted a second time)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form

from tasuki_server.accounts.back_off import Door, budget_of, give_back, take_try


class OneTimeCodeForm(AuthenticateForm):  # type: ignore[misc]
    """サインインの確認コード — refused when it served before."""

    def clean_code(self) -> str:
        """確認コードの確認 — right, and never used."""
        return _guarded(self, super().clean_code)


class OneTimeCodeAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """再認証の確認コード — of the authenticator app only, and refused when it served before."""

    def clean_code(self) -> str:
        """確認コードの確認 — right, and never used; a recovery code is for a lost device and is not spent here."""
        if len(self.cleaned_data["code"].strip()) != app_settings.TOTP_DIGITS:
            raise get_adapter().validation_error("incorrect_code")
        return _guarded(self, super().clean_code)


def _guarded(form: Form, check: Callable[[], str]) -> str:
    """照合 — within the budget of tries, in one transaction, and once."""
    user = form.user  # type: ignore[attr-defined]
    budget = budget_of(context.request, Door.CODE, str(user.pk), user.pk)
    if not take_try(budget):
        raise get_account_adapter().validation_error("too_many_login_attempts")
    code = _only_once(form, _in_one_transaction(check))
    give_back(budget)
    return code


def _in_one_transaction(check: Callable[[], str]) -> str:
    """A recovery code is locked while it is spent; what a refusal counted must outlive the refusal."""
    refusal: ValidationError | None = None
    with transaction.atomic(using="signin"):
        try:
            code = check()
        except ValidationError as wrong:
            refusal = wrong
    if refusal is not None:
        raise refusal
    return code


def _only_once(form: Form, code: str) -> str:
    accepted = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    digest = hashlib.sha256(f"{form.user.pk}:{code}".encode()).hexdigest()  # type: ignore[attr-defined]
    if not cache.add(f"tasuki:code-used:{digest}", "y", timeout=accepted):
        raise get_adapter().validation_error("incorrect_code")
    return code
