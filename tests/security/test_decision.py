# SPDX-License-Identifier: Apache-2.0
"""認可の判断 — default deny, forbid wins, every answer names a row with a source and a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.security.conditions import CONDITION_RULES, RULES_BY_ID, TOUCHES, Condition, Effect, Touch
from tasuki.security.decision import Circumstances, Decision, Person, Whose, decide
from tasuki.security.decision_sentences import decision_sentence, rule_sentence
from tasuki.security.permissions import PERMISSIONS, Permission, Role
from tasuki.security.purpose import Purpose

DOCTOR = Person(frozenset({Role.DOCTOR}))
persons = st.builds(Person, st.frozensets(st.sampled_from(Role)), st.booleans())
patients = st.builds(Whose, st.frozensets(st.sampled_from(Condition)))
choices = st.dictionaries(st.sampled_from(sorted(RULES_BY_ID)), st.sampled_from(Effect))
situations = st.builds(Circumstances, st.booleans(), choices)


@given(persons, st.sampled_from(Permission), patients, situations)
def test_nobody_gets_what_no_role_of_theirs_allows(person, action, whose, circumstances):
    decision = decide(person, action, whose, circumstances)
    has_role = bool(PERMISSIONS[action].roles & person.roles)
    if not person.is_active or not (has_role or action in person.lent):
        assert decision.effect is Effect.FORBID


@given(persons, st.sampled_from(Permission), patients, situations, st.sampled_from(Condition))
def test_a_further_condition_never_opens_anything(person, action, whose, circumstances, condition):
    circumstances = circumstances._replace(choices={})
    more = Whose(whose.conditions | {condition})
    before, after = (decide(person, action, each, circumstances) for each in (whose, more))
    assert after.effect >= before.effect


@given(st.sampled_from(Permission), patients, situations)
def test_break_glass_never_opens_what_is_forbidden(action, whose, circumstances):
    closed = decide(DOCTOR, action, whose, circumstances._replace(is_emergency_open=False))
    opened = decide(DOCTOR, action, whose, circumstances._replace(is_emergency_open=True))
    assert (opened.effect is Effect.FORBID) == (closed.effect is Effect.FORBID)
    assert opened.is_by_emergency == (closed.effect is Effect.ASK)
    assert opened.effect is not Effect.ASK


@given(persons, st.sampled_from(Permission), patients, situations)
def test_every_answer_names_its_row_its_source_and_says_why(person, action, whose, circumstances):
    decision = decide(person, action, whose, circumstances)
    assert decision.rule_id and decision.source
    assert decision_sentence(decision)


@given(choices)
def test_an_institution_cannot_loosen_what_forbids(chosen):
    whose = Whose(frozenset({Condition.OWN_RECORD}))
    assert decide(DOCTOR, Permission.CHART_SIGN, whose, Circumstances(choices=chosen)).effect is Effect.FORBID


def test_consent_withdrawn_forbids_what_goes_outside(monkeypatch):
    """No permission reaches outside yet; the rule holds for the first that does."""
    assert Touch.OUTSIDE not in TOUCHES.values()
    whose = Whose(frozenset({Condition.CONSENT_WITHDRAWN}))
    assert decide(DOCTOR, Permission.CHART_VIEW, whose).effect is Effect.ALLOW
    monkeypatch.setitem(TOUCHES, Permission.CHART_VIEW, Touch.OUTSIDE)
    decision = decide(DOCTOR, Permission.CHART_VIEW, whose)
    assert (decision.effect, decision.rule_id) == (Effect.FORBID, "consent/outside")


@pytest.mark.parametrize("rule", CONDITION_RULES, ids=lambda rule: rule.rule_id)
def test_every_row_has_a_source_and_a_sentence(rule):
    assert rule.source and rule_sentence(rule.rule_id) and rule.condition.label and rule.effect.label


def test_what_is_allowed_without_asking():
    answers = {effect: Decision(effect, "x", "y").is_allowed for effect in Effect}
    assert answers == {Effect.ALLOW: True, Effect.NOTE: True, Effect.ASK: False, Effect.FORBID: False}


def test_whoever_has_no_role_for_an_act_is_told_the_act():
    refused = decide(Person(frozenset({Role.RECEPTION})), Permission.CHART_SIGN, Whose(frozenset()))
    assert refused == Decision(Effect.FORBID, "role/chart.sign", refused.source)
    assert "カルテ" in decision_sentence(refused)


def test_a_work_order_stands_for_the_care_relation_and_a_role_does_not():
    unrelated = Whose(frozenset({Condition.NO_CARE_RELATION, Condition.VIP}))
    lent = Person(frozenset(), lent=frozenset({Permission.CHART_VIEW}))
    both = Person(frozenset({Role.DOCTOR}), lent=frozenset({Permission.CHART_VIEW}))
    assert decide(lent, Permission.CHART_VIEW, unrelated) == Decision(
        Effect.NOTE, "vip", RULES_BY_ID["vip"].source, ("vip",)
    )
    assert decide(both, Permission.CHART_VIEW, unrelated).rule_id == "unrelated/chart"


def test_a_rule_made_to_allow_leaves_the_role_as_the_reason():
    whose = Whose(frozenset({Condition.VIP}))
    loosened = Circumstances(choices={"vip": Effect.ALLOW})
    decision = decide(DOCTOR, Permission.CHART_VIEW, whose, loosened)
    assert decision == Decision(Effect.ALLOW, "role/chart.view", decision.source)


def test_only_rows_that_forbid_are_nobodys_to_change():
    assert {rule.rule_id for rule in CONDITION_RULES if not rule.may_be_changed} == {
        "own/change",
        "consent/outside",
    }


def test_a_row_touches_what_it_says_and_the_acts_it_is_narrowed_to():
    unrelated, own = RULES_BY_ID["unrelated/identity"], RULES_BY_ID["own/change"]
    assert unrelated.applies_to(Permission.PATIENT_VIEW, Touch.IDENTITY)
    assert not unrelated.applies_to(Permission.PATIENT_EDIT, Touch.IDENTITY)
    assert not unrelated.applies_to(Permission.PATIENT_VIEW, Touch.CHART)
    assert own.applies_to(Permission.CHART_SIGN, Touch.CHART)
    assert not own.applies_to(Permission.CHART_VIEW, Touch.CHART)
    assert RULES_BY_ID["vip"].applies_to(Permission.RECEPTION_VIEW, Touch.IDENTITY)


def test_every_purpose_has_a_name_of_its_own():
    assert len({each.label for each in Purpose}) == len(Purpose)
    assert all(each.label for each in Purpose)
