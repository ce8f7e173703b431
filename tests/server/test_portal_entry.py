# SPDX-License-Identifier: Apache-2.0
"""本人の画面への入り方 — passkeys, codes, sessions; a session of staff opens nothing here, and the reverse."""

from __future__ import annotations

import itertools
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.utils import timezone

from portal import ORIGIN, Telephone, options_of, person_with_card, ticket_of

pytestmark = pytest.mark.server
NUMBERS = itertools.count(1001)


@pytest.fixture(autouse=True)
def fresh_tries(server):
    from tasuki_server.accounts.models import FailureCount

    FailureCount.objects.all().delete()


@pytest.fixture(scope="module", autouse=True)
def house(server):
    from tasuki_server.platform.house import close_house

    yield
    close_house()


@pytest.fixture
def person(house):
    """Somebody who registers for the first time."""
    return person_with_card("架空　花子", str(next(NUMBERS)), sex="2")


def test_registering_by_a_code_and_entering_by_the_passkey(person):
    phone = Telephone()
    assert phone.get("").headers["Location"] == "/portal/enter/?next=%2Fportal%2F"
    done = phone.register(person)
    assert (done.status_code, done.headers["Location"]) == (302, "/portal/")
    assert "架空　花子さんの記録" in phone.text("")
    phone.post("leave/")
    assert phone.get("").status_code == 302
    assert phone.enter().status_code == 302
    assert "架空　花子さんの記録" in phone.text("")
    cookie = phone.client.cookies["tasuki-portal"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


def test_an_answer_serves_once_and_only_in_the_browser_that_was_asked(person):
    from django.test import Client

    phone = Telephone()
    phone.register(person)
    phone.post("leave/")
    asked = phone.get("enter/")
    answer = phone.passkey.proved(options_of(asked))
    other = Telephone()
    other.get("enter/")
    assert other.post("enter/", {"answer": answer}).status_code == 400
    assert phone.post("enter/", {"answer": answer}).status_code == 302
    phone.post("leave/")
    assert phone.post("enter/", {"answer": answer}).status_code == 400
    assert isinstance(phone.client, Client) and phone.get("").status_code == 302


def _wrong_ways(phone, person):
    """An answer that is not one, each in its own way."""
    from tasuki_server.portal.codes import issue_code
    from tasuki_server.portal.models import CodeKind

    given = {"code": issue_code(person, CodeKind.OWN), "born": person.born.isoformat()}
    asked = options_of(phone.get("enter/"))
    good = json.loads(phone.passkey.proved(asked))
    yield "no JSON", "nothing"
    yield "a list", "[]"
    yield "too large", "{" + " " * 70_000 + "}"
    yield "another's signature", json.dumps({**good, "response": {**good["response"], "signature": "MEUCIQ"}})
    yield "an unknown key", json.dumps({**good, "rawId": "AAAA", "id": "AAAA"})
    yield "another host", _from(phone, "http://elsewhere.example:8000").proved(asked)
    yield "nobody verified", _from(phone, ORIGIN, flags=0x01).proved(asked)
    expired = json.loads(asked)
    yield (
        "a challenge of our own making",
        phone.passkey.proved(json.dumps({**expired, "challenge": "A" * 75})),
    )
    yield "a counter that went back", _from(phone, ORIGIN, count=0).proved(asked)
    yield "a question to register", phone.passkey.proved(options_of(phone.post("register/", given)))


def _from(phone, origin, flags=None, count=None):
    """The same key, in the hands of something else."""
    import copy

    made = copy.copy(phone.passkey)
    made.origin, made.host = origin, origin.partition("://")[2].partition(":")[0]
    made._flags = made._flags if flags is None else flags
    made.count = made.count if count is None else count
    return made


def test_whatever_is_no_proof_opens_nothing(person):
    from tasuki_server.accounts.models import FailureCount

    phone = Telephone()
    phone.register(person)
    phone.post("leave/")
    phone.enter()
    phone.post("leave/")
    for way, answer in _wrong_ways(phone, person):
        FailureCount.objects.all().delete()
        assert phone.post("enter/", {"answer": answer}).status_code == 400, way
        assert phone.get("").status_code == 302, way
    assert phone.enter().status_code == 302


def test_failures_make_the_next_try_wait(person):
    phone = Telephone()
    phone.get("enter/")
    told = [phone.post("enter/", {"answer": "{}"}).status_code for _ in range(7)]
    assert told[:4] == [400] * 4 and told[-1] == 429
    phone.get("register/")
    wrong = {"code": "ABCD-EFGH-2345-6789", "born": "1980-04-01"}
    assert {phone.post("register/", wrong).status_code for _ in range(7)} == {400}
    from tasuki_server.portal.codes import issue_code
    from tasuki_server.portal.models import CodeKind

    right = {"code": issue_code(person, CodeKind.OWN), "born": "1980-04-01"}
    assert phone.post("register/", right).status_code == 400
    from tasuki_server.accounts.models import FailureCount

    FailureCount.objects.all().delete()
    assert phone.post("register/", right).status_code == 200


def test_of_two_codes_made_at_once_one_opens_anything(person, monkeypatch):
    from django.db import connections

    from tasuki_server.portal import codes
    from tasuki_server.portal.models import CodeKind, OneTimeCode

    whole = codes.code_digest

    def slowly(code):
        time.sleep(0.3)
        return whole(code)

    def issue(kind):
        try:
            return codes.issue_code(person, kind)
        finally:
            connections.close_all()

    monkeypatch.setattr(codes, "code_digest", slowly)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(issue, [CodeKind.INVITE, CodeKind.INVITE, CodeKind.OWN]))
    live = OneTimeCode.objects.filter(person=person, until_at__gt=timezone.now())
    assert sorted(live.values_list("kind", flat=True)) == ["invite", "own"]


def test_a_code_serves_once_within_its_days_and_for_its_birthday(person):
    from tasuki_server.portal.codes import issue_code
    from tasuki_server.portal.models import CodeKind, OneTimeCode

    phone = Telephone()
    phone.get("register/")
    first, second = issue_code(person, CodeKind.OWN), issue_code(person, CodeKind.OWN)
    assert phone.post("register/", {"code": first, "born": "1980-04-01"}).status_code == 400
    assert phone.post("register/", {"code": second, "born": "1980-04-02"}).status_code == 400
    asked = phone.post("register/", {"code": second.lower().replace("-", " "), "born": "昭和55年4月1日"})
    assert asked.status_code == 200
    given = {"ticket": ticket_of(asked), "answer": phone.passkey.made(options_of(asked))}
    stranger = Telephone()
    stranger.get("register/")
    assert stranger.post("register/passkey/", given).status_code == 400
    assert phone.post("register/passkey/", given).status_code == 302
    again = Telephone()
    assert (
        again.get("register/")
        and again.post("register/", {"code": second, "born": "1980-04-01"}).status_code == 400
    )
    third = issue_code(person, CodeKind.OWN)
    OneTimeCode.objects.filter(person=person, used_at=None).update(
        until_at=timezone.now() - timedelta(seconds=1)
    )
    assert again.post("register/", {"code": third, "born": "1980-04-01"}).status_code == 400


def test_a_new_device_waits_while_the_old_one_tells_of_it_and_takes_its_place_when_it_is_lost(person):
    from tasuki_server.portal.models import Passkey

    lost, found = Telephone(), Telephone()
    lost.register(person)
    told = found.register(person)
    assert told.status_code == 200 and "まだ使えません" in told.content.decode()
    assert found.get("").status_code == 302 and found.enter().status_code == 400
    assert "新しい端末が登録されました" in lost.text("") and lost.get("results/").status_code == 200
    lost.post("leave/")
    assert lost.enter().status_code == 302
    waiting = Passkey.objects.get(account__person=person, waits_until__isnull=False)
    assert timedelta(hours=23) < waiting.waits_until - timezone.now() <= timedelta(hours=24)
    _over(person)
    assert lost.get("").status_code == 200
    assert found.enter().status_code == 302 and "新しい端末が登録" not in found.text("")
    assert lost.get("").status_code == 302 and lost.enter().status_code == 400


def _over(person):
    """The waiting time is over."""
    from tasuki_server.portal.models import Passkey

    Passkey.objects.filter(account__person=person, waits_until__isnull=False).update(
        waits_until=timezone.now() - timedelta(seconds=1)
    )


def test_an_old_device_refuses_a_new_one_which_never_serves_then(person):
    from tasuki_server.portal.codes import issue_code
    from tasuki_server.portal.models import CodeKind, Passkey, Session

    own, thief = Telephone(), Telephone()
    own.register(person)
    thief.register(person)
    more = issue_code(person, CodeKind.OWN)
    Session.objects.filter(account__person=person).update(proved_at=timezone.now() - timedelta(hours=1))
    waiting = Passkey.objects.get(account__person=person, waits_until__isnull=False)
    assert "断る" in own.text("devices/")
    done = own.post(f"devices/{waiting.pk}/refuse/")
    assert done.headers["Location"].endswith("told=passkey_refused")
    assert "新しい端末が登録" not in own.text("")
    _over(person)
    assert thief.enter().status_code == 400
    again = Telephone()
    again.get("register/")
    assert again.post("register/", {"code": more, "born": person.born.isoformat()}).status_code == 400
    assert own.post(f"devices/{waiting.pk}/refuse/").status_code == 404
    assert (
        own.post(f"devices/{waiting.pk}/admit/").status_code in (302, 404)
        and thief.enter().status_code == 400
    )


def test_one_whose_time_has_come_is_told_of_still_when_a_later_one_was_refused(person):
    """Whoever has two codes must not hide the device that may take the place of the old one behind the other."""
    from tasuki_server.portal.models import Passkey

    own, thief, decoy = Telephone(), Telephone(), Telephone()
    own.register(person)
    thief.register(person)
    _over(person)
    first = Passkey.objects.get(account__person=person, waits_until__isnull=False)
    decoy.register(person)
    second = Passkey.objects.get(account__person=person, waits_until__gt=timezone.now())
    assert own.post(f"devices/{second.pk}/refuse/").status_code == 302
    assert "新しい端末が登録されました" in own.text("") and str(first.pk) in own.text("devices/")
    assert own.post(f"devices/{first.pk}/refuse/").status_code == 302
    assert "新しい端末が登録" not in own.text("") and thief.enter().status_code == 400


def test_an_old_device_admits_a_new_one_and_both_serve_after_a_new_proof(person):
    from tasuki_server.portal.models import Passkey, Session

    own, tablet = Telephone(), Telephone()
    own.register(person)
    tablet.register(person)
    waiting = Passkey.objects.get(account__person=person, waits_until__isnull=False)
    Session.objects.filter(account__person=person).update(proved_at=timezone.now() - timedelta(hours=1))
    asked = own.post(f"devices/{waiting.pk}/admit/")
    assert asked.headers["Location"].startswith("/portal/prove/") and tablet.enter().status_code == 400
    Session.objects.filter(account__person=person).update(proved_at=timezone.now())
    assert own.post(f"devices/{waiting.pk}/admit/").status_code == 302
    assert tablet.enter().status_code == 302 and own.get("").status_code == 200


def test_a_waiting_device_is_no_reason_to_give_up_the_last_one(person):
    from tasuki_server.portal.models import Passkey

    own, thief = Telephone(), Telephone()
    own.register(person)
    thief.register(person)
    first = Passkey.objects.get(account__person=person, waits_until=None)
    assert own.post(f"devices/{first.pk}/end/").headers["Location"].endswith("told=last_passkey")
    other = Passkey.objects.get(account__person=person, waits_until__isnull=False)
    stranger = Telephone()
    stranger.register(person_with_card("他人　一郎", str(next(NUMBERS))))
    for act in ("refuse", "admit"):
        assert stranger.post(f"devices/{other.pk}/{act}/").status_code == 404
    assert Passkey.objects.get(pk=other.pk).removed_at is None


def test_a_session_ends_elsewhere_when_idle_and_by_the_person(person):
    from tasuki_server.portal.models import Session

    phone = Telephone()
    phone.register(person)
    row = Session.objects.filter(account__person=person).latest("begun_at")
    assert phone.client.cookies["tasuki-portal"].value not in row.digest
    elsewhere = Telephone("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36")
    elsewhere.client.cookies["tasuki-portal"] = phone.client.cookies["tasuki-portal"].value
    assert elsewhere.get("").status_code == 302 and phone.get("").status_code == 302
    assert Session.objects.get(pk=row.pk).ended_why == "browser"
    phone.enter()
    row = Session.objects.filter(account__person=person).latest("begun_at")
    Session.objects.filter(pk=row.pk).update(seen_at=timezone.now() - timedelta(minutes=16))
    assert phone.get("").status_code == 302
    phone.enter()
    row = Session.objects.filter(account__person=person).latest("begun_at")
    Session.objects.filter(pk=row.pk).update(until_at=timezone.now())
    assert phone.get("").status_code == 302
    phone.enter()
    second = _second_device(phone, person)
    assert second.enter().status_code == 302
    other = Session.objects.filter(account__person=person).latest("begun_at")
    assert "この端末" in phone.text("devices/")
    assert phone.post(f"devices/sessions/{other.pk}/end/").status_code == 302
    assert second.get("").status_code == 302 and phone.get("").status_code == 200


def _second_device(phone, person):
    """Added on the first one, as a passkey that is held to it."""
    made = Telephone()
    asked = phone.get("devices/new/")
    answer = made.passkey.made(options_of(asked))
    assert phone.post("devices/new/", {"answer": answer, "label": "タブレット"}).status_code == 302
    return made


def test_adding_and_removing_devices_asks_the_passkey_anew(person):
    from tasuki_server.portal.models import Passkey, Session

    phone = Telephone()
    phone.register(person)
    Session.objects.filter(account__person=person).update(proved_at=timezone.now() - timedelta(hours=1))
    asked = phone.get("devices/new/")
    assert asked.headers["Location"] == "/portal/prove/?next=%2Fportal%2Fdevices%2Fnew%2F"
    question = phone.get("prove/?next=/portal/devices/new/")
    for_entering = phone.passkey.proved(options_of(Telephone().get("enter/")))
    assert phone.post("prove/", {"answer": for_entering}).status_code == 400
    done = phone.post(
        "prove/",
        {"answer": phone.passkey.proved(options_of(phone.get("prove/"))), "next": "/portal/devices/new/"},
    )
    assert question.status_code == 200 and done.headers["Location"] == "/portal/devices/new/"
    first = Passkey.objects.get(account__person=person, removed_at=None)
    told = phone.post(f"devices/{first.pk}/end/")
    assert told.headers["Location"].endswith("told=last_passkey")
    second = _second_device(phone, person)
    assert second.enter().status_code == 302
    key = Passkey.objects.get(account__person=person, removed_at=None, label="タブレット")
    phone.post(f"devices/{key.pk}/end/")
    assert second.get("").status_code == 302 and second.enter().status_code == 400


def test_a_form_of_elsewhere_is_refused_in_the_persons_language(person):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, HTTP_HOST="localhost:8000")
    assert strict.post("/portal/language/", {"language": "en"}).status_code == 403
    strict.cookies["tasuki-portal-language"] = "en"
    told = strict.post("/portal/leave/")
    assert told.status_code == 403 and "This page is too old" in told.content.decode()
    assert Client(HTTP_HOST="elsewhere.example").get("/portal/enter/").status_code == 400


def test_every_answer_carries_the_policy_and_is_kept_by_no_cache(person):
    phone = Telephone()
    phone.register(person)
    for path in ("", "results/", "nothing/", "enter/"):
        answer = phone.get(path)
        assert (
            answer["Cache-Control"] == "no-store"
            and "default-src 'self'" in answer["Content-Security-Policy"]
        )
    page = phone.get("nothing/")
    assert page.status_code == 404 and "あなたの記録にはありません" in page.content.decode()


def test_an_entry_is_told_in_the_list_of_looks(person):
    from tasuki_server.portal.models import Event

    phone = Telephone()
    phone.register(person)
    phone.post("leave/")
    phone.enter()
    acts = list(Event.objects.filter(person=person).order_by("-number").values_list("act", flat=True)[:3])
    assert acts == ["enter", "leave", "register"]
