# SPDX-License-Identifier: Apache-2.0
"""Standards: every key of our own that a row or a rule asks for has a Japanese name while it is asked."""

from __future__ import annotations

from datetime import date

import pytest

from tasuki.facility import standards
from tasuki.facility.standards import STANDARDS, standard_name
from tasuki.masters.starter import load_starter


def test_every_key_that_a_row_asks_for_is_named() -> None:
    asked = {
        (code, row.validity.since)
        for rows in load_starter().acts.values()
        for row in rows
        for code in row.standards
        if code.startswith("tasuki-")
    }
    assert {code for code, day in asked if standard_name(code, day) is None} == set()


def test_names_of_one_code_do_not_overlap() -> None:
    for known in STANDARDS:
        others = [each for each in STANDARDS if each.code == known.code and each is not known]
        assert not any(known.validity.overlaps(other.validity) for other in others), known


@pytest.mark.parametrize(
    "codes",
    [
        standards.AFTER_HOURS, standards.R6_DIGITAL[:3], standards.BASE_UP_SECOND[:8],
        (standards.FREE_STATEMENT, standards.MEDICAL_INFORMATION, standards.NIGHT_EMERGENCY),
    ],
)  # fmt: skip
def test_rules_of_r6_find_their_names(codes: tuple[str, ...]) -> None:
    assert all(standard_name(code, date(2026, 5, 31)) for code in codes)


@pytest.mark.parametrize(
    "codes",
    [
        standards.AFTER_HOURS, standards.R8_DIGITAL, standards.BASE_UP_SECOND, standards.LIFESTYLE_FULFILLED,
        (standards.DISEASE_MANAGEMENT, standards.LIFESTYLE_MANAGEMENT, standards.BASE_UP_CONTINUED),
    ],
)  # fmt: skip
def test_rules_of_r8_find_their_names(codes: tuple[str, ...]) -> None:
    assert all(standard_name(code, date(2026, 6, 1)) for code in codes)


def test_a_name_of_r8_does_not_speak_of_r6() -> None:
    assert standard_name("3001", date(2026, 5, 31)) == "時間外対応加算１"
    assert standard_name("3001", date(2026, 6, 1)) == "時間外対応体制加算１"
    assert standard_name("tasuki-digital-coordination-1", date(2026, 5, 31)) is None
