# SPDX-License-Identifier: Apache-2.0
"""6情報の組立の試験 — whatever is built conforms, is the same each time, and reads back as the facts it was made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sharing import made_facts as made
from tasuki.chart.visit import Diagnosis
from tasuki.kernel.finding import BadInput, Severity
from tasuki.kernel.messages import sentence
from tasuki.kernel.strict_json import read_strictly
from tasuki.sharing.build.around import (
    Around,
    DepartmentFacts,
    InsuredNumber,
    PatientFacts,
    Place,
    VisitFacts,
)
from tasuki.sharing.build.facts import AllergenKind, AllergyFacts, ConditionFacts, Information
from tasuki.sharing.build.information import deletion_bundle, information_bundle, read_bundle
from tasuki.sharing.build.parts import JAPAN, to_json
from tasuki.sharing.build.prescription import build_drug, read_drug
from tasuki.sharing.validator import Validator

VALIDATOR = Validator()
FACTS = ConditionFacts(
    "c1",
    Diagnosis("8840001", date(2026, 1, 1), name="架空症"),
    visit=VisitFacts("v", Place.OUTPATIENT),
)
FEW = settings(
    max_examples=20, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)


def made_around() -> Around:
    return Around(
        made.INSTITUTION,
        PatientFacts(
            "1", "架空", "太郎", date(1960, 4, 1), None, "架空県架空市", InsuredNumber("1", "あ", "１")
        ),
        datetime(2026, 4, 1, 9, tzinfo=JAPAN),
        "unit-1",
        DepartmentFacts("01", "内科"),
    )


def conforms(resource: dict) -> None:
    found = VALIDATOR.validate(to_json(resource))
    assert [each for each in found if each.severity is not Severity.ADVICE] == []


@pytest.mark.parametrize("kind", ["condition", "allergy", "lab"])
@FEW
@given(data=st.data())
def test_a_unit_conforms_and_reads_back(kind: str, data: st.DataObject):
    around = data.draw(made.arounds())
    facts = data.draw(made.units(kind))
    bundle = information_bundle(facts, around)
    conforms(bundle)
    assert to_json(information_bundle(facts, around)) == to_json(bundle)
    received = read_bundle(read_strictly(to_json(bundle)))
    assert list(received.facts) == facts
    assert received.patient == around.patient
    assert (received.bundle_number, received.institution_number) == (
        around.bundle_number,
        around.institution.number,
    )
    assert received.sent_at == around.sent_at


@FEW
@given(made.arounds(), made.drugs())
def test_a_drug_conforms_and_reads_back(around, facts):
    resource = build_drug(facts, around)
    conforms(resource)
    assert read_drug(read_strictly(to_json(resource))) == facts


def test_a_unit_is_taken_back_by_the_patient_alone():
    around = made_around()
    bundle = deletion_bundle(Information.CONDITION, around)
    found = VALIDATOR.validate(to_json(bundle))
    assert [(each.code, each.severity) for each in found] == [("FHIR-K-10", Severity.CONFIRM)]
    assert (
        bundle["identifier"] == information_bundle([FACTS], replace(around, visit=FACTS.visit))["identifier"]
    )
    assert read_bundle(bundle).facts == ()
    with pytest.raises(BadInput):
        deletion_bundle(Information.PRESCRIPTION, around)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ([], "送る情報がありません"),
        ([FACTS, AllergyFacts("a", AllergenKind.FOOD, "架空")], "その他アレルギー等、傷病名"),
        ([FACTS, FACTS], "重ならない番号"),
        ([replace(FACTS, visit=None)], "受診（入院・外来の別）がありません"),
        ([replace(FACTS, onset_text="不明")], "病名開始日がありません"),
    ],
)
def test_what_is_no_unit_is_refused_and_told_in_japanese(facts: list, said: str):
    with pytest.raises(BadInput) as wrong:
        information_bundle(facts, made_around())
    assert said in sentence(wrong.value.findings[0])
