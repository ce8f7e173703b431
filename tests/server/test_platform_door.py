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
