# SPDX-License-Identifier: Apache-2.0
"""鍵で名乗る接続機関 — what the platform's door gives a key, what it asks of each request, and what opens nothing."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from django.utils import timezone

from tasuki_server.api.proofs import WORDS
from tasuki_server.api.service_call import ServiceCaller, new_key, public_jwk

pytestmark = pytest.mark.server
ISSUE, PLACE = "/platform/v1/token", "/platform/v1/status"


@pytest.fixture
def institution(server):
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.models import ConnectedInstitution, FeeTable

    code = f"98{ConnectedInstitution.objects.count():05}"
    return register_institution("13", FeeTable.MEDICAL, code, "名乗る医院")[0]


@pytest.fixture
def caller(institution) -> ServiceCaller:
    from tasuki_server.platform.keys_registered import add_key

    key = new_key()
    add_key(institution, json.dumps(public_jwk(key)), timezone.now())
    return sender(key)


def sender(key) -> ServiceCaller:
    return ServiceCaller.made(key.thumbprint(), key, "http://localhost", ISSUE)


def answered(method: str, path: str, headers: dict[str, str], body: bytes = b""):
    from tasuki_server.drills.asgi_request import ask
    from tasuki_server.platform.asgi_door import PlatformDoor

    async def one():
        door = PlatformDoor()
        try:
            return await ask(door, method, path, body, {"Host": "localhost", **headers}, "192.0.2.9")
        finally:
            await door.stop()

    return asyncio.run(one())


def asked(caller: ServiceCaller, *, body: bytes | None = None, **headers: str):
    given, shown = caller.token_request()
    told = answered("POST", ISSUE, shown | headers, given if body is None else body)
    return told.status, json.loads(told.body), told.headers


def status_of(caller: ServiceCaller, **headers: str) -> int:
    return answered("GET", PLACE, caller.headers("GET", PLACE) | headers).status


def test_a_key_gets_a_token_that_is_its_holders(institution, caller):
    status, told, headers = asked(caller)
    assert (status, told["token_type"]) == (200, "DPoP")
    assert (headers["content-type"], headers["pragma"]) == ("application/json", "no-cache")
    caller.token = told["access_token"]
    found = answered("GET", PLACE, caller.headers("GET", PLACE))
    assert (found.status, json.loads(found.body)["institution"]) == (200, f"131{institution.code}")
    thief = sender(caller.key)
    thief.token = caller.token
    assert status_of(thief) == 401
    assert status_of(caller, Authorization=f"Bearer {caller.token}") == 401
    assert status_of(caller, Authorization=f"dpop {caller.token}") == 200, "a scheme is written as one likes"
    assert status_of(caller, Host="evil.example") == 401


def test_nothing_serves_twice(caller, caplog):
    caplog.set_level(logging.INFO, "tasuki.platform")
    body, shown = caller.token_request()
    status, told, _ = asked(caller, body=body, DPoP=shown["DPoP"])
    assert status == 200
    for given in ({"body": body}, {"DPoP": shown["DPoP"]}):
        status, refused, _ = asked(caller, **given)
        assert (status, refused) == (401, {"error": "invalid_client", "detail": WORDS["replayed"]})
    assert "token refused invalid_client" in caplog.text
    caller.token = told["access_token"]
    proof = caller.proof("GET", PLACE)
    assert [status_of(caller, DPoP=proof) for _ in range(2)] == [200, 401]
    assert "proof refused replayed" in caplog.text


def test_a_stranger_and_another_address_get_no_token(caller):
    status, told, _ = asked(sender(new_key()))
    assert (status, told["error"]) == (401, "invalid_client")
    status, told, _ = asked(caller, Host="evil.example")
    assert (status, told) == (401, {"error": "invalid_client", "detail": WORDS["audience"]})
    status, told, _ = asked(caller, body=b"grant_type=password")
    assert (status, told["error"]) == (400, "unsupported_grant_type")


def test_a_token_of_another_door_opens_nothing_here(caller, monkeypatch):
    from tasuki_server.platform import senders

    with monkeypatch.context() as patched:
        patched.setattr(senders, "PURPOSE", "receiving-bound-token")
        caller.token = asked(caller)[1]["access_token"]
    assert status_of(caller) == 401


def test_a_key_opens_while_it_and_its_institution_stand(institution, caller):
    from tasuki_server.platform.clients import restore_institution, revoke_institution
    from tasuki_server.platform.keys_registered import revoke_key

    caller.token = asked(caller)[1]["access_token"]
    assert revoke_institution(institution, timezone.now())
    assert (status_of(caller), asked(sender(caller.key))[0]) == (401, 401)
    institution.refresh_from_db()
    restore_institution(institution)
    assert status_of(caller) == 200
    assert revoke_key(institution.id, caller.key.thumbprint(), timezone.now())
    assert (status_of(caller), asked(sender(caller.key))[0]) == (401, 401)


def test_a_name_that_no_table_can_hold_is_nobody():
    from tasuki_server.platform import senders

    assert asyncio.run(senders._row(None, "a\0b")) is None
