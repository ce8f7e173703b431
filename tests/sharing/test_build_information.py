# SPDX-License-Identifier: Apache-2.0
"""6情報の組立の試験 — whatever is built conforms, is the same each time, and reads back as the facts it was made of."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharing import made_facts as made
from tasuki.kernel.finding import Severity
from tasuki.kernel.strict_json import read_strictly
from tasuki.sharing.build.information import information_bundle, read_bundle
from tasuki.sharing.build.parts import to_json
from tasuki.sharing.build.prescription import build_drug, read_drug
from tasuki.sharing.validator import Validator

VALIDATOR = Validator()
FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


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
