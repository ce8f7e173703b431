# SPDX-License-Identifier: Apache-2.0
"""回復コードでのサインイン — it opens one thing: setting up a factor in place of the one that is lost."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from tasuki_server.accounts.app_permits import end_access_of
from tasuki_server.accounts.models import User, Why
from tasuki_server.accounts.sessions import ROW
from tasuki_server.accounts.sign_in_notes import note

REPLACING = "tasuki_replacing"


def is_replacing(request: HttpRequest) -> bool:
    """登録し直し中か — this session has said what is to be done about the lost device."""
    return bool(request.session.get(REPLACING))


def begin_replacing(request: HttpRequest, *, drops_app: bool) -> None:
    """登録し直しの開始 — opens the set-up pages to this session; a lost authenticator app goes at once.

    An app that is kept stays valid; then a passkey is added beside it.
    """
    user = request.user
    assert isinstance(user, User)
    if drops_app:
        gone = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP)
        if gone.exists():
            gone.delete()
            note(user, "second_factor.remove", type=str(Authenticator.Type.TOTP), by="recovery")
        end_access_of(user, Why.FACTOR, but=request.session.get(ROW))
    request.session[REPLACING] = True
    record_authentication(request, user, method="recovery", reauthenticated=True)
