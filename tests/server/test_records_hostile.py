# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービスの頑健さ — requests broken at random are refused and never a fault of ours; many at once are one."""

from __future__ import annotations

import copy
import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from records import Asker, allergy, disease, drug, letter, number_of, person, result, sending, summary, unit

pytestmark = pytest.mark.server
JUNK = (
    None,
    "",
    "x",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [None],
    [[]],
    {"value": None},
    "\u0000",
    "９" * 300,
    {"resourceType": "Patient"},
)
TRIES = 60


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield (
        Asker("9990161", "架空医院"),
        Asker("9990162", "仮想病院"),
        Asker("0000000", "本人の画面", "9", "00"),
    )
    close_house()


def holders(value):
    """Every place in a value where something else may stand."""
    found = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        inner = each.items() if isinstance(each, dict) else enumerate(each) if isinstance(each, list) else ()
        for name, held in inner:
            found.append((each, name))
            waiting.append(held)
    return found


def broken(value, chance):
    made = copy.deepcopy(value)
    for _ in range(chance.randrange(1, 4)):
        places = holders(made)
        if not places:
            break
        holder, name = chance.choice(places)
        if chance.random() < 0.4:
            del holder[name]
        else:
            holder[name] = copy.deepcopy(chance.choice(JUNK))
    return made


@pytest.mark.parametrize("kind", ["unit", "letter", "withdrawal", "grant", "view"])
def test_what_is_broken_at_random_is_no_fault_of_ours(places, kind):
    clinic, hospital, portal = places
    chance, who = random.Random(kind), person()
    insured = [{"number": number_of(who)}]
    asked = {
        "unit": (clinic, "informations", unit(clinic, who, "U", disease("d1"), disease("d2"))),
        "letter": (
            clinic, "documents",
            sending(
                letter(clinic, hospital, who, "L", diseases=(disease("d1"),), drugs=(drug("m1"),)), hospital,
                discharge=summary(clinic, who, "S"), attachments=[{"name": "a.pdf", "data": "JVBERi0x"}],
            ),
        ),
        "withdrawal": (portal, "person/withdrawals", {"insured": insured, "institution": hospital.number, "kinds": ["allergy"], "document": "x", "reason": "y"}),
        "grant": (portal, "person/permissions", {"insured": insured, "institution": hospital.number, "kinds": ["allergy"], "until": "2027-01-01T00:00:00+09:00", "since": "2026-12-01T00:00:00+09:00", "document": "", "proxy": "z"}),
        "view": (hospital, "views", {"insured": insured[0], "basis": "emergency", "kinds": ["allergy"], "reason": "意識のない状態"}),
    }  # fmt: skip
    place, path, value = asked[kind]
    statuses = set()
    for _ in range(TRIES):
        body = json.dumps(broken(value, chance), ensure_ascii=False).encode()
        told = place("POST", f"records/{path}", body)
        assert told.status < 500, (told.value, body)
        statuses.add(told.status)
    assert statuses & {400, 409, 422}


def test_units_of_somebody_new_at_once_make_one_person(places):
    clinic, _, _ = places
    who = person()
    facts = (
        [disease(f"d{n}") for n in range(3)]
        + [allergy(f"a{n}") for n in range(3)]
        + [result(f"r{n}") for n in range(2)]
    )
    bundles = [unit(clinic, who, f"U-{n}", fact) for n, fact in enumerate(facts)]
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda bundle: clinic("POST", "records/informations", bundle), bundles * 2))
    assert [each.status for each in told] == [200] * 16
    insured = number_of(who).replace(":", "%3A")
    assert clinic("GET", f"fhir/Patient?identifier={insured}&_summary=count").value["total"] == 1
    assert (
        clinic("GET", f"fhir/Condition?patient:Patient.identifier={insured}&_summary=count").value["total"]
        == 3
    )


def test_a_letter_sent_many_times_at_once_is_one(places):
    clinic, hospital, _ = places
    asked = sending(letter(clinic, hospital, person(), "L-once", diseases=(disease("d1"),)), hospital)
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda _: clinic("POST", "records/documents", asked), range(6)))
    assert {each.status for each in told} == {200}
    assert len({each.value["id"] for each in told}) == 1


def test_permissions_at_once_keep_their_order(places):
    _, hospital, portal = places
    who = person()
    insured = [{"number": number_of(who)}]
    given = {
        "insured": insured,
        "institution": hospital.number,
        "kinds": ["condition"],
        "until": "2027-06-01T00:00:00+09:00",
    }
    acts = [("person/permissions", given), ("person/withdrawals", {"insured": insured})] * 6
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda act: portal("POST", f"records/{act[0]}", act[1]), acts))
    assert {each.status for each in told} == {200}
    history = portal("GET", f"records/person/permissions?insured={number_of(who)}").value
    moments = [each["at"] for each in history["history"]]
    assert len(set(moments)) == 12 and moments == sorted(moments, reverse=True)
    last = history["history"][0]["act"]
    seen = hospital("GET", f"records/informations?insured={number_of(who)}&kind=condition").value["kinds"]
    assert seen[0]["is_open"] is (last == "portal")
