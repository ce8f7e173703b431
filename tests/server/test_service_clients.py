# SPDX-License-Identifier: Apache-2.0
"""短期トークン — bound to its sender, dead when its client is, and each proof good for one request."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tasuki_server.drills.asgi_request import ask

pytestmark = pytest.mark.server

VISIT = (Path(__file__).parents[2] / "docs" / "guide" / "examples" / "visit.json").read_bytes()
BASE, TOKEN = "/api/calculation/v1", "/api/token"
CALCULATE, COPAY = f"{BASE}/calculate", f"{BASE}/copay"
ORIGIN = "http://localhost"


def registered(clinic, *scopes, name="レセコン", key=None):
    """A client of the clinic: its row, and the other system with its key."""
    from tasuki_server.api.service_call import ServiceCaller, new_key, public_jwk
    from tasuki_server.api.service_clients import public_name, register_client

    key = key or new_key()
    with clinic.work():
        row = register_client(name, scopes or ("calculate", "copay"), json.dumps(public_jwk(key)))
        return row, ServiceCaller.made(public_name(row), key, ORIGIN)


def run(act, workers=1, *, forgets=True):
    """``act(asked)`` inside a running service; ``asked`` is a coroutine of (method, path, body, headers).

    What failed is forgotten with every request, unless that is what it is about.
    """
    from tasuki_server.api.calculation import CalculationApi
    from tasuki_server.api.workers import Workers

    async def whole():
        service = CalculationApi(workers=Workers(workers, 20))
        service.start()
        service._callers.failures.forget()

        async def asked(method, path, body=b"", headers=None, client="192.0.2.1"):
            if forgets:
                service._callers.failures.forget()
            return await ask(service, method, path, body, {"Host": "localhost"} | (headers or {}), client)

        try:
            return await act(asked)
        finally:
            await service.stop()

    return asyncio.run(whole())


async def given(asked, caller, scope=""):
    """The caller has a token now."""
    told = await asked("POST", TOKEN, *caller.token_request(scope))
    assert told.status == 200, told.body
    caller.token = told.json()["access_token"]
    return told


def proved(caller, path=CALCULATE, **other):
    headers = caller.headers("POST", path) | {"Content-Type": "application/json"} | other
    return {name: value for name, value in headers.items() if value}


def why(told):
    return told.status, told.headers.get("www-authenticate", "").partition('error="')[2].partition('"')[0]


def test_a_client_gets_a_short_token_and_calculates_with_it(server):
    from tasuki_server.audit.models import AuditEvent

    row, caller = registered(server.first)
    _, narrow = registered(server.first, "copay")

    async def act(asked):
        told = await given(asked, caller)
        good = [await asked("POST", CALCULATE, VISIT, proved(caller)) for _ in range(3)]
        await given(asked, narrow)
        return told.json(), good, await asked("POST", CALCULATE, VISIT, proved(narrow))

    told, good, beyond = run(act)
    assert told["token_type"] == "DPoP" and told["expires_in"] <= 300 and told["scope"] == "calculate copay"
    assert [each.status for each in good] == [200] * 3 and good[0].json()["total_points"] == 1248
    assert beyond.status == 403 and beyond.headers["www-authenticate"].startswith("DPoP")
    with server.first.work():
        row.refresh_from_db()
        assert row.use_count == 3
        events = AuditEvent.objects.filter(subject_id=str(row.id)).order_by("number")
        assert [each.action for each in events] == ["api_client.make", "api.token", *["api.use"] * 3]
        assert {each.address for each in events[1:]} == {"192.0.2.1"}


def test_a_token_serves_its_holder_alone(server):
    from tasuki_server.api.models import ServiceClient
    from tasuki_server.api.service_call import new_key
    from tasuki_server.audit.models import AuditEvent

    row, caller = registered(server.first)
    _, other = registered(server.first, name="となり")

    async def act(asked):
        await given(asked, caller)
        await given(asked, other)
        thief = type(caller)(caller.client_id, new_key(), ORIGIN, new_key(), caller.token)
        stale = int(time.time())
        wrong = {
            "other_sender": proved(thief),
            "as_bearer": proved(caller) | {"Authorization": f"Bearer {caller.token}", "DPoP": ""},
            "no_proof": proved(caller) | {"DPoP": ""},
            "other_address": proved(caller) | {"DPoP": caller.proof("POST", COPAY)},
            "other_method": proved(caller) | {"DPoP": caller.proof("GET", CALCULATE)},
            "other_host": proved(caller)
            | {"DPoP": caller.proof("POST", CALCULATE, htu="http://127.0.0.1" + CALCULATE)},
            "other_token": proved(caller) | {"DPoP": other.proof("POST", CALCULATE)},
            "no_token_named": proved(caller) | {"DPoP": caller.proof("POST", CALCULATE, ath="")},
            "old": proved(caller) | {"DPoP": caller.proof("POST", CALCULATE, iat=stale - 61)},
            "early": proved(caller) | {"DPoP": caller.proof("POST", CALCULATE, iat=stale + 45)},
            "no_number": proved(caller) | {"DPoP": caller.proof("POST", CALCULATE, jti="")},
            "long_number": proved(caller) | {"DPoP": caller.proof("POST", CALCULATE, jti="x" * 129)},
            "unsigned": proved(caller) | {"DPoP": caller.proof("POST", CALCULATE).rpartition(".")[0] + "."},
            "not_a_proof": proved(caller) | {"DPoP": caller.assertion()},
            "garbage": proved(caller) | {"DPoP": "a.b"},
        }
        wrong = {name: {k: v for k, v in headers.items() if v} for name, headers in wrong.items()}
        told = {name: await asked("POST", CALCULATE, VISIT, headers) for name, headers in wrong.items()}
        assert (await asked("POST", CALCULATE, VISIT, proved(caller))).status == 200
        return told

    told = run(act)
    assert {each.status for each in told.values()} == {401}, {k: v.status for k, v in told.items()}
    assert why(told["as_bearer"]) == (401, "invalid_token")
    assert all(why(each) == (401, "invalid_dpop_proof") for name, each in told.items() if name != "as_bearer")
    with server.first.work():
        noted = AuditEvent.objects.filter(action="api.refused", subject_id=str(row.id)).order_by("number")
        assert [each.detail["why"] for each in noted][:3] == ["other_sender", "missing", "address"]
        assert ServiceClient.objects.get(id=row.id).use_count == 1


def test_a_proof_serves_once_in_every_process(server):
    """Two services share nothing but the database."""
    _, caller = registered(server.first)
    kept = {}

    async def first(asked):
        await given(asked, caller)
        kept["headers"] = proved(caller)
        kept["form"] = caller.token_request()
        told = [await asked("POST", CALCULATE, VISIT, kept["headers"]) for _ in range(2)]
        return told, await asked("POST", TOKEN, *kept["form"])

    async def second(asked):
        at_once = proved(caller)
        told = await asyncio.gather(*(asked("POST", CALCULATE, VISIT, at_once) for _ in range(8)))
        return (
            await asked("POST", CALCULATE, VISIT, kept["headers"]),
            await asked("POST", TOKEN, *kept["form"]),
            sorted(each.status for each in told),
        )

    (told, issued) = run(first)
    assert [each.status for each in told] == [200, 401] and issued.status == 200
    replayed, reissued, at_once = run(second)
    assert why(replayed) == (401, "invalid_dpop_proof")
    assert reissued.status == 401 and reissued.json()["error"] == "invalid_client"
    assert at_once == [200] + [401] * 7


def test_who_is_revoked_is_out_at_the_next_request(server):
    from tasuki_server.api.models import ClientKey
    from tasuki_server.api.service_call import new_key, public_jwk
    from tasuki_server.api.service_clients import add_key, revoke_client, revoke_key

    row, caller = registered(server.first)
    fresh = new_key()

    def in_clinic(act):
        def work():
            with server.first.work():
                act()

        return asyncio.to_thread(work)

    async def act(asked):
        await given(asked, caller)
        told = [await asked("POST", CALCULATE, VISIT, proved(caller))]
        await in_clinic(lambda: add_key(row, json.dumps(public_jwk(fresh))))
        newer = type(caller).made(caller.client_id, fresh, ORIGIN)
        await given(asked, newer)
        old = caller.key.thumbprint()
        await in_clinic(lambda: revoke_key(ClientKey.objects.get(thumbprint=old)))
        told.append(await asked("POST", CALCULATE, VISIT, proved(caller)))
        told.append(await asked("POST", TOKEN, *caller.token_request()))
        told.append(await asked("POST", CALCULATE, VISIT, proved(newer)))
        await in_clinic(lambda: revoke_client(row))
        told.append(await asked("POST", CALCULATE, VISIT, proved(newer)))
        told.append(await asked("POST", TOKEN, *newer.token_request()))
        return [each.status for each in told]

    assert run(act) == [200, 401, 401, 200, 401, 401]


def test_an_expired_token_and_an_expired_key_are_refused(server, monkeypatch):
    from tasuki_server.api import token_door
    from tasuki_server.api.models import ClientKey

    _, caller = registered(server.first)
    row, late = registered(server.first, name="期限切れ")

    async def act(asked):
        with monkeypatch.context() as patched:
            made = token_door.make_bound_token
            patched.setattr(token_door, "make_bound_token", lambda *given: made(*given[:4], given[4] - 300))
            await given(asked, caller)
        old = await asked("POST", CALCULATE, VISIT, proved(caller))
        await given(asked, late)
        return old, await asked("POST", CALCULATE, VISIT, proved(late))

    old, good = run(act)
    assert why(old) == (401, "invalid_token") and good.status == 200
    with server.first.work():
        ClientKey.objects.filter(client=row).update(expires_at=row.made_at - timedelta(days=1))

    async def again(asked):
        return (
            await asked("POST", CALCULATE, VISIT, proved(late)),
            await asked("POST", TOKEN, *late.token_request()),
        )

    assert [each.status for each in run(again)] == [401, 401]


def test_what_is_no_assertion_of_this_client_gets_no_token(server):
    from urllib.parse import urlencode

    from joserfc import jws
    from joserfc.jwk import OctKey

    from tasuki_server.api.proofs import ASSERTION_TYPE
    from tasuki_server.api.service_call import new_key, public_jwk

    key = new_key()
    _, caller = registered(server.first, key=key)
    # The same key at another institution is another client's: it opens nothing here.
    _, stranger = registered(server.second)
    now = int(time.time())

    def confused():
        """HS256 with the public key as if it were a secret."""
        public = OctKey.import_key(json.dumps(public_jwk(key)).encode())
        said = caller.assertion().split(".")[1]
        head = {"alg": "HS256", "typ": "JWT", "kid": key.thumbprint()}
        payload = jws.extract_compact(caller.assertion().encode()).payload
        assert said
        return jws.serialize_compact(head, payload, public, algorithms=["HS256"])

    def unsigned():
        import base64

        head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        return f"{head}.{caller.assertion().split('.')[1]}."

    forged = type(caller)(caller.client_id, stranger.key, ORIGIN, caller.holder)
    wrong = {
        "none": unsigned(),
        "hs256": confused(),
        "key_of_another": forged.assertion(),
        "of_another_client": type(caller)(stranger.client_id, key, ORIGIN, caller.holder).assertion(),
        "audience": caller.assertion(aud="https://elsewhere.example/api/token"),
        "audiences": caller.assertion(aud=[ORIGIN + TOKEN, "https://elsewhere.example"]),
        "expired": caller.assertion(exp=now - 31),
        "for_ever": caller.assertion(exp=now + 86_400),
        "no_end": caller.assertion(exp=None),
        "from_the_future": caller.assertion(iat=now + 60),
        "issuer": caller.assertion(iss=stranger.client_id),
        "no_number": caller.assertion(jti=None),
        "unknown_client": type(caller)("tsc_" + "A" * 22 + "_" + "A" * 22, key, ORIGIN, key).assertion(),
        "no_form": "x",
    }

    async def act(asked):
        told = {}
        for name, assertion in wrong.items():
            _, headers = caller.token_request()
            form = {
                "grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
            }  # fmt: skip
            told[name] = await asked("POST", TOKEN, urlencode(form).encode(), headers)
        return told

    told = run(act)
    assert {name: each.status for name, each in told.items()} == dict.fromkeys(wrong, 401)
    assert {each.json()["error"] for each in told.values()} == {"invalid_client"}


def forged_request(caller):
    """As somebody who knows the client's name and nothing else."""
    from tasuki_server.api.service_call import new_key

    return type(caller)(caller.client_id, new_key(), ORIGIN, new_key()).token_request()


def test_whoever_only_says_a_clients_name_uses_none_of_its_allowance(server):
    _, caller = registered(server.first)

    async def act(asked):
        forged = [
            await asked("POST", TOKEN, *forged_request(caller), client=f"198.51.100.{each}")
            for each in range(40)
        ]
        return forged, await asked("POST", TOKEN, *caller.token_request())

    forged, own = run(act, forgets=False)
    assert {each.status for each in forged} == {401} and own.status == 200, own.body


@pytest.mark.parametrize("form", ["2001:db8:7:7::{:x}", "::ffff:192.0.2.77", "192.0.2.77"])
def test_of_many_unproved_at_once_few_are_judged_and_the_neighbour_is_not_shut_out(server, monkeypatch, form):
    from tasuki_server.api import token_door

    _, caller = registered(server.first)
    judged, whole = [], token_door.read_assertion

    def counting(*given):
        judged.append(given)
        return whole(*given)

    async def act(asked):
        with monkeypatch.context() as patched:
            patched.setattr(token_door, "read_assertion", counting)
            forged = await asyncio.gather(
                *(
                    asked("POST", TOKEN, *forged_request(caller), client=form.format(each))
                    for each in range(1, 61)
                )
            )
        where = [form.format(0xFFFF), "2001:db8:7:8::1", "::ffff:192.0.2.78"]
        return forged, [await asked("POST", TOKEN, *caller.token_request(), client=each) for each in where]

    forged, own = run(act, forgets=False)
    # Ten, as many more as threads were judging when the tenth failed, and what a slow machine's seconds give back.
    assert 10 <= len(judged) <= 20
    assert {each.status for each in forged} == {401, 429}
    assert [each.status for each in own] == [429, 200, 200]


def test_a_proved_client_has_its_allowance_and_what_is_refused_spends_no_proof(server, monkeypatch):
    from functools import partial
    from time import monotonic

    from tasuki_server.api import token_issue

    _, caller = registered(server.first)
    at = [monotonic()]
    clocked = partial(token_issue.Allowance, clock=lambda: at[0])
    monkeypatch.setattr(token_issue, "Allowance", clocked)

    async def act(asked):
        told = [await asked("POST", TOKEN, *caller.token_request()) for _ in range(30)]
        late = caller.token_request()
        refused = await asked("POST", TOKEN, *late)
        at[0] += 1 / token_issue.RATE
        return [each.status for each in told], refused.status, (await asked("POST", TOKEN, *late)).status

    assert run(act, forgets=False) == ([200] * 30, 429, 200)


def test_wrong_requests_for_a_token_are_told_what_is_wrong(server):
    _, caller = registered(server.first)

    async def act(asked):
        body, headers = caller.token_request()
        text = body.decode()
        asks = {
            "method": ("GET", TOKEN, b"", {}),
            "media type": ("POST", TOKEN, body, headers | {"Content-Type": "application/json"}),
            "grant": ("POST", TOKEN, text.replace("client_credentials", "password").encode(), headers),
            "twice": ("POST", TOKEN, (text + "&grant_type=client_credentials").encode(), headers),
            "secret": ("POST", TOKEN, (text + "&client_secret=x").encode(), headers),
            "no assertion": ("POST", TOKEN, b"grant_type=client_credentials", headers),
            "name": ("POST", TOKEN, (text + "&client_id=x").encode(), headers),
            "no proof": ("POST", TOKEN, body, {k: v for k, v in headers.items() if k != "DPoP"}),
            "host": ("POST", TOKEN, body, headers | {"Host": "elsewhere.example"}),
            "large": ("POST", TOKEN, body + b"&x=" + b"x" * 20_000, headers),
        }
        told = {name: await asked(*each) for name, each in asks.items()}
        told["scope"] = await asked("POST", TOKEN, *caller.token_request("calculate everything"))
        narrow = await given(asked, caller, "copay")
        told["narrow"] = await asked("POST", CALCULATE, VISIT, proved(caller))
        return told, narrow.json()["scope"]

    told, scope = run(act)
    assert scope == "copay"
    assert {name: each.status for name, each in told.items()} == {
        "method": 405, "media type": 415, "grant": 400, "twice": 400, "secret": 400, "no assertion": 401,
        "name": 401, "no proof": 400, "host": 404, "large": 413, "scope": 400, "narrow": 403,
    }  # fmt: skip
    assert told["no proof"].json()["error"] == "invalid_dpop_proof"
    assert told["scope"].json()["error"] == "invalid_scope"


def test_a_token_of_this_machine_serves_on_this_machine_only(server, monkeypatch):
    from tasuki_server.api.tokens import make_token

    with server.first.work():
        _, plain = make_token("試用", ("calculate",), 1)
    bearer = {"Authorization": f"Bearer {plain}", "Content-Type": "application/json"}

    async def act(asked):
        return [
            (await asked("POST", CALCULATE, VISIT, bearer | more, client)).status
            for client, more in (
                ("127.0.0.1", {}),
                ("::1", {}),
                ("192.0.2.1", {}),
                ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}),
                ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
            )
        ]

    assert run(act) == [200, 200, 401, 401, 401]
    for name in ("TASUKI_HTTPS", "TASUKI_BEHIND_PROXY"):
        with monkeypatch.context() as patched:
            patched.setenv(name, "yes")

            async def outside(asked):
                headers = bearer | {"X-Forwarded-Proto": "https"}
                return (await asked("POST", CALCULATE, VISIT, headers, "127.0.0.1")).status

            assert run(outside) in (401, 403), name


def test_spent_proofs_are_kept_no_longer_than_time_would_refuse_them(server):
    from tasuki_server.api.models import SpentProof
    from tasuki_server.api.proofs import Proof
    from tasuki_server.api.service_clients import forget_spent, spend
    from tasuki_server.institutions.work import current_work

    now = int(time.time())
    with server.first.work():
        assert spend([Proof("t", "a" * 64, now - 1), Proof("t", "b" * 64, now + 60)]) == {"a" * 64, "b" * 64}
        assert spend([Proof("t", "b" * 64, now + 60), Proof("t", "c" * 64, now + 60)]) == {"c" * 64}
    with server.second.work():
        assert spend([Proof("t", "b" * 64, now + 60)]) == {"b" * 64}
    with server.first.work():
        forget_spent(current_work().at)
        assert not SpentProof.objects.filter(digest="a" * 64).exists()
        assert SpentProof.objects.filter(digest="b" * 64).exists()


def test_pages_register_a_client_rotate_its_key_and_stop_it(server):
    from clinics import totp_code
    from tasuki_server.api.models import ServiceClient
    from tasuki_server.api.service_call import new_key, private_jwk, public_jwk

    clinic = server.second
    fresh = clinic.browser("admin", proved=False)
    assert "/accounts/step-up/" in fresh.get("/connections/clients/new/")["Location"]
    fresh.post("/accounts/step-up/", {"step_up_code": totp_code(clinic.users["admin"])})
    browser = clinic.browser("admin")
    first, second = new_key(), new_key()
    good = {
        "name": "隣のレセコン",
        "scopes": ["calculate"],
        "days": "365",
        "key": json.dumps(public_jwk(first)),
    }
    for wrong, said in (
        ({"name": " "}, "名前を入れてください"),
        ({"scopes": "all"}, "利用範囲を選んでください"),
        ({"days": "9999"}, "有効日数は"),
        ({"days": "²"}, "有効日数は"),
        ({"key": "{"}, "公開鍵を読めません"),
        ({"key": '{"kty":"RSA"}'}, "公開鍵を読めません"),
        ({"key": json.dumps(public_jwk(first) | {"crv": "P-384"})}, "公開鍵を読めません"),
        ({"key": json.dumps(public_jwk(first) | {"x": "AAAA"})}, "公開鍵を読めません"),
        ({"key": json.dumps(private_jwk(first))}, "秘密鍵が含まれています"),
    ):
        answer = browser.post("/connections/clients/new/", good | wrong)
        text = answer.content.decode()
        assert answer.status_code == 400 and said in text, wrong
        assert private_jwk(first)["d"] not in text
    page = browser.post("/connections/clients/new/", good)
    place = page["Location"]
    with clinic.work():
        row = ServiceClient.objects.get(name="隣のレセコン")
    assert browser.post("/connections/clients/new/", good).status_code == 400  # the key is taken
    assert first.thumbprint() in browser.get(place).content.decode()
    assert (
        browser.post(f"{place}keys/", {"key": json.dumps(public_jwk(second)), "days": "90"}).status_code
        == 302
    )
    assert server.first.browser("admin").get(place).status_code == 404
    assert clinic.browser("doctor").get(place).status_code == 403
    assert server.first.browser("admin").post(f"{place}revoke/").status_code == 404

    from tasuki_server.api.service_call import ServiceCaller
    from tasuki_server.api.service_clients import public_name

    caller = ServiceCaller.made(public_name(row), first, ORIGIN)
    listed = browser.get("/connections/").content.decode()
    assert "隣のレセコン" in listed and "有効" in listed

    async def act(asked):
        await given(asked, caller)
        told = [await asked("POST", CALCULATE, VISIT, proved(caller))]
        await asyncio.to_thread(browser.post, f"{place}revoke/")
        told.append(await asked("POST", CALCULATE, VISIT, proved(caller)))
        return [each.status for each in told]

    assert run(act) == [200, 401]
    assert (
        browser.post(f"{place}keys/", {"key": json.dumps(public_jwk(new_key())), "days": "90"}).status_code
        == 400
    )
    assert "停止済み" in browser.get(place).content.decode()


def test_the_console_makes_a_key_and_calls_as_a_client(server, tmp_path, monkeypatch, capfdbinary):
    from tasuki_server.api.service_clients import public_name, register_client
    from tasuki_server.cli import api_call, main

    key = tmp_path / "reseco.jwk"
    assert main(["api", "key", "create", "--out", str(key)]) == 0
    assert key.stat().st_mode & 0o077 == 0
    assert main(["api", "key", "create", "--out", str(key)]) == 2  # never over another key
    public = (tmp_path / "reseco.public.jwk").read_text()
    assert '"d"' not in public
    with server.first.work():
        name = public_name(register_client("画面のない接続", ("calculate",), public))
    visit = tmp_path / "visit.json"
    visit.write_bytes(VISIT)
    capfdbinary.readouterr()

    async def act(asked):
        loop = asyncio.get_running_loop()

        def over(where, path, body, headers):
            assert where.netloc == "localhost"
            told = asyncio.run_coroutine_threadsafe(asked("POST", path, body, headers), loop).result(30)
            return told.status, told.body

        monkeypatch.setattr(api_call, "_asked", over)
        words = [
            "api",
            "call",
            "--client",
            name,
            "--key",
            str(key),
            "--url",
            "http://localhost",
            "calculate",
            str(visit),
        ]
        refused = [*words[:-2], "copay", str(visit)]
        return [await asyncio.to_thread(main, each) for each in (words, refused)]

    assert run(act) == [0, 2]
    said = capfdbinary.readouterr().out.splitlines()
    assert json.loads(said[0])["total_points"] == 1248 and json.loads(said[1])["error"] == "invalid_scope"
