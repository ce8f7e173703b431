# SPDX-License-Identifier: Apache-2.0
"""入り口の一覧 — every way we know to come in with fewer than two factors; each ends with a browser that must see nothing.

``Try.may_open`` names the pages that a way rightly opens (to set up a factor), none of which shows a person's data.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from tasuki_server.drills.mfa_emergency_paths import EMERGENCY_PATHS
from tasuki_server.drills.mfa_provider_paths import PROVIDER_PATHS
from tasuki_server.drills.people import (
    LOGIN,
    NEXT_STEP,
    PASSWORD,
    Person,
    a_browser,
    a_person,
    claiming,
    code_of,
    forget_limits,
    give_code,
    give_password,
    signed_in,
)

if TYPE_CHECKING:
    from django.test import Client

    from tasuki_server.drills.made_up_provider import MadeUpProvider


class Ground(NamedTuple):
    """訓練場 — an institution, who is attacked, a colleague, and one of another institution."""

    institution_id: UUID
    target: Person
    colleague: Person
    stranger: Person
    token: str
    provider: MadeUpProvider


class Try(NamedTuple):
    """試み — the browser as it stands after the way in, and the pages it may open."""

    browser: Client
    may_open: frozenset[str] = frozenset()


SET_UP = frozenset(
    {
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
        "mfa_reauthenticate",
        "account_reauthenticate",
    }
)


def nobody(ground: Ground) -> Try:
    """サインインなし."""
    return Try(a_browser())


def password_alone(ground: Ground) -> Try:
    """パスワードだけ."""
    browser = a_browser()
    give_password(browser, ground.target)
    return Try(browser)


def password_as_json(ground: Ground) -> Try:
    """JSONでのサインイン."""
    browser = a_browser()
    said = json.dumps({"login": ground.target.user.username, "password": PASSWORD, "username": "x"})
    for path in (LOGIN, "/_allauth/browser/v1/auth/login", "/accounts/login.json"):
        browser.post(path, said, content_type="application/json", headers={"Accept": "application/json"})
    return Try(browser)


def wrong_code(ground: Ground) -> Try:
    """違う確認コード."""
    browser = password_alone(ground).browser
    right = int(code_of(ground.target))
    for step in (1, 7, 500_000):
        give_code(browser, f"{(right + step) % 1_000_000:06}")
    return Try(browser)


def empty_code(ground: Ground) -> Try:
    """空の確認コード."""
    browser = password_alone(ground).browser
    for data in (
        {},
        {"code": ""},
        {"code": "  "},
        {"code": ["", ""]},
        {"credential": ""},
        {"credential": "{}"},
    ):
        browser.post(NEXT_STEP, data)
    return Try(browser)


def code_used_before(ground: Ground) -> Try:
    """使用済みの確認コード."""
    code = code_of(ground.target)
    first = a_browser()
    give_password(first, ground.target)
    give_code(first, code)
    browser = password_alone(ground).browser
    give_code(browser, code)
    return Try(browser)


def code_out_of_time(ground: Ground) -> Try:
    """時刻の外れた確認コード."""
    browser = password_alone(ground).browser
    for step in (-3, 3):
        give_code(browser, code_of(ground.target, step))
    return Try(browser)


def code_of_a_colleague(ground: Ground) -> Try:
    """同僚の確認コード."""
    browser = password_alone(ground).browser
    give_code(browser, code_of(ground.colleague))
    return Try(browser)


def recovery_code_used_before(ground: Ground) -> Try:
    """使用済みの回復コード."""
    code = _recovery_code(ground.colleague)
    first = a_browser()
    give_password(first, ground.colleague)
    give_code(first, code)
    browser = a_browser()
    give_password(browser, ground.colleague)
    give_code(browser, code)
    return Try(browser)


def recovery_code(ground: Ground) -> Try:
    """回復コード."""
    browser = a_browser()
    give_password(browser, ground.colleague)
    give_code(browser, _recovery_code(ground.colleague))
    return Try(browser, frozenset({"second_factor_replace"}))


def recovery_then_set_up(ground: Ground) -> Try:
    """回復コードのあとの登録画面."""
    browser = recovery_code(ground).browser
    browser.post("/accounts/2fa/replace/", {"with": "key"})
    return Try(browser, SET_UP | {"second_factor_replace"})


def session_without_factor(ground: Ground) -> Try:
    """要素のないセッション."""
    browser = a_browser()
    browser.force_login(ground.target.user)
    return Try(browser)


def factor_of_another(ground: Ground) -> Try:
    """他人の要素."""
    return Try(claiming(ground.target.user, ground.stranger.factor.pk))


def factor_that_is_gone(ground: Ground) -> Try:
    """取り消された要素."""
    person = a_person(ground.institution_id, f"gone{time.monotonic_ns()}", *ground.target.staff.roles)
    browser = signed_in(person)
    person.factor.delete()
    return Try(browser, frozenset({"second_factor_enrol"}))


def records_of_another(ground: Ground) -> Try:
    """他人の証明の持ち込み."""
    browser = claiming(ground.target.user, ground.target.factor.pk)
    session = browser.session
    session["account_authentication_methods_user"] = str(ground.colleague.user.pk)
    session.save()
    return Try(browser)


def fixed_session(ground: Ground) -> Try:
    """セッションの固定."""
    from django.conf import settings

    attacker = a_browser()
    attacker.get(LOGIN)
    session = attacker.session
    session["planted"] = "yes"
    session.save()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    victim = a_browser()
    victim.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    forget_limits()
    give_password(victim, ground.target)
    give_code(victim, code_of(ground.target))
    return Try(attacker)


def remembered_browser(ground: Ground) -> Try:
    """記憶した端末."""
    from allauth.mfa.internal.flows import trust

    browser = signed_in(ground.target)
    browser.post("/accounts/2fa/trust/", {"action": "trust"})
    browser.post("/accounts/logout/")
    made = [trust.IssuedTrust(trust.create_config_fingerprint(ground.target.user), int(time.time()))]
    browser.cookies["mfa_trusted"] = trust.encode_trust_cookie(made)
    give_password(browser, ground.target)
    return Try(browser)


def newcomer(ground: Ground) -> Try:
    """登録前の新人."""
    browser = a_browser()
    give_password(browser, _newcomer(ground))
    return Try(browser, frozenset({"second_factor_enrol"}))


def newcomer_with_a_wrong_code(ground: Ground) -> Try:
    """違う登録コード."""
    browser = newcomer(ground).browser
    for code in ("AAAA-BBBB-CCCC", "", "x" * 500):
        browser.post("/accounts/2fa/enrol/", {"code": code})
    return Try(browser, frozenset({"second_factor_enrol"}))


def newcomer_before_the_factor(ground: Ground) -> Try:
    """登録コードのあと、登録の前."""
    from tasuki_server.accounts.enrolment import issue_code

    person = _newcomer(ground)
    browser = a_browser()
    give_password(browser, person)
    browser.post("/accounts/2fa/enrol/", {"code": issue_code(person.user)})
    return Try(browser, SET_UP | {"second_factor_enrol"})


def forged_passkey(ground: Ground) -> Try:
    """偽のパスキー."""
    browser = a_browser()
    browser.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})
    import base64

    empty = base64.urlsafe_b64encode(b"{}").decode().rstrip("=")
    # Flags 0x01: the person was present, yet not verified.
    data = base64.urlsafe_b64encode(b"\0" * 32 + b"\x01" + b"\0" * 4).decode().rstrip("=")
    handle = base64.urlsafe_b64encode(str(ground.target.user.pk).encode()).decode().rstrip("=")
    response = {"clientDataJSON": empty, "authenticatorData": data, "signature": empty, "userHandle": handle}
    forged = {
        "type": "public-key",
        "id": empty,
        "rawId": empty,
        "clientExtensionResults": {},
        "response": response,
    }
    browser.post("/accounts/2fa/webauthn/login/", {"credential": json.dumps(forged)})
    return Try(browser)


def unused_doors(ground: Ground) -> Try:
    """使わない入り口（管理サイト・登録・再発行・招待・連携の戻り）."""
    browser = a_browser()
    given = {"username": ground.target.user.username, "password": PASSWORD, "email": "a@example.jp"}
    for path in (
        "/admin/", "/admin/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/email/",
        "/accounts/confirm-email/x/", "/accounts/password/reset/key/x-y/", "/accounts/social/login/callback/?code=x&state=y",
        "/accounts/oidc/x/login/callback/?code=x", "/invite/x/", "/o/token/", "/ws/", "/events/",
    ):  # fmt: skip
        browser.post(path, given)
        browser.get(path)
    return Try(browser)


def token_on_pages(ground: Ground) -> Try:
    """接続トークンでの画面."""
    return Try(a_browser(HTTP_AUTHORIZATION=f"Bearer {ground.token}"))


def bound_token_on_pages(ground: Ground) -> Try:
    """短期トークンと証明での画面."""
    from tasuki_server.api.bound_tokens import make_bound_token
    from tasuki_server.api.service_call import ServiceCaller, new_key

    caller = ServiceCaller.made("tsc_" + "A" * 22 + "_" + "A" * 22, new_key(), "http://localhost")
    scopes = frozenset({"calculate"})
    now = int(time.time())
    caller.token = make_bound_token(
        caller.client_id, caller.key.thumbprint(), scopes, caller.holder.thumbprint(), now
    )
    shown = caller.headers("GET", "/")
    return Try(a_browser(HTTP_AUTHORIZATION=shown["Authorization"], HTTP_DPOP=shown["DPoP"]))


def headers_of_a_proxy(ground: Ground) -> Try:
    """中継サーバを装う見出し."""
    import base64

    name = ground.target.user.username
    basic = base64.b64encode(f"{name}:{PASSWORD}".encode()).decode()
    return Try(
        a_browser(
            HTTP_AUTHORIZATION=f"Basic {basic}", REMOTE_USER=name, HTTP_REMOTE_USER=name,
            HTTP_X_FORWARDED_USER=name, HTTP_X_REMOTE_USER=name, HTTP_X_SSL_CLIENT_VERIFY="SUCCESS",
        )
    )  # fmt: skip


def disabled_person(ground: Ground) -> Try:
    """利用停止された職員."""
    from tasuki_server.accounts.models import User

    person = a_person(ground.institution_id, f"out{time.monotonic_ns()}", *ground.target.staff.roles)
    browser = signed_in(person)
    User.objects.filter(pk=person.user.pk).update(is_active=False)
    forget_limits()
    again = a_browser()
    give_password(again, person)
    give_code(again, code_of(person))
    browser.cookies.update({name: each.value for name, each in again.cookies.items() if name == "x"})
    return Try(browser)


def idle_session(ground: Ground) -> Try:
    """放置されたセッション."""
    browser = signed_in(ground.target)
    browser.get("/")
    session = browser.session
    session["tasuki_seen"] = int(time.time()) - 24 * 3600
    session.save()
    return Try(browser)


def signed_out_session(ground: Ground) -> Try:
    """サインアウトしたセッション."""
    from tasuki_server.drills.people import copied

    browser = signed_in(ground.target)
    kept = copied(browser)
    browser.post("/accounts/logout/")
    return Try(kept)


def ended_session(ground: Ground) -> Try:
    """終了されたセッション."""
    from tasuki_server.accounts.models import Why
    from tasuki_server.accounts.sessions import end_sessions

    browser = signed_in(ground.target)
    end_sessions(ground.target.user.pk, Why.ADMIN)
    return Try(browser)


def known_device_with_the_password(ground: Ground) -> Try:
    """いつもの端末とパスワード."""
    browser = signed_in(ground.target)
    browser.post("/accounts/logout/")
    give_password(browser, ground.target)
    return Try(browser)


def moved_session(ground: Ground) -> Try:
    """別のネットワークに移ったセッション."""
    from tasuki_server.drills.people import copied

    return Try(copied(signed_in(ground.target), REMOTE_ADDR="198.51.100.7"), frozenset({"step_up"}))


PATHS: tuple[Callable[[Ground], Try], ...] = (
    nobody,
    password_alone,
    password_as_json,
    wrong_code,
    empty_code,
    code_used_before,
    code_out_of_time,
    code_of_a_colleague,
    recovery_code_used_before,
    recovery_code,
    recovery_then_set_up,
    session_without_factor,
    factor_of_another,
    factor_that_is_gone,
    records_of_another,
    fixed_session,
    remembered_browser,
    newcomer,
    newcomer_with_a_wrong_code,
    newcomer_before_the_factor,
    forged_passkey,
    unused_doors,
    token_on_pages,
    bound_token_on_pages,
    headers_of_a_proxy,
    disabled_person,
    idle_session,
    signed_out_session,
    ended_session,
    known_device_with_the_password,
    moved_session,
    *EMERGENCY_PATHS,
    *PROVIDER_PATHS,
)


def _recovery_code(person: Person) -> str:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    left = RecoveryCodes.activate(person.user).get_unused_codes()
    if not left:
        from allauth.mfa.models import Authenticator

        Authenticator.objects.filter(user_id=person.user.pk, type="recovery_codes").delete()
        left = RecoveryCodes.activate(person.user).get_unused_codes()
    return str(left[0])


def _newcomer(ground: Ground) -> Person:
    name = f"new{time.monotonic_ns()}"
    return a_person(ground.institution_id, name, *ground.target.staff.roles, enrolled=False)
