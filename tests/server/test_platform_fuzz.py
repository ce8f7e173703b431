# SPDX-License-Identifier: Apache-2.0
"""でたらめな電文 — whatever is sent to the eligibility service gets an answer, and never our own fault."""

from __future__ import annotations

import json
import random
from urllib.parse import quote

import pytest

from insured import make_cover, make_person

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def wire(server):
    from tasuki_server.platform.house import close_house
    from tasuki_server.platform.wire import Asker, wire_of

    make_cover(make_person(card="CARD-Z"), "1001", insurer="06139991", symbol="12-34", branch="01")
    yield wire_of(Asker(server.first.id, "13", "9990001", "試験医院"))
    close_house()


def test_broken_messages_are_answered(wire):
    from tasuki_server.drills.fuzz_values import broken, hostile
    from tasuki_server.eligibility.samples import samples

    chosen = random.Random(11)
    known = samples()
    answered = {}
    for _ in range(600):
        name = chosen.choice(sorted(known))
        body = known[name] if chosen.random() < 0.15 else broken(known[name], chosen)
        file = name if chosen.random() < 0.9 else hostile(chosen)[:40]
        reply = wire("POST", f"eligibility/messages?file={quote(file)}&zip={chosen.choice('01')}", body)
        assert reply.status == 200, (name, body[:300], reply.body[:300])
        answered[reply.media_type] = answered.get(reply.media_type, 0) + 1
    assert answered["application/xml"] > 100


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "１２\\u0000", "𠮷", "'; --", "%s"])
def test_strange_texts_are_answered_in_json_too(wire, text):
    """Half a surrogate, a zero and their kind stand in no table and in no answer of ours."""
    search = f'"InsurerNumber":"06139991","InsuredIdentificationNumber":"{text}","Birthdate":"19800401"'
    for extra in ("", f',"InsuredCardSymbol":"{text}"', f',"ArbitraryIdentifier":"{text}"', f',"{text}":"x"'):
        body = (
            f'{{"XmlMsg":{{"MessageHeader":{{"MedicalInstitutionCode":"1319990001","ArbitraryFileIdentifier":"{text}"}},'
            f'"MessageBody":{{"QualificationConfirmSearchInfo":{{{search + extra}}}}}}}}}'
        ).encode()
        for kind in ("OQSsiquc01req_1", "OQSmuquc01req_1", "OQSsiimm01req_1", "YZKsiquc01req_1"):
            assert wire("POST", f"eligibility/messages?file={kind}", body).status == 200


@pytest.mark.parametrize("place", ["cards", "people"])
def test_strange_cards_and_names_are_answered(wire, place):
    from tasuki_server.drills.fuzz_values import hostile

    chosen = random.Random(5)
    for _ in range(120):
        given = {"card": hostile(chosen)[:50], "way": chosen.choice(("1", "2", "9"))}
        if place == "people":
            given = {
                "name": hostile(chosen)[:50],
                "born": chosen.choice(("1980-04-01", "x")),
                "address": hostile(chosen)[:9],
            }
        assert wire("POST", f"eligibility/{place}", json.dumps(given).encode()).status == 200
    for body in (b"", b"[]", b"null", b"\xff", b'{"card": 7}'):
        assert wire("POST", f"eligibility/{place}", body).status == 200


def test_other_addresses_and_methods_are_refused_plainly(wire):
    for method, path, status in (
        ("GET", "eligibility/messages", 405), ("PUT", "eligibility/cards", 405), ("POST", "eligibility/faces", 405),
        ("GET", "eligibility/", 404), ("GET", "eligibility/messages/7", 404), ("GET", "nothing", 404),
        ("GET", "eligibility/faces?since=-1", 400), ("GET", "eligibility/faces?since=9999999999999999999999999", 400),
    ):  # fmt: skip
        assert wire(method, path).status == status
