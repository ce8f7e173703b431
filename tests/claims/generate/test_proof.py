# SPDX-License-Identifier: Apache-2.0
"""点検の証明 — a thousand made-up receipts, every kind of error at least once, by every engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("numpy")
pytest.importorskip("pyarrow")

from tasuki.claims.generate import MadeFile, MonthPlan, generate_month
from tasuki.claims.generate.errors import KINDS
from tasuki.claims.generate.proof import Seen, outcome_of, seen_by_tables, seen_in, write_for_tables
from tasuki.claims.item_values import Month
from tasuki.masters.starter import load_starter

PLAN = MonthPlan(Month(2026, 6), 1_000, 2 * len(KINDS), 11, 500, is_beside=True)


@pytest.fixture(scope="module")
def made(pool: Any) -> list[MadeFile]:
    return list(generate_month(pool, PLAN))


@pytest.fixture(scope="module")
def seen(pool: Any, made: list[MadeFile], tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    folder: Path = tmp_path_factory.mktemp("proof")
    for file in made:
        write_for_tables(file, folder)
    by_receipt = [one for file in made for one in seen_in(file, pool, load_starter())]
    return [*by_receipt, *seen_by_tables(folder, load_starter())]


def test_every_planted_error_is_found_and_nothing_is_told_of_the_others(
    made: list[MadeFile], seen: list[Seen]
) -> None:
    found = outcome_of(made, seen)
    assert len(KINDS) >= 120
    assert set(found.planted) == {kind.name for kind in KINDS}
    assert found.receipts == PLAN.receipts
    assert found.missed == ()
    assert found.clean_seen == ()
    assert found.found == found.planted


def test_what_is_not_found_and_what_is_told_in_vain_is_counted(
    made: list[MadeFile], seen: list[Seen]
) -> None:
    starts = {each.line for each in made[0].planted}
    one = next(each for each in made[0].planted if each.last_line + 1 not in starts)
    lost = [
        each
        for each in seen
        if (each.file, each.code) != (one.file, one.expected) or not one.line <= each.line <= one.last_line
    ]
    found = outcome_of(made, [*lost, Seen(one.file, one.last_line + 1, "UKE-D-01")])
    assert found.missed == (one,)
    assert found.planted[one.kind] == found.found[one.kind] + 1
    assert found.clean == {"UKE-D-01": 1}
    assert not found.is_proven
