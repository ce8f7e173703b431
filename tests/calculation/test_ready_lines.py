# SPDX-License-Identifier: Apache-2.0
"""What is kept of lines by who they are: forgetting it at any moment changes no answer."""

from __future__ import annotations

import random

import pytest

from calculation.case_files import read_cases, run
from tasuki.calculation import ready_lines
from tasuki.calculation.rule import usual_proposal


def test_lines_that_are_forgotten_again_and_again_are_answered_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for two lines an identity is given up, and given anew, within most visits."""
    cases = read_cases()[::6]
    kept = {str(case): repr(run(case)) for case in cases}
    monkeypatch.setattr(ready_lines, "MOST_KEPT", 2)
    random.Random(7).shuffle(cases)
    for case in cases:
        assert repr(run(case)) == kept[str(case)], case


def test_a_usual_proposal_is_one_value() -> None:
    first = usual_proposal("112011010", "112007410", (("standard", "届出"),))
    assert usual_proposal("112011010", "112007410", (("standard", "届出"),)) is first
    assert usual_proposal("112011010", "112007410", (("standard", "別の届出"),)) is not first
