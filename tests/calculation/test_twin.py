# SPDX-License-Identifier: Apache-2.0
"""The passes of the tables agree with their twin in frames, line for line, on made-up months.

Ten thousand months, on the full official book: ``./tasuki bench twin --size 10000``.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tasuki.masters.starter import load_starter

pytest.importorskip("polars", reason="polars (the extra tasuki[dev]) is not installed")

from calculation.twin.compare import differences
from calculation.twin.made_months import core_month, made_months

MONTHS = 400


def test_core_equals_twin() -> None:
    book = load_starter()
    found = differences(made_months(book, MONTHS), book)
    assert found == []


def test_the_months_ask_every_table() -> None:
    """Months in which no table spoke would prove nothing."""
    book = load_starter()
    fell = Counter(
        by for month in made_months(book, MONTHS) for _, lost in core_month(month, book) for _, by in lost
    )
    for table in ("limit", "exclusion", "inclusion", "age", "standard", "beds", "facility_kind", "elderly"):
        assert fell[f"table/{table}"] >= 10, fell
