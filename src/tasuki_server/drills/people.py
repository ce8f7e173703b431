# SPDX-License-Identifier: Apache-2.0
"""訓練の人々 — made-up staff with their factors, and browsers that sign in as they would."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from django.test import Client

    from tasuki_server.accounts.models import User
    from tasuki_server.institutions.models import Staff

PASSWORD = "kunren no aikotoba"  # noqa: S105 - of people who live in a drill
LOGIN, NEXT_STEP = "/accounts/login/", "/accounts/2fa/authenticate/"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


class Person(NamedTuple):
    """訓練の職員 — a sign-in, and who it is at the institution."""

    user: User
    staff: Staff

    @property
    def factor(self) -> Any:
        """認証アプリ — the row of it."""
        from allauth.mfa.models import Authenticator

        return Authenticator.objects.get(user_id=self.user.pk, type="totp")


def a_person(institution_id: UUID, username: str, *roles: Any, enrolled: bool = True) -> Person:
    """訓練の職員を作る — with an authenticator app unless they are a newcomer."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from tasuki_server.accounts.models import User
    from tasuki_server.institutions.opening import add_staff, system_actor
    from tasuki_server.institutions.work import as_institution

    user = User.objects.create_user(username, PASSWORD, institution_id=institution_id)
    if enrolled:
        TOTP.activate(user, generate_totp_secret())
    with as_institution(institution_id, system_actor(institution_id)):
        staff = add_staff(f"訓練 {username}", "クンレン", roles, user_id=user.pk)
    return Person(user, staff)


def a_browser(**options: Any) -> Client:
    """訓練のブラウザー — one that nobody used."""
    from django.test import Client

    given = {
        "HTTP_USER_AGENT": CHROME,
        "REMOTE_ADDR": "192.0.2.10",
        "raise_request_exception": False,
        "SERVER_NAME": "localhost",
        **options,
    }
    return Client(**given)


def code_of(person: Person, step: int = 0) -> str:
    """確認コード — as the app shows it, some steps of thirty seconds from now."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
    from allauth.mfa.utils import decrypt

    secret = decrypt(person.factor.data["secret"])
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step)))


def give_password(browser: Client, person: Person, password: str = PASSWORD) -> Any:
    """パスワード — the first step."""
    return browser.post(LOGIN, {"login": person.user.username, "password": password})


def give_code(browser: Client, code: str) -> Any:
    """確認コード — the second step."""
    return browser.post(NEXT_STEP, {"code": code})


def forget_limits() -> None:
    """制限の解除 — a drill tries more in a minute than a person in a year, and is not about being slow."""
    from django.core.cache import cache

    from tasuki_server.accounts.models import FailureCount

    cache.clear()
    FailureCount.objects.all().delete()


def signed_in(person: Person, **options: Any) -> Client:
    """サインイン済みのブラウザー — password and code, given by the person."""
    forget_limits()
    browser = a_browser(**options)
    give_password(browser, person)
    give_code(browser, code_of(person))
    return browser


def entered(user: User, *, has_proved: bool = True, proved_at: float | None = None, **options: Any) -> Client:
    """入室済みのブラウザー — as if password and second factor had been given, now or at ``proved_at``, without walking the pages.

    For drills and tests that are not about signing in. Without ``has_proved`` only the password was.
    """
    from allauth.mfa.models import Authenticator

    factor = Authenticator.objects.get(user_id=user.pk, type=Authenticator.Type.TOTP)
    return claiming(user, factor.pk if has_proved else None, proved_at, **options)


def claiming(user: User, factor: object, proved_at: float | None = None, **options: Any) -> Client:
    """申し立てるブラウザー — a session of the user that says it gave a password and proved a factor, whosever it is."""
    browser = a_browser(**options)
    browser.force_login(user)
    at = time.time() if proved_at is None else proved_at
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    if factor is not None:
        session["account_authentication_methods"] += [
            {"method": "mfa", "type": "totp", "id": factor, "at": at}
        ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return browser


def is_open(browser: Client) -> bool:
    """開いているか — whether the first page of the house answers."""
    return bool(browser.get("/").status_code == 200)


def copied(browser: Client, *, device: bool = True, **options: Any) -> Client:
    """盗んだクッキー — another machine with what this browser keeps, or with the session's cookie alone."""
    from tasuki_server.accounts.devices import cookie_name

    other = a_browser(**options)
    for name, each in browser.cookies.items():
        if device or name != cookie_name():
            other.cookies[name] = each.value
    return other
