# SPDX-License-Identifier: Apache-2.0
"""復旧計画 — the order of return, and every way in which a plan cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.recovery_plan import (
    Priority,
    System,
    order_of_return,
    read_plan,
    rings,
    write_plan,
)

P1, P2, P3 = Priority
STARTER = Path(__file__).parents[2] / "src/tasuki_server/continuity/starter_plan.toml"


def _system(code: str, priority: Priority = P1, *needs: str, minutes: int | None = 10) -> System:
    return System(code, code.upper(), priority, needs, minutes, "最後の確定", "管理者", "受付の棚")


def _codes(*systems: System) -> list[str]:
    return [step.system.code for step in order_of_return(systems).steps]


def _told(*systems: System) -> list[str]:
    return [f"{each.code} {each.where.record}" for each in order_of_return(systems).conflicts]


def test_p1_before_p2_before_p3_and_nothing_before_what_it_needs() -> None:
    systems = (
        _system("statistics", P3, "database"),
        _system("billing", P2, "care"),
        _system("care", P1, "database"),
        _system("database", P1),
    )
    assert _codes(*systems) == ["database", "care", "billing", "statistics"]
    assert _told(*systems) == []


def test_the_earlier_goal_goes_first_among_equals() -> None:
    assert _codes(_system("a", minutes=20), _system("b", minutes=5)) == ["b", "a"]


def test_stages_tell_what_may_go_side_by_side() -> None:
    steps = order_of_return((_system("a"), _system("b"), _system("c", P1, "a", "b"))).steps
    assert [(each.system.code, each.stage) for each in steps] == [("a", 1), ("b", 1), ("c", 2)]


def test_a_p1_that_needs_a_p3_is_an_error_and_pulls_it_forward() -> None:
    systems = (_system("care", P1, "portal"), _system("billing", P2), _system("portal", P3))
    found = order_of_return(systems)
    assert [each.system.code for each in found.steps] == ["portal", "care", "billing"]
    assert [each.code for each in found.conflicts] == ["RP-03"]
    assert not found.is_sound
    assert "CARE（P1）は、優先度の低いPORTAL（P3）を必要としています" in sentence(found.conflicts[0])


def test_a_need_that_comes_back_later_is_an_error() -> None:
    systems = (_system("care", P1, "database", minutes=5), _system("database", P1, minutes=10))
    assert _told(*systems) == ["RP-04 care"]
    assert _told(_system("care", P1, "database"), _system("database")) == []


def test_a_ring_is_named_and_left_with_what_needs_it() -> None:
    systems = (
        _system("a", P1, "b"),
        _system("b", P1, "c"),
        _system("c", P1, "a"),
        _system("d", P2, "c"),
        _system("e", P3),
    )
    found = order_of_return(systems)
    assert [each.system.code for each in found.steps] == ["e"]
    assert [each.code for each in found.left] == ["a", "b", "c", "d"]
    assert [each.code for each in found.conflicts] == ["RP-05"]
    assert "A → B → C → A" in sentence(found.conflicts[0])


def test_a_system_that_needs_itself_is_a_ring() -> None:
    assert rings((_system("a", P1, "a"),)) == (("a",),)


def test_two_rings_are_told_apart() -> None:
    systems = (_system("a", P1, "b"), _system("b", P1, "a"), _system("c", P1, "c", "a"))
    assert rings(systems) == (("a", "b"), ("c",))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"back_by_minutes": None}, "RP-06"),
        ({"back_by_minutes": 0}, "RP-07"),
        ({"to_point": " "}, "RP-08"),
        ({"responsible": ""}, "RP-09"),
        ({"paper": ""}, "RP-10"),
        ({"needs": ("nowhere",)}, "RP-02"),
    ],
)
def test_what_is_lacking_is_told(changed: dict[str, object], code: str) -> None:
    assert _told(replace(_system("a"), **changed)) == [f"{code} a"]  # type: ignore[arg-type]


def test_a_code_given_twice_is_told() -> None:
    assert _told(_system("a"), _system("a")) == ["RP-01 a"]


def test_who_and_where_are_asked_for_but_do_not_block() -> None:
    assert order_of_return((replace(_system("a"), responsible="", paper=""),)).is_sound


def test_the_starter_plan_is_sound_and_begins_with_reading_charts() -> None:
    found = order_of_return(read_plan(STARTER.read_bytes()))
    assert found.is_sound
    assert found.left == ()
    assert found.steps[0].system.code == "viewer"
    assert found.steps[-1].system.code == "statistics"
    assert {each.code for each in found.conflicts} == {"RP-09", "RP-10"}


codes = st.sampled_from("abcdef")
plans = st.lists(
    st.builds(
        System,
        codes,
        st.text(min_size=1).filter(str.strip),
        st.sampled_from(Priority),
        st.lists(codes, max_size=3).map(tuple),
        st.none() | st.integers(1, 10_000),
        st.text(),
        st.text(),
        st.text(),
        st.text(),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda each: each.code,
).map(tuple)


@given(plans)
def test_any_plan_is_ordered_or_left(systems: tuple[System, ...]) -> None:
    found = order_of_return(systems)
    codes = [each.system.code for each in found.steps]
    assert sorted([*codes, *(each.code for each in found.left)]) == sorted(each.code for each in systems)
    assert bool(found.left) == any(each.code == "RP-05" for each in found.conflicts)
    for place, step in enumerate(found.steps):
        assert {need for need in step.system.needs if need in {s.code for s in systems}} <= set(codes[:place])
    assert found == order_of_return(tuple(reversed(systems)))


@given(plans)
def test_a_plan_is_read_as_it_was_written(systems: tuple[System, ...]) -> None:
    assert read_plan(write_plan(systems)) == systems


@pytest.mark.parametrize(
    "text",
    [
        "",
        "systems = 3",
        "[[systems]]\ncode = 'a'",
        "[[systems]]\ncode = 'a'\nname = 'A'\npriority = 'P9'",
        "[[systems]]\ncode = 'a'\nname = 'A'\npriority = 'P1'\nback_by_minutes = 'soon'",
        "[[systems]]\ncode = 'a'\nname = 'A'\npriority = 'P1'\nneeds = 'b'",
        "[[systems]]\ncode = 'a'\nname = 'A'\npriority = 'P1'\nneed = ['b']",
        "[[systems]\n",
    ],
)
def test_what_cannot_be_read_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_plan(text.encode(), "plan.toml")
    assert "復旧計画を読み取れません" in sentence(refused.value.findings[0])
