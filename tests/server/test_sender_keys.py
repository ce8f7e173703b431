# SPDX-License-Identifier: Apache-2.0
"""鍵で名乗る送信元 — an institution asks services elsewhere with a key of its own, and stolen tokens open no door."""

from __future__ import annotations

import asyncio
import io
import json
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
    own_sender._held.clear()
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
    from tasuki_server.api.service_clients import NotRegistered
    from tasuki_server.platform import access
    from tasuki_server.platform.models import ConnectedInstitution, FeeTable

    given = ("13", FeeTable.MEDICAL, "9990006", "鍵の医院")
    row, token, key = access.register(*given, _public(server.first.id, 9))
    assert (token, [each.thumbprint for each in row.keys.all()]) == ("", [key])
    # A key that cannot be registered leaves no institution behind.
    with pytest.raises(NotRegistered):
        access.register(*given, _public(server.first.id, 9))
    assert ConnectedInstitution.objects.filter(code="9990006").count() == 1


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
