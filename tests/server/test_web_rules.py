# SPDX-License-Identifier: Apache-2.0
"""画面の通信の決まり — headers, cookies, methods, passwords and sessions, as the register of controls names them."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from clinics import PASSWORD, totp_code

pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parents[2]
PAGES = ("/", "/accounts/login/", "/nothing-here/", "/static/tasuki.css", "/healthz")


@pytest.fixture(autouse=True)
def fresh_limits(server):
    from tasuki_server.accounts.models import FailureCount

    cache.clear()
    FailureCount.objects.all().delete()


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_policy_headers(server, path):
    answer = server.first.browser("admin").get(path)
    policy = dict(each.strip().partition(" ")[::2] for each in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'" and policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Content-Type"]
    if path == "/":
        assert answer["Cache-Control"] == "no-store" and "charset=utf-8" in answer["Content-Type"]


@pytest.mark.parametrize("path", PAGES)
def test_no_answer_lets_another_origin_read(server, path):
    answer = server.first.browser("admin").get(path, headers={"origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("Access-Control-")]


def test_cookies_are_secure_and_named_for_the_host():
    """With HTTPS switched on, in a process of its own: settings are read once."""
    names = [
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "SESSION_COOKIE_SAMESITE",
        "SESSION_COOKIE_DOMAIN",
        "SESSION_COOKIE_PATH",
        "CSRF_COOKIE_SECURE",
        "CSRF_COOKIE_HTTPONLY",
        "CSRF_COOKIE_SAMESITE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
    ]
    program = f"import json; from django.conf import settings as s; print(json.dumps([getattr(s, n) for n in {names}]))"
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "tasuki_server.settings",
        "TASUKI_HTTPS": "yes",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    found = dict(zip(names, json.loads(done.stdout), strict=True))
    assert found["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert found["SESSION_COOKIE_DOMAIN"] is None and found["SESSION_COOKIE_PATH"] == "/"
    assert found["SESSION_COOKIE_SECURE"] and found["SESSION_COOKIE_HTTPONLY"]
    assert found["CSRF_COOKIE_SECURE"] and found["CSRF_COOKIE_HTTPONLY"]
    assert found["SESSION_COOKIE_SAMESITE"] == found["CSRF_COOKIE_SAMESITE"] == "Lax"
    assert found["SECURE_SSL_REDIRECT"] and found["SECURE_HSTS_SECONDS"] >= 31_536_000


def test_acts_that_change_refuse_to_be_asked_by_get(server):
    browser = server.first.browser("admin")
    for path in ("/accounts/sessions/end-others/", "/watch/containment/begin/", "/watch/canaries/make/"):
        answer = browser.get(path)
        assert answer.status_code in (404, 405), path
    assert browser.get("/watch/containment/begin/").status_code == 405


def test_trace_is_refused(server):
    for path in ("/accounts/login/", "/nothing-here/"):
        answer = Client().trace(path, headers={"x-secret": "echo me"})
        assert answer.status_code in (403, 404, 405) and b"echo me" not in answer.content


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/static/",
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/src/tasuki_server/settings.py",
        "/var/secrets.json",
    ],
)
def test_no_file_of_the_installation_is_served(server, path):
    answer = server.first.browser("admin").get(path)
    assert answer.status_code == 404
    assert b"SECRET_KEY" not in answer.content and b"[core]" not in answer.content


def test_debugging_is_off_and_no_setting_turns_it_on():
    program = "from django.conf import settings; print(settings.DEBUG)"
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "tasuki_server.settings",
        "TASUKI_DEBUG": "yes",
        "DEBUG": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_scripts_keep_nothing_in_the_browser():
    scripts = sorted((ROOT / "src/tasuki_server/static").glob("*.js"))
    assert scripts
    keeping = re.compile(
        r"localStorage|sessionStorage|indexedDB|document\.cookie|postMessage|innerHTML|\beval\("
    )
    for script in scripts:
        assert not keeping.findall(script.read_text("utf-8")), script.name


def test_no_source_evaluates_text_or_starts_a_shell():
    banned = {"eval", "exec", "pickle", "marshal", "shelve"}
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in banned, (path, node.lineno)
            if isinstance(node, ast.Call):
                shells = [each for each in node.keywords if each.arg == "shell"]
                assert not shells, (path, node.lineno)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert (node.value.id, node.attr) not in {
                    ("os", "system"),
                    ("os", "popen"),
                }, path
            if isinstance(node, ast.Import):
                assert not banned & {each.name.partition(".")[0] for each in node.names}, path


def test_a_password_is_judged_by_length_and_not_by_kinds_of_letters():
    for word in (
        "kumo no ue no kissaten",
        "うみのみえるちいさなえき",
        "8204 715 6390 2",
        "tsuki-to-shiokaze",
    ):
        if len(word) >= 13:
            try:
                validate_password(word)
            except ValidationError as refused:
                pytest.fail(f"{word}: {refused}")
    for word in ("short-enough", "passwordpassword"[:12], "1234567890123"[:12]):
        with pytest.raises(ValidationError):
            validate_password(word)
    with pytest.raises(ValidationError):
        validate_password("sojdlg123aljg")


def test_a_long_password_counts_as_it_was_typed(server):
    from tasuki_server.accounts.models import User

    word = "  Long ながい Words " * 5
    assert len(word) > 64
    user = User(username="made-up")
    validate_password(word, user)
    user.set_password(word)
    assert user.check_password(word)
    for other in (word.strip(), word.lower(), word[:64], word + "x"):
        assert not user.check_password(other)


def test_passwords_are_kept_by_scrypt():
    assert make_password(PASSWORD).startswith("scrypt$")
    # As it serves, not as cheap as these tests make it (tests/conftest.py): RFC 7914, N = 2^14 at least.
    ask = "from django.contrib.auth.hashers import ScryptPasswordHasher as S; print(S.work_factor)"
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert int(told.stdout) >= 2**14


def test_a_password_stays_until_someone_changes_it(server):
    from tasuki_server.accounts.models import User

    user = server.first.users["nurse"]
    User.objects.filter(pk=user.pk).update(created_at=timezone.now() - timedelta(days=2000))
    client = Client()
    client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(user)})
    assert client.get("/").status_code == 200


def test_changing_a_password_asks_for_the_present_one(server):
    browser = server.first.browser("clerk")
    page = browser.get("/accounts/password/change/")
    assert page.status_code == 200 and 'name="oldpassword"' in page.content.decode()
    fresh = "kumo no ue no kissaten"
    given = {"oldpassword": "not the present one", "password1": fresh, "password2": fresh}
    browser.post("/accounts/password/change/", given)
    user = server.first.users["clerk"]
    user.refresh_from_db()
    assert user.check_password(PASSWORD) and not user.check_password(fresh)


def test_the_password_page_hides_what_is_typed_and_lets_it_be_pasted(server):
    text = Client().get("/accounts/login/").content.decode()
    field = re.search(r"<input[^>]*name=\"password\"[^>]*>", text)
    assert field and 'type="password"' in field[0]
    assert "onpaste" not in text and 'autocomplete="off"' not in field[0]
    for script in (ROOT / "src/tasuki_server/static").glob("*.js"):
        assert '"paste"' not in script.read_text("utf-8")


def test_signing_in_changes_the_key_of_the_session(server):
    user = server.second.users["doctor"]
    client = Client()
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(user)})
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.get("/").status_code == 200 and before and after != before
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert thief.get("/").status_code == 302


def test_signing_in_puts_nothing_secret_into_an_address(server):
    user = server.second.users["admin"]
    client = Client()
    places = [
        client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})["Location"],
        client.post("/accounts/2fa/authenticate/", {"code": totp_code(user)})["Location"],
    ]
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    for place in places:
        assert key not in place and PASSWORD not in place and user.username not in place


def test_a_session_has_an_end_however_busy_it_is(server):
    from django.contrib.sessions.models import Session

    browser = server.second.browser("clerk")
    assert browser.get("/").status_code == 200
    until = browser.session.get_expiry_date()
    assert until <= timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    assert not settings.SESSION_SAVE_EVERY_REQUEST and settings.SESSION_COOKIE_AGE <= 12 * 3600
    Session.objects.using("signin").update(expire_date=timezone.now() - timedelta(seconds=1))
    assert browser.get("/").status_code == 302


def test_a_session_that_is_used_every_hour_ends_when_its_time_is_over(server):
    """Each use saves the session anew, and with it the end Django keeps: what counts is when it began."""
    from tasuki_server.accounts.models import SignInSession, Why

    browser = server.second.browser("clerk")
    assert browser.get("/").status_code == 200
    row = SignInSession.objects.get(pk=browser.session["tasuki_session"])
    hours = settings.SESSION_COOKIE_AGE / 3600
    for ago, status in ((hours - 0.1, 200), (hours + 0.1, 302)):
        SignInSession.objects.filter(pk=row.pk).update(begun_at=timezone.now() - timedelta(hours=ago))
        assert browser.get("/").status_code == status
    row.refresh_from_db()
    assert (row.ended_why, row.ended_at is not None) == (Why.AGE, True)
    assert browser.get("/").status_code == 302


def test_every_page_offers_to_sign_out(server):
    browser = server.first.browser("doctor")
    for path in ("/", "/patients/", "/reception/", "/accounts/sessions/"):
        assert "/accounts/logout/" in browser.get(path, follow=True).content.decode(), path
