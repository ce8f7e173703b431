# SPDX-License-Identifier: Apache-2.0
"""接続（API） — who may ask, what each wrong request is answered, and that nothing of a body is kept."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from tasuki_server.drills.asgi_request import ask

pytestmark = pytest.mark.server

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
VISIT = (GUIDE / "examples" / "visit.json").read_bytes()
COPAY = (GUIDE / "copay" / "local-programme.json").read_bytes()
BASE = "/api/calculation/v1"


def made(clinic, *scopes, days=30):
    from tasuki_server.api.tokens import make_token

    with clinic.work():
        return make_token("レセコン", scopes or ("calculate", "copay"), days)


def asked(requests, workers=1, seconds=20, loop=asyncio.new_event_loop):
    """The answers to requests (method, path, body, headers) of one service, one after another; functions run between."""
    from tasuki_server.api.calculation import CalculationApi
    from tasuki_server.api.workers import Workers

    async def run():
        service = CalculationApi(workers=Workers(workers, seconds))
        service.start()
        told = []
        try:
            for each in requests:
                if callable(each):
                    await asyncio.to_thread(each)
                else:
                    told.append(await ask(service, *each, client="127.0.0.1"))
        finally:
            await service.stop()
        return told

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(run())


def post(token, operation="calculate", body=VISIT, **headers):
    given = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | headers
    return ("POST", f"{BASE}/{operation}", body, {name: value for name, value in given.items() if value})


def test_a_token_opens_the_operations_of_its_scope(server):
    _, both = made(server.first)
    _, copay = made(server.first, "copay")
    told = asked(
        [
            post(both),
            post(both, "simulate"),
            post(both, "copay", COPAY),
            post(copay, "copay", COPAY),
            post(copay),
        ]
    )
    assert [each.status for each in told] == [200, 200, 200, 200, 403]
    assert told[0].json()["total_points"] == told[1].json()["total_points"] == 1248
    assert told[4].json()["type"] == "urn:tasuki:problem:wrong-scope"
    assert 'scope="calculate"' in told[4].headers["www-authenticate"]
    assert all(each.headers["cache-control"] == "no-store" for each in told)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_it_answers_in_the_loop_of_the_web_server(server, loop):
    # Its transports are none of asyncio's classes: once no calculation was answered under it.
    _, token = made(server.first)
    told = asked([post(token), post(token)], loop=pytest.importorskip(loop).new_event_loop)
    assert [each.status for each in told] == [200, 200]


def test_use_is_noted_without_what_was_asked(server):
    from tasuki_server.api.models import ApiToken
    from tasuki_server.audit.models import AuditEvent

    row, token = made(server.first)
    asked([post(token), post(token), post(token, "copay", COPAY)])
    with server.first.work():
        row = ApiToken.objects.get(id=row.id)
        assert row.use_count == 3 and row.last_used_at is not None
        events = AuditEvent.objects.filter(action="api.use", subject_id=str(row.id)).order_by("number")
        assert [event.detail for event in events] == [{"calculate": 1}, {"calculate": 1}, {"copay": 1}]
        assert token not in json.dumps(list(ApiToken.objects.values()), default=str)


def test_institution_of_the_token_answers_when_the_visit_names_none(server):
    _, first = made(server.first)
    bare = json.dumps({k: v for k, v in json.loads(VISIT).items() if k != "institution"}).encode()
    with server.first.work():
        institution = type(server.first.staff["admin"].institution).objects.get(id=server.first.id)
        institution.hours = [{"weekday": 0, "since": "09:00", "until": "18:00"}]
        institution.save()
    late, own = asked([post(first), post(first, body=bare)])
    assert (late.status, own.status) == (200, 200)
    names = {line["name"] for unit in own.json()["units"] for line in unit["lines"]}
    assert names != {line["name"] for unit in late.json()["units"] for line in unit["lines"]}


def test_wrong_tokens_are_all_told_the_same(server):
    from tasuki_server.api.models import ApiToken
    from tasuki_server.api.tokens import revoke_token

    row, expired = made(server.first)
    with server.first.work():
        ApiToken.objects.filter(id=row.id).update(expires_at=row.made_at - timedelta(days=1))
    row, revoked = made(server.first)
    with server.first.work():
        revoke_token(row)
    _, good = made(server.second)
    _, other = made(server.first)
    # The second institution's token, said to be the first's: looked for among the first's rows only.
    forged = other[: len("tsk_") + 22] + good[len("tsk_") + 22 :]
    wrong = ["", "x", expired, revoked, forged, good[:-1], good + "A", "tsk_" + "A" * 22 + "_" + "A" * 43]
    told = asked([post(each) for each in wrong] + [post(good, Authorization=f"Basic {good}")])
    assert {each.status for each in told} == {401}
    assert len({each.body for each in told}) == 1
    assert all(each.headers["www-authenticate"].startswith("Bearer") for each in told)


def test_revocation_holds_at_once_for_a_token_in_use(server):
    from tasuki_server.api.tokens import revoke_token

    row, token = made(server.first)

    def stop():
        with server.first.work():
            revoke_token(row)

    told = asked([post(token), post(token), stop, post(token)])
    assert [each.status for each in told] == [200, 200, 401]


def test_revocation_of_another_process_is_heard(server):
    """The memory of known tokens is emptied by the database's channel, not only by time."""
    import time

    from tasuki_server.api import known_clients
    from tasuki_server.api.tokens import find_client, revoke_token

    row, token = made(server.first)
    questions = []

    def find(plain):
        questions.append(plain)
        return find_client(plain)

    async def run():
        known = known_clients.KnownClients(find)
        listener = known_clients.Listener(known, asyncio.get_running_loop())
        listener.start()
        deadline = time.monotonic() + 20
        while not known.is_listening and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        assert (await known.client_of(token)) == (await known.client_of(token)) is not None
        assert len(questions) == 1

        def stop():
            with server.first.work():
                revoke_token(row)

        epoch = known.epoch
        await asyncio.to_thread(stop)
        while known.epoch == epoch and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        assert await known.client_of(token) is None
        listener.end()
        known.close()

    asyncio.run(run())


def test_what_is_remembered_counts_only_while_the_channel_is_proved_to_be_heard(server):
    """Without a fresh proof every request asks the database, so a lost notification opens nothing."""
    import time

    from tasuki_server.api import known_clients
    from tasuki_server.api.tokens import find_client

    _, token = made(server.first)
    questions = []

    def find(plain):
        questions.append(plain)
        return find_client(plain)

    async def run():
        known = known_clients.KnownClients(find)
        known.hear(time.monotonic() + 60)
        for _ in range(3):
            assert await known.client_of(token) is not None
        assert len(questions) == 1
        known.hear(time.monotonic() - 0.001)
        for _ in range(3):
            assert await known.client_of(token) is not None
        assert len(questions) == 4
        known.close()

    asyncio.run(run())


def test_who_comes_again_is_asked_about_before_the_answer_is_needed(server, monkeypatch):
    """No request waits for the database while another one still may be answered from memory; a client gone is forgotten."""
    import time

    from tasuki_server.api import known_clients
    from tasuki_server.api.tokens import find_client

    _, token = made(server.first)
    client = find_client(token)
    answers = [client, client, None]
    asked_in = []

    def find(plain):
        asked_in.append(plain)
        return answers[min(len(asked_in), len(answers)) - 1]

    async def answered(count):
        while len(asked_in) < count or known._asking:
            await asyncio.sleep(0.005)

    async def run():
        known.hear(time.monotonic() + 60)
        assert await known.client_of(token) is client
        monkeypatch.setattr(known_clients, "AHEAD_SECONDS", known_clients.KEPT_SECONDS)
        assert await known.client_of(token) is client and len(known._asking) == 1
        await answered(2)
        assert await known.client_of(token) is client
        await answered(3)
        assert await known.client_of(token) is None
        known.close()

    known = known_clients.KnownClients(find)
    asyncio.run(run())


def test_every_wrong_request_gets_its_problem(server):
    _, token = made(server.first)
    told = asked(
        [
            ("GET", f"{BASE}/calculate"),
            ("POST", f"{BASE}/nothing", b"", {}),
            ("POST", "/api/", b"", {}),
            post(token, **{"Content-Type": "text/plain"}),
            post(token, **{"Content-Encoding": "gzip"}),
            post(token, body=b" " * (1 << 20) + VISIT),
            post(token, **{"Content-Length": "9" * 30}),
            post(token, body=b"{"),
            post(token, body=b"{}"),
            ("GET", f"{BASE}/openapi.json"),
            ("HEAD", f"{BASE}/openapi.json"),
            ("POST", f"{BASE}/openapi.json"),
        ]
    )
    assert [each.status for each in told] == [405, 404, 404, 415, 415, 413, 413, 400, 422, 200, 200, 405]
    assert told[0].headers["allow"] == "POST"
    for each in told:
        if each.status != 200:
            assert each.headers["content-type"] == "application/problem+json"
            assert each.json()["status"] == each.status
    assert told[9].json()["openapi"].startswith("3.1") and told[10].body == b""


def test_failures_and_floods_are_slowed_down(server):
    _, token = made(server.first)
    told = asked([post("x") for _ in range(12)] + [post(token)])
    assert [each.status for each in told] == [401] * 10 + [429] * 3
    assert told[-1].headers["retry-after"] == "60"


def test_a_calculation_without_end_is_ended_and_the_next_one_answered(server):
    """The limit is a process's: nothing inside Python could be stopped."""
    from tasuki_server.api.frames import Question
    from tasuki_server.api.workers import TookTooLong, Workers

    question = Question("calculate", VISIT, _own(server.first))

    async def run():
        pool = Workers(1, 0.000001)
        with pytest.raises(TookTooLong):
            await pool.ask(question)
        pool.seconds = 20
        reply = await pool.ask(question)
        pool.close()
        return reply.status

    assert asyncio.run(run()) == 200


def test_workers_know_neither_database_nor_key(server):
    from tasuki_server.api.workers import KEPT_FROM_WORKERS
    from tasuki_server.settings_table import SETTINGS

    secret = {each.name for each in SETTINGS if "SECRET" in each.name or "DATABASE_URL" in each.name}
    assert secret <= KEPT_FROM_WORKERS


def _own(clinic):
    from tasuki_server.api.frames import pack_institution
    from tasuki_server.institutions.models import Institution

    with clinic.work():
        return pack_institution(Institution.objects.get(id=clinic.id).facts())


def test_pages_make_a_token_after_the_factor_was_given_again(server):
    from clinics import totp_code

    browser = server.first.browser("admin", proved=False)
    answer = browser.get("/connections/new/")
    assert answer.status_code == 302 and "/accounts/step-up/" in answer["Location"]
    assert browser.post("/connections/new/", {"name": "x"}).status_code == 401
    browser.post("/accounts/step-up/", {"step_up_code": totp_code(server.first.users["admin"])})
    assert browser.get("/connections/").status_code == 200
    assert browser.get("/connections/new/").status_code == 200
    for wrong in ({"name": ""}, {"scopes": "all"}, {"days": "99999"}, {"days": "-1"}, {"days": "²"}):
        given = {"name": "隣のレセコン", "scopes": "calculate", "days": "30"} | wrong
        assert browser.post("/connections/new/", given).status_code == 400, wrong
    page = browser.post(
        "/connections/new/", {"name": "隣のレセコン", "scopes": ["calculate"], "days": "30"}
    ).content.decode()
    token = page.split("readonly autofocus>")[1].split("<")[0]
    listed = browser.get("/connections/").content.decode()
    assert "隣のレセコン" in listed and token not in listed and token[-4:] in listed
    assert asked([post(token)])[0].status == 200
    place = next(part.split('"')[0] for part in listed.split('action="')[1:] if "/revoke/" in part)
    assert server.second.browser("admin").post(place).status_code == 404
    assert server.first.browser("doctor").post(place).status_code == 403
    assert browser.post(place).status_code == 302
    assert asked([post(token)])[0].status == 401


def test_the_bridge_serves_pages_as_the_wsgi_server_did(server):
    from django.core.wsgi import get_wsgi_application

    from tasuki_server.wsgi_bridge import WsgiBridge

    bridge = WsgiBridge(get_wsgi_application(), 2)

    async def run():
        host = {"Host": "localhost"}
        return [
            await ask(bridge, "GET", "/healthz", headers=host),
            await ask(bridge, "GET", "/accounts/login/?next=/a%20b", headers=host),
            await ask(bridge, "GET", "/static/tasuki.css", headers=host),
            await ask(bridge, "POST", "/accounts/login/", b"login=x&password=y", host),
            await ask(bridge, "GET", "/no/such/ページ", headers=host),
        ]

    health, login, style, refused, missing = asyncio.run(run())
    assert (health.status, health.body) == (200, b"ok\n")
    assert login.status == 200 and "content-security-policy" in login.headers
    assert style.status == 200 and len(style.body) == int(style.headers["content-length"])
    assert refused.status == 403
    assert missing.status in (302, 404)
