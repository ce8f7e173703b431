# SPDX-License-Identifier: Apache-2.0
"""通知 — a subscription is asked, shaken hands with, told in order, tried again, given up; and nothing is told that may not be seen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from exchange import Place, observation, patient
from exchange_programs import forget_scopes, opened

pytestmark = pytest.mark.server


class Listener:
    """A made-up subscriber: keeps what it was told, answers as it is bidden."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, dict, bytes]] = []
        self.status = 200
        told = self

        class Handler(BaseHTTPRequestHandler):
            def _hear(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                told.heard.append((self.command, self.path, dict(self.headers), body))
                self.send_response(told.status)
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            do_POST = do_PUT = _hear  # noqa: N815 - names of the standard library

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self) -> list[tuple[str, str, dict, bytes]]:
        heard, self.heard = self.heard, []
        return heard


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    os.environ["TASUKI_FHIR_HOOKS"] = "127.0.0.1"
    yield Place("9990010", "試験医院"), Place("9990028", "となり医院")
    os.environ.pop("TASUKI_FHIR_HOOKS")
    close_house()


@pytest.fixture
def listener():
    made = Listener()
    yield made
    made.server.shutdown()


@pytest.fixture(scope="module")
def keep(server):
    """One round of the keeper, some seconds from now."""

    def attend(seconds: float = 0.0) -> tuple[int, tuple[str, ...]]:
        from tasuki_server.exchange.asked import Room
        from tasuki_server.exchange.hook_delivery import attend
        from tasuki_server.platform.pool import open_pool

        async def run():
            pool = await open_pool(server.connections.platform, 8)
            try:
                return await attend(Room(pool), datetime.now(UTC) + timedelta(seconds=seconds + 0.5))
            finally:
                await pool.close()

        return asyncio.run(run())

    return attend


def subscription(listener, criteria, **channel):
    told = {"type": "rest-hook", "endpoint": listener.url, "payload": "application/fhir+json", **channel}
    return {
        "resourceType": "Subscription", "status": "requested", "reason": "試験", "criteria": criteria,
        "channel": {name: each for name, each in told.items() if each},
    }  # fmt: skip


def active(place, keep, listener, criteria, **channel):
    made = place("POST", "Subscription", subscription(listener, criteria, **channel))
    assert made.status == 201, made.value
    keep()
    where = f"Subscription/{made.value['id']}"
    assert place("GET", where).value["status"] == "active"
    ((method, path, headers, body),) = listener.take()
    assert (method, path, body) == ("POST", "/hook", b"")
    return where, headers


def test_it_is_active_after_the_endpoint_answered_and_told_in_order(places, keep, listener):
    clinic, neighbour = places
    who = clinic("POST", "Patient", patient()).value["id"]
    where, headers = active(clinic, keep, listener, f"Observation?patient={who}&status=final", header=["Authorization: Bearer opens-a-door"])  # fmt: skip
    assert headers["Authorization"] == "Bearer opens-a-door"
    first = neighbour("POST", "Observation", observation(who)).value
    neighbour("POST", "Observation", observation(who, status="amended"))
    changed = neighbour("PUT", f"Observation/{first['id']}", {**first, "valueQuantity": {"value": 7.5}}).value
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": observation(who), "request": {"method": "POST", "url": "Observation"}}]}  # fmt: skip
    assert neighbour("POST", "", bundle).status == 200
    assert listener.take() == []
    assert keep()[0] == 3
    heard = listener.take()
    # What another has changed meanwhile is told as it stands now, and the version before not at all.
    assert [each[0] for each in heard] == ["PUT"] * 2 and heard[0][1] == f"/hook/Observation/{first['id']}"
    assert json.loads(heard[0][3]) == changed
    assert (
        heard[0][2]["Authorization"] == "Bearer opens-a-door"
        and heard[0][2]["Content-Type"] == "application/fhir+json"
    )
    assert keep()[0] == 0 and listener.take() == []
    assert clinic("DELETE", where).status == 204
    neighbour("POST", "Observation", observation(who))
    assert keep()[0] == 0


def test_what_opens_a_door_is_nowhere_to_be_read(places, keep, listener, owner):
    clinic, neighbour = places
    where, _ = active(
        clinic, keep, listener, "Observation?status=unknown", header=["Authorization: Bearer opens-a-door"]
    )
    told = clinic("GET", where).value
    assert told["channel"]["header"] == ["Authorization: ********"]
    assert "opens-a-door" not in json.dumps(clinic("GET", f"{where}/_history").value)
    assert neighbour("GET", where).status == 404
    assert neighbour("GET", "Subscription").value.get("entry") is None
    for table in ("exchange_resource", "exchange_version", "exchange_hook"):
        for (row,) in owner.execute(f"SELECT x::text FROM {table} x").fetchall():
            assert b"opens-a-door".hex() not in row and "opens-a-door" not in row
    # Written back as it was read: the headers stay.
    assert clinic("PUT", where, told).value["status"] == "requested"
    keep()
    assert listener.take()[0][2]["Authorization"] == "Bearer opens-a-door"
    mixed = {**told, "channel": {**told["channel"], "header": ["Authorization: ********", "X-Other: new"]}}
    assert clinic("PUT", where, mixed).status == 422
    assert clinic("POST", "Subscription", {**told, "status": "requested"}).status == 422
    clinic("DELETE", where)


def test_a_failure_waits_longer_each_time_and_ends_in_an_error_that_says_what_was_missed(
    places, keep, listener, monkeypatch
):
    from tasuki_server.exchange import hook_delivery

    monkeypatch.setattr(hook_delivery, "MOST_TRIES", 3)
    clinic = places[0]
    where, _ = active(clinic, keep, listener, "Observation?status=preliminary")
    listener.status = 503
    who = clinic("POST", "Patient", patient()).value["id"]
    made = [clinic("POST", "Observation", observation(who, status="preliminary")).value for _ in range(2)]
    told, faults = keep()
    assert told == 0 and "HTTP 503" in faults[0] and len(listener.take()) == 1
    assert keep() == (0, ()) and listener.take() == []
    listener.status = 302
    assert "HTTP 302" in keep(3)[1][0] and len(listener.take()) == 1
    listener.status = 200
    # In order, both: the one that failed keeps the other waiting.
    assert keep(20)[0] == 2
    assert [json.loads(each[3])["id"] for each in listener.take()] == [each["id"] for each in made]
    listener.status = 500
    late = clinic("POST", "Observation", observation(who, status="preliminary")).value
    for seconds in (20, 60, 200):
        keep(seconds)
    held = clinic("GET", where).value
    assert (
        held["status"] == "error"
        and late["meta"]["lastUpdated"] in held["error"]
        and "HTTP 500" in held["error"]
    )
    clinic("POST", "Observation", observation(who, status="preliminary"))
    listener.take()
    listener.status = 200
    assert clinic("PUT", where, {**held, "status": "requested"}).status == 200
    keep(0)
    again = clinic("GET", where).value
    assert again["status"] == "active" and "error" not in again and len(listener.take()) == 1
    clinic("PUT", where, {**again, "status": "off"})
    clinic("POST", "Observation", observation(who, status="preliminary"))
    keep(0)
    assert clinic("GET", where).value["status"] == "off" and listener.take() == []
    clinic("DELETE", where)


def test_only_what_may_be_seen_when_it_is_told(places, keep, listener):
    clinic, neighbour = places
    who = neighbour("POST", "Patient", patient()).value["id"]
    where, _ = active(clinic, keep, listener, "Observation?status=corrected", payload="")
    neighbour("POST", "Observation", observation(who, status="corrected"))
    consent = {
        "resourceType": "Consent", "status": "active", "patient": {"reference": f"Patient/{who}"},
        "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"coding": [{"code": "59284-0"}]}],
        "policyRule": {"coding": [{"code": "OPTOUT"}]},
    }  # fmt: skip
    denied = neighbour("POST", "Consent", consent)
    assert denied.status == 201, denied.value
    neighbour("POST", "Observation", observation(who, status="corrected"))
    keep()
    assert listener.take() == []
    neighbour("DELETE", f"Consent/{denied.value['id']}")
    keep()
    assert listener.take() == []
    seen = neighbour("POST", "Observation", observation(who, status="corrected")).value
    keep()
    ((method, path, _, body),) = listener.take()
    assert (method, path, body) == ("POST", "/hook", b"")
    from tasuki_server.exchange.models import AccessEvent

    (noted,) = AccessEvent.objects.filter(logical_id=seen["id"], query=where)
    assert (noted.caller_id, noted.patient) == (clinic.row.id, who)
    clinic("DELETE", where)


def test_scopes_and_stops_count_when_it_is_told(places, keep, listener):
    from django.utils import timezone

    from tasuki_server.exchange import clients

    clinic = places[0]
    who = clinic("POST", "Patient", patient()).value["id"]
    program = opened(clinic, "system/Subscription.cruds", "system/Observation.rs?status=registered")
    outside = program("POST", "Subscription", subscription(listener, "Condition?code=x"))
    assert outside.status == 403 and "system/Condition.rs" in outside.texts[0]
    through = program("POST", "Subscription", subscription(listener, "Observation?patient.gender=female"))
    assert through.status == 403 and "system/Patient.s" in through.texts[0]
    where, _ = active(program, keep, listener, f"Observation?patient={who}")
    clinic("POST", "Observation", observation(who))
    inside = clinic("POST", "Observation", observation(who, status="registered")).value
    clinic("PUT", f"Observation/{inside['id']}", {**inside, "valueQuantity": {"value": 1}})
    keep()
    assert {each[1] for each in listener.take()} == {f"/hook/Observation/{inside['id']}"}
    clinic("POST", "Observation", observation(who, status="registered"))
    clients.set_scopes(program.client, ["system/Subscription.cruds"])
    keep()
    assert listener.take() == []
    clients.revoke_client(program.client, timezone.now())
    forget_scopes()
    clinic("POST", "Observation", observation(who, status="registered"))
    keep()
    assert listener.take() == [] and clinic("GET", where).value["status"] == "off"
    clinic("DELETE", where)


def test_a_stopped_key_ends_what_its_program_asked_to_hear(places, keep, listener):
    from django.utils import timezone

    from tasuki_server.exchange import clients

    clinic = places[0]
    who = clinic("POST", "Patient", patient()).value["id"]
    program = opened(clinic, "system/Subscription.cruds", "system/Observation.rs")
    where, _ = active(program, keep, listener, f"Observation?patient={who}")
    assert clients.revoke_key(program.client, program.key.thumbprint(), timezone.now())
    clinic("POST", "Observation", observation(who))
    keep()
    told = clinic("GET", where).value
    assert listener.take() == [] and told["status"] == "off" and "鍵" in told["error"]


def test_a_dripping_endpoint_ends_and_keeps_no_round(monkeypatch):
    import socket

    from tasuki_server.exchange import hook_addresses

    monkeypatch.setenv("TASUKI_FHIR_HOOKS", "127.0.0.1")
    monkeypatch.setattr(hook_addresses, "SECONDS", 0.4)
    waiting = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        with waiting, waiting.accept()[0] as one, contextlib.suppress(OSError):
            for each in b"HTTP/1.1 200 OK              ":
                one.send(bytes([each]))
                time.sleep(0.15)

    threading.Thread(target=drip, daemon=True).start()
    began = time.monotonic()
    with pytest.raises(hook_addresses.Unreachable):
        hook_addresses.send("POST", f"http://127.0.0.1:{waiting.getsockname()[1]}/hook", "", b"", {})
    assert time.monotonic() - began < 1.5


def test_a_slow_endpoint_is_told_of_a_few_in_a_round(places, keep, listener, monkeypatch):
    from tasuki_server.exchange import hook_delivery

    clinic = places[0]
    who = clinic("POST", "Patient", patient()).value["id"]
    where, _ = active(clinic, keep, listener, f"Observation?patient={who}")
    for _ in range(3):
        clinic("POST", "Observation", observation(who))
    monkeypatch.setattr(hook_delivery, "MOST_SECONDS", 0.0)
    assert [keep()[0], keep()[0]] == [1, 1]
    monkeypatch.undo()
    assert keep()[0] == 1
    clinic("DELETE", where)


def test_what_was_rolled_back_is_told_to_nobody(places, keep, listener):
    clinic = places[0]
    where, _ = active(clinic, keep, listener, "Observation?status=cancelled")
    good = {
        "resource": observation("p", status="cancelled"),
        "request": {"method": "POST", "url": "Observation"},
    }
    bad = {
        "resource": {"resourceType": "Patient", "id": "x"},
        "request": {"method": "PUT", "url": "Patient/x", "ifMatch": 'W/"9"'},
    }
    assert (
        clinic("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [good, bad]}).status
        == 412
    )
    assert keep()[0] == 0
    assert (
        clinic("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [good]}).status == 200
    )
    assert keep()[0] == 1
    clinic("DELETE", where)


@pytest.mark.parametrize("change", [
    {"criteria": "Nothing?x=1"}, {"criteria": "Observation?odd=1"}, {"criteria": "Observation?_sort=date"}, {"criteria": "Subscription?status=active"},
    {"channel": {"type": "email", "endpoint": "mailto:a@example.org"}}, {"channel": {"type": "rest-hook", "endpoint": "http://fhir.example/hook"}},
    {"channel": {"type": "rest-hook", "endpoint": "https://user:pass@fhir.example/"}}, {"channel": {"type": "rest-hook"}},
    {"channel": {"type": "rest-hook", "endpoint": "https://fhir.example/", "payload": "application/pdf"}},
    {"channel": {"type": "rest-hook", "endpoint": "https://fhir.example/", "header": ["Host: other.example"]}},
    {"channel": {"type": "rest-hook", "endpoint": "https://fhir.example/", "header": ["Authorization"]}},
])  # fmt: skip
def test_what_cannot_be_done_is_refused_when_it_is_asked(places, listener, change):
    told = places[0]("POST", "Subscription", {**subscription(listener, "Observation?status=final"), **change})
    assert told.status in (400, 422), told.value


def test_nothing_goes_to_this_machine_or_its_network(monkeypatch):
    from tasuki_server.exchange.hook_addresses import Unreachable, is_public, send

    monkeypatch.delenv("TASUKI_FHIR_HOOKS", raising=False)
    inside = ("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::")  # fmt: skip
    assert not any(map(is_public, inside))
    for each in (
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://0x7f000001/",
        "https://2130706433/",
    ):
        with pytest.raises(Unreachable):
            send("POST", each, "", b"", {})


def test_the_keeper_tells_while_everything_runs(places, server, listener, monkeypatch):
    from tasuki_server.cli import hook_keeper
    from tasuki_server.database.django_settings import VARIABLES

    monkeypatch.setenv(VARIABLES["platform"], server.connections.platform)
    monkeypatch.setattr(hook_keeper, "SECONDS", 0.05)
    clinic = places[0]
    made = clinic("POST", "Subscription", subscription(listener, "Observation?status=entered-in-error"))
    keeper = hook_keeper.HookKeeper()
    keeper.start()
    try:
        for wanted in ("POST", "PUT"):
            for _ in range(200):
                if (
                    listener.heard
                    and clinic("GET", f"Subscription/{made.value['id']}").value["status"] == "active"
                ):
                    break
                time.sleep(0.05)
            assert [each[0] for each in listener.take()] == [wanted]
            if wanted == "POST":
                clinic("POST", "Observation", observation("p", status="entered-in-error"))
    finally:
        keeper.stop()
    assert not keeper._thread.is_alive()
    clinic("DELETE", f"Subscription/{made.value['id']}")
