# SPDX-License-Identifier: Apache-2.0
"""失敗の抑制 — whoever fails at a door of services again and again waits; neighbours and namesakes do not."""

from __future__ import annotations

import asyncio
import json

import pytest

from tasuki_server.drills.asgi_request import ask

pytestmark = pytest.mark.server
ORIGIN, FORGER, NEIGHBOUR = "http://localhost", "192.0.2.9", "192.0.2.10"
ISSUES = {"receiving": "/receiving/v1/token", "platform": "/platform/v1/token"}


def _registered(door, code):
    """A sender with a key at a door; gives how it asks."""
    from django.utils import timezone

    from tasuki_server.api.service_call import ServiceCaller, new_key, public_jwk

    key = new_key()
    if door == "receiving":
        from tasuki_server.receiving.clients import register_client
        from tasuki_server.receiving.senders import add_key

        row, _ = register_client("13", code, "訓練")
    else:
        from tasuki_server.platform.clients import register_institution
        from tasuki_server.platform.keys_registered import add_key
        from tasuki_server.platform.models import FeeTable

        row, _ = register_institution("13", FeeTable.MEDICAL, code, "訓練")
    add_key(row, json.dumps(public_jwk(key)), timezone.now())
    return ServiceCaller.made(key.thumbprint(), key, ORIGIN, ISSUES[door])


def _forged(caller):
    """Somebody else who says that he is this sender."""
    from tasuki_server.api.service_call import new_key

    return type(caller)(caller.client_id, new_key(), ORIGIN, new_key(), issue=caller.issue)


def _stranger(caller):
    """Somebody whom nobody knows."""
    from tasuki_server.api.service_call import ServiceCaller, new_key

    key = new_key()
    return ServiceCaller.made(key.thumbprint(), key, ORIGIN, caller.issue)


def _run(door, act):
    """``act(asked)`` at one door that stays: ``asked(caller, address, …)`` is one request for a token, or of a place."""
    from tasuki_server.platform.asgi_door import PlatformDoor
    from tasuki_server.receiving.asgi_door import ReceivingDoor

    application = ReceivingDoor() if door == "receiving" else PlatformDoor()

    async def asked(caller, address, place="", headers=None):
        body, given = caller.token_request() if not place else (b"", caller.headers("GET", place))
        given = {"Host": "localhost"} | given | (headers or {})
        told = await ask(application, "GET" if place else "POST", place or caller.issue, body, given, address)
        if not place and told.status == 200:
            caller.token = told.json()["access_token"]
        return told

    async def whole():
        try:
            return await act(asked)
        finally:
            if door == "platform":
                await application.stop()

    return asyncio.run(whole())


@pytest.mark.parametrize("door", ISSUES)
def test_who_forges_a_name_waits_and_neither_its_owner_nor_a_neighbour_does(server, door):
    mine, other = _registered(door, "9990101"), _registered(door, "9990102")

    async def act(asked):
        forged = [await asked(_forged(mine), FORGER) for _ in range(12)]
        return forged, [
            await asked(mine, FORGER),
            await asked(other, FORGER),
            await asked(mine, NEIGHBOUR),
            await asked(_stranger(mine), FORGER),
        ]

    forged, after = _run(door, act)
    assert [each.status for each in forged] == [401] * 10 + [429] * 2
    assert forged[-1].headers["retry-after"] == "60" and forged[-1].json()["error"] == "too-many"
    # The right key is not heard either where its name was forged; another's is, and the owner's from elsewhere.
    assert [each.status for each in after] == [429, 200, 200, 401]


@pytest.mark.parametrize("door", ISSUES)
def test_strangers_wait_for_themselves(server, door):
    mine = _registered(door, "9990103")

    async def act(asked):
        told = [await asked(_stranger(mine), FORGER) for _ in range(12)]
        return told, [await asked(mine, FORGER), await asked(_stranger(mine), NEIGHBOUR)]

    strangers, after = _run(door, act)
    assert [each.status for each in strangers] == [401] * 10 + [429] * 2
    assert [each.status for each in after] == [200, 401]


@pytest.mark.parametrize(
    ("door", "place"), [("receiving", "/receiving/v1/files"), ("platform", "/platform/v1/status")]
)
def test_a_stolen_token_is_not_tried_without_end(server, door, place):
    mine = _registered(door, "9990104")

    async def act(asked):
        await asked(mine, NEIGHBOUR)
        thief = _forged(mine)
        thief.token = mine.token
        tried = [await asked(thief, FORGER, place) for _ in range(12)]
        return tried, await asked(mine, NEIGHBOUR, place)

    tried, own = _run(door, act)
    assert [each.status for each in tried] == [401] * 10 + [429] * 2
    assert own.status == 200


@pytest.mark.parametrize(
    ("door", "place"), [("receiving", "/receiving/v1/files"), ("platform", "/platform/v1/status")]
)
def test_who_guesses_tokens_of_institutions_waits_and_who_holds_one_does_not(
    server, monkeypatch, door, place
):
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.models import FeeTable
    from tasuki_server.receiving.clients import register_client

    monkeypatch.setenv("TASUKI_BEARER_UNTIL", "2999-12-31")
    if door == "receiving":
        _, held = register_client("13", "9990107", "訓練")
    else:
        _, held = register_institution("13", FeeTable.MEDICAL, "9990107", "訓練")
    mine = _registered(door, "9990108")

    async def act(asked):
        def shown(token, address):
            return asked(mine, address, place, {"Authorization": f"Bearer {token}"})

        guessed = [await shown(f"{held[:-2]}{number:02d}", FORGER) for number in range(12)]
        await asked(mine, FORGER)
        return guessed, [
            await shown(held, FORGER),
            await asked(mine, FORGER, place),
            await shown(f"{held[:-2]}zz", NEIGHBOUR),
        ]

    guessed, after = _run(door, act)
    assert [each.status for each in guessed] == [401] * 10 + [429] * 2
    assert guessed[-1].headers["retry-after"] == "60" and guessed[-1].json()["error"] == "too-many"
    # Who holds a token or a key behind the same address is heard at once, and the guesser elsewhere begins anew.
    assert [each.status for each in after] == [200, 200, 401]


def test_a_stolen_token_of_a_program_is_not_tried_without_end_either(server):
    """接続プログラム: a token of the exchange's own kind, which the door does not know by itself."""
    from exchange import Place
    from exchange_programs import BASE, program, proof
    from tasuki_server.api.service_call import new_key
    from tasuki_server.platform.asgi_door import PlatformDoor
    from tasuki_server.platform.house import close_house

    made = program(Place("9990106", "訓練"), "system/Patient.rs", is_bearer=False, curve="P-256")
    made.token = made.ask_token(dpop=proof(made.key, "POST", f"{BASE}/token")).value["access_token"]
    close_house()
    door = PlatformDoor()

    async def asked(key, address):
        headers = {
            "Host": "localhost:8443",
            "Authorization": f"DPoP {made.token}",
            "DPoP": proof(key, "GET", f"{BASE}/Patient", made.token),
        }
        return (await ask(door, "GET", "/platform/v1/fhir/Patient", b"", headers, address)).status

    async def whole():
        try:
            return [await asked(new_key(), FORGER) for _ in range(12)], await asked(made.key, NEIGHBOUR)
        finally:
            await door.stop()

    assert asyncio.run(whole()) == ([401] * 10 + [429] * 2, 200)


def test_the_address_is_the_one_the_proxy_tells_where_there_is_one(server, monkeypatch):
    mine = _registered("receiving", "9990105")
    monkeypatch.setenv("TASUKI_BEHIND_PROXY", "yes")
    proxy = {"X-Forwarded-Proto": "http", "X-Forwarded-For": FORGER}

    async def act(asked):
        for _ in range(11):
            told = await asked(_forged(mine), "127.0.0.1", headers=proxy)
        return told, await asked(
            mine, "127.0.0.1", headers=proxy | {"X-Forwarded-For": f"{FORGER}, {NEIGHBOUR}"}
        )

    refused, answered = _run("receiving", act)
    assert (refused.status, answered.status) == (429, 200)


def test_the_exchange_says_it_in_its_own_form(server):
    from tasuki_server.platform.engine import refused_at_door
    from tasuki_server.platform.services import SERVICES

    told = refused_at_door(SERVICES, "/platform/v1/fhir/token", 429, "too-many")
    assert (told.status, dict(told.headers)["retry-after"]) == (429, "60")
    assert json.loads(told.body)["issue"][0]["code"] == "throttled"


def test_a_minute_of_peace_is_enough_and_networks_of_six_count_as_one():
    from tasuki_server.api.patience import Impatient, Patience
    from tasuki_server.api.proofs import NoProof

    now = [0.0]
    patience = Patience("receiving", lambda: now[0])

    def tried(address, name="a"):
        try:
            with patience.turn_of(address).judged(name):
                raise NoProof("signature")
        except Impatient:
            return "wait"
        except NoProof:
            return "refused"

    assert [tried("2001:db8::1") for _ in range(11)] == ["refused"] * 10 + ["wait"]
    assert tried("2001:db8::2") == "wait" and tried("2001:db8:1::1") == "refused"
    # 二つの族を一つで受けるとき: everybody's IPv4 address stands in one network of six.
    assert [tried("::ffff:192.0.2.1") for _ in range(11)] == ["refused"] * 10 + ["wait"]
    assert tried("::ffff:192.0.2.2") == "refused" and tried("192.0.2.1") == "wait"
    now[0] += 60
    assert tried("2001:db8::1") == "refused"
    # 院内: the house asks itself and has no address.
    assert {tried("") for _ in range(30)} == {"refused"}
