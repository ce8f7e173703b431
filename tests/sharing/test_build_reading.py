# SPDX-License-Identifier: Apache-2.0
"""受信の試験 — official examples are read and built anew; whatever else comes is read or refused, never a crash."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from typing import Any

import pytest

from sharing import invented, official
from sharing import made_facts as made
from sharing.test_build_documents import example
from sharing.test_build_information import VALIDATOR, conforms
from tasuki.chart.visit import Outcome
from tasuki.kernel.finding import BadInput, Severity
from tasuki.sharing.build import names
from tasuki.sharing.build.codes import CodeKind, CodeMap, Mapping
from tasuki.sharing.build.discharge import build_discharge_summary, read_discharge_summary
from tasuki.sharing.build.facts import ConditionFacts, Flag, LabFacts, LabStatus, Withdrawal
from tasuki.sharing.build.information import build, information_bundle, read, read_bundle, read_codes
from tasuki.sharing.build.parts import to_json
from tasuki.sharing.build.referral import build_referral, read_referral
from tasuki.sharing.build.summary import build_patient_summary, read_patient_summary

UGLY: tuple[Any, ...] = (
    None,
    "",
    " ",
    0,
    -1,
    10**30,
    True,
    [],
    {},
    [None],
    ["x"],
    [{}],
    {"a": 1},
    "9999-99-99T",
)
EXAMPLES = {
    name: value
    for name, value in (official.examples().items() if official.FHIR.exists() else ())
    if (name.startswith("jp-clins/") and value["resourceType"] in ("Condition", "AllergyIntolerance"))
    or name.startswith("jp-clins/MedicationRequest-Example")
    or name.startswith("jp-clins/Observation-Example-JP-Obs-LabResult")
}


@official.examples_present
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_official_example_is_read_and_built_anew(name: str):
    """Everything the facts hold survives; what a clinic's facts do not hold (injection details …) is not kept."""
    given = EXAMPLES[name]
    facts = read(given)
    assert facts is not None
    if isinstance(facts, LabFacts):
        facts = replace(facts, flags=frozenset())  # an older guide let 長期保存 stand on any test
    kind = {"Condition": CodeKind.DISEASE, "Observation": CodeKind.LAB, "MedicationRequest": CodeKind.DRUG}
    code = facts.local_code if given["resourceType"] == "Observation" else _code(facts)
    known = Mapping(kind.get(given["resourceType"], CodeKind.ALLERGEN), code, read_codes(given))
    again = build(facts, replace(example(made.arounds()), codes=CodeMap([known])))
    conforms(again)
    kept_codes = set(read_codes(again))
    assert {each for each in read_codes(given) if each.system != names.JLAC10} <= kept_codes
    kept = read(again)
    assert kept is not None
    if isinstance(kept, ConditionFacts) and isinstance(facts, ConditionFacts) and kept.onset_text == "不明":
        kept = replace(kept, diagnosis=replace(kept.diagnosis, since=facts.diagnosis.since))
    assert {**_members(kept), "visit": None} == {**_members(facts), "visit": None}
    codes = (again.get("code") or again["medicationCodeableConcept"])["text"]
    assert codes == (given.get("code") or given["medicationCodeableConcept"])["text"]


def _code(facts: Any) -> str:
    return facts.diagnosis.code if isinstance(facts, ConditionFacts) else facts.code


def _members(facts: Any) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in type(facts).__dataclass_fields__}


@official.examples_present
def test_the_official_bundles_are_read():
    examples = official.examples()
    unit = read_bundle(examples["jp-clins/Bundle-Bundle-CLINS-Observations-Example-01.json"])
    assert (unit.institution_number, len(unit.facts)) == ("1318814790", 4)
    assert [each.local_code for each in unit.facts][:2] == ["0000181800", "10000181802"]
    sent_by, letter = read_referral(examples["jp-clins/Bundle-Bundle-CLINS-Referral-Example-01.json"])
    assert sent_by.institution.name == "港診療所"
    assert (letter.recipient.name, letter.purpose) == ("東京第一テスト病院", "腹痛精査お願いします。")
    assert len(letter.allergies.facts) == 3
    assert [each.onset_text for each in letter.past.facts] == ["2018", "2021"]
    assert [each.onset_text for each in letter.present.facts] == ["不明"]
    again = build_referral(letter, _around_of(sent_by))
    conforms(again)
    assert read_referral(again)[1].complaint.text == letter.complaint.text


def _around_of(sent_by: Any) -> Any:
    around = example(made.arounds())
    return type(around)(
        sent_by.institution,
        sent_by.patient,
        around.sent_at,
        "again-1",
        around.department,
        sent_by.doctor,
        around.visit,
        CodeMap(),
    )


@pytest.mark.parametrize(
    ("status", "ended", "outcome"),
    [
        ("resolved", "2026-01-01", Outcome.CURED),
        ("remission", "2026-01-01", Outcome.STOPPED),
        ("remission", None, Outcome.CONTINUING),
        ("inactive", "2026-01-01", Outcome.STOPPED),
        ("active", None, Outcome.CONTINUING),
    ],
)
def test_what_others_say_of_an_end_is_understood(status: str, ended: str | None, outcome: Outcome):
    given = invented.condition()
    given["clinicalStatus"]["coding"][0]["code"] = status
    if ended:
        given["abatementDateTime"] = ended
    facts = read(given)
    assert facts is not None and facts.diagnosis.outcome is outcome


def test_what_was_taken_back_is_never_read_as_if_it_stood():
    disease, allergy, result = invented.condition(), invented.allergy(), invented.lab()
    disease["verificationStatus"]["coding"][0]["code"] = "entered-in-error"
    allergy["verificationStatus"] = {"coding": [{"system": names.ALLERGY_CERTAINTY, "code": "refuted"}]}
    result["status"] = "entered-in-error"
    drug = build(example(made.drugs()), example(made.arounds()))
    drug["status"] = "cancelled"
    assert read(disease).withdrawal is Withdrawal.ERROR  # type: ignore[union-attr]
    told = read(allergy)
    assert (told.withdrawal, told.is_active) == (Withdrawal.REFUTED, False)  # type: ignore[union-attr]
    assert read(result).status is LabStatus.CANCELLED  # type: ignore[union-attr]
    result["status"] = "unknown"
    assert read(result).status is LabStatus.PRELIMINARY  # type: ignore[union-attr]
    with pytest.raises(BadInput):
        read(drug)


def test_half_width_kana_is_sent_full_width_and_control_characters_are_refused():
    around, allergy = example(made.arounds()), example(made.allergies())
    assert build(replace(allergy, substance="ｻﾊﾞ"), around)["code"]["text"] == "サバ"
    with pytest.raises(BadInput) as wrong:
        build(replace(allergy, substance="さ\x0bば"), around)
    assert wrong.value.findings[0].where.field == "substance"


def test_an_outcome_and_its_day_belong_together():
    facts = example(made.conditions())
    ended = replace(facts.diagnosis, outcome=Outcome.CURED, ended_on=None)
    with pytest.raises(BadInput) as wrong:
        build(replace(facts, diagnosis=ended), example(made.arounds()))
    assert wrong.value.findings[0].where.field == "ended_on"


def _places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        for key in value:
            found.append((value, key))
            _places(value[key], found)
    elif isinstance(value, list):
        for at in range(len(value)):
            found.append((value, at))
            _places(value[at], found)
    return found


def test_whatever_comes_is_read_or_refused():
    around = example(made.arounds())
    grounds = [
        (read_bundle, information_bundle(example(made.units("condition")), around)),
        (read_bundle, information_bundle(example(made.units("lab")), around)),
        (read_bundle, information_bundle(example(made.units("allergy")), around)),
        (read, build(example(made.drugs()), around)),
        (read_referral, build_referral(example(made.referrals()), around)),
        (read_discharge_summary, build_discharge_summary(example(made.discharges()), around)),
        (read_patient_summary, build_patient_summary(example(made.summaries()), around)),
    ]
    chance = random.Random(1004)
    refused = read_count = 0
    for number in range(350):
        reader, ground = grounds[number % len(grounds)]
        broken = copy.deepcopy(ground)
        for _ in range(chance.randint(1, 3)):
            holder, key = chance.choice(_places(broken, []))
            if chance.random() < 0.3:
                del holder[key]
            else:
                holder[key] = copy.deepcopy(chance.choice(UGLY))
        try:
            reader(broken)
            read_count += 1
        except BadInput as wrong:
            assert all(each.code.startswith("SHARE-") for each in wrong.findings)
            refused += 1
    assert refused > 10 and read_count > 100


def test_a_flag_stands_only_where_it_may():
    around = example(made.arounds())
    allergy = example(made.allergies())
    with pytest.raises(BadInput) as wrong:
        build(type(allergy)(**{**_members(allergy), "flags": frozenset([Flag.UNDELIVERED])}), around)
    assert wrong.value.findings[0].facts == {"flag": "未提供", "what": "アレルギー等"}
    found = VALIDATOR.validate(to_json(build(allergy, around)))
    assert all(each.severity is Severity.ADVICE for each in found)
