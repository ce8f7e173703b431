# SPDX-License-Identifier: Apache-2.0
"""健診結果報告書の試験 — every kind built, valid to its profile, read back without loss, converted both ways."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings

from sharing import made_up_checkups as made_up
from tasuki.kernel.finding import BadInput, Severity
from tasuki.kernel.messages import sentence
from tasuki.kernel.strict_json import read_strictly
from tasuki.sharing.checkups import (
    build_report,
    check_checkup,
    check_report,
    differences,
    facts_of,
    numbered,
    read_checkup,
    read_report,
    write_checkup,
    write_json,
)
from tasuki.sharing.checkups.conversion import CheckupWire
from tasuki.sharing.checkups.kinds import PROGRAMS
from tasuki.sharing.checkups.values import CheckupKind, PersonName

PROFILES = {
    "Composition", "Encounter", "Practitioner", "Organization", "OrganizationInsurer", "CoverageService",
    "CoverageInsurance", "Observation", "ObservationGroup",
}  # fmt: skip


def errors(bundle) -> list[str]:
    return [sentence(each) for each in check_report(bundle) if each.severity is Severity.BLOCK]


@pytest.mark.parametrize("kind", CheckupKind)
def test_every_kind_is_valid_to_its_profiles_and_read_back(kind: CheckupKind):
    checkup = made_up.report(kind)
    bundle = build_report(checkup)
    assert errors(bundle) == []
    claimed = {url for each in bundle["entry"] for url in each["resource"]["meta"]["profile"]}
    assert {url.rpartition("/JP_")[2].removesuffix("_eCheckupGeneral") for url in claimed} >= PROFILES | {
        "Patient"
    }
    read = read_report(write_json(bundle))
    assert read.left == ()
    assert differences(checkup, read.checkup, CheckupWire.FHIR) == ()
    assert write_json(build_report(read.checkup)) == write_json(bundle)


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_every_program_is_valid(program: str):
    fact = PROGRAMS[program]
    whole = made_up.checkup(program=program, report=fact.xml_report)
    sections = (replace(whole.sections[0], code=fact.xml_section),)
    checkup = replace(whole, sections=sections, numbers=made_up.NUMBERS)
    bundle = build_report(checkup)
    assert errors(bundle) == []
    codes = [each["code"]["coding"][0]["code"] for each in bundle["entry"][0]["resource"]["section"]]
    assert set(codes) == (
        {"01990", fact.results} if fact.xml_section == "01990" else {fact.results, fact.questions}
    )
    assert read_report(write_json(bundle)).left == ()


def test_a_value_and_its_absence_stand_where_the_profile_has_them():
    bundle = build_report(made_up.report())
    found = {
        each["resource"]["code"]["coding"][0]["code"]: each["resource"]
        for each in bundle["entry"]
        if each["resource"]["resourceType"] == "Observation"
    }
    assert found["9N011000000000001"]["valueQuantity"]["unit"] == "kg/m2"
    assert found["9A751000000000001"]["valueQuantity"]["unit"] == "mmHg"
    assert found["1A010000000191111"]["dataAbsentReason"]["coding"][0]["code"] == "not-performed"
    assert found["1A020000000191111"]["dataAbsentReason"]["coding"][0]["code"] == "error"
    assert found["1A010000000191111"]["status"] == found["1A020000000191111"]["status"] == "cancelled"
    assert found["3F015000002327101"]["interpretation"][0]["coding"][0]["code"] == "HX"
    assert found["9N056000000000011"]["component"][0]["valueString"] == "ヘルニア、膀胱炎"
    assert "9N056160400000049" not in found
    relations = [each["extension"][0]["valueCode"] for each in found["9A110"]["hasMember"]]
    assert relations == ["COMP", "COMP", "RSON", "RSON"]
    assert "70.0" in write_json(found["9N016160100000001"]).decode()


@settings(max_examples=8)
@given(made_up.checkups())
def test_from_xml_to_fhir_and_back_nothing_is_lost(checkup):
    made_at = datetime.combine(checkup.issued_on, made_up.MADE_AT.timetz())
    given_number = numbered(checkup, made_at, "n-1")
    converted = write_checkup(given_number, CheckupWire.FHIR)
    assert errors(read_strictly(converted.data, 100)) == []
    told = {each.where.record for each in converted.lost}
    assert told <= {"報告区分", "文書の題名"}
    report = read_checkup(converted.data).checkup
    back = write_checkup(report, CheckupWire.XML)
    again = read_checkup(back.data).checkup
    before, after = facts_of(checkup), facts_of(again)
    assert {name: text for name, text in before.items() if after.get(name) != text}.keys() <= {"報告区分"}


def test_the_number_is_made_from_the_content():
    one = numbered(made_up.checkup(), made_up.MADE_AT)
    same = numbered(made_up.checkup(), made_up.MADE_AT)
    other = numbered(made_up.checkup(held_on=made_up.ISSUED), made_up.MADE_AT)
    assert one.numbers.bundle == same.numbers.bundle != other.numbers.bundle
    assert one.numbers.bundle.startswith("1319999999^2026^")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"numbers": replace(made_up.NUMBERS, bundle="12")}, "文書の番号"),
        ({"numbers": replace(made_up.NUMBERS, made_at=datetime(2026, 6, 30, 9, 0))}, "作成日時"),  # noqa: DTZ001
        ({"program": "100"}, "プログラム種別"),
        ({"doctors": (), "sections": (replace(made_up.checkup().sections[0], entries=made_up.entries()[:3]),)}, "医師の氏名"),
        ({"sections": ()}, "健診項目"),
        ({"examinee": replace(made_up.report().examinee, address="")}, "住所"),
        ({"examinee": replace(made_up.report().examinee, kana=None, kanji=None)}, "氏名"),
    ],
)  # fmt: skip
def test_what_a_report_must_have_is_asked_for(change, word):
    with pytest.raises(BadInput) as caught:
        build_report(replace(made_up.report(), **change))
    assert any(word in sentence(each) for each in caught.value.findings)


def test_a_blank_of_full_width_in_a_name_is_told():
    person = replace(made_up.checkup().examinee, kana=PersonName("カクウ　タロウ"))
    converted = write_checkup(numbered(made_up.checkup(examinee=person), made_up.MADE_AT), CheckupWire.FHIR)
    (told,) = [each for each in converted.lost if each.where.record == "受診者の氏名カナ"]
    assert told.facts["after"] == "カクウ タロウ"


def test_what_only_fhir_has_is_listed_when_xml_is_written():
    lost = {each.where.record for each in write_checkup(made_up.report(), CheckupWire.XML).lost}
    assert lost >= {"文書の番号", "受診者の氏名", "保険の種別", "保険者の名称", "受診形態"}
    assert not any(each.startswith("項目") for each in lost)


def test_members_listed_beside_their_group_are_read_once():
    bundle = json.loads(write_json(build_report(made_up.report())))
    section = bundle["entry"][0]["resource"]["section"][0]
    group = next(each["resource"] for each in bundle["entry"] if "hasMember" in each["resource"])
    section["entry"] += [{"reference": each["reference"]} for each in group["hasMember"]]
    read = read_report(json.dumps(bundle).encode())
    assert read.checkup.items() == read_report(write_json(build_report(made_up.report()))).checkup.items()
    assert {each.where.record for each in read.left} == {"Composition.section.entry.reference"}


UGLY = [
    None,
    "",
    0,
    -1,
    [],
    {},
    [{}],
    "2026",
    "x" * 300,
    "urn:uuid:x",
    "\x00",
    True,
    {"coding": [{}]},
    {"text": "a"},
]


def test_whatever_is_changed_in_a_report_the_answer_is_a_checkup_or_findings():
    chosen = random.Random(11)
    text = write_json(build_report(made_up.report())).decode()
    read_count = 0
    for _ in range(25):
        bundle = json.loads(text)
        holder = chosen.choice(bundle["entry"])["resource"]
        while True:
            key = chosen.choice(list(holder) if type(holder) is dict else range(len(holder)))
            if type(holder[key]) not in (dict, list) or not holder[key] or chosen.random() < 0.2:
                break
            holder = holder[key]
        if chosen.random() < 0.7:
            del holder[key]
        else:
            holder[key] = chosen.choice(UGLY)
        try:
            checkup = read_report(json.dumps(bundle).encode()).checkup
            read_count += 1
            check_checkup(checkup)
            write_checkup(checkup, CheckupWire.XML)
        except BadInput as wrong:
            assert all(sentence(each) for each in wrong.findings)
    assert 3 < read_count < 25


def test_a_list_of_answers_that_has_a_url_only_is_told_when_xml_is_written():
    bundle = json.loads(write_json(build_report(made_up.report())))
    coding = next(
        each["resource"]["valueCodeableConcept"]["coding"][0]
        for each in bundle["entry"]
        if "valueCodeableConcept" in each["resource"]
    )
    coding["system"] = "http://example.org/answers"
    read = read_report(json.dumps(bundle).encode())
    assert read.left == ()
    lost = {each.where.record for each in write_checkup(read.checkup, CheckupWire.XML).lost}
    assert "項目9N056000000000011の選択肢の表" in lost


def changed(**at: object) -> bytes:
    bundle = json.loads(write_json(build_report(made_up.report())))
    for path, value in at.items():
        kind, *names = path.split("__")
        resource = next(
            each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == kind
        ) if kind != "Bundle" else bundle  # fmt: skip
        for name in names[:-1]:
            resource = resource[int(name) if name.isdigit() else name]
        if value is None:
            resource.pop(names[-1])
        else:
            resource[names[-1]] = value
    return json.dumps(bundle).encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "CHK-F-01"),
        (b"[]", "CHK-F-01"),
        (b'{"resourceType": "Patient"}', "CHK-F-01"),
        (b'{"resourceType": "Bundle", "type": "collection"}', "CHK-F-01"),
        (b'{"resourceType": "Bundle", "type": "document"}', "FHIR-C-01"),
        (changed(Patient__address=None), "FHIR-C-01"),
        (changed(Patient__gender="unknown"), "CHK-X-07"),
        (changed(Patient__birthDate="1970"), "CHK-X-07"),
        (changed(Composition__section__0__entry__0__reference="urn:uuid:00000000-0000-4000-8000-000000000000"), "FHIR-R-03"),
    ],
)  # fmt: skip
def test_broken_reports_are_answered(data: bytes, code: str):
    with pytest.raises(BadInput) as caught:
        read_report(data, "報告書.json")
    assert code in {each.code for each in caught.value.findings}
    assert all("報告書.json" in sentence(each) for each in caught.value.findings)
