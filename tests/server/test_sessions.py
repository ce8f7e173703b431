# SPDX-License-Identifier: Apache-2.0
"""サインイン中の端末と再確認 — a session serves where it was proved, ends at once, and asks again before what matters."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinics import PASSWORD, totp_code
from isolation import path_to
from tasuki_server.accounts.addresses import addresses
from tasuki_server.accounts.models import SignInSession, User, Why
from tasuki_server.accounts.pages import PUBLIC_PAGES
from tasuki_server.accounts.second_factor import LAST_SEEN, SEEN_STEP_SECONDS
from tasuki_server.accounts.sessions import end_session, end_sessions, open_sessions, public_id_of

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def fresh_limits(server):
    from tasuki_server.accounts.models import FailureCount

    cache.clear()
    FailureCount.objects.all().delete()


def is_open(client, **headers) -> bool:
    return client.get("/", **headers).status_code == 200


def opened(server, role="nurse", **options):
    client = server.first.browser(role, **options)
    assert is_open(client)
    return client


def row_of(client) -> SignInSession:
    return SignInSession.objects.get(pk=client.session["tasuki_session"])


def copied(client, *, device: bool = True, **options) -> Client:
    """Another machine with the cookies of this one."""
    other = Client(**options)
    for name, each in client.cookies.items():
        if device or name != "tasuki-device":
            other.cookies[name] = each.value
    return other


def test_a_session_has_a_row_that_names_it_without_its_key(server):
    client = opened(server, REMOTE_ADDR="192.0.2.7")
    row = row_of(client)
    assert (row.address, row.network, row.factor) == ("192.0.2.7", "192.0.0.0/16", "totp")
    assert client.session.session_key not in str(row.__dict__.values())
    assert row.public_id in client.get("/accounts/sessions/").content.decode()


def test_the_trail_says_which_session_a_sign_in_began_and_that_the_device_is_new(server):
    from tasuki_server.audit.models import AuditEvent

    user, client = server.first.users["nurse"], Client()
    told = []
    for step in (0, 1):
        client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
        client.post("/accounts/2fa/authenticate/", {"code": totp_code(user, step=step)})
        with server.first.work("admin"):
            event = AuditEvent.objects.filter(action="sign_in").order_by("number").last()
        assert event.detail["session"] == row_of(client).public_id
        assert event.detail["factor"] == "totp"
        told.append(event.detail.get("new_device", False))
        client.post("/accounts/logout/")
    assert told == [True, False]


def test_the_cookie_alone_opens_nothing_on_another_machine_and_ends_the_session(server):
    client = opened(server)
    assert not is_open(copied(client, device=False))
    assert not is_open(client)
    assert row_of_ended(server, Why.DEVICE)


def test_each_use_of_a_session_is_its_last(server):
    client = opened(server)
    long_ago = timezone.now() - timedelta(hours=1)
    SignInSession.objects.filter(pk=row_of(client).pk).update(last_seen_at=long_ago)
    session = client.session
    session[LAST_SEEN] = int(time.time()) - SEEN_STEP_SECONDS - 1
    session.save()
    assert is_open(client)
    assert row_of(client).last_seen_at > long_ago


def seen_before(client, seconds: int) -> int:
    """Says that the last act of a session was so long ago."""
    session = client.session
    session[LAST_SEEN] = int(time.time()) - seconds
    session.save()
    return session[LAST_SEEN]


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(server):
    client = opened(server)
    seen = seen_before(client, SEEN_STEP_SECONDS + 1)
    assert is_open(client, headers={"HX-Request": "true", "X-Tasuki-Poll": "yes"})
    assert client.session[LAST_SEEN] == seen
    for headers in ({"HX-Request": "true"}, {"X-Tasuki-Poll": "yes"}, {}):
        seen = seen_before(client, SEEN_STEP_SECONDS + 1)
        assert is_open(client, headers=headers)
        assert client.session[LAST_SEEN] > seen, headers


def test_an_act_right_after_another_is_not_written_again(server):
    client = opened(server)
    seen = seen_before(client, SEEN_STEP_SECONDS - 10)
    assert is_open(client)
    assert client.session[LAST_SEEN] == seen


def test_the_row_of_an_idle_session_says_why_it_ended(server, settings):
    client = opened(server)
    row = row_of(client)
    seen_before(client, settings.TASUKI_IDLE_MINUTES * 60 - 5)
    assert is_open(client)
    seen_before(client, settings.TASUKI_IDLE_MINUTES * 60 + 5)
    assert not is_open(client)
    row.refresh_from_db()
    assert row.ended_why == Why.IDLE


def test_the_trail_tells_of_a_session_on_another_network_once_and_of_one_on_another_machine(server):
    from tasuki_server.audit.models import AuditEvent

    client = opened(server, REMOTE_ADDR="192.0.2.7")
    number = row_of(client).public_id
    thief = copied(client, REMOTE_ADDR="198.51.100.9")
    for _ in range(2):
        thief.get("/")
    copied(client, device=False).get("/")
    with server.first.work("admin"):
        told = AuditEvent.objects.filter(action__startswith="session.", detail__session=number)
        found = [
            (each.action, each.detail.get("network"), each.detail.get("why"))
            for each in told.order_by("number")
        ]
    assert found == [
        ("session.moved", "198.51.0.0/16", None),
        ("session.refused", None, Why.DEVICE.value),
    ]


def test_what_ends_every_session_says_which_and_ends_one_that_opened_no_page_yet(server):
    client, fresh = opened(server, "clerk"), server.first.browser("clerk")
    row = row_of(client)
    assert row.public_id in end_sessions(row.user_id, Why.ADMIN)
    assert not is_open(client) and not is_open(fresh)


@pytest.mark.parametrize(("quiet_minutes", "is_counted"), [(16.5, True), (17.5, False)])
def test_a_session_that_is_quiet_for_longer_than_it_may_be_is_in_use_no_more(
    server, settings, quiet_minutes, is_counted
):
    """It is noted once a minute when it was used last, so two minutes are allowed for."""
    settings.TASUKI_IDLE_MINUTES = 15
    row = row_of(opened(server))
    seen = timezone.now() - timedelta(minutes=quiet_minutes)
    SignInSession.objects.filter(pk=row.pk).update(last_seen_at=seen)
    assert open_sessions([row.user_id]).filter(pk=row.pk).exists() == is_counted


@pytest.mark.parametrize(
    ("records", "is_out"),
    [
        ([{"at": 1000.0}], True),
        ([{"at": 1000.5}], False),
        ([{"at": 999.0}, {"at": 1001.0}], False),
        ([{"method": "password"}], True),
        ([], True),
    ],
)
def test_what_ends_every_session_ends_those_proved_up_to_that_moment(rf, monkeypatch, records, is_out):
    from tasuki_server.accounts import sessions

    ended = datetime.fromtimestamp(1000.0, UTC)
    request = rf.get("/")
    request.user = User(signed_out_at=ended)
    monkeypatch.setattr(sessions, "get_authentication_records", lambda _request, _user: records)
    assert sessions.is_signed_out_since(request) == is_out
    request.user = User(signed_out_at=None)
    assert not sessions.is_signed_out_since(request)


def test_the_number_of_a_session_is_told_where_there_is_one(rf):
    request = rf.get("/")
    assert public_id_of(request) == ""
    request.sign_in_session = SignInSession(public_id="k3f9")
    assert public_id_of(request) == "k3f9"


def row_of_ended(server, why) -> bool:
    return SignInSession.objects.filter(ended_why=why, user__institution_id=server.first.id).exists()


def test_another_kind_of_browser_ends_the_session_a_newer_version_does_not(server):
    chrome = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/{} Safari/537.36"
    client = opened(server, headers={"User-Agent": chrome.format("140.0")})
    assert is_open(copied(client, headers={"User-Agent": chrome.format("141.0")}))
    assert not is_open(copied(client, headers={"User-Agent": "python-requests/2.32"}))
    assert not is_open(client)


def test_another_network_must_prove_the_factor_and_the_owner_goes_on(server):
    client = opened(server, REMOTE_ADDR="192.0.2.7")
    thief = copied(client, REMOTE_ADDR="198.51.100.9")
    for address in addresses():
        if address.name in PUBLIC_PAGES | {"step_up"}:
            continue
        answer = thief.get(path_to(address, "00000000-0000-7000-8000-000000000000"))
        assert answer.status_code in (302, 401, 403, 404, 405), address.name
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/step-up/"), (address.name, answer["Location"])
    # What is not there is not told to be not there either.
    assert thief.get("/no/such/page/")["Location"] == "/accounts/step-up/"
    assert is_open(client), "the person at the clinic is not disturbed"
    # The person themselves, on the phone's network, proves who they are and is in.
    answer = thief.post("/accounts/step-up/", {"step_up_code": totp_code(server.first.users["nurse"])})
    assert answer.status_code == 302
    assert is_open(thief)


def test_moving_may_end_the_session_where_the_house_says_so(server, settings):
    settings.TASUKI_NETWORK_CHANGE = "end"
    client = opened(server, REMOTE_ADDR="192.0.2.7")
    assert is_open(copied(client, REMOTE_ADDR="192.0.255.7")), "the same network"
    assert not is_open(copied(client, REMOTE_ADDR="198.51.100.9"))
    assert not is_open(client)


def test_signing_out_ends_the_row_and_a_kept_cookie_is_dead(server):
    client = opened(server)
    other = copied(client)
    row = row_of(client)
    client.post("/accounts/logout/")
    assert not is_open(other)
    row.refresh_from_db()
    assert row.ended_why == Why.SIGNED_OUT


def test_a_page_asks_whose_session_stands_before_it_sends_what_was_typed(server):
    """The token serves a form of a page from before; with no session there is none, and nothing to send."""
    client = server.first.browser("pharmacist", enforce_csrf_checks=True)
    answer = client.get(reverse("session_standing"))
    staff = server.first.staff["pharmacist"]
    assert answer.status_code == 204
    assert answer.headers["Tasuki-Who"] == str(staff.pk)
    assert client.post("/accounts/sessions/end-others/").status_code == 403
    token = {"csrfmiddlewaretoken": answer.headers["Tasuki-Form-Token"]}
    assert client.post("/accounts/sessions/end-others/", token).status_code == 302

    end_session(row_of(client), Why.ADMIN)
    answer = client.get(reverse("session_standing"), headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == reverse("account_login")
    assert not {"Tasuki-Who", "Tasuki-Form-Token"} & set(answer.headers)


def test_ones_own_devices_are_ended_and_not_anothers(server):
    here, there = opened(server, "clerk"), opened(server, "clerk")
    stranger = opened(server, "doctor")
    answer = here.post(f"/accounts/sessions/{row_of(stranger).pk}/end/")
    assert answer.status_code == 404
    assert is_open(stranger)
    here.post(f"/accounts/sessions/{row_of(there).pk}/end/")
    assert not is_open(there)
    assert is_open(here)
    third = opened(server, "clerk")
    here.post("/accounts/sessions/end-others/")
    assert not is_open(third)
    assert is_open(here)


# --- the second factor again ---


def test_the_factor_is_asked_again_before_rights_and_not_before_work(server):
    client = server.first.browser("admin", proved=False)
    assert is_open(client)
    answer = client.get("/staff/")
    assert answer["Location"] == "/accounts/step-up/?next=%2Fstaff%2F"
    page = client.get(answer["Location"])
    assert "6桁のコード" in page.content.decode()
    wrong = client.post("/accounts/step-up/", {"step_up_code": "000000", "next": "/staff/"})
    assert wrong.status_code == 400
    right = client.post(
        "/accounts/step-up/", {"step_up_code": totp_code(server.first.users["admin"]), "next": "/staff/"}
    )
    assert right["Location"] == "/staff/"
    assert client.get("/staff/").status_code == 200


def test_what_was_posted_goes_through_the_question_and_is_done(server):
    client = server.first.browser("admin", proved=False)
    typed = {"name": "検査の部屋 <b>\n二行目", "scopes": ["calculate", "copay"], "days": "30"}
    asked = client.post("/connections/new/", typed)
    assert asked.status_code == 401
    page = asked.content.decode()
    assert 'action="/connections/new/"' in page
    assert "検査の部屋 &lt;b&gt;\n二行目" in page
    assert page.count('name="scopes"') == 2
    done = client.post("/connections/new/", {**typed, "step_up_code": totp_code(server.first.users["admin"])})
    assert "接続トークンを発行しました" in done.content.decode()


def test_a_file_is_asked_for_once_more(server):
    from io import BytesIO

    client = server.first.browser("admin", proved=False)
    answer = client.post(
        reverse("billing:import_prices"),
        {"file": BytesIO(b"x")},
        headers={"Referer": "http://testserver/billing/prices/"},
    )
    assert answer.status_code == 401
    page = answer.content.decode()
    assert "ファイルをもう一度選んで" in page
    assert 'name="next" value="/billing/prices/"' in page


def test_inside_a_page_the_question_is_a_dialog(server):
    client = server.first.browser("admin", proved=False)
    hx = {"HX-Request": "true"}
    asked = client.post("/connections/new/", {"name": "x"}, headers=hx)
    assert (asked.status_code, asked["HX-Retarget"], asked["Tasuki-Step-Up"]) == (
        401,
        "#step-up-place",
        "asked",
    )
    assert "<dialog" in asked.content.decode()
    proved = client.post(
        "/accounts/step-up/", {"step_up_code": totp_code(server.first.users["admin"])}, headers=hx
    )
    assert (proved.status_code, proved["Tasuki-Step-Up"]) == (204, "proved")
    assert client.post("/connections/new/", {"name": "x"}, headers=hx).status_code == 400


def test_every_permission_that_needs_it_is_asked_on_every_address(server):
    """From the table of permissions and the resolver: no address of such a permission opens on an old proof."""
    from tasuki_server.accounts.permission_gate import permissions_needed

    client = server.first.browser("admin", proved=False)
    held = server.first.staff["admin"].permissions()
    asked = 0
    for address in addresses():
        needed = permissions_needed(address.name, address.view) or ()
        if not any(each.about.needs_step_up for each in needed) or not held.issuperset(needed):
            continue
        path = path_to(address, "00000000-0000-7000-8000-000000000000")
        if getattr(address.view, "without_step_up", False):
            continue
        assert client.get(path)["Location"].startswith("/accounts/step-up/"), address.name
        assert client.post(path).status_code == 401, address.name
        asked += 1
    assert asked > 10


def test_the_question_sends_nobody_to_another_house(server):
    client = server.first.browser("admin", proved=False)
    for target in ("https://example.com/", "//example.com/x", "javascript:alert(1)"):
        code = {"step_up_code": totp_code(server.first.users["admin"]), "next": target}
        cache.clear()
        assert client.post("/accounts/step-up/", code)["Location"] == "/"


def test_a_recovery_code_answers_no_question_and_is_not_spent(server):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    codes = RecoveryCodes.activate(server.first.users["admin"])
    before = codes.get_unused_codes()
    client = server.first.browser("admin", proved=False)
    assert client.post("/accounts/step-up/", {"step_up_code": before[0]}).status_code == 400
    assert RecoveryCodes.activate(server.first.users["admin"]).get_unused_codes() == before


def test_a_stolen_session_and_password_cannot_change_how_one_signs_in(server):
    """The password alone is no proof: what changes a factor asks for a factor."""
    client = server.first.browser("nurse", proved=False)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for path in (
        "2fa/totp/deactivate/",
        "2fa/webauthn/add/",
        "2fa/recovery-codes/generate/",
        "password/change/",
    ):
        answer = client.get(f"/accounts/{path}")
        assert answer["Location"].startswith("/accounts/step-up/"), path


# --- newcomers and lost devices ---


def test_a_password_set_by_another_is_changed_first(server):
    user = server.first.users["reception"]
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    client = server.first.browser("reception")
    assert client.get("/reception/")["Location"] == "/accounts/password/change/"
    new = "a longer word than before"
    changed = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert changed.status_code == 302
    assert client.get("/reception/").status_code == 200


def test_a_recovery_code_serves_once_and_opens_only_the_replacing(server):
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    user = server.second.users["clerk"]
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    elsewhere = server.second.browser("clerk")
    assert is_open(elsewhere)
    client = Client()
    client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": code})
    for address in addresses():
        if address.name in PUBLIC_PAGES | {"second_factor_replace"}:
            continue
        answer = client.get(path_to(address, "00000000-0000-7000-8000-000000000000"))
        assert answer["Location"] == "/accounts/2fa/replace/", address.name
    assert (
        client.post("/accounts/2fa/replace/", {"with": "app"})["Location"] == "/accounts/2fa/totp/activate/"
    )
    assert not Authenticator.objects.filter(user_id=user.pk, type="totp").exists()
    assert not is_open(elsewhere), "what the lost device had opened is closed"
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    secret = client.session["mfa.totp.secret"]
    value = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert client.post("/accounts/2fa/totp/activate/", {"code": value}).status_code == 302
    assert is_open(client)
    again = Client()
    again.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    again.post("/accounts/2fa/authenticate/", {"code": code})
    assert "Location" in again.get("/accounts/2fa/replace/")
    assert not is_open(again)


@pytest.mark.parametrize(
    ("name", "role"), [("billing:daybook_paper", "admin"), ("privacy:emergency", "admin")]
)
def test_lists_of_patients_on_paper_and_reviews_ask_the_factor_again(server, name, role):
    from uuid import uuid4

    from tasuki_server.accounts.addresses import addresses

    address = next(each for each in addresses() if each.name == name)
    path = address.filled(lambda _: str(uuid4()))
    long_ago = server.second.browser(role, proved=False).get(path)
    assert long_ago.status_code == 302 and long_ago["Location"].startswith("/accounts/step-up/")
    assert "/accounts/step-up/" not in server.second.browser(role).get(path).get("Location", "")
