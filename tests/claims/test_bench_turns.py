# SPDX-License-Identifier: Apache-2.0
"""計測の公平さ — a peer is given as many turns as we are, and its fastest counts as ours does."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "bench" / "figures.py"


@pytest.mark.parametrize("times", [1, 4, 5])
def test_both_sides_have_the_same_turns_and_the_fastest_of_each_counts(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.spec_from_file_location("figures", FILE)
    assert spec is not None and spec.loader is not None
    figures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(figures)
    clock, asked = [0.0], {"ours": 0, "theirs": 0}
    monkeypatch.setattr(figures.time, "process_time", lambda: clock[0])

    def work(side: str, begin: float) -> None:
        # Each turn is a second faster than the one before.
        clock[0] += begin - asked[side]
        asked[side] += 1

    found = figures.in_turn(lambda: work("ours", 20.0), lambda: work("theirs", 50.0), times)
    assert asked == {"ours": times, "theirs": times}
    assert found == (20.0 - (times - 1), 50.0 - (times - 1))
