# SPDX-License-Identifier: Apache-2.0
"""文書の組立の試験 — letters and summaries conform whatever they say, and say the same when read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sharing import made_facts as made
from sharing.test_build_information import conforms
from tasuki.kernel.finding import BadInput
from tasuki.kernel.strict_json import read_strictly
from tasuki.sharing.build.discharge import build_discharge_summary, read_discharge_summary
from tasuki.sharing.build.document import Part
from tasuki.sharing.build.parts import to_json
from tasuki.sharing.build.referral import build_referral, read_referral
from tasuki.sharing.build.summary import build_patient_summary, read_patient_summary

FEW = settings(
    max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@FEW
@given(made.arounds(), made.referrals(), made.discharges())
def test_a_letter_with_a_discharge_summary_conforms_and_reads_back(around, letter, summary):
    around = replace(around, unit_number="letter-1")
    inner = build_discharge_summary(summary, replace(around, unit_number="summary-1"))
    conforms(inner)
    bundle = build_referral(replace(letter, discharge_summaries=(inner,)), around)
    conforms(bundle)
    sent_by, read = read_referral(read_strictly(to_json(bundle), 100))
    assert replace(read, discharge_summaries=()) == letter
    assert [read_discharge_summary(each)[1] for each in read.discharge_summaries] == [summary]
    assert (sent_by.patient, sent_by.institution) == (around.patient, around.institution)
    assert (sent_by.doctor, sent_by.bundle_number) == (around.doctor, around.bundle_number)


@FEW
@given(made.arounds(), made.summaries())
def test_a_patient_summary_conforms_and_reads_back(around, summary):
    bundle = build_patient_summary(summary, around)
    conforms(bundle)
    assert read_patient_summary(read_strictly(to_json(bundle)))[1] == summary


def example(strategy: st.SearchStrategy):
    """One value, the same each time."""
    found = []

    @settings(max_examples=1, database=None, derandomize=True, deadline=None)
    @given(strategy)
    def keep(value):
        found.append(value)

    keep()
    return found[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"purpose": " "}, "紹介目的"),
        ({"complaint": Part()}, "傷病名・主訴"),
    ],
)
def test_a_letter_without_what_it_needs_is_refused(change: dict, said: str):
    letter = replace(example(made.referrals()), **change)
    with pytest.raises(BadInput) as wrong:
        build_referral(letter, example(made.arounds()))
    assert wrong.value.findings[0].facts["what"] == said


def test_a_summary_cannot_bear_the_number_of_its_letter():
    around = example(made.arounds())
    inner = build_discharge_summary(example(made.discharges()), around)
    with pytest.raises(BadInput) as wrong:
        build_referral(replace(example(made.referrals()), discharge_summaries=(inner,)), around)
    assert wrong.value.findings[0].where.field == "discharge_summaries"


def test_another_fact_cannot_take_the_number_of_one_in_the_letter():
    letter, around = example(made.referrals()), example(made.arounds())
    first = letter.complaint.facts[0]
    other = replace(first, diagnosis=replace(first.diagnosis, name="別の架空症"))
    with pytest.raises(BadInput):
        build_referral(replace(letter, present=Part("", (other,))), around)
    build_referral(replace(letter, present=Part("", (first,))), around)
