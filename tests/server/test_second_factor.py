# SPDX-License-Identifier: Apache-2.0
"""二要素認証 — a stolen password opens nothing, in any state of the account."""

from __future__ import annotations

import time

import pytest
from django.core.cache import cache
from django.test import Client

from clinics import PASSWORD, totp_code
from isolation import path_to
from tasuki_server.accounts.addresses import addresses
from tasuki_server.accounts.pages import PUBLIC_PAGES

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def fresh_limits(server):
    from tasuki_server.accounts.models import FailureCount

    cache.clear()
    FailureCount.objects.all().delete()


def give_password(client, username, password=PASSWORD):
    return client.post("/accounts/login/", {"login": username, "password": password})


def is_open(client) -> bool:
    return client.get("/").status_code == 200


def test_password_then_code_opens_the_house(server):
    user = server.first.users["doctor"]
    client = Client()
    assert give_password(client, user.username)["Location"] == "/accounts/2fa/authenticate/"
    assert not is_open(client)
    answer = client.post("/accounts/2fa/authenticate/", {"code": totp_code(user)})
    assert answer["Location"] == "/"
    assert is_open(client)


def test_password_alone_opens_no_address(server):
    """Between password and code, and by every address there is."""
    client = Client()
    give_password(client, server.first.users["nurse"].username)
    for address in addresses():
        if address.name in PUBLIC_PAGES:
            continue
        path = path_to(address, "00000000-0000-7000-8000-000000000000")
        for method in ("get", "post"):
            answer = getattr(client, method)(path)
            assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"), (
                path,
                answer,
            )


def test_a_signed_in_session_without_a_factor_is_ended(server):
    """However such a session came to be, it opens nothing and does not last."""
    client = Client()
    client.force_login(server.first.users["clerk"])
    assert client.get("/")["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


def test_a_factor_of_someone_else_does_not_count(server):
    from allauth.mfa.models import Authenticator

    theirs = Authenticator.objects.get(user_id=server.second.users["admin"].pk, type="totp")
    client = server.first.browser("clerk")
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "id": theirs.pk, "at": 0}]
    session.save()
    assert not is_open(client)


def test_taking_the_factor_away_ends_the_sessions_it_opened(server):
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    user = server.second.users["nurse"]
    client = server.second.browser("nurse")
    assert is_open(client)
    Authenticator.objects.filter(user_id=user.pk).delete()
    assert not is_open(client)
    TOTP.activate(user, generate_totp_secret())
    assert not is_open(client)


def test_a_code_serves_once(server):
    user = server.first.users["reception"]
    code = totp_code(user)
    for expected in (True, False):
        client = Client()
        give_password(client, user.username)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert is_open(client) is expected


def test_a_code_serves_once_for_as_long_as_the_clock_accepts_it(server):
    """Half a minute later the library has forgotten the code, but it is still one of the three in force."""
    user = server.first.users["doctor"]
    code = totp_code(user, step=1)
    first, second = Client(), Client()
    give_password(first, user.username)
    first.post("/accounts/2fa/authenticate/", {"code": code})
    assert is_open(first)
    cache.delete(f"allauth.mfa.totp.used?user={user.pk}&code={code}")
    give_password(second, user.username)
    second.post("/accounts/2fa/authenticate/", {"code": code})
    assert not is_open(second)


def test_guessing_codes_is_stopped(server):
    user = server.first.users["clerk"]
    client = Client()
    give_password(client, user.username)
    for _ in range(6):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(user)})
    assert not is_open(client)


def test_guessing_passwords_is_stopped(server):
    username = server.first.users["admin"].username
    client = Client()
    for _ in range(6):
        give_password(client, username, "wrong")
    answer = give_password(client, username)
    assert answer.status_code == 200, "the right password is refused for a while, on the same page"
    assert "errorlist" in answer.content.decode()
    # Another machine asking for the same name is held off too.
    answer = Client(REMOTE_ADDR="10.1.2.3").post(
        "/accounts/login/", {"login": username, "password": PASSWORD}
    )
    assert answer.status_code == 200


def test_sign_up_and_reset_do_not_exist(server):
    names = {address.name for address in addresses()}
    assert not names & {"account_signup", "account_reset_password", "account_email", "account_set_password"}
    assert Client().get("/accounts/signup/").status_code in (302, 404)


def test_secrets_are_encrypted_at_rest(server):
    from allauth.mfa.models import Authenticator

    for factor in Authenticator.objects.filter(type="totp"):
        assert factor.data["secret"].startswith("gAAAA")


def test_the_last_factor_stays(server):
    client = server.first.browser("doctor")
    session = client.session
    session["account_authentication_methods"] += [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session.save()
    client.post("/accounts/2fa/totp/deactivate/")
    from tasuki_server.accounts.second_factor import has_second_factor

    assert has_second_factor(server.first.users["doctor"].pk)


@pytest.fixture
def newcomer(server):
    """A colleague with a password and no factor yet."""
    from tasuki.security.permissions import Role
    from tasuki_server.accounts.models import User
    from tasuki_server.institutions.opening import add_staff

    user = User.objects.create_user(f"new{time.time_ns()}", PASSWORD, institution_id=server.first.id)
    with server.first.work():
        add_staff("新人 つばさ", "シンジン ツバサ", [Role.NURSE], user_id=user.pk)
    return user


def test_a_newcomers_password_alone_cannot_set_a_factor_up(newcomer):
    """Or a thief of the password would enrol a device of their own."""
    client = Client()
    give_password(client, newcomer.username)
    for address in addresses():
        if address.name in PUBLIC_PAGES or address.name == "second_factor_enrol":
            continue
        path = path_to(address, "00000000-0000-7000-8000-000000000000")
        for method in ("get", "post"):
            answer = getattr(client, method)(path)
            assert answer.status_code == 302 and answer["Location"] == "/accounts/2fa/enrol/", (path, answer)
    client.post("/accounts/2fa/enrol/", {"code": "AAAA-BBBB-CCCC"})
    assert client.get("/accounts/2fa/totp/activate/")["Location"] == "/accounts/2fa/enrol/"


def test_a_newcomer_enrols_with_the_code_and_is_in(newcomer):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    from tasuki_server.accounts.enrolment import issue_code

    code = issue_code(newcomer)
    client = Client()
    give_password(client, newcomer.username)
    client.post("/accounts/2fa/enrol/", {"code": code.lower()})
    assert not is_open(client)
    page = client.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200
    secret = client.session["mfa.totp.secret"]
    now = int(time.time()) // 30
    answer = client.post("/accounts/2fa/totp/activate/", {"code": format_hotp_value(hotp_value(secret, now))})
    assert answer.status_code == 302
    assert client.get("/accounts/2fa/recovery-codes/").status_code == 200
    assert is_open(client)
    # The code has served: it opens nothing a second time.
    newcomer.refresh_from_db()
    assert newcomer.enrolment_hash == ""


def test_a_code_of_enrolment_ends_and_is_throttled(newcomer):
    from datetime import timedelta

    from django.utils import timezone

    from tasuki_server.accounts.enrolment import issue_code

    code = issue_code(newcomer)
    newcomer.enrolment_until = timezone.now() - timedelta(seconds=1)
    newcomer.save()
    client = Client()
    give_password(client, newcomer.username)
    client.post("/accounts/2fa/enrol/", {"code": code})
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302
    newcomer.enrolment_until = timezone.now() + timedelta(days=1)
    newcomer.save()
    for _ in range(6):
        client.post("/accounts/2fa/enrol/", {"code": "WRONG"})
    client.post("/accounts/2fa/enrol/", {"code": code})
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302


def test_a_disabled_user_is_out_at_once(server):
    from tasuki_server.accounts.models import User

    client = server.second.browser("doctor")
    assert is_open(client)
    User.objects.filter(pk=server.second.users["doctor"].pk).update(is_active=False)
    assert not is_open(client)


def test_a_member_who_left_is_out_at_once(server):
    from tasuki_server.institutions.models import Staff

    client = server.second.browser("reception")
    with server.second.work():
        Staff.objects.filter(id=server.second.staff["reception"].id).update(is_active=False)
    assert client.get("/").status_code == 403


def test_an_idle_session_ends(server):
    client = server.first.browser("doctor")
    assert is_open(client)
    session = client.session
    session["tasuki_seen"] = int(time.time()) - 61 * 60
    session.save()
    assert not is_open(client)


def test_a_session_that_may_not_be_used_is_emptied(server):
    """Who was sent to the sign-in has nothing left that a later request could lean on."""
    client = server.first.browser("doctor")
    assert is_open(client)
    session = client.session
    session["tasuki_seen"] = int(time.time()) - 61 * 60
    session.save()
    assert client.get("/")["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


def test_the_public_pages_answer_before_a_factor_was_proved(server):
    client = Client()
    client.force_login(server.first.users["clerk"])
    assert client.get("/healthz").status_code == 200


def test_the_page_that_was_asked_for_comes_after_the_sign_in(server):
    assert Client().get("/patients/?q=1")["Location"] == "/accounts/login/?next=%2Fpatients%2F%3Fq%3D1"
    assert Client().post("/patients/")["Location"] == "/accounts/login/", "an act is not done by going back"
    assert Client().get("/patients/", headers={"HX-Request": "true"})["HX-Redirect"] == "/accounts/login/"


def test_htmx_is_moved_to_sign_in_as_a_whole(server):
    answer = Client().get("/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/accounts/login/")
