# SPDX-License-Identifier: Apache-2.0
"""サインインの記録 — sign-ins, failures and changes of second factors go to the institution's trail."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from tasuki_server.accounts.app_permits import end_access_of
from tasuki_server.accounts.enrolment import close_enrolment
from tasuki_server.accounts.models import SignInSession, User, Why
from tasuki_server.accounts.sessions import ROW, begin_session, end_session, session_of
from tasuki_server.audit.trail import record
from tasuki_server.institutions.work import Actor, as_institution, has_work


def connect() -> None:
    """信号の接続 — once, when the app is ready."""
    user_logged_in.connect(_signed_in, dispatch_uid="tasuki_in")
    user_logged_out.connect(_signed_out, dispatch_uid="tasuki_out")
    user_login_failed.connect(_failed, dispatch_uid="tasuki_failed")
    authentication_failed.connect(_factor_failed, dispatch_uid="tasuki_factor_failed")
    authenticator_added.connect(_factor_added, dispatch_uid="tasuki_factor_added")
    authenticator_removed.connect(_factor_removed, dispatch_uid="tasuki_factor_removed")
    password_changed.connect(_password_changed, dispatch_uid="tasuki_password")


def note(user: User, action: str, **detail: object) -> None:
    """サインインの記録 — in the open transaction, or in one of its own."""
    subject_detail = {"user": str(user.pk), **detail}
    if has_work():
        record(action, "accounts.user", detail=subject_detail)
        return
    with as_institution(user.institution_id, Actor(label=user.username)):
        record(action, "accounts.user", detail=subject_detail)


def _signed_in(request: Any, user: User, **kwargs: Any) -> None:
    request.user = user
    # Whoever proves no factor here is a newcomer; the session begins with their first one.
    proved = any(each.get("method") == "mfa" for each in get_authentication_records(request, user))
    row = begin_session(request, user) if proved else None
    note(user, "sign_in", **_named(row), **({"new_device": True} if row and row.is_new_device else {}))


def _signed_out(request: Any, user: User | None, **kwargs: Any) -> None:
    if user is None:
        return
    row = session_of(request)
    if row is not None:
        end_session(row, Why.SIGNED_OUT)
    note(user, "sign_out", **_named(row))


def _named(row: SignInSession | None) -> dict[str, object]:
    return {"session": row.public_id, "factor": row.factor} if row is not None else {}


def _failed(credentials: dict[str, Any], **kwargs: Any) -> None:
    name = credentials.get("username") or credentials.get("email") or ""
    # An unknown name belongs to no institution's trail; it may also be a password typed into the wrong field.
    user = User.objects.filter(username__iexact=name).first() if name else None
    if user is not None:
        note(user, "sign_in.failed", step="password")


def _factor_failed(user: User, authenticator: Any, **kwargs: Any) -> None:
    note(user, "sign_in.failed", step=authenticator.type)


def _factor_added(request: Any, user: User, authenticator: Any, **kwargs: Any) -> None:
    note(user, "second_factor.add", type=authenticator.type)
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    close_enrolment(user)
    # Adding it was proving it: the code or the key was checked a moment ago, in a session that gave the
    # password and either an older factor or the enrolment code.
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
    request.session.cycle_key()
    kept = request.session.get(ROW)
    if kept is None:
        begin_session(request, user)
    else:
        SignInSession.objects.filter(pk=kept).update(factor=authenticator.type)


def _factor_removed(request: Any, user: User, authenticator: Any, **kwargs: Any) -> None:
    ended = end_access_of(user, Why.FACTOR, but=request.session.get(ROW))
    note(user, "second_factor.remove", type=authenticator.type, **ended)


def _password_changed(request: Any, user: User, **kwargs: Any) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    user.must_change_password = False
    note(user, "password.change", **end_access_of(user, Why.PASSWORD, but=request.session.get(ROW)))
