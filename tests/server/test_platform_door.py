# SPDX-License-Identifier: Apache-2.0
"""プラットフォームの入口 — who may ask, what a broken wire looks like, the same from inside and over ASGI."""

from __future__ import annotations

import asyncio
import json
from uuid import UUID

import msgspec
import pytest

pytestmark = pytest.mark.server


@pytest.fixture
def asker(server):
    from tasuki_server.platform.wire import Asker

    return Asker(server.first.id, "13", "9990001", "試験医院")


@pytest.fixture
def wire(asker):
    from tasuki_server.platform.house import close_house
    from tasuki_server.platform.wire import wire_of

    yield wire_of(asker)
    close_house()


@pytest.fixture
def faults(server):
    from tasuki_server.platform.faults import Faults
    from tasuki_server.platform.models import FaultSetting

    def switch(**chosen: object) -> None:
        value = json.loads(msgspec.json.encode(Faults(**chosen)))
        FaultSetting.objects.create(service="status", faults=value, made_by="試験")

    yield switch
    switch()


def _over_asgi(path: str, token: str) -> tuple[int, int, bytes]:
    """Status, promised length and body of one request at the raw door."""
    from tasuki_server.platform.asgi_door import PlatformDoor

    told: list[dict] = []

    async def ask() -> None:
        door = PlatformDoor()
        scope = {
            "type": "http", "method": "GET", "path": path, "query_string": b"", "scheme": "http",
            "headers": [(b"authorization", f"Bearer {token}".encode())], "client": ("127.0.0.1", 1234),
        }  # fmt: skip

        async def receive() -> dict:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict) -> None:
            told.append(message)

        await door(scope, receive, send)
        await door.stop()

    asyncio.run(ask())
    promised = int(dict(told[0]["headers"])[b"content-length"])
    return told[0]["status"], promised, told[1]["body"]


def test_an_institution_here_is_known_at_its_first_knock(wire, asker):
    reply = wire("GET", "status")
    assert reply.status == 200
    assert json.loads(reply.body)["institution"] == asker.number == "1319990001"


def test_an_unknown_or_stopped_token_opens_nothing(wire, asker):
    from django.utils import timezone

    from tasuki_server.platform.clients import house_token, revoke_institution, token_digest
    from tasuki_server.platform.models import ConnectedInstitution

    wire("GET", "status")
    token = house_token(asker.institution)
    assert _over_asgi("/platform/v1/status", token)[0] == 200
    assert _over_asgi("/platform/v1/status", house_token(UUID(int=7)))[0] == 401
    assert _over_asgi("/platform/v1/elsewhere", token)[0] == 404
    row = ConnectedInstitution.objects.get(digest=token_digest(token))
    assert revoke_institution(row, timezone.now())
    assert _over_asgi("/platform/v1/status", token)[0] == 401
    ConnectedInstitution.objects.filter(pk=row.pk).update(revoked_at=None)


def test_faults_break_the_wire_as_ordered(wire, asker, faults):
    from tasuki_server.platform.clients import house_token
    from tasuki_server.platform.house import close_house
    from tasuki_server.platform.wire import NotReached

    wire("GET", "status")
    faults(cut_after_percent=100)
    close_house()
    with pytest.raises(NotReached):
        wire("GET", "status")
    status, promised, body = _over_asgi("/platform/v1/status", house_token(asker.institution))
    assert (status, promised > len(body)) == (200, True)
    faults(is_maintenance=True)
    close_house()
    assert wire("GET", "status").status == 503


def test_the_role_of_the_platform_reaches_no_table_of_an_institution(server):
    from django.db import ProgrammingError, connections

    with connections["platform"].cursor() as cursor, pytest.raises(ProgrammingError, match="permission"):
        cursor.execute("SELECT 1 FROM patients_patient")
    with connections["default"].cursor() as cursor, pytest.raises(ProgrammingError, match="permission"):
        cursor.execute("SELECT 1 FROM platform_connectedinstitution")


def test_each_institution_sends_its_own_token_and_never_anothers(monkeypatch):
    from urllib.error import URLError

    from tasuki_server.platform.wire import Asker, NotReached, wire_of

    sent = []

    def refused(request, **_):
        sent.append(request.get_header("Authorization"))
        raise URLError("away")

    monkeypatch.setattr("urllib.request.urlopen", refused)
    monkeypatch.setenv("TASUKI_PLATFORM_URL", "https://platform.invalid/")
    monkeypatch.setenv("TASUKI_PLATFORM_TOKEN", "1319990001=tskp_one, 1319990002=tskp_two")
    for code in ("9990001", "9990002"):
        with pytest.raises(NotReached):
            wire_of(Asker(UUID(int=int(code)), "13", code, "試験医院"))("GET", "records/documents")
    assert sent == ["Bearer tskp_one", "Bearer tskp_two"]
    # Neither an institution without one, nor a token that says of nobody whose it is.
    third = Asker(UUID(int=3), "13", "9990003", "試験医院")
    for given in ("1319990001=tskp_one", "tskp_one"):
        monkeypatch.setenv("TASUKI_PLATFORM_TOKEN", given)
        # Such an institution names itself by its key.
        with pytest.raises(NotReached):
            wire_of(third)("GET", "records/documents")
    assert sent[2:] == [None, None]


class _Gate:
    """The raw door, and how much of a body it asked for before it answered."""

    def __init__(self):
        from tasuki_server.platform.asgi_door import PlatformDoor

        self.door, self.loop = PlatformDoor(), asyncio.new_event_loop()

    def close(self):
        self.loop.run_until_complete(self.door.stop())
        self.loop.close()

    def ask(self, method, path, headers, size=0, client="192.0.2.7"):
        told, read = [], [0]
        scope = {
            "type": "http", "method": method, "path": path, "query_string": b"", "scheme": "http",
            "headers": [(b"host", b"localhost"), *headers], "client": (client, 1),
        }  # fmt: skip

        async def receive():
            piece = min(8192, size - read[0])
            read[0] += piece
            return {"type": "http.request", "body": b"x" * piece, "more_body": read[0] < size}

        async def send(message):
            told.append(message)

        self.loop.run_until_complete(self.door(scope, receive, send))
        return told[0]["status"], read[0]


@pytest.fixture
def gate(wire):
    made = _Gate()
    yield made
    made.close()


def _dpop(token="tsk.none.such"):
    return [(b"authorization", f"DPoP {token}".encode())]


def test_nobody_takes_room_before_it_is_known_who_asks(gate, asker):
    from tasuki_server.platform.clients import house_token

    large = 4 * 1024 * 1024
    for place in ("eligibility/messages", "records/informations", "fhir/Patient"):
        status, read = gate.ask("POST", f"/platform/v1/{place}", _dpop(), large)
        assert (status, read) == (401, 0), place
    assert gate.ask("POST", "/platform/v1/nothing", _dpop(), large) == (404, 0)
    # Whoever is known may send it.
    held = [(b"authorization", f"Bearer {house_token(asker.institution)}".encode())]
    status, read = gate.ask("POST", "/platform/v1/eligibility/messages", held, large, client="127.0.0.1")
    assert status == 200 and read == large


@pytest.mark.parametrize("place", ["token", "fhir/token", "fhir/revoke"])
def test_a_form_that_asks_for_a_token_is_small(gate, place):
    from tasuki_server.api.sender_door import LARGEST_FORM

    assert gate.ask("POST", f"/platform/v1/{place}", [], LARGEST_FORM)[0] in (400, 401)
    status, read = gate.ask("POST", f"/platform/v1/{place}", [], 4 * 1024 * 1024)
    assert status == 413 and read <= LARGEST_FORM + 8192


def test_two_proofs_are_none(gate):
    twice = [(b"dpop", b"a.b.c"), (b"dpop", b"d.e.f")]
    assert gate.ask("POST", "/platform/v1/token", twice)[0] == 400
    assert gate.ask("POST", "/platform/v1/fhir/token", twice)[0] == 400
    assert gate.ask("GET", "/platform/v1/status", [*_dpop(), *twice])[0] == 401


def test_an_address_whose_forms_fail_again_and_again_waits_and_whoever_is_known_does_not(gate, asker):
    from tasuki_server.platform.clients import house_token

    told = [gate.ask("POST", "/platform/v1/token", [])[0] for _ in range(12)]
    assert told[0] in (400, 401) and told[-1] == 429
    held = [(b"authorization", f"Bearer {house_token(asker.institution)}".encode())]
    assert gate.ask("GET", "/platform/v1/status", held, client="127.0.0.1")[0] == 200


def test_what_is_remembered_of_callers_is_short(gate):
    from tasuki_server.platform.clients import PREFIX

    for token in (PREFIX + "x" * 40_000, f"{PREFIX}short"):
        shown = [(b"authorization", f"Bearer {token}".encode())]
        assert gate.ask("GET", "/platform/v1/status", shown, client="127.0.0.1")[0] == 401
    assert list(gate.door._engine._callers._known) == [f"{PREFIX}short"]
