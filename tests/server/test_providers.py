# SPDX-License-Identifier: Apache-2.0
"""認証基盤 — in place of the password and of nothing else, for those whom an administrator linked."""

from __future__ import annotations

import time

import pytest
from django.core.cache import cache
from django.test import Client

from clinics import PASSWORD, totp_code
from tasuki_server.drills.made_up_provider import (
    CLIENT,
    CLIENT_SECRET,
    SUBJECT,
    another_key,
    elliptic_key,
    made_up_provider,
)

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def provider(server):
    """Set for both institutions; the doctor of the first is linked, and the nurse of the second by another account."""
    from tasuki_server.providers.settling import link, set_provider

    with made_up_provider() as made:
        for clinic, role, subject in ((server.first, "doctor", SUBJECT), (server.second, "nurse", "other-1")):
            with clinic.work():
                set_provider("院内の認証基盤", made.issuer, CLIENT, CLIENT_SECRET)
                link(clinic.staff[role].id, subject)
        yield made


@pytest.fixture(autouse=True)
def fresh(server, provider):
    from tasuki_server.accounts.models import FailureCount
    from tasuki_server.providers.wire import forget

    cache.clear()
    FailureCount.objects.all().delete()
    forget()
    kept = provider.key, provider.algorithm
    yield
    provider.key, provider.algorithm = kept
    provider.told, provider.said_issuer, provider.is_down = {}, "", False


def away(clinic, client=None):
    """A browser that was sent to the provider, and where to."""
    client = client or Client()
    return client, client.get(f"/providers/start/{clinic.id}/")["Location"]


def came_back(clinic, provider, **other):
    client, place = away(clinic)
    answer = client.get("/providers/back/", provider.authorise(place) | other)
    return client, answer


def is_open(client) -> bool:
    return client.get("/").status_code == 200


def trail(clinic, action):
    from tasuki_server.audit.models import AuditEvent

    with clinic.work():
        return list(AuditEvent.objects.filter(action=action).order_by("number"))


def test_the_provider_stands_for_the_password_and_the_code_follows(server, provider):
    client, place = away(server.first)
    assert place.startswith(f"{provider.issuer}/authorize?") and "prompt=login" in place
    assert "code_challenge_method=S256" in place and CLIENT_SECRET.split()[0] not in place
    answer = client.get("/providers/back/", provider.authorise(place))
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert not is_open(client)
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(server.first.users["doctor"])})
    assert is_open(client)
    assert trail(server.first, "provider.answer")


@pytest.mark.parametrize("algorithm", ["PS256", "ES256"])
def test_the_usual_signatures_are_read_and_a_changed_key_is_asked_for(server, provider, algorithm):
    came_back(server.first, provider)
    if algorithm == "ES256":
        provider.key = elliptic_key()
    provider.algorithm = algorithm
    _, answer = came_back(server.first, provider)
    assert answer["Location"] == "/accounts/2fa/authenticate/"


WRONG = {
    "issuer": {"iss": "https://elsewhere.example"},
    "audience": {"aud": "another-client"},
    "audiences": {"aud": [CLIENT, "another-client"]},
    "party": {"azp": "another-client"},
    "nonce": {"nonce": "of another sign-in"},
    "no nonce": {"nonce": None},
    "expired": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 3900},
    "for ever": {"exp": int(time.time()) + 10 * 86_400},
    "tomorrow": {"iat": int(time.time()) + 7200, "exp": int(time.time()) + 7500},
    "not yet": {"nbf": int(time.time()) + 7200},
    "nobody": {"sub": ""},
    "no subject": {"sub": None},
    "a number": {"sub": 5},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_said_for_us_opens_no_second_step(server, provider, name):
    provider.told = WRONG[name]
    client, answer = came_back(server.first, provider)
    assert answer.status_code == 400 and "確かめられませんでした" in answer.content.decode()
    assert client.get("/accounts/2fa/authenticate/").status_code == 302
    assert not is_open(client)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_what_the_provider_did_not_sign_opens_no_second_step(server, provider, algorithm):
    provider.algorithm = algorithm
    _, answer = came_back(server.first, provider)
    assert answer.status_code == 400
    assert trail(server.first, "provider.refused")[-1].detail["why"] == "algorithm"


def test_a_key_the_provider_does_not_publish_opens_nothing(server, provider):
    kept = provider.key
    came_back(server.first, provider)  # its keys are known now
    provider.key = another_key()
    _, answer = came_back(server.first, provider)
    provider.key = kept
    assert answer.status_code == 400


def test_only_who_is_linked_here_gets_on_and_no_name_or_mail_links(server, provider):
    user = server.first.users["nurse"]
    names = {"email": "hanako@example.jp", "preferred_username": user.username, "name": "看護師 花子"}
    provider.told = names | {"sub": "unknown-1"}
    _, answer = came_back(server.first, provider)
    assert answer.status_code == 400 and "結び付いていません" in answer.content.decode()
    # The account that is the nurse of the second institution is nobody in the first.
    provider.told = {"sub": "other-1"}
    assert came_back(server.first, provider)[1].status_code == 400
    assert came_back(server.second, provider)[1]["Location"] == "/accounts/2fa/authenticate/"


def test_an_answer_serves_the_browser_that_asked_and_once(server, provider):
    client, place = away(server.first)
    told = provider.authorise(place)
    assert Client().get("/providers/back/", told).status_code == 400
    assert client.get("/providers/back/", told | {"state": "x" * 43}).status_code == 400
    assert client.get("/providers/back/", told).status_code == 400  # used up by the wrong one
    client, place = away(server.first)
    told = provider.authorise(place)
    assert client.get("/providers/back/", told | {"iss": "https://elsewhere.example"}).status_code == 400
    client, place = away(server.first)
    told = provider.authorise(place)
    session = client.session
    session["tasuki_provider"] = session["tasuki_provider"] | {"at": int(time.time()) - 700}
    session.save()
    assert client.get("/providers/back/", told).status_code == 400
    # An answer asked for by another browser: the verifier of this one does not fit its code.
    (client, place), (_, theirs) = away(server.first), away(server.first)
    mine, other = provider.authorise(place), provider.authorise(theirs)
    answer = client.get("/providers/back/", {"code": other["code"], "state": mine["state"]})
    assert answer.status_code == 400
    client, answer = came_back(server.first, provider, error="access_denied")
    assert "取り消されました" in answer.content.decode()


def test_when_the_provider_is_down_the_password_serves(server, provider):
    provider.is_down = True
    client = Client()
    answer = client.get(f"/providers/start/{server.first.id}/")
    assert answer.status_code == 503 and "パスワードでサインインできます" in answer.content.decode()
    user = server.first.users["doctor"]
    client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(user)})
    assert is_open(client)


def test_an_institution_without_a_provider_is_as_one_that_is_not_there(server):
    told = [Client().get(f"/providers/start/{each}/") for each in ("00000000-0000-7000-8000-000000000000",)]
    assert [each.status_code for each in told] == [400]


def test_who_was_disabled_or_cut_off_does_not_get_on(server, provider):
    from tasuki_server.accounts.models import User
    from tasuki_server.providers.models import LinkedIdentity
    from tasuki_server.providers.settling import link, unlink

    with server.second.work():
        User.objects.filter(pk=server.second.users["nurse"].pk).update(is_active=False)
    provider.told = {"sub": "other-1"}
    assert came_back(server.second, provider)[1].status_code == 400
    User.objects.filter(pk=server.second.users["nurse"].pk).update(is_active=True)
    with server.second.work():
        unlink(LinkedIdentity.objects.get(subject="other-1", ended_at=None).id)
    assert came_back(server.second, provider)[1].status_code == 400
    with server.second.work():
        link(server.second.staff["nurse"].id, "other-1")
    assert came_back(server.second, provider)[1].status_code == 302


def test_pages_set_link_and_end(server, provider):
    from tasuki_server.providers.models import IdentityProvider
    from tasuki_server.providers.settling import link, set_provider

    fresh = server.second.browser("admin", proved=False)
    assert "/accounts/step-up/" in fresh.get("/providers/")["Location"]
    browser = server.second.browser("admin")
    good = {"name": "院内", "issuer": provider.issuer, "client_id": "ほか", "client_secret": CLIENT_SECRET}
    for wrong, said in (
        ({"issuer": "http://idp.example"}, "https://"),
        ({"issuer": "ftp://127.0.0.1"}, "https://"),
        ({"issuer": provider.issuer + "/elsewhere"}, "issuer が"),
        ({"client_secret": ""}, "シークレット"),
        ({"name": ""}, "名前"),
        ({"client_id": ""}, "クライアントID"),
    ):
        answer = browser.post("/providers/", good | wrong)
        assert answer.status_code == 400 and said in answer.content.decode(), wrong
    assert browser.post("/providers/", good | {"client_id": CLIENT, "client_secret": ""}).status_code == 302
    page = browser.get("/providers/").content.decode()
    assert "other-1" in page and CLIENT_SECRET not in page and str(server.second.id) in page
    person = server.second.staff["clerk"].id
    for subject, said in (
        ("", "識別子"),
        ("a@example.jp", "メールアドレスは使えません"),
        ("other-1", "ほかの職員"),
    ):
        answer = browser.post("/providers/link/", {"staff": person, "subject": subject})
        assert answer.status_code == 400 and said in answer.content.decode(), subject
    assert (
        browser.post(
            "/providers/link/", {"staff": server.first.staff["clerk"].id, "subject": "x"}
        ).status_code
        == 404
    )
    assert browser.post("/providers/link/", {"staff": person, "subject": "other-2"}).status_code == 302
    page = browser.get("/providers/").content.decode()
    place = page.split("other-2")[1].split('action="')[1].split('"')[0]
    assert server.first.browser("admin").post(place).status_code == 404
    assert server.second.browser("doctor").get("/providers/").status_code == 403
    assert browser.post(place).status_code == 302
    assert browser.post("/providers/end/").status_code == 302
    provider.told = {"sub": "other-1"}
    assert Client().get(f"/providers/start/{server.second.id}/").status_code == 400
    with server.second.work():
        assert IdentityProvider.objects.get().ended_at is not None
        set_provider("院内", provider.issuer, CLIENT, CLIENT_SECRET)
        link(server.second.staff["nurse"].id, "other-1")


def test_the_secret_is_sealed_in_its_column(server, provider):
    from django.db import connections

    with server.first.work(), connections["default"].cursor() as cursor:
        cursor.execute("SELECT client_secret FROM providers_identityprovider")
        assert CLIENT_SECRET.encode() not in bytes(cursor.fetchone()[0])


def test_what_answers_badly_is_given_up(server, provider, monkeypatch):
    from tasuki_server.providers import wire

    monkeypatch.setattr(wire, "LARGEST", 10)
    with pytest.raises(wire.NotReached, match="unreachable"):
        wire.describe(provider.issuer)
    for address in (
        "file:///etc/passwd",
        "http://192.0.2.1/",
        "https://u:p@idp.example/",
        "https://idp.example/#x",
        "x",
    ):
        assert not wire.is_usable_address(address), address
    monkeypatch.setenv("TASUKI_HTTPS", "yes")
    assert not wire.is_usable_address(provider.issuer)
