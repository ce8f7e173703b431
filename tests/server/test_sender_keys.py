# SPDX-License-Identifier: Apache-2.0
"""鍵で名乗る送信元 — an institution asks services elsewhere with a key of its own, and stolen tokens open no door."""

from __future__ import annotations

import asyncio
import io
import json
import time
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.server
ADDRESS = "http://localhost"


class _Answer(io.BytesIO):
    """A response as ``urlopen`` gives it."""

    def __init__(self, told):
        super().__init__(told.body)
        self.status, self.headers = told.status, Message()
        self.headers["Content-Type"] = told.headers["content-type"]


@pytest.fixture
def elsewhere(server, monkeypatch):
    """The doors of this process, reached as if they were on another machine; gives what was sent to them."""
    from tasuki_server.api import own_sender
    from tasuki_server.drills.asgi_request import ask
    from tasuki_server.platform.asgi_door import PlatformDoor
    from tasuki_server.receiving.asgi_door import ReceivingDoor

    sent = []

    async def asked(request, path):
        door = PlatformDoor() if path.startswith("/platform") else ReceivingDoor()
        headers = {"Host": "localhost", **dict(request.header_items())}
        try:
            return await ask(door, request.get_method(), path, request.data or b"", headers, "192.0.2.9")
        finally:
            if path.startswith("/platform"):
                await door.stop()

    def urlopen(request, **_):
        parts = urlsplit(request.full_url)
        sent.append((request.get_method(), parts.path, dict(request.header_items())))
        told = asyncio.run(asked(request, f"{parts.path}?{parts.query}"))
        answer = _Answer(told)
        if told.status >= 400:
            raise HTTPError(request.full_url, told.status, "", answer.headers, answer)
        return answer

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    monkeypatch.setenv("TASUKI_PLATFORM_URL", ADDRESS)
    monkeypatch.setenv("TASUKI_CLAIMS_SERVICE_URL", ADDRESS)
    # A key is registered in the middle of a test.
    monkeypatch.setattr(own_sender, "REFUSED_SECONDS", 0.0)
    own_sender._held.clear()
    own_sender._refused.clear()
    yield sent
    own_sender._held.clear()


def _public(institution_id, generation=1):
    from tasuki_server.api.own_sender import own_key
    from tasuki_server.api.service_call import public_jwk

    return json.dumps(public_jwk(own_key(institution_id, generation)))


def _asker(whose, code="9990001"):
    from tasuki_server.platform.wire import Asker

    return Asker(whose.id, "13", code, "試験医院")


def test_an_institution_asks_the_platform_by_its_own_key(server, elsewhere):
    from django.utils import timezone

    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.keys_registered import add_key, revoke_key
    from tasuki_server.platform.models import FeeTable
    from tasuki_server.platform.wire import wire_of

    wire = wire_of(_asker(server.first))
    assert wire("GET", "status").status == 401
    row, _ = register_institution("13", FeeTable.MEDICAL, "9990001", "試験医院")
    key = add_key(row, _public(server.first.id), timezone.now())
    told = json.loads(wire("GET", "status").body)
    assert (told["institution"], "token" in told["services"]) == ("1319990001", False)
    assert wire("GET", "status").status == 200
    asked = [path for _, path, _ in elsewhere]
    assert asked == ["/platform/v1/token", "/platform/v1/token", "/platform/v1/status", "/platform/v1/status"]
    assert all(
        headers["Authorization"].startswith("DPoP ") for _, path, headers in elsewhere if path[-1] == "s"
    )
    # 別の医療機関: another institution of this house has another key, which nobody registered.
    assert wire_of(_asker(server.second, "9990002"))("GET", "status").status == 401
    assert revoke_key(row.id, key.thumbprint, timezone.now())
    assert wire("GET", "status").status == 401


def test_a_new_generation_serves_once_it_is_registered_and_the_old_one_until_then(
    server, elsewhere, monkeypatch
):
    from django.utils import timezone

    from tasuki_server.api.own_sender import own_key
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.keys_registered import add_key, revoke_key
    from tasuki_server.platform.models import FeeTable
    from tasuki_server.platform.wire import wire_of

    row, _ = register_institution("13", FeeTable.MEDICAL, "9990003", "鍵を替える医院")
    add_key(row, _public(server.second.id, 3), timezone.now())
    monkeypatch.setenv("TASUKI_SENDER_KEY", "4")
    wire = wire_of(_asker(server.second, "9990003"))
    assert wire("GET", "status").status == 200
    add_key(row, _public(server.second.id, 4), timezone.now())
    assert revoke_key(row.id, own_key(server.second.id, 3).thumbprint(), timezone.now())
    assert wire("GET", "status").status == 200


def test_claims_go_by_the_key_of_the_institution_and_no_token_stands_for_several(
    server, elsewhere, monkeypatch
):
    from django.utils import timezone

    from tasuki_server.claims.carriers import NotCarried, Sender, WireCarrier
    from tasuki_server.receiving.clients import register_client
    from tasuki_server.receiving.senders import add_key

    first = Sender(server.first.id, "13", "9990001", "ひがし野診療所")
    second = Sender(server.second.id, "13", "9990002", "にし野診療所")
    row, token = register_client("13", "9990001", "ひがし野診療所")
    add_key(row, _public(server.first.id), timezone.now())
    assert WireCarrier(first).fetch(set()) == []
    for setting in (token, f"1319990001={token}"):
        monkeypatch.setenv("TASUKI_CLAIMS_SERVICE_TOKEN", setting)
        before = len(elsewhere)
        with pytest.raises(NotCarried, match="公開鍵か"):
            WireCarrier(second).fetch(set())
        assert not any(token in str(headers) for _, _, headers in elsewhere[before:])


def test_a_token_that_serves_its_holder_travels_until_the_day_that_is_set(server, elsewhere, monkeypatch):
    from datetime import timedelta

    from django.utils import timezone

    from tasuki_server.claims.carriers import NotCarried, Sender, WireCarrier
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.models import FeeTable
    from tasuki_server.platform.wire import wire_of
    from tasuki_server.receiving.clients import register_client

    _, claims = register_client("13", "9990004", "古い機械の医院")
    _, platform = register_institution("13", FeeTable.MEDICAL, "9990004", "古い機械の医院")
    monkeypatch.setenv("TASUKI_CLAIMS_SERVICE_TOKEN", f"1319990004={claims}")
    monkeypatch.setenv("TASUKI_PLATFORM_TOKEN", f"1319990004={platform}")
    asker = _asker(server.first, "9990004")
    sender = Sender(server.first.id, "13", "9990004", "古い機械の医院")
    today = timezone.localdate()
    for until, is_taken in (("", False), (f"{today - timedelta(days=1)}", False), (f"{today}", True)):
        monkeypatch.setenv("TASUKI_BEARER_UNTIL", until)
        assert (wire_of(asker)("GET", "status").status == 200) is is_taken
        if is_taken:
            assert WireCarrier(sender).fetch(set()) == []
        else:
            with pytest.raises(NotCarried):
                WireCarrier(sender).fetch(set())


def test_an_institution_registered_by_a_key_gets_no_token(server, elsewhere):
    from tasuki_server.api.service_clients import REASONS, NotRegistered
    from tasuki_server.platform import access
    from tasuki_server.platform.models import ConnectedInstitution, FeeTable

    given = ("13", FeeTable.MEDICAL, "9990006", "鍵の医院")
    row, token, key = access.register(*given, _public(server.first.id, 9))
    assert (token, [each.thumbprint for each in row.keys.all()]) == ("", [key])
    # A key that cannot be registered leaves no institution behind, and is told as what it is: one that is not to be used.
    with pytest.raises(NotRegistered) as refused:
        access.register("13", FeeTable.MEDICAL, "9990007", "別の医院", _public(server.first.id, 9))
    assert REASONS[refused.value.why].startswith("この鍵は使えません（登録済みか、停止した鍵です）")
    assert not ConnectedInstitution.objects.filter(code="9990007").exists()


def test_a_second_connection_of_a_number_is_refused_with_the_way_to_add_a_key(server):
    from django.utils import timezone

    from tasuki_server.platform.clients import (
        AlreadyConnected,
        register_institution,
        restore_institution,
        revoke_institution,
    )
    from tasuki_server.platform.models import ConnectedInstitution, FeeTable

    row, _ = register_institution("13", FeeTable.MEDICAL, "9990008", "替える医院")
    with pytest.raises(AlreadyConnected) as refused:
        register_institution("13", FeeTable.MEDICAL, "9990008", "替える医院")
    assert str(row.pk) in refused.value.words[0] and "platform key add" in refused.value.words[1]
    # Another table is another institution; a connection that was stopped may be followed, and does not come back beside it.
    register_institution("13", FeeTable.DENTAL, "9990008", "替える歯科")
    assert revoke_institution(row, timezone.now())
    again, _ = register_institution("13", FeeTable.MEDICAL, "9990008", "替える医院")
    with pytest.raises(AlreadyConnected):
        restore_institution(ConnectedInstitution.objects.get(pk=row.pk))
    assert again.pk != row.pk


def test_two_that_were_stopped_do_not_come_back_both(server, monkeypatch):
    """Two operators at two desks, each of whom finds no other live."""
    from django.db import connections
    from django.utils import timezone

    from tasuki_server.platform import clients
    from tasuki_server.platform.models import ConnectedInstitution, FeeTable

    for _ in range(2):
        row, _ = clients.register_institution("13", FeeTable.MEDICAL, "9990009", "二度の医院")
        clients.revoke_institution(row, timezone.now())
    look = clients.refuse_second

    def slowly(*number):
        look(*number)
        time.sleep(0.3)

    monkeypatch.setattr(clients, "refuse_second", slowly)
    mine = ConnectedInstitution.objects.filter(code="9990009")

    def restored(row):
        try:
            return clients.restore_institution(row)
        except clients.AlreadyConnected:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(restored, mine)) == [False, True]
    assert mine.filter(revoked_at=None).count() == 1


@pytest.fixture
def counted(monkeypatch):
    """A service that answers what it is told, and how often it was asked for a token."""
    from tasuki_server.api import own_sender

    asked, answers = [], []

    def urlopen(request, **_):
        asked.append(request.full_url)
        status, told = answers[0] if len(answers) == 1 else answers.pop(0)
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        if status >= 400:
            raise HTTPError(request.full_url, status, "", Message(), io.BytesIO(body))
        return io.BytesIO(body)

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    own_sender._held.clear()
    own_sender._refused.clear()
    yield asked, answers
    own_sender._held.clear()
    own_sender._refused.clear()


def _headers(server):
    from tasuki_server.api.own_sender import bound_headers

    return bound_headers("https://claims.example", "/receiving/v1/token", server.first.id, "GET", "/x")


def test_why_a_key_was_refused_is_logged_and_not_asked_again_for_some_seconds(
    server, counted, caplog, monkeypatch
):
    from tasuki_server.api import own_sender

    asked, answers = counted
    answers.append((401, {"error": "invalid_client", "detail": "証明の署名が合いません。"}))
    assert _headers(server) == {} == _headers(server)
    assert len(asked) == 1
    assert "401 invalid_client 証明の署名が合いません。" in caplog.text
    monkeypatch.setattr(own_sender, "REFUSED_SECONDS", 0.0)
    own_sender._refused.clear()
    assert _headers(server) == {} == _headers(server) and len(asked) == 3


@pytest.mark.parametrize("status", [404, 413, 429, 503])
def test_an_answer_that_says_nothing_of_the_key_is_a_line_that_is_down(server, counted, status):
    counted[1].append((status, b"<html>"))
    with pytest.raises(OSError):
        _headers(server)
    from tasuki_server.api import own_sender

    assert not own_sender._refused


@pytest.mark.parametrize("told", [{}, {"expires_in": 0}, {"expires_in": "x"}, {"expires_in": True}])
def test_a_token_without_its_time_serves_the_usual_five_minutes(server, counted, told):
    import time

    from tasuki_server.api import own_sender

    asked, answers = counted
    answers.append((200, {"access_token": "t", "token_type": "DPoP", **told}))
    assert _headers(server)["Authorization"] == "DPoP t" and _headers(server) and len(asked) == 1
    (held,) = own_sender._held.values()
    assert 200 < held.until - time.monotonic() <= 270


def test_an_answer_without_a_token_is_no_token(server, counted):
    counted[1].append((200, {"token_type": "DPoP", "expires_in": 300}))
    with pytest.raises(OSError):
        _headers(server)


def test_lines_that_an_update_cut_are_told_at_the_start(server, monkeypatch):
    from django.utils import timezone

    from tasuki_server.cli.start_notes import told_at_start
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.house import close_house
    from tasuki_server.platform.keys_registered import add_key
    from tasuki_server.platform.models import FeeTable
    from tasuki_server.platform.wire import wire_of
    from tasuki_server.receiving.clients import register_client

    monkeypatch.delenv("TASUKI_BEARER_UNTIL", raising=False)
    for name in ("TASUKI_PLATFORM_TOKEN", "TASUKI_CLAIMS_SERVICE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    # Of this house: it asks in its process, and no update cut it.
    assert wire_of(_asker(server.second, "9990031"))("GET", "status").status == 200
    close_house()
    told = "\n".join(japanese for japanese, _ in told_at_start())
    assert "9990031" not in told
    row, _ = register_institution("13", FeeTable.MEDICAL, "9990032", "切れる医院")
    register_client("13", "9990033", "切れる送信元")
    told = "\n".join(japanese for japanese, _ in told_at_start())
    assert "1319990032 切れる医院" in told and "1319990033 切れる送信元" in told
    add_key(row, _public(server.second.id, 32), timezone.now())
    assert "9990032" not in "\n".join(japanese for japanese, _ in told_at_start())
    monkeypatch.setenv("TASUKI_BEARER_UNTIL", f"{timezone.localdate()}")
    assert told_at_start() == []
    secret = "tskp_a_secret"
    monkeypatch.setenv("TASUKI_PLATFORM_TOKEN", f"{secret},1319990001=tskp_b")
    ((japanese, english),) = told_at_start()
    assert "TASUKI_PLATFORM_TOKEN" in japanese and "1件" in japanese and secret not in japanese + english


def test_a_house_beside_a_connection_from_before_is_told_at_the_start(server, monkeypatch):
    from django.utils import timezone

    from tasuki_server.cli.start_notes import told_at_start
    from tasuki_server.institutions.ids import new_id
    from tasuki_server.platform.clients import house_token, register_institution, revoke_institution
    from tasuki_server.platform.models import FeeTable

    monkeypatch.setenv("TASUKI_BEARER_UNTIL", f"{timezone.localdate()}")
    given = ("13", FeeTable.MEDICAL, "9990041", "移ってきた医院")
    token = house_token(new_id())

    def told():
        return "\n".join(japanese for japanese, _ in told_at_start())

    before, _ = register_institution(*given)
    assert "9990041" not in told()
    here, _ = register_institution(*given, token)
    assert here.pk != before.pk and "1319990041 移ってきた医院" in told() and "移ってきた医院・" not in told()
    assert revoke_institution(before, timezone.now())
    assert "9990041" not in told()
    again, _ = register_institution(*given, token)
    assert again.pk == here.pk


def test_a_day_that_is_none_is_told_at_the_start(monkeypatch):
    from tasuki_server.cli.start_notes import check_settings
    from tasuki_server.cli.words import Stop

    monkeypatch.setenv("TASUKI_BEARER_UNTIL", "2026-13-01")
    with pytest.raises(Stop, match="YYYY-MM-DD"):
        check_settings()
    from datetime import date

    from tasuki_server.api.sender_door import serves_its_holder

    # A door that is asked all the same refuses, and shows no fault.
    assert not serves_its_holder(date(2026, 1, 1))


def test_stolen_tokens_open_no_door_and_a_missing_wall_is_seen(server):
    from tasuki_server.drills import stolen_tokens as thefts
    from tasuki_server.drills.stolen_faults import FAULTS, stolen_tokens, tokens_with_faults

    # `drill stolen` tries all of them.
    some = (
        thefts.without_proof,
        thefts.proof_of_another_address,
        thefts.altered_token,
        thefts.bearer_through_a_proxy,
        thefts.after_the_key_was_stopped,
    )
    assert stolen_tokens(server.first.id, server.second.id, some) == []
    seen = tokens_with_faults(
        server.first.id, server.second.id, ("bearer_may_travel", "one_key_for_all_doors")
    )
    assert len(FAULTS) > 2 and seen == {"bearer_may_travel": True, "one_key_for_all_doors": True}
