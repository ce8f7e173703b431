# SPDX-License-Identifier: Apache-2.0
"""保守作業の計画 — the edges of its window, what may be lent, and the comparison."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tasuki.security.maintenance import (
    LENDABLE,
    LONGEST_WINDOW,
    REVIEW_WITHIN,
    Act,
    Decision,
    Plan,
    Standing,
    is_review_overdue,
    may_review,
    reconcile,
)
from tasuki.security.permissions import Permission

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
HOUR, INSTANT = timedelta(hours=1), timedelta(microseconds=1)
PERSON, PATIENT = uuid4(), uuid4()
PLAN = Plan(
    order=uuid4(),
    people=frozenset({PERSON}),
    scope=frozenset({Permission.CLAIMS_VIEW, Permission.MASTERS_MANAGE}),
    starts_at=NINE,
    ends_at=NINE + HOUR,
    patients=frozenset({PATIENT}),
    decision=Decision.APPROVED,
    decided_at=NINE - HOUR,
)
ACT = Act(
    1, NINE, PERSON, "claim.read", PLAN.order, frozenset({Permission.CLAIMS_VIEW}), PATIENT, is_refused=False
)


@pytest.mark.parametrize(
    ("changes", "at", "standing"),
    [
        ({}, NINE - INSTANT, Standing.WAITING),
        ({}, NINE, Standing.OPEN),
        ({}, NINE + HOUR - INSTANT, Standing.OPEN),
        ({}, NINE + HOUR, Standing.OVER),
        ({"decided_at": NINE + HOUR / 2}, NINE, Standing.WAITING),
        ({"decision": None, "decided_at": None}, NINE, Standing.ASKED),
        ({"decision": None, "decided_at": None}, NINE + HOUR, Standing.LAPSED),
        ({"decision": Decision.REFUSED}, NINE, Standing.REFUSED),
        ({"ended_at": NINE + INSTANT}, NINE, Standing.OPEN),
        ({"ended_at": NINE + INSTANT}, NINE + INSTANT, Standing.ENDED),
        ({"ended_at": NINE + INSTANT, "is_cut": True}, NINE + HOUR, Standing.CUT),
        # An end that was noted after the window gives no time back.
        ({"ended_at": NINE + 2 * HOUR}, NINE + 2 * HOUR, Standing.OVER),
    ],
)
def test_the_state_of_an_order_at_the_edges_of_its_window(changes, at, standing):
    plan = replace(PLAN, **changes)
    assert plan.standing(at) is standing
    assert plan.is_open_for(PERSON, at) is (standing is Standing.OPEN)
    assert not plan.is_open_for(uuid4(), at)


def test_what_may_never_be_lent_is_not_lent_by_naming_it():
    greedy = replace(PLAN, scope=frozenset(Permission))
    assert greedy.lends() == LENDABLE.keys()
    for never in (
        Permission.CLAIMS_EXPORT, Permission.DOCUMENT_PRINT, Permission.STAFF_MANAGE, Permission.AUDIT_VIEW,
        Permission.API_MANAGE, Permission.CHART_WRITE, Permission.MAINTENANCE_MANAGE, Permission.USE_SYSTEM,
    ):  # fmt: skip
        assert never not in greedy.lends()
    assert greedy.may_change([Permission.MASTERS_MANAGE])
    assert not greedy.may_change([Permission.MASTERS_MANAGE, Permission.CLAIMS_VIEW])
    assert not greedy.may_change([])


def test_what_shows_patients_may_change_nothing():
    assert all(not each.may_write for each in LENDABLE.values() if each.is_about_patients)


@pytest.mark.parametrize(
    "changes",
    [
        {"order": None},
        {"order": uuid4()},
        {"person": uuid4()},
        {"at": NINE - INSTANT},
        {"at": NINE + HOUR},
        {"permissions": frozenset({Permission.CHART_VIEW})},
        {"permissions": frozenset()},
        {"patient": uuid4()},
    ],
)
def test_each_way_out_of_the_plan_is_outside(changes):
    assert reconcile(PLAN, [ACT]).inside == (ACT,)
    strange = ACT._replace(**changes)
    found = reconcile(PLAN, [ACT, strange])
    assert found.outside == (strange,) and found.inside == (ACT,) and found.count == 2
    refused = reconcile(PLAN, [strange._replace(is_refused=True)])
    assert refused.outside == () and refused.patients == {}


def test_patients_are_counted_and_commands_compared_by_order_and_window():
    command = ACT._replace(is_command=True, person=None, permissions=frozenset(), patient=None)
    found = reconcile(PLAN, [ACT, ACT, command, command._replace(at=NINE + HOUR)])
    assert found.patients == {PATIENT: 2}
    assert len(found.inside) == 3 and len(found.outside) == 1


def test_who_may_sign_and_when_it_is_late():
    reviewer, actor = uuid4(), uuid4()
    assert may_review(PLAN, reviewer, [actor], is_vendor=False)
    assert not may_review(PLAN, reviewer, [actor], is_vendor=True)
    assert not may_review(PLAN, PERSON, [], is_vendor=False)
    assert not may_review(PLAN, actor, [actor], is_vendor=False)
    assert not is_review_overdue(PLAN, PLAN.closes_at + REVIEW_WITHIN - INSTANT)
    assert is_review_overdue(PLAN, PLAN.closes_at + REVIEW_WITHIN)


def test_the_limits_of_a_window_and_of_its_review():
    """Three days of work at most; signed within three days (作業後速やかに)."""
    assert timedelta(hours=72) == LONGEST_WINDOW
    assert timedelta(days=3) == REVIEW_WITHIN


def test_every_state_has_a_name_of_its_own():
    assert len({each.label for each in Standing}) == len(Standing)
    assert all(each.label for each in Standing)


def test_what_each_permission_lends():
    may_write = {each for each, lending in LENDABLE.items() if lending.may_write}
    shows_patients = {each for each, lending in LENDABLE.items() if lending.is_about_patients}
    assert may_write == {Permission.MASTERS_MANAGE, Permission.INSTITUTION_MANAGE}
    assert shows_patients == set(LENDABLE) - may_write - {Permission.MASTERS_VIEW}


def test_every_act_is_counted_once_and_in_its_kind():
    acts = [
        ACT,
        ACT._replace(is_refused=True),
        ACT._replace(is_refused=True),
        ACT._replace(person=uuid4()),
        ACT._replace(person=uuid4()),
        ACT._replace(person=uuid4()),
        *(ACT._replace(is_own_account=True) for _ in range(4)),
    ]
    found = reconcile(PLAN, acts)
    kinds = (found.inside, found.refused, found.outside, found.own_account)
    assert [len(each) for each in kinds] == [1, 2, 3, 4]
    assert found.count == 10
    assert found.patients == {PATIENT: 4}


def test_all_that_was_lent_may_be_used_at_once():
    both = ACT._replace(permissions=frozenset({Permission.CLAIMS_VIEW, Permission.MASTERS_MANAGE}))
    assert PLAN.lends() == both.permissions
    assert reconcile(PLAN, [both]).inside == (both,)
