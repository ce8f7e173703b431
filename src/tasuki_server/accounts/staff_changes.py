# SPDX-License-Identifier: Apache-2.0
"""職員の変更 — roles, disabling, lost devices; what takes a right away ends the person's sessions at once.

Sign-in lies behind a role of its own, so its rows are written by themselves, before the institution's transaction
commits: when that fails, a person is locked out rather than let in.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from uuid import UUID

from allauth.mfa.models import Authenticator

from tasuki.security.permissions import Permission, Role, permissions_of
from tasuki_server.accounts.app_permits import end_access, end_permits
from tasuki_server.accounts.enrolment import ALPHABET, issue_code
from tasuki_server.accounts.models import User, Why
from tasuki_server.accounts.sessions import end_sessions
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_institution_id, current_work


class NotAllowed(Exception):
    """できない変更 — ``reason`` is a key of the page's message table."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def user_of(staff: Staff) -> User | None:
    """職員の利用者 — their sign-in at this institution."""
    if staff.user_id is None:
        return None
    return User.objects.filter(pk=staff.user_id, institution_id=current_institution_id()).first()


def change_roles(staff: Staff, roles: Sequence[Role]) -> None:
    """役割の変更 — the person signs in anew with the new rights."""
    if not roles:
        raise NotAllowed("no_role")
    before = list(staff.roles)
    after = [role.value for role in Role if role in roles]
    if before == after:
        return
    if Permission.STAFF_MANAGE not in permissions_of(roles):
        _keep_an_administrator(staff)
    staff.roles = after
    staff.save(update_fields=["roles"])
    ended = end_sessions(staff.user_id, Why.ROLES) if staff.user_id is not None else []
    if Permission.CHART_VIEW not in permissions_of(roles):
        end_permits(staff.id)
    record("staff.roles", staff, detail={"before": before, "after": after, "ended": ended})


def set_active(user_id: UUID | None, *, is_active: bool) -> None:
    """サインインの停止と再開 — of this institution's user; open sessions of a stopped one end at their next request."""
    User.objects.filter(pk=user_id, institution_id=current_institution_id()).update(is_active=is_active)


def disable(staff: Staff) -> None:
    """利用停止 — no sign-in; every session ends, and every permit for an app; tokens the person made stay and are listed."""
    if staff.id == current_work().actor.staff_id:
        raise NotAllowed("oneself")
    _keep_an_administrator(staff)
    set_active(staff.user_id, is_active=False)
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    record("staff.disable", staff, detail=end_access(staff, Why.DISABLED))


def enable(staff: Staff) -> None:
    """利用再開 — with the factors and the password they had."""
    set_active(staff.user_id, is_active=True)
    staff.is_active = True
    staff.save(update_fields=["is_active"])
    record("staff.enable", staff)


def reset_factor(staff: Staff) -> str:
    """二要素認証の取消 — a lost device; answers the code to enrol anew with. Permits for apps may be its finder's: they end."""
    user = _user(staff)
    Authenticator.objects.filter(user_id=user.pk).delete()
    ended = end_access(staff, Why.FACTOR)
    code = issue_code(user)
    record("second_factor.reset", staff, detail={"user": str(user.pk), **ended})
    return code


def reset_password(staff: Staff) -> str:
    """パスワードの再発行 — answers one that must be changed at its first use; sessions end, and every permit for an app."""
    user = _user(staff)
    password = new_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    detail = {"user": str(user.pk), **end_access(staff, Why.PASSWORD)}
    record("password.reset", staff, detail=detail)
    return password


def new_password() -> str:
    """最初のパスワード — twenty letters and digits that are not mistaken for each other."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def end_all(staff: Staff, *, but: UUID | None = None) -> None:
    """全端末の終了 — of a member of staff, and of what was allowed to apps from any of them."""
    assert staff.user_id is not None
    record("session.end", staff, detail=end_access(staff, Why.ADMIN, but=but))


def _user(staff: Staff) -> User:
    user = user_of(staff)
    if user is None:
        raise NotAllowed("no_sign_in")
    return user


def _keep_an_administrator(staff: Staff) -> None:
    """Someone must be left who can undo it."""
    others = Staff.objects.filter(is_active=True, is_system=False).exclude(id=staff.id).exclude(user_id=None)
    if staff.may(Permission.STAFF_MANAGE) and not any(each.may(Permission.STAFF_MANAGE) for each in others):
        raise NotAllowed("last_administrator")
