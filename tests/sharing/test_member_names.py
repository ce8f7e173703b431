# SPDX-License-Identifier: Apache-2.0
"""項目名の控え — bounded in number and in length, for the names come from the sender."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tasuki.kernel.kept import LONGEST_KEPT
from tasuki.sharing.checks.quick_answers import quick_answer
from tasuki.sharing.fhirpath.member_names import MOST_KEPT
from tasuki.sharing.fhirpath.values import chosen_key


@pytest.mark.parametrize(
    "look", [quick_answer("nobody.empty()"), lambda value: chosen_key(value, "nobody") is None]
)
def test_what_is_kept_of_the_names_of_members_is_bounded(look: Any):
    names = [f"x{number}" for number in range(3 * MOST_KEPT)] + ["x" * (LONGEST_KEPT + 1)]
    before = [sys.getrefcount(name) for name in names]
    assert all(look({name: 1}) for name in names)
    after = [sys.getrefcount(name) for name in names]
    assert 0 < sum(after) - sum(before) <= MOST_KEPT and after[-1] == before[-1]
