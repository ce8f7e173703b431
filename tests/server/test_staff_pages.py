# SPDX-License-Identifier: Apache-2.0
"""職員の管理 — what takes a right away is felt at the next request, and never leaves a house without an administrator."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client

from clinics import PASSWORD
from tasuki.security.permissions import Role
from tasuki_server.accounts.models import SignInSession, User
from tasuki_server.audit.models import AuditEvent
from tasuki_server.institutions.models import Staff

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def fresh_limits(server):
    from tasuki_server.accounts.models import FailureCount

    cache.clear()
    FailureCount.objects.all().delete()


def is_open(client) -> bool:
    return client.get("/").status_code == 200


def acts(clinic) -> list[str]:
    with clinic.work():
        return list(AuditEvent.objects.order_by("-number").values_list("action", flat=True)[:5])


def test_a_new_colleague_gets_a_paper_and_must_choose_a_password(server):
    admin = server.first.browser("admin")
    assert admin.post("/staff/new/", {"name": "", "username": "x y"}).status_code == 400
    given = {
        "name": "新人 みらい",
        "kana": "シンジン ミライ",
        "username": "mirai",
        "roles": ["nurse", "clerk"],
    }
    page = admin.post("/staff/new/", given).content.decode()
    user = User.objects.get(username="mirai")
    assert user.institution_id == server.first.id
    assert user.must_change_password
    with server.first.work():
        member = Staff.objects.get(user_id=user.pk)
        assert (member.kana, member.roles) == ("シンジン ミライ", ["nurse", "clerk"])
        event = AuditEvent.objects.filter(action="staff.add").latest("number")
        assert event.staff_id == server.first.staff["admin"].id
    # What is on the paper opens the door to enrolment, and is shown once.
    password = page.split("最初のパスワード</dt>")[1].split(">", 1)[1].split("<")[0]
    assert user.check_password(password)
    assert password not in admin.get("/staff/").content.decode()
    taken = admin.post("/staff/new/", {**given, "username": "MIRAI"})
    assert "使われています" in taken.content.decode()


def test_disabling_ends_every_session_and_no_sign_in_works(server):
    admin, nurse = server.first.browser("admin"), server.first.browser("nurse")
    assert is_open(nurse)
    member = server.first.staff["nurse"]
    assert admin.post(f"/staff/{member.id}/disable/").status_code == 302
    assert not is_open(nurse)
    assert "staff.disable" in acts(server.first)
    again = Client()
    again.post("/accounts/login/", {"login": server.first.users["nurse"].username, "password": PASSWORD})
    assert not is_open(again)
    admin.post(f"/staff/{member.id}/enable/")
    assert not is_open(nurse), "what ended stays ended"
    assert is_open(server.first.browser("nurse"))


def test_disabling_is_felt_by_two_hundred_requests_at_once(server):
    """Whoever asks after the administrator was answered gets nothing."""
    admin, doctor = server.first.browser("admin"), server.first.browser("doctor")
    assert is_open(doctor)
    cookies = {name: each.value for name, each in doctor.cookies.items()}
    done: list[float] = []

    def replay(number: int) -> tuple[float, bool]:
        if number == 60:
            answer = admin.post(f"/staff/{server.first.staff['doctor'].id}/disable/")
            assert answer.status_code == 302
            done.append(monotonic())
        client = Client()
        for name, value in cookies.items():
            client.cookies[name] = value
        begun = monotonic()
        try:
            return begun, is_open(client)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(replay, range(200)))
    assert [begun for begun, opened in found if opened and begun > done[0]] == []
    assert sum(begun > done[0] for begun, _ in found) > 50
    assert any(opened for _, opened in found)
    admin.post(f"/staff/{server.first.staff['doctor'].id}/enable/")


def test_changing_roles_ends_the_sessions_and_shows_in_the_trail(server):
    admin, clerk = server.first.browser("admin"), server.first.browser("clerk")
    assert is_open(clerk)
    member = server.first.staff["clerk"]
    admin.post(f"/staff/{member.id}/roles/", {"roles": ["reception"]})
    assert not is_open(clerk)
    with server.first.work():
        event = AuditEvent.objects.filter(action="staff.roles").latest("number")
        assert (event.detail["before"], event.detail["after"]) == (["clerk"], ["reception"])
        assert event.detail["ended"]
    admin.post(f"/staff/{member.id}/roles/", {"roles": ["clerk"]})


def test_a_lost_device_and_a_new_password_end_the_sessions(server):
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    admin = server.second.browser("admin")
    member, user = server.second.staff["nurse"], server.second.users["nurse"]
    nurse = server.second.browser("nurse")
    assert is_open(nurse)
    page = admin.post(f"/staff/{member.id}/reset-factor/").content.decode()
    assert "登録コード" in page
    assert not Authenticator.objects.filter(user_id=user.pk).exists()
    assert not is_open(nurse)
    TOTP.activate(user, generate_totp_secret())
    nurse = server.second.browser("nurse")
    assert is_open(nurse)
    page = admin.post(f"/staff/{member.id}/reset-password/").content.decode()
    user.refresh_from_db()
    assert user.must_change_password
    assert not user.check_password(PASSWORD)
    assert "決め直します" in page
    assert not is_open(nurse)


def test_someone_is_left_who_manages_staff(server):
    admin = server.second.browser("admin")
    member = server.second.staff["admin"]
    for path, data in (("disable/", {}), ("roles/", {"roles": ["doctor"]}), ("roles/", {})):
        answer = admin.post(f"/staff/{member.id}/{path}", data)
        assert answer.status_code == 400
        assert 'class="caution"' in answer.content.decode()
    with server.second.work():
        assert Staff.objects.get(id=member.id).roles == [Role.ADMIN]
    assert is_open(admin)


def test_devices_of_everyone_are_listed_and_ended_within_the_institution_only(server):
    admin, other = server.first.browser("admin"), server.second.browser("doctor")
    assert is_open(other)
    reception = server.first.browser("reception")
    assert is_open(reception)
    page = admin.get("/staff/sessions/").content.decode()
    theirs = SignInSession.objects.get(pk=other.session["tasuki_session"])
    ours = SignInSession.objects.get(pk=reception.session["tasuki_session"])
    assert ours.public_id in page
    assert theirs.public_id not in page
    assert admin.post(f"/staff/sessions/{theirs.pk}/end/").status_code == 404
    assert is_open(other)
    admin.post(f"/staff/sessions/{ours.pk}/end/")
    assert not is_open(reception)
    reception = server.first.browser("reception")
    assert is_open(reception)
    member = server.first.staff["reception"]
    assert admin.post(f"/staff/{member.id}/end-sessions/").status_code == 302
    assert not is_open(reception)
    assert admin.get(f"/staff/{server.second.staff['doctor'].id}/").status_code == 404


def test_tokens_a_person_made_are_listed_beside_them(server):
    admin = server.first.browser("admin")
    made = {"name": "検査会社", "scopes": ["calculate"], "days": "30"}
    assert admin.post("/connections/new/", made).status_code == 200
    page = admin.get(f"/staff/{server.first.staff['admin'].id}/").content.decode()
    assert "検査会社" in page
    assert "自分自身の利用は停止できません" in page


def test_safer_acts_ask_no_second_proof(server):
    """At the moment of an attack nothing stands between the administrator and the switch."""
    admin, nurse = server.first.browser("admin", proved=False), server.first.browser("nurse")
    assert is_open(nurse)
    assert admin.post(f"/staff/{server.first.staff['nurse'].id}/disable/").status_code == 302
    assert not is_open(nurse)
    assert admin.post(f"/staff/{server.first.staff['nurse'].id}/enable/").status_code == 401
