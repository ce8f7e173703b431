# SPDX-License-Identifier: Apache-2.0
"""並行操作 — each scene is explained by some order, and a lock that is gone shows."""

from __future__ import annotations

import random
from collections import Counter
from unittest.mock import patch

import psycopg
import pytest

from tasuki_server.seams.histories import Done, is_explained

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def stage(server):
    from tasuki_server.drills.race_stories import stage_of
    from tasuki_server.seams.claims_ground import claims_ground

    with psycopg.connect(server.connections.owner, autocommit=True) as owner:
        owner.execute("SET ROLE NONE")
        yield stage_of(claims_ground(server.first.id, owner))


def test_every_scene_is_explained_by_some_order(stage):
    from tasuki_server.drills.race_stories import STORIES, WEIGHTS
    from tasuki_server.drills.races import crowd_of, quiet_log, told_wrong

    assert set(WEIGHTS) == set(STORIES)
    chosen, counts = random.Random(11), Counter()
    with quiet_log(), crowd_of(stage) as crowd:
        wrong = [told_wrong(crowd, stage, name, chosen, counts) for name in STORIES for _ in range(2)]
    assert not any(wrong), wrong
    assert counts["contended"] > len(STORIES)


def test_a_bill_behind_the_closing_of_its_month_cannot_be_explained(stage):
    from tasuki_server.drills.races import CONTROL_TRIES, CONTROLS, _no_lock, crowd_of, quiet_log, told_wrong

    story, module, function = CONTROLS["month_of_bills"]
    chosen = random.Random(3)
    with quiet_log(), patch(f"{module}.{function}", _no_lock), crowd_of(stage) as crowd:
        tries = range(CONTROL_TRIES)
        assert any("(True, True)" in told_wrong(crowd, stage, story, chosen, Counter()) for _ in tries)


def test_the_order_of_each_person_is_kept():
    def model(state, name):
        return ("no", state) if name == "take" and not state else ("yes", name == "give")

    taken_then_given = [Done("take", "yes"), Done("give", "yes")]
    assert not is_explained([taken_then_given], False, True, model)
    assert is_explained([taken_then_given, [Done("give", "yes")]], False, True, model)
