# SPDX-License-Identifier: Apache-2.0
"""非常時アカウント — two envelopes, two people and a second factor; least rights, eight hours, all of it reviewed, never twice."""

from __future__ import annotations

import re
from datetime import timedelta
from unittest import mock

import pytest

from made_up import make_patient, make_visit
from tasuki_server.accounts.back_off import SOURCE_TRIES

pytestmark = pytest.mark.server

LOGIN, NEXT_STEP, OPEN = "/accounts/login/", "/accounts/2fa/authenticate/", "/continuity/emergency/open/"


@pytest.fixture(scope="module")
def clinic(server):
    return server.first


@pytest.fixture(autouse=True)
def no_waiting(server):
    from tasuki_server.drills.people import forget_limits

    forget_limits()


@pytest.fixture(scope="module")
def visit(clinic):
    with clinic.work("doctor"):
        return make_visit(make_patient("非常 花子", "ヒジョウ ハナコ"))


def seal(clinic, number=""):
    """As the administrator prints them: what stands on both sheets."""
    page = clinic.browser("admin").post(
        "/continuity/emergency/seal/", {"number": number, "kept_a": "院長の金庫", "kept_b": "受付の金庫"}
    )
    assert page.status_code == 200, page.content.decode()[:500]
    found = re.findall(r'<strong class="card-code">([^<]+)</strong>', page.content.decode())
    username, code_a, password, _, code_b, secret = found
    return {"username": username, "code_a": code_a, "password": password, "code_b": code_b, "secret": secret}


def given(sheets, **changed):
    return {
        "username": sheets["username"],
        "code_a": sheets["code_a"],
        "code_b": sheets["code_b"],
        "by_a": "架空 一郎",
        "by_b": "架空 二子",
        "words": "認証アプリが全員使えない",
        **changed,
    }


def stranger():
    from tasuki_server.drills.people import a_browser

    return a_browser()


def code_now(secret):
    import time

    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(sheets, *, with_code=True):
    browser = stranger()
    answer = browser.post(LOGIN, {"login": sheets["username"], "password": sheets["password"]})
    if with_code:
        answer = browser.post(NEXT_STEP, {"code": code_now(sheets["secret"])})
    return browser, answer


def is_inside(browser):
    return browser.get("/").status_code == 200


def newest(clinic, model):
    from tasuki_server.continuity import models

    with clinic.work():
        return getattr(models, model).objects.order_by("-id").first()


def events(clinic, **asked):
    from tasuki_server.audit.models import AuditEvent

    with clinic.work():
        return list(AuditEvent.objects.filter(**asked).order_by("number"))


def permit_by(staff):
    """What the account allowed an app to read, for weeks."""
    from django.utils import timezone

    from tasuki_server.api.app_access import connected_here
    from tasuki_server.exchange.app_registering import register_app
    from tasuki_server.exchange.models import AppPermit

    now, scopes = timezone.now(), ["patient/*.rs", "offline_access"]
    app = register_app(connected_here(), "非常時のアプリ", ["https://app.example/back"], scopes, now)
    return AppPermit.objects.create(
        app=app, allowed_by=staff.id, allowed_by_name=staff.name, patient="p", scopes=scopes, made_at=now,
        expires_at=now + timedelta(days=30),
    )  # fmt: skip


@pytest.fixture(scope="module")
def opened(clinic, visit):
    """The whole way in, once."""
    sheets = seal(clinic)
    assert not is_inside(sign_in(sheets)[0])
    answer = stranger().post(OPEN, given(sheets))
    assert answer.status_code == 302 and answer["Location"] == LOGIN
    browser, _ = sign_in(sheets)
    return {"sheets": sheets, "browser": browser}


def test_both_sheets_say_what_to_do_and_the_codes_are_kept_as_hashes(clinic):
    page = clinic.browser("admin").post("/continuity/emergency/seal/", {"kept_a": "甲", "kept_b": "乙"})
    text = page.content.decode()
    assert (
        text.count("もう一つの封筒を預かる人を呼びます") == 2
        and "<svg" in text
        and "8時間で自動的に終わります" in text
    )
    account = newest(clinic, "EmergencyAccount")
    codes = re.findall(r'<strong class="card-code">([^<]+)</strong>', text)
    assert account.is_sealed and not any(code in account.code_a + account.code_b for code in codes)
    assert "封あり" in clinic.browser("doctor").get("/continuity/emergency/").content.decode()


def test_one_keeper_for_both_envelopes_is_refused(clinic):
    answer = clinic.browser("admin").post(
        "/continuity/emergency/seal/", {"kept_a": "院長", "kept_b": "院長"}, follow=True
    )
    assert "別々に書いてください" in answer.content.decode()


def test_only_an_administrator_seals(clinic):
    doctor = clinic.browser("doctor", raise_request_exception=False)
    assert doctor.post("/continuity/emergency/seal/", {"kept_a": "甲", "kept_b": "乙"}).status_code == 403
    assert (
        clinic.browser("nurse", raise_request_exception=False).get("/continuity/emergency/").status_code
        == 403
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_a": "AAAA-AAAA-AAAA-AAAA"},
        {"code_b": ""},
        {"by_b": "架空　一郎"},
        {"by_a": " "},
        {"words": "あ"},
        {"username": "nobody-1"},
    ],
)
def test_one_envelope_one_person_or_no_reason_opens_nothing(clinic, wrong):
    sheets = seal(clinic, str(newest(clinic, "EmergencyAccount").number))
    answer = stranger().post(OPEN, given(sheets, **wrong))
    assert answer.status_code == 422
    assert not is_inside(sign_in(sheets)[0])


def test_swapped_codes_open_nothing_and_guessing_is_slowed_down(clinic):
    sheets = seal(clinic, str(newest(clinic, "EmergencyAccount").number))
    guesser = stranger()
    for _ in range(SOURCE_TRIES + 1):
        answer = guesser.post(OPEN, given(sheets, code_a=sheets["code_b"], code_b=sheets["code_a"]))
    assert "しばらく待ってから" in answer.content.decode()
    assert events(clinic, action="emergency_account.refused")


def test_nobody_keeps_the_envelopes_shut_by_guessing_from_elsewhere(server):
    """The names are known, and an intruder would like nothing better than that they wait."""
    from tasuki_server.drills.people import a_browser

    sheets = seal(server.second)
    intruder = a_browser(REMOTE_ADDR="203.0.113.9")
    for _ in range(SOURCE_TRIES + 1):
        answer = intruder.post(OPEN, given(sheets, code_a="AAAA"))
    assert "しばらく待ってから" in answer.content.decode()
    answer = a_browser(REMOTE_ADDR="198.51.100.7").post(OPEN, given(sheets))
    assert answer.status_code == 302 and answer["Location"] == LOGIN


def test_the_second_factor_is_asked_of_it_as_of_everyone(clinic, opened):
    browser, _ = sign_in(opened["sheets"], with_code=False)
    assert not is_inside(browser)


def test_care_and_nothing_else_is_open(clinic, opened, visit):
    browser = opened["browser"]
    assert "非常時アカウントで操作中" in browser.get("/").content.decode()
    assert browser.get(f"/chart/{visit.id}/").status_code == 200
    assert browser.get(f"/patients/{visit.patient.number}/").status_code == 200
    closed = (
        "/staff/",
        "/audit/",
        "/claims/",
        "/watch/",
        "/backups/",
        "/continuity/emergency/",
        "/patients/new/",
        "/office/",
    )
    assert {path: browser.get(path).status_code for path in closed} == dict.fromkeys(closed, 403)


def test_every_act_is_marked_and_done_for_the_emergency(clinic, opened, visit):
    opened["browser"].get(f"/chart/{visit.id}/")
    staff_id = newest(clinic, "EmergencyAccount").staff_id
    acts = [
        each for each in events(clinic, staff_id=staff_id) if each.action.startswith(("chart.", "patient."))
    ]
    assert acts
    opening = str(newest(clinic, "EmergencyOpening").id)
    assert {(each.detail["emergency_account"], each.purpose) for each in acts} == {(opening, "ETREAT")}


def test_everybody_responsible_hears_of_it_at_once(clinic, opened):
    for role in ("doctor", "admin"):
        assert "使用中の非常時アカウント" in clinic.browser(role).get("/").content.decode()
    assert "使用中の非常時アカウント" not in clinic.browser("nurse").get("/").content.decode()
    assert "の開封" in clinic.browser("admin").get("/watch/incidents/").content.decode()
    from tasuki_server.audit.models import OutboxMessage

    with clinic.work():
        assert OutboxMessage.objects.filter(topic="emergency_account.opened").exists()


def test_the_envelopes_serve_once(clinic, opened):
    assert stranger().post(OPEN, given(opened["sheets"])).status_code == 422


def test_it_cannot_be_sealed_or_reviewed_while_in_use(clinic, opened):
    row = newest(clinic, "EmergencyOpening")
    answer = clinic.browser("doctor").post(
        f"/continuity/emergency/openings/{row.id}/", {"justified": "yes", "words": "妥当である"}
    )
    assert answer.status_code == 422 and "まだ使用中" in answer.content.decode()


def test_the_clock_closes_it_at_the_next_request(clinic, opened, visit):
    from django.utils import timezone

    later = timezone.now() + timedelta(hours=8, minutes=1)
    with mock.patch("tasuki_server.institutions.work.timezone.now", lambda: later):
        assert opened["browser"].get(f"/chart/{visit.id}/").status_code == 403


def test_the_keeper_makes_the_credentials_worthless(clinic, opened):
    from django.utils import timezone

    from tasuki_server.continuity.emergency_accounts import close_due

    with clinic.work():
        permit = permit_by(newest(clinic, "EmergencyAccount").staff)
        assert close_due(timezone.now()) == 0
        permit.refresh_from_db()
        assert permit.ended_at is None
        assert close_due(timezone.now() + timedelta(hours=9)) == 1
    permit.refresh_from_db()
    assert permit.ended_at is not None
    assert not is_inside(opened["browser"])
    assert not is_inside(sign_in(opened["sheets"])[0])


def test_it_waits_until_somebody_has_said_how_it_was(clinic, opened):
    row = newest(clinic, "EmergencyOpening")
    page = f"/continuity/emergency/openings/{row.id}/"
    assert "確認待ちの非常時アカウント" in clinic.browser("doctor").get("/").content.decode()
    assert "カルテ" in clinic.browser("doctor").get(page).content.decode()
    assert clinic.browser("doctor").post(page, {"justified": "yes", "words": "妥"}).status_code == 422
    assert (
        clinic.browser("doctor").post(page, {"justified": "yes", "words": "停止中の診療"}).status_code == 302
    )
    again = clinic.browser("admin").post(page, {"justified": "no", "words": "もう一度"})
    assert again.status_code == 422 and "すでに確認" in again.content.decode()
    assert "確認待ちの非常時アカウント" not in clinic.browser("doctor").get("/").content.decode()
    assert "封のない非常時アカウント" in clinic.browser("admin").get("/").content.decode()


def test_a_role_given_by_hand_opens_nothing(clinic):
    """Whoever has the role without an opening has no right at all, whatever else they hold."""
    from tasuki.security.permissions import Role
    from tasuki_server.institutions.models import Staff

    with clinic.work():
        assert not Staff(roles=[Role.EMERGENCY, Role.ADMIN]).permissions()
    assert clinic.browser("emergency", raise_request_exception=False).get("/").status_code == 403


def test_no_person_can_be_given_the_role(clinic):
    page = clinic.browser("admin").get(f"/staff/{clinic.staff['nurse'].id}/")
    assert 'value="emergency"' not in page.content.decode()


def test_after_an_attack_everything_sealed_is_worthless(clinic):
    from tasuki_server.accounts.renewal import renew_everyone

    sheets = seal(clinic, str(newest(clinic, "EmergencyAccount").number))
    with mock.patch("tasuki_server.accounts.renewal.user_of", lambda _staff: None), clinic.work():
        renew_everyone()
    assert stranger().post(OPEN, given(sheets)).status_code == 422
