# SPDX-License-Identifier: Apache-2.0
"""利用範囲とトークン — what a program of an institution may do, on every way to a resource, held to a naive judge."""

from __future__ import annotations

import json
import random
import time
from typing import Any
from uuid import uuid4

import pytest
from joserfc.jwk import ECKey

from exchange import Place, observation, patient
from exchange_programs import BASE, Program, asked, forget_scopes, opened, program, proof

pytestmark = pytest.mark.server
LABORATORY = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]
}
VITALS = {
    "coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}
    ]
}


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield Place("9990010", "試験医院"), Place("9990028", "となり医院")
    close_house()


@pytest.fixture(scope="module")
def store(places):
    """Two patients, each with a laboratory result, a vital sign, a condition; the second is the neighbour's and denies."""
    made: dict[str, Any] = {}
    for place, name in zip(places, "ab", strict=True):
        who = made[f"p{name}"] = place("POST", "Patient", patient()).value["id"]
        for kind, category in (("lab", LABORATORY), ("vital", VITALS)):
            told = place("POST", "Observation", observation(who, category=[category]))
            made[f"{kind}{name}"] = told.value["id"]
        condition = {
            "resourceType": "Condition",
            "subject": {"reference": f"Patient/{who}"},
            "code": {"text": "架空の病名"},
        }
        made[f"c{name}"] = place("POST", "Condition", condition).value["id"]
    return made


def test_the_configuration_is_open_and_says_what_is_so(places):
    told = asked("GET", ".well-known/smart-configuration")
    assert told.status == 200 and told.value["token_endpoint"] == f"{BASE}/token"
    assert told.value["token_endpoint_auth_signing_alg_values_supported"] == ["ES256", "ES384"]
    assert "launch-ehr" not in told.value["capabilities"]
    assert asked("GET", "Patient").status == 401


def test_a_token_is_given_for_a_signed_statement_once(places, store):
    made = program(places[0], "system/Observation.rs", "system/Patient.r")
    told = made.ask_token("system/Observation.cruds system/Condition.rs")
    assert (told.status, told.value["scope"], told.value["expires_in"]) == (200, "system/Observation.rs", 300)
    made.token = told.value["access_token"]
    assert made("GET", f"Observation/{store['laba']}").status == 200
    refused = made("GET", f"Patient/{store['pa']}")
    assert refused.status == 403 and "system/Patient.r" in refused.texts[0]
    assert 'scope="system/Patient.r"' in refused.headers["www-authenticate"]
    assert made.ask_token("system/Condition.rs").value["error"] == "invalid_scope"
    assert made.ask_token("patient/Condition.rs").value["error"] == "invalid_scope"
    late = int(time.time()) + 4000
    for said in ({"aud": "https://elsewhere.example/token"}, {"exp": late}, {"sub": str(uuid4())}):
        assert made.ask_token(said=said).status == 401
    again = {"jti": "one"}
    assert made.ask_token(said=again).status == 200
    assert made.ask_token(said=again).value["error"] == "invalid_client"
    elsewhere = {"aud": "http://elsewhere.example:8443/platform/v1/fhir/token"}
    assert made.ask_token(said=elsewhere, host="elsewhere.example:8443").status == 401
    assert made.ask_token(form={"client_secret": "x"}).value["error"] == "invalid_request"
    stranger = Program(made.client, ECKey.generate_key("P-384"))
    assert stranger.ask_token().status == 401


def test_a_token_serves_beside_proofs_unless_registered_otherwise(places, store):
    made = program(places[0], "system/Observation.rs", is_bearer=False, curve="P-256")
    assert made.ask_token().value["error"] == "invalid_dpop_proof"
    told = made.ask_token(dpop=proof(made.key, "POST", f"{BASE}/token"))
    assert told.value["token_type"] == "DPoP"
    made.token = told.value["access_token"]
    where = f"Observation/{store['laba']}"
    shown = {
        "dpop": proof(made.key, "GET", f"{BASE}/{where}", made.token),
        "authorization": f"DPoP {made.token}",
    }
    assert made("GET", where, **shown).status == 200
    assert made("GET", where, **shown).status == 401
    assert made("GET", where).status == 401
    thief = proof(ECKey.generate_key("P-256"), "GET", f"{BASE}/{where}", made.token)
    assert made("GET", where, dpop=thief).status == 401
    elsewhere = proof(made.key, "GET", f"{BASE}/Observation/x", made.token)
    assert made("GET", where, dpop=elsewhere).status == 401


def test_what_is_taken_away_counts_for_tokens_that_are_out(places, store):
    from django.utils import timezone

    from tasuki_server.exchange import clients

    made = opened(places[0], "system/*.rs")
    where = f"Observation/{store['laba']}"
    assert made("GET", where).status == 200
    clients.set_scopes(made.client, ["system/Patient.rs"])
    forget_scopes()
    assert made("GET", where).status == 403
    clients.set_scopes(made.client, ["system/*.rs"])
    clients.narrow(places[0].row, ["system/Condition.rs"], timezone.now())
    forget_scopes()
    assert made("GET", where).status == 403 and places[0]("GET", where).status == 403
    clients.narrow(places[0].row, None, timezone.now())
    forget_scopes()
    assert made("GET", where).status == 200 and places[0]("GET", where).status == 200
    clients.revoke_client(made.client, timezone.now())
    assert made("GET", where).status == 401


def test_a_narrowed_scope_holds_on_every_way(places, store):
    lab = opened(
        places[0], "system/Observation.cruds?category=laboratory", "system/Patient.rs", "system/Provenance.c"
    )
    inside, outside, person = store["laba"], store["vitala"], store["pa"]
    assert lab("GET", f"Observation/{inside}").status == 200
    assert lab("GET", f"Observation/{outside}").status == 404
    assert lab("GET", f"Observation/{outside}/_history").status == 404
    assert lab("GET", f"Observation/{outside}/_history/1").status == 404
    told = lab("GET", f"Observation?patient={person}&_total=accurate")
    assert told.value["total"] == 1 and [each["resource"]["id"] for each in told.value["entry"]] == [inside]
    assert (
        lab("GET", f"Patient?_id={person}&_has:Observation:patient:category=vital-signs").value.get("entry")
        is None
    )
    brought = lab("GET", f"Patient?_id={person}&_revinclude=Observation:patient").value["entry"]
    assert {each["resource"]["id"] for each in brought} == {person, inside}
    all_of = lab("GET", f"Patient/{person}/$everything").value["entry"]
    assert {each["resource"]["id"] for each in all_of} == {person, inside}
    history = lab("GET", f"_history?_since={2026}&_count=500").value["entry"]
    kinds = {each["fullUrl"].split("/fhir/")[1] for each in history}
    assert f"Observation/{inside}" in kinds and f"Observation/{outside}" not in kinds
    assert not any(each.startswith("Condition/") for each in kinds)
    body = observation(person, category=[VITALS])
    assert lab("POST", "Observation", body).status == 403
    assert lab("POST", "Observation", observation(person, category=[LABORATORY])).status == 201
    turned = lab("PUT", f"Observation/{inside}", {**body, "id": inside})
    assert turned.status == 403 and lab("DELETE", f"Observation/{outside}").status == 403
    entry = {"resource": body, "request": {"method": "POST", "url": "Observation"}}
    whole = lab("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert whole.status == 403
    asked_of = {"resource": {"resourceType": "Condition"}, "request": {"method": "POST", "url": "Condition"}}
    batch = lab("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": [asked_of]})
    assert batch.value["entry"][0]["response"]["status"].startswith("403")


def test_an_old_version_is_judged_by_what_it_said(places):
    clinic = places[0]
    lab = opened(clinic, "system/Observation.rs?category=laboratory")
    made = clinic("POST", "Observation", observation("p", category=[VITALS])).value
    where = f"Observation/{made['id']}"
    clinic("PUT", where, {**made, "category": [LABORATORY]})
    assert lab("GET", where).status == 200 and lab("GET", f"{where}/_history/2").status == 200
    assert lab("GET", f"{where}/_history/1").status == 404
    assert [each["response"]["etag"] for each in lab("GET", f"{where}/_history").value["entry"]] == ['W/"2"']


def test_a_patch_shows_and_tests_nothing_that_may_not_be_read(places):
    made = places[0]("POST", "Patient", patient()).value
    writer = opened(places[0], "system/Patient.u")
    kind = {"content_type": "application/json-patch+json"}
    step = [{"op": "replace", "path": "/gender", "value": "male"}]
    told = writer("PATCH", f"Patient/{made['id']}", step, **kind)
    assert (told.status, told.value) == (200, None)
    guess = [{"op": "test", "path": "/birthDate", "value": "1960-06-06"}]
    assert writer("PATCH", f"Patient/{made['id']}", guess, **kind).status == 403


@pytest.mark.parametrize("text", [
    "system/Nothing.rs", "system/Patient.sr", "system/Patient.", "user/Patient.rs", "system/*.rs?_tag=x", "Patient.rs",
    "system/Observation.rs?patient.name=x", "system/Observation.rs?_has:Provenance:target:agent=x", "system/Patient.rs?_count=1",
    "system/Observation.rs?odd=1", "system/AuditEvent.rs?date=2026", "system/Patient.rs?", "system/Observation.rs?date=ap2026",
])  # fmt: skip
def test_a_scope_that_would_narrow_nothing_is_refused(text):
    from tasuki_server.exchange.scopes import BadScope, Grant, kept_scopes, read_scope

    with pytest.raises(BadScope):
        read_scope(text)
    assert not Grant((kept_scopes([text]),)).some("r")


def _scopes(chance: random.Random) -> list[str]:
    made = []
    for _ in range(chance.randrange(1, 5)):
        kind = chance.choice(("Patient", "Observation", "Condition", "*", "Observation", "Patient"))
        letters = "".join(each for each in "cruds" if chance.random() < 0.5) or "r"
        narrowed = {"Observation": ("?category=laboratory", "?category=vital-signs", "?status=final", ""), "Patient": ("?gender=female", "?gender=male", "")}  # fmt: skip
        made.append(f"system/{kind}.{letters}{chance.choice(narrowed.get(kind, ('',)))}")
    return made


_TRUE_OF = {
    "category=laboratory": lambda each: "laboratory" in str(each.get("category")),
    "category=vital-signs": lambda each: "vital-signs" in str(each.get("category")),
    "status=final": lambda each: each.get("status") == "final",
    "gender=female": lambda each: each.get("gender") == "female",
    "gender=male": lambda each: each.get("gender") == "male",
}


def _judge(scopes: list[str], resource: dict[str, Any], letter: str) -> bool:
    """The naive judge: the words of each scope, read by hand."""
    for each in scopes:
        head, _, asked_of = each.removeprefix("system/").partition("?")
        kind, letters = head.split(".")
        if (
            kind in ("*", resource["resourceType"])
            and letter in letters
            and (not asked_of or _TRUE_OF[asked_of](resource))
        ):
            return True
    return False


def _may(scopes: list[str], kind: str, letter: str) -> bool:
    return any(
        each.split("/")[1].split(".")[0] in ("*", kind) and letter in each.split(".")[1].split("?")[0]
        for each in scopes
    )


def test_random_scopes_agree_with_a_naive_judge(places, store):
    """Each way of reading and writing × random sets of scopes."""
    from tasuki_server.exchange import clients

    clinic = places[0]
    everything = {
        f"{kind}/{each}": clinic("GET", f"{kind}/{each}").value
        for kind, each in (("Patient", store["pa"]), ("Observation", store["laba"]), ("Observation", store["vitala"]), ("Condition", store["ca"]))
    }  # fmt: skip
    made = opened(clinic, "system/*.cruds")
    chance = random.Random(7)
    seen = 0
    for turn in range(30):
        scopes = _scopes(chance)
        clients.set_scopes(made.client, scopes)
        forget_scopes()
        for where, resource in everything.items():
            kind = resource["resourceType"]
            wanted = 403 if not _may(scopes, kind, "r") else 200 if _judge(scopes, resource, "r") else 404
            assert made("GET", where).status == wanted, (scopes, where)
            assert made("GET", f"{where}/_history/1").status == wanted, (scopes, where)
            body = {name: each for name, each in resource.items() if name != "meta"}
            may_write = _judge(scopes, resource, "u")
            told = made("PUT", where, body, if_match='W/"999"')
            assert told.status == (412 if may_write else 403), (scopes, where, told.value)
        person = store["pa"]
        for kind, query in (
            ("Observation", f"patient={person}"),
            ("Condition", f"patient={person}"),
            ("Patient", f"_id={person}"),
        ):
            told = made("GET", f"{kind}?{query}")
            if not _may(scopes, kind, "s"):
                assert told.status == 403, (scopes, kind)
                continue
            found = {f"{kind}/{each['resource']['id']}" for each in told.value.get("entry", [])}
            wanted_all = {
                where
                for where, each in everything.items()
                if each["resourceType"] == kind and _judge(scopes, each, "s")
            }
            assert found & set(everything) == wanted_all, (scopes, kind)
            seen += len(found)
        chained = made("GET", "Observation?patient.gender=female&_count=200")
        if not (_may(scopes, "Observation", "s") and _may(scopes, "Patient", "s")):
            assert chained.status == 403
        else:
            through = _judge(scopes, everything[f"Patient/{person}"], "s")
            found = {f"Observation/{each['resource']['id']}" for each in chained.value.get("entry", [])}
            wanted_all = {
                where
                for where, each in everything.items()
                if through and each["resourceType"] == "Observation" and _judge(scopes, each, "s")
            }
            assert found & set(everything) == wanted_all, scopes
        batch = made("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": where}} for where in everything]})  # fmt: skip
        told_of = [each["response"]["status"][:3] for each in batch.value["entry"]]
        assert told_of == [str(403 if not _may(scopes, each["resourceType"], "r") else 200 if _judge(scopes, each, "r") else 404) for each in everything.values()]  # fmt: skip
        seen += _other_ways(made, scopes, everything, person)
        if turn % 10 == 0:
            _exported_way(made, scopes, everything)
    assert seen > 30


def _other_ways(made: Program, scopes: list[str], everything: dict[str, Any], person: str) -> int:
    """History of a type, $everything and what is included."""
    meant = {where: each for where, each in everything.items() if each["resourceType"] != "Patient"}
    told = made("GET", "Observation/_history?_count=500")
    assert told.status == (200 if _may(scopes, "Observation", "s") else 403)
    if told.status == 200:
        found = {each["fullUrl"].split("/fhir/")[1] for each in told.value.get("entry", [])}
        wanted = {where for where, each in meant.items() if each["resourceType"] == "Observation" and _judge(scopes, each, "s")}  # fmt: skip
        assert found & set(meant) == wanted, scopes
    whole = made("GET", f"Patient/{person}/$everything?_count=500")
    whose = everything[f"Patient/{person}"]
    may_read = _judge(scopes, whose, "r")
    assert whole.status == (403 if not _may(scopes, "Patient", "r") else 200 if may_read else 404), scopes
    if whole.status == 200:
        found = {each["fullUrl"].split("/fhir/")[1] for each in whole.value["entry"]}
        wanted = {where for where, each in meant.items() if _judge(scopes, each, "s")}
        assert found & set(everything) == wanted | {f"Patient/{person}"}, scopes
    told = made("GET", f"Observation?patient={person}&_include=Observation:patient")
    if told.status == 200:
        found = {
            each["fullUrl"].split("/fhir/")[1]: each["search"]["mode"] for each in told.value.get("entry", [])
        }
        assert (f"Patient/{person}" in found) == (bool(found) and may_read), scopes
        return len(found)
    return 0


def _exported_way(made: Program, scopes: list[str], everything: dict[str, Any]) -> None:
    kinds = [
        each
        for each in ("Condition", "Observation", "Patient")
        if _may(scopes, each, "r") and _may(scopes, each, "s")
    ]
    told = made("GET", f"$export?_type={','.join(kinds or ['Condition'])}", prefer="respond-async")
    assert told.status == (202 if kinds else 403), scopes
    if not kinds:
        return
    where = told.headers["content-location"].split("/fhir/")[1]
    while (told := made("GET", where)).status == 202:
        time.sleep(0.02)
    found = set()
    for each in told.value["output"]:
        for line in made.raw("GET", each["url"].split("/fhir/")[1]).body.splitlines():
            one = json.loads(line)
            found.add(f"{one['resourceType']}/{one['id']}")
    wanted = {
        where for where, each in everything.items() if _judge(scopes, each, "r") and _judge(scopes, each, "s")
    }
    assert found & set(everything) == wanted, scopes


def test_the_command_line_registers_changes_and_stops(places, tmp_path, monkeypatch, capsys):
    import argparse

    from tasuki_server.cli import fhir_clients

    def run(*given: str) -> Any:
        parser = argparse.ArgumentParser()
        parser.add_argument("--format", default="json")
        fhir_clients.add_verbs(parser.add_subparsers())
        args = parser.parse_args(list(given))
        # The command opens a connection of its own; here there is one.
        act = next(cell.cell_contents for cell in args.verb.__closure__ if callable(cell.cell_contents))
        act(args)
        return json.loads(capsys.readouterr().out)

    key = tmp_path / "key.json"
    made = ECKey.generate_key("P-384")
    key.write_text(json.dumps(made.as_dict(private=False)))
    here = ("--institution", str(places[0].row.id))
    told = run(
        "client",
        "add",
        *here,
        "--name",
        "試験",
        "--key",
        str(key),
        "--scope",
        "system/Patient.rs",
        "--bearer",
    )
    forget_scopes()
    from tasuki_server.exchange.models import ExchangeClient

    client = Program(ExchangeClient.objects.get(pk=told["id"]), made)
    client.token = client.ask_token().value["access_token"]
    assert client("GET", "Patient?_count=1").status == 200
    assert run("client", "scopes", told["id"], "--scope", "system/Observation.s")["scopes"] == [
        "system/Observation.s"
    ]
    forget_scopes()
    assert client("GET", "Patient?_count=1").status == 403
    listed = {each["id"]: each for each in run("client", "list")}[told["id"]]
    assert listed["keys"] == [made.thumbprint()] and not listed["is_stopped"]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(ECKey.generate_key("P-256").as_dict(private=False)))
    added = run("client", "key", told["id"], "--add", str(other))["key"]
    run("client", "key", told["id"], "--stop", added)
    run("client", "stop", told["id"])
    assert client("GET", "Observation?_count=1").status == 401
    assert run("narrow", *here, "--scope", "system/Patient.rs")["scopes"] == ["system/Patient.rs"]
    forget_scopes()
    assert places[0]("GET", "Condition?_count=1").status == 403
    assert run("narrow", *here, "--whole")["scopes"] is None
    forget_scopes()
    assert places[0]("GET", "Condition?_count=1").status == 200
    with pytest.raises(Exception, match="秘密鍵"):
        key.write_text(json.dumps(made.as_dict(private=True)))
        run("client", "add", *here, "--name", "試験", "--key", str(key), "--scope", "system/Patient.rs")
