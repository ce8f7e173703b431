# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の継ぎ目 — broken wires of every kind: nothing is lost and nothing issued twice; without the key it shows."""

from __future__ import annotations

import os
from collections import Counter

import pytest

pytestmark = pytest.mark.server
SEEDS = int(os.environ.get("TASUKI_TEST_SEEDS", "12"))


@pytest.fixture(scope="module")
def quiet(server):
    from tasuki_server.drills.seams import quiet_wires
    from tasuki_server.platform.house import close_house

    with quiet_wires():
        yield
    close_house()


def test_no_broken_wire_loses_or_doubles_a_prescription(server, owner, quiet):
    from tasuki_server.drills.seams import Tally, kept_seeds, play_all
    from tasuki_server.seams.wires import prescribing

    wire, tally = prescribing(server.first.id, owner), Tally(Counter(), [], Counter())
    play_all(wire, [*kept_seeds().get("prescribing", ()), *range(SEEDS)], tally)
    assert tally.broken == [] and tally.faults.total() > SEEDS


def test_a_key_that_changes_on_its_way_shows(server, owner, quiet):
    from tasuki_server.drills.seams import Tally, play_all
    from tasuki_server.seams.wires import prescribing

    wire = prescribing(server.second.id, owner, forgets_key=True)
    tally = Tally(Counter(), [], Counter())
    play_all(wire, range(8), tally)
    assert any("知らない処方箋" in each for each in tally.broken)


def test_parts_that_are_held_against_each_other_show(server, owner, quiet, monkeypatch):
    from tasuki_server.drills.seams import Tally, play_all
    from tasuki_server.prescriptions import registering
    from tasuki_server.seams.wires import prescribing

    async def nothing_known(*_):
        return ()

    monkeypatch.setattr(registering, "other_parts", nothing_known)
    tally = Tally(Counter(), [], Counter())
    play_all(prescribing(server.second.id, owner), range(6), tally)
    assert any("分割の回どうし" in each for each in tally.broken)
