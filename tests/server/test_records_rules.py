# SPDX-License-Identifier: Apache-2.0
"""6情報の送信単位の規則 — each rule of JP_Bundle_CLINS by its number: broken, it refuses the whole or is asked about."""

from __future__ import annotations

import copy

import pytest

from records import Asker, allergy, disease, infection, person, result, unit
from tasuki.sharing.build.facts import Flag

pytestmark = pytest.mark.server
REFUSED, ASKED = "refused", "asked"


@pytest.fixture(scope="module")
def clinic(server):
    from tasuki_server.platform.house import close_house

    yield Asker("9990151", "架空医院")
    close_house()


def condition(bundle):
    return bundle["entry"][1]["resource"]


def without(*names):
    def act(bundle):
        for name in names:
            condition(bundle).pop(name, None)

    return act


def without_extension(word):
    def act(bundle):
        resource = condition(bundle)
        resource["extension"] = [each for each in resource["extension"] if word not in each["url"]]

    return act


def setting(path, value):
    def act(bundle):
        *way, last = path
        held = bundle
        for each in way:
            held = held[each]
        if value is None:
            del held[last]
        else:
            held[last] = value

    return act


def uncontained(kind):
    def act(bundle):
        resource = condition(bundle)
        resource["contained"] = [each for each in resource["contained"] if each["resourceType"] != kind]

    return act


def local_code_lost(bundle):
    code = condition(bundle)["code"]
    code["coding"] = [each for each in code["coding"] if "LocalCode" not in each["system"]]


def flagged(code):
    def act(bundle):
        tag = {"system": "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication", "code": code}
        condition(bundle).setdefault("meta", {})["tag"] = [tag]

    return act


PATIENT_FIRST = ("entry", 0, "resource")
RULES = [
    (
        "R0213 profile of the Bundle",
        "disease",
        setting(("meta", "profile"), ["http://example.jp/other"]),
        REFUSED,
    ),
    ("R02141 tag of the type", "disease", setting(("meta", "tag"), None), REFUSED),
    ("R02142 no drugs", "disease", setting(("meta", "tag", 0, "code"), "MedicationRequest"), REFUSED),
    ("R02151 system of the number", "disease", setting(("identifier", "system"), "urn:other"), REFUSED),
    ("R2152 form of the number", "disease", setting(("identifier", "value"), "C-1"), REFUSED),
    ("collection", "disease", setting(("type",), "document"), REFUSED),
    ("timestamp", "disease", setting(("timestamp",), None), REFUSED),
    ("lastUpdated", "disease", setting(("meta", "lastUpdated"), None), REFUSED),
    ("R0211 the person first", "disease", lambda bundle: bundle["entry"].reverse(), REFUSED),
    ("R0212 profile of the person", "disease", setting((*PATIENT_FIRST, "meta", "profile"), None), REFUSED),
    (
        "R02143 only the type of the tag",
        "disease",
        setting(("meta", "tag", 0, "code"), "Observation"),
        REFUSED,
    ),
    (
        "R1012 one insured number",
        "disease",
        setting((*PATIENT_FIRST, "identifier"), [{"system": "urn:x", "value": "1"}]),
        REFUSED,
    ),
    ("fullUrl", "disease", setting(("entry", 1, "fullUrl"), None), REFUSED),
    (
        "fullUrl twice",
        "disease",
        lambda bundle: bundle["entry"].append(copy.deepcopy(bundle["entry"][1])),
        REFUSED,
    ),
    (
        "no request",
        "disease",
        setting(("entry", 1, "request"), {"method": "POST", "url": "Condition"}),
        REFUSED,
    ),
    ("R9011 institution", "disease", without_extension("InstitutionNumber"), REFUSED),
    ("R9013C visit of a disease", "disease", uncontained("Encounter"), REFUSED),
    ("R9014C department of a disease", "disease", without_extension("Department"), REFUSED),
    ("R9015C onset", "disease", without("onsetDateTime"), REFUSED),
    ("R9013O visit of a result", "result", uncontained("Encounter"), REFUSED),
    ("R9014O department of a result", "result", without_extension("Department"), REFUSED),
    ("R9017O performer", "result", without("performer"), ASKED),
    (
        "R6081 no members",
        "result",
        lambda bundle: condition(bundle).update(hasMember=[{"display": "x"}]),
        ASKED,
    ),
    ("R6021 local code", "result", local_code_lost, ASKED),
    ("R6031 long keeping of infections alone", "result", flagged("LTS"), ASKED),
    ("R70010 only long keeping of allergies", "allergy", flagged("UNINFORMED"), ASKED),
]
FACTS = {"disease": disease, "result": result, "allergy": allergy}


@pytest.mark.parametrize(("name", "kind", "act", "expected"), RULES, ids=[each[0] for each in RULES])
def test_a_rule_of_the_unit(clinic, name, kind, act, expected):
    bundle = unit(clinic, person(), "U-1", FACTS[kind]("x1"))
    fine = clinic("POST", "records/informations", copy.deepcopy(bundle))
    assert fine.status == 200, fine.value
    act(bundle)
    told = clinic("POST", "records/informations", bundle)
    if expected == REFUSED:
        assert told.status == 422 and told.value["issue"][0]["diagnostics"], told.value
    elif told.status == 200:
        assert set(told.value["questions"]) - set(fine.value["questions"]), told.value
    else:
        assert told.status == 422


def test_a_unit_names_its_own_institution(clinic):
    other = Asker("9990152", "よその医院")
    bundle = unit(clinic, person(), "U-2", disease("d1"))
    assert other("POST", "records/informations", bundle).status == 422
    bundle["identifier"]["value"] = bundle["identifier"]["value"].replace(clinic.number, other.number)
    told = other("POST", "records/informations", bundle)
    assert told.status == 422 and "医療機関番号" in told.texts[0]


def test_an_interim_result_becomes_final_under_its_number(clinic):
    who = person()
    bundle = unit(clinic, who, "O-1", result("r1"))
    bundle["entry"][1]["resource"]["status"] = "preliminary"
    assert clinic("POST", "records/informations", copy.deepcopy(bundle)).status == 200
    bundle["entry"][1]["resource"]["status"] = "final"
    told = clinic("POST", "records/informations", bundle).value
    assert told["is_replacement"] and (told["written"], told["deleted"]) == (1, 0)


def test_a_report_may_hold_results_and_infections_together(clinic):
    told = clinic(
        "POST", "records/informations", unit(clinic, person(), "O-2", result("r1"), infection("i1"))
    )
    assert (told.status, told.value["written"]) == (200, 2)


def test_unit_and_reference_range_are_asked_for(clinic):
    told = clinic("POST", "records/informations", unit(clinic, person(), "O-3", result("r1")))
    assert any("基準値" in each for each in told.value["questions"])


def test_a_single_resource_of_a_unit_is_not_deleted_by_itself(clinic):
    assert clinic("DELETE", "records/informations").status == 405
    assert clinic("DELETE", "records/informations/x").status == 404


def test_ones_own_number_twice_in_a_unit_is_refused(clinic):
    bundle = unit(clinic, person(), "U-3", disease("d1"), disease("d2"))
    numbers = [each["resource"]["identifier"] for each in bundle["entry"][1:]]
    numbers[1][0]["value"] = numbers[0][0]["value"]
    told = clinic("POST", "records/informations", bundle)
    assert told.status == 422 and "二度" in told.texts[0]


def test_flags_may_stand_together(clinic):
    both = disease("d1", "架空症", Flag.LONG_KEEPING, Flag.UNINFORMED)
    assert clinic("POST", "records/informations", unit(clinic, person(), "U-4", both)).status == 200


def test_a_health_center_and_an_insurer_ask_no_other_service(clinic):
    for kind in ("7", "8"):
        other = Asker(f"999001{kind}", "機関", kind)
        for path in ("fhir/metadata", "eligibility/faces", "prescriptions/person"):
            assert other("GET", path).status == 403
        assert other("GET", "status").status == 200
