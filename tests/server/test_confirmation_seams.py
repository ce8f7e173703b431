# SPDX-License-Identifier: Apache-2.0
"""資格確認の継ぎ目 — a few seeds of each gateway against the real service; what loses its identifier shows."""

from __future__ import annotations

from collections import Counter
from uuid import uuid4

import pytest

pytestmark = pytest.mark.server
# Seeds that between them meet every kind of fault (0, 9 and 17: a bulk request whose answer was lost came twice).
SEEDS = {"confirmation_web": (0, 9, 17), "confirmation_folder": (3, 7)}


@pytest.fixture(autouse=True)
def _house(server):
    from tasuki_server.platform.house import close_house

    yield
    close_house()


@pytest.mark.parametrize("name", SEEDS)
def test_a_storm_loses_nothing_and_doubles_nothing(server, owner, name):
    from tasuki_server.drills.seams import Tally, kept_seeds, play_all, quiet_wires
    from tasuki_server.seams.wires import confirmation

    clinic = server.first if name == "confirmation_web" else server.second
    wire = confirmation(clinic.id, owner, uses_folders=name == "confirmation_folder")
    tally = Tally(Counter(), [], Counter())
    with quiet_wires():
        play_all(wire, [*kept_seeds().get(name, ()), *SEEDS[name]], tally)
    assert tally.broken == []
    assert tally.faults.total() > 0


def test_what_is_known_by_another_identifier_is_never_taken_for_an_answer(server, owner):
    from tasuki_server.drills.seams import Tally, play_all, quiet_wires
    from tasuki_server.seams.wires import confirmation

    wire = confirmation(server.first.id, owner, uses_folders=False, rename=lambda _: uuid4().hex)
    tally = Tally(Counter(), [], Counter())
    with quiet_wires():
        play_all(wire, (0,), tally)
    assert any("待ったまま" in each for each in tally.broken)
