# SPDX-License-Identifier: Apache-2.0
"""証明の自己点検の部屋 — a part of the core may be chosen, and a part is no evidence of the whole."""

from __future__ import annotations

import random
from argparse import Namespace
from pathlib import Path

import pytest

from tasuki_server.cli.drill import _choose_rooms
from tasuki_server.cli.words import Stop
from tasuki_server.drills import mutants
from tasuki_server.drills.drill import Tier


@pytest.fixture(autouse=True)
def _all_again():
    yield
    mutants.choose_rooms(())


def test_every_room_and_its_tests_are_there():
    for target in mutants.TARGETS:
        assert target.file.is_file(), target.module
        assert all(Path(each).is_file() for each in target.tests), target.module


def test_a_chosen_room_is_drawn_whole_and_alone():
    assert mutants.choose_rooms(["security.merkle", "nothing.there"]) == ["nothing.there"]
    ((target, places),) = mutants._drawn(Tier.LONG, random.Random(1))
    assert target.module == "tasuki.security.merkle" and places == list(range(len(places))) != []
    mutants.choose_rooms(())
    assert sum(len(each) for _, each in mutants._drawn(Tier.PUSH, random.Random(1))) == mutants.PUSH_COUNT


@pytest.mark.parametrize(
    "asked",
    [
        Namespace(drills=["mutants"], room=["security.merkle"], evidence=Path("evidence")),
        Namespace(drills=["stolen"], room=["security.merkle"], evidence=None),
        Namespace(drills=["mutants"], room=["nothing.there"], evidence=None),
    ],
)
def test_a_part_leaves_no_evidence_and_is_of_the_core(asked):
    with pytest.raises(Stop):
        _choose_rooms(asked)
