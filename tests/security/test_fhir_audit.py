# SPDX-License-Identifier: Apache-2.0
"""監査記録のFHIR出力 — every element that IHE BALP 1.1.x requires of a profile, written here from the profile itself."""

from __future__ import annotations

import base64
import json

import pytest

from tasuki.security.audit_chain import Event
from tasuki.security.fhir_audit import PROFILES, Place, audit_resources

PLACE = Place("1399900100", "ひがし野診療所", "https://clinic.example/")
EVENT = Event(
    "7d0c3b1e-0000-4000-8000-000000000001",
    7,
    "2026-06-15T00:30:00.123456+00:00",
    "医師 花子",
    "7d0c3b1e-0000-4000-8000-000000000002",
    "chart.read",
    "reception.visit",
    "7d0c3b1e-0000-4000-8000-000000000003",
    "7d0c3b1e-0000-4000-8000-000000000004",
    {"part": "versions"},
    "192.0.2.7",
    "0123456789ab",
    "TREAT",
)
ALONE = EVENT._replace(patient="")
# Profile, action, interaction, and the DICOM roles of client and server: BALP input/fsh, one file a profile.
RULES = {
    "chart.read": ("Read", "R", "read", "110152", "110153", {"IRCP"}),
    "document.print": ("Read", "R", "read", "110152", "110153", {"IRCP"}),
    "patient.search": ("Query", "E", "search", "110153", "110152", {"IRCP"}),
    "patient.register": ("Create", "C", "create", "110153", "110152", {"AUT", "INF", "CST"}),
    "bill.adjust": ("Update", "U", "update", "110153", "110152", {"AUT", "INF", "CST"}),
}


def agents(resource):
    return {agent["type"]["coding"][0]["code"]: agent for agent in resource["agent"]}


@pytest.mark.parametrize("action", RULES)
@pytest.mark.parametrize("event", [EVENT, ALONE], ids=["patient", "no patient"])
def test_what_the_profile_requires_is_there(action, event):
    profile, code, interaction, client, server, users = RULES[action]
    (made,) = audit_resources(event._replace(action=action), (), PLACE)
    assert made["meta"]["profile"] == [f"{PROFILES}{'Patient' if event.patient else ''}{profile}"]
    assert (made["type"]["code"], made["action"], made["outcome"]) == ("rest", code, "0")
    assert [each["code"] for each in made["subtype"]] == [interaction]
    assert made["recorded"] == EVENT.at
    found = agents(made)
    assert len(made["agent"]) == 3 and len(found) == 3
    for role in (client, server):
        assert found[role]["who"] and found[role]["network"]["address"] and found[role]["network"]["type"]
        assert found[role]["requestor"] is False and "media" not in found[role]
    (user,) = (agent for agent in made["agent"] if agent["requestor"])
    assert user["type"]["coding"][0]["code"] in users and user["who"] and "network" not in user
    assert user["purposeOfUse"] == made["purposeOfEvent"]
    assert made["source"]["observer"] == found[server]["who"]
    (data,) = (each for each in made["entity"] if each["type"]["code"] == "2")
    if profile == "Query":
        assert data["role"]["code"] == "24" and base64.b64decode(data["query"])
        assert not {"what", "detail", "lifecycle"} & set(data)
    else:
        assert data["role"]["code"] == "4" and data["what"]["identifier"]["value"]
    people = [each for each in made["entity"] if each["type"]["code"] == "1"]
    assert [each["what"]["reference"] for each in people] == (
        [f"Patient/{event.patient}"] if event.patient else []
    )
    assert all(each["role"]["code"] == "1" for each in people)


def test_a_list_becomes_one_query_for_each_patient():
    made = list(audit_resources(ALONE._replace(action="page.read"), ("p2", "p1"), PLACE))
    assert [each["entity"][0]["what"]["reference"] for each in made] == ["Patient/p1", "Patient/p2"]
    assert {each["meta"]["profile"][0] for each in made} == {f"{PROFILES}PatientQuery"}
    assert len({each["id"] for each in made}) == 2 and all(len(each["id"]) <= 64 for each in made)


def test_a_failure_is_no_success_and_claims_no_profile():
    for action in ("access.refused", "sign_in.failed"):
        (made,) = audit_resources(ALONE._replace(action=action), (), PLACE)
        assert made["outcome"] == "4" and "meta" not in made


def test_signing_in_is_user_authentication():
    (made,) = audit_resources(ALONE._replace(action="sign_in"), (), PLACE)
    assert (made["type"]["code"], made["subtype"][0]["code"]) == ("110114", "110122")


def test_what_the_system_does_by_itself_comes_from_the_server():
    (made,) = audit_resources(ALONE._replace(address="", session=""), (), PLACE)
    assert all(
        agent["network"]["address"] == PLACE.address for agent in made["agent"] if not agent["requestor"]
    )


def test_the_name_of_the_patient_is_nowhere():
    (made,) = audit_resources(EVENT, (), PLACE)
    assert "display" not in json.dumps(made["entity"][0]["what"])
