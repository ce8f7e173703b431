# SPDX-License-Identifier: Apache-2.0
"""検知ルール — each of the twenty-one on acts that must raise it, and on acts so near that they must not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tasuki.security.misuse.act import Act, ActKind, Mark
from tasuki.security.misuse.engine import Engine
from tasuki.security.misuse.rule_list import BY_ID, RULES
from tasuki.security.misuse.sentences import KNOBS, TEXTS, finding_of

# Monday 2026-06-01, ten in the morning in Japan.
MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)
MARKS = {each.value: each for each in Mark}


def act(minute=0.0, kind="view", marks=(), **given):
    """An act so many minutes after the morning; numbers are put in by the stream."""
    values = {"actor": "a", "account": "a", "roles": ("nurse",), "room": "chart", **given}
    at = MORNING + timedelta(minutes=minute)
    return Act(number=0, at=at, kind=ActKind(kind), marks=frozenset(MARKS[each] for each in marks), **values)


def many(count, step, **given):
    """The same act of so many patients, a step of minutes apart."""
    return [act(each * step, patient=f"p{each}", **given) for each in range(count)]


def days(count, kind="view", hour=0, **given):
    """One act a day for so many days before the morning."""
    return [act((each - count) * 1440 + hour * 60, kind, **given) for each in range(count)]


def sign_in(minute, **given):
    return act(minute, "sign_in", **{"place": "13", "session": f"s{minute}", "device": "desk", **given})


# Rule → stories that must raise it, stories that must not.
STORIES = {
    "U01": (
        [[sign_in(0), sign_in(20, place="47")], [sign_in(0, place="13/a"), sign_in(2, place="13/b")]],
        [
            [sign_in(0), sign_in(300, place="47")],
            [sign_in(0), sign_in(20, place="14")],
            [sign_in(0), sign_in(20, place="")],
            [sign_in(0), sign_in(1, place="47", account="b")],
        ],
    ),
    "U02": (
        [[sign_in(-20000), sign_in(0, device="new")]],
        # A colleague's terminal is known here; in the first week everything is new.
        [
            [sign_in(-20000), sign_in(0, account="b")],
            [sign_in(-600), sign_in(0, device="new")],
            [sign_in(-20000), sign_in(0, device="")],
        ],
    ),
    "U03": (
        [
            [*days(30, marks=("on_duty",)), act(14 * 60)],
            [act(-60 * 1440, marks=("on_duty",)), act(14 * 60)],
        ],
        [
            [*days(30, marks=("on_duty",)), act(14 * 60, marks=("on_duty",))],
            [*days(30, marks=("on_duty",)), act(10)],
            [*days(5, marks=("on_duty",)), act(14 * 60)],
        ],
    ),
    "U04": (
        [many(31, 0.2), many(101, 2)],
        [many(30, 0.2), many(99, 2), [act(each * 0.1, patient="same") for each in range(200)]],
    ),
    "U05": (
        [
            [act(each * 0.1, patient=f"p{each}", patient_number=100 + each) for each in range(15)],
            [act(each * 0.1, "refused") for each in range(20)],
        ],
        [
            [act(each * 0.1, patient=f"p{each}", patient_number=100 + each * 37 % 101) for each in range(40)],
            [act(each * 1.0, patient=f"p{each}", patient_number=100 + each) for each in range(40)],
            [act(each * 0.5, "refused") for each in range(30)],
        ],
    ),
    "U06": (
        [[act(patient="p")], [act(kind="print", patient="p", roles=("doctor",))]],
        [
            [act(patient="p", marks=("in_care",))],
            [act(patient="p", roles=("reception",))],
            [act(patient="p", purpose="HPAYMT")],
            [act(patient="p", marks=("relation_unknown",))],
            [act()],
        ],
    ),
    "U07": (
        [[act(patient="p", marks=("family", "in_care"))]],
        [
            [act(patient="p", marks=("family", "visit_today"))],
            [act(patient="p", room="claims", marks=("family",))],
            [act(patient="p", marks=("in_care",))],
        ],
    ),
    "U08": (
        [[act(patient="p", marks=("coworker",))], [act(kind="print", patient="p", marks=("self",))]],
        [[act(patient="p", marks=("coworker", "visit_today"))], [act(patient="p")]],
    ),
    "U09": (
        [
            [act(patient="p", marks=("vip", "visit_today"))],
            [act(kind="write", patient="p", marks=("sealed",))],
        ],
        [[act(patient="p", room="claims", marks=("vip",))], [act(patient="p", marks=("in_care",))]],
    ),
    "U10": (
        [[act(kind=kind, patient="p", marks=("canary",))] for kind in ("view", "print", "export", "api")],
        [[act(patient="p")]],
    ),
    "U11": (
        [
            [act(kind="sign_in_failed", marks=("canary_credential",))],
            [act(kind="api", marks=("canary_credential",))],
        ],
        [[act(kind="sign_in_failed")]],
    ),
    "U12": (
        [
            [act(kind="other", roles=("maintenance",))],
            [act(roles=("maintenance",), work_order="o", marks=("outside_scope",))],
            [act(kind="export", roles=("maintenance",), work_order="o")],
        ],
        [[act(roles=("maintenance",), work_order="o")], [act(kind="export", roles=("clerk",))]],
    ),
    "U13": (
        [
            [act(0, "right_change", target="b"), act(60, "export", account="b")],
            [act(0, "right_change", target="b"), act(60, "factor_reset", target="c")],
        ],
        [
            [act(0, "right_change", target="b"), act(1500, "export", account="b")],
            [act(0, "right_change", target="b"), act(60, "export", account="c")],
            [act(0, "right_change", target="b"), act(60, "view", account="b")],
        ],
    ),
    "U14": (
        [
            [
                act(0, "factor_reset", target="b"),
                sign_in(5, account="b", device="new"),
                act(9, "export", account="b"),
            ]
        ],
        [
            [
                sign_in(-9, device="desk"),
                act(0, "factor_reset", target="b"),
                sign_in(5, account="b"),
                act(9, "export", account="b"),
            ],
            [
                act(0, "factor_reset", target="b"),
                sign_in(3000, account="b", device="new"),
                act(3001, "export", account="b"),
            ],
            [act(0, "factor_reset", target="b"), act(9, "export", account="b")],
        ],
    ),
    "U15": (
        [
            [act(kind="trail_fault", fault="stopped")],
            [act(0)._replace(number=1), act(1)._replace(number=3)],
            [act(0)._replace(number=1), act(-60)._replace(number=2)],
        ],
        [[act(0)._replace(number=1), act(-2)._replace(number=2), act(3)._replace(number=3)]],
    ),
    "U16": (
        [[act(kind="export", amount=101)], [act(each, "print", amount=5) for each in range(21)]],
        [
            [act(kind="export", amount=100)],
            [*days(30, "print", amount=60), act(kind="print", amount=170)],
            [act(each, "print", actor=f"a{each}", amount=50) for each in range(10)],
        ],
    ),
    "U17": (
        [[act(each, "sign_in_failed", account=f"u{each}", address="x") for each in range(10)]],
        [
            [act(each, "sign_in_failed", account="one", address="x") for each in range(30)],
            [act(each * 2, "sign_in_failed", account=f"u{each}", address="x") for each in range(10)],
            [act(each, "sign_in_failed", account=f"u{each}", address=f"x{each}") for each in range(10)],
        ],
    ),
    "U18": (
        [[sign_in(-61 * 1440), sign_in(0)]],
        [[sign_in(-59 * 1440), sign_in(0)], [sign_in(0)]],
    ),
    "U19": (
        [
            [act(each, session=f"s{each % 2}", address="x") for each in range(5)],
            [act(each, session=f"s{each % 2}", address=f"x{each % 2}") for each in range(3)],
        ],
        [
            [act(each * 6, session=f"s{each % 2}", address="x") for each in range(9)],
            [act(0, session="s0"), act(1, session="s1"), act(2, session="s1")],
            [act(each, session="s0", address=f"x{each % 2}") for each in range(9)],
        ],
    ),
    "U20": (
        [[act(each * 60, "break_glass", patient=f"p{each}") for each in range(4)]],
        [
            [act(each * 60, "break_glass", patient=f"p{each}") for each in range(3)],
            [act(each * 1440 * 12, "break_glass", patient=f"p{each}") for each in range(8)],
        ],
    ),
    "U21": (
        [[act(0, "consent_withdrawn", patient="p"), act(9, patient="p", marks=("through_network",))]],
        [
            [act(0, "consent_withdrawn", patient="p"), act(9, patient="q", marks=("through_network",))],
            [act(0, "consent_withdrawn", patient="p"), act(9, patient="p")],
            [act(0, patient="p", marks=("through_network",)), act(9, "consent_withdrawn", patient="p")],
        ],
    ),
}


def found(rule, story, knobs=None):
    """The alerts of one rule over a story, numbered in its order unless it numbers itself."""
    engine = Engine([BY_ID[rule]], knobs=knobs)
    numbered = [
        each if each.number else each._replace(number=place) for place, each in enumerate(story, start=1)
    ]
    return [alert for each in numbered for alert in engine.feed(each)]


def test_every_rule_has_stories_of_both_kinds_words_and_named_thresholds():
    assert [rule.id for rule in RULES] == [f"U{number:02d}" for number in range(1, 22)]
    assert set(STORIES) == set(TEXTS) == set(BY_ID)
    assert all(raising and not_raising for raising, not_raising in STORIES.values())
    assert {knob for rule in RULES for knob in rule.knobs} <= set(KNOBS)


@pytest.mark.parametrize("rule", STORIES)
def test_raised(rule):
    for story in STORIES[rule][0]:
        alerts = found(rule, story)
        assert alerts, story
        assert not alerts[0].continues
        assert set(alerts[0].evidence) <= set(range(1, len(story) + 1)) | {3}
        assert "{" not in finding_of(rule, alerts[0].facts)


@pytest.mark.parametrize("rule", STORIES)
def test_not_raised(rule):
    for story in STORIES[rule][1]:
        assert found(rule, story) == [], story


def test_a_case_goes_on_until_it_is_quiet_again():
    story = [act(minute, kind="api", marks=("canary",), patient="p") for minute in (0, 10, 200)]
    assert [each.continues for each in found("U10", story)] == [False, True, False]


def test_a_clinic_s_own_number_counts():
    assert found("U04", many(31, 0.2), {"U04": {"per_10_minutes": 40}}) == []


def test_windows_survive_being_stored_as_json():
    import json

    for rule, (stories, _) in STORIES.items():
        for story in stories:
            numbered = [
                each if each.number else each._replace(number=place)
                for place, each in enumerate(story, start=1)
            ]
            states, parts = {}, []
            for each in numbered:
                states = json.loads(json.dumps(states))
                parts += Engine([BY_ID[rule]], states).feed(each)
            assert parts == found(rule, story), rule


def test_what_is_usual_rises_only_step_by_step():
    """Who takes a little more each day is told of at each step; the limit never rises past three times the last one."""
    taken = [200 * 2**each for each in range(4)]
    story = [act((each - 4) * 1440, "export", amount=amount) for each, amount in enumerate(taken)]
    alerts = found("U16", story)
    assert [alert.facts["limit"] for alert in alerts if not alert.continues] == [100, 300]
