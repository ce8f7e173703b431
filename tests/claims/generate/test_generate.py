# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの生成 — faultless but for what the manifest names, and the same for the same seed."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

pytest.importorskip("numpy")
pytest.importorskip("pyarrow")

from tasuki.claims.checks.run import check_file
from tasuki.claims.generate import MonthPlan, generate_month
from tasuki.claims.generate.errors import KINDS, TABLE_KINDS, plant
from tasuki.claims.generate.receipts import make_receipt
from tasuki.claims.item_values import Month
from tasuki.claims.points import file_totals
from tasuki.claims.reader import read
from tasuki.masters.starter import load_starter

JUNE = Month(2026, 6)
TABLE_NAMES = {row[0] for row in TABLE_KINDS}


def test_a_month_without_planted_errors_has_no_finding_of_any_check(pool: Any) -> None:
    files = list(generate_month(pool, MonthPlan(JUNE, 600, 0, 7, 300)))
    assert [file.receipts for file in files] == [300, 300]
    for file in files:
        claim = read(file.data, file.name)
        assert (*claim.findings, *check_file(claim, load_starter())) == ()
        trailer = claim.trailer
        assert trailer is not None
        assert trailer.total_points == file_totals(claim.receipts).total_points


def test_the_same_plan_makes_the_same_bytes_and_another_seed_others(pool: Any) -> None:
    plan = MonthPlan(JUNE, 50, 10, 7, 25)
    assert list(generate_month(pool, plan)) == list(generate_month(pool, plan))
    assert list(generate_month(pool, plan)) != list(generate_month(pool, plan._replace(seed=8)))


def test_every_kind_of_form_brings_its_finding_at_its_receipt(pool: Any) -> None:
    assert len(KINDS) >= 60
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    (file,) = generate_month(pool, MonthPlan(JUNE, 300, 2 * len(KINDS), 5))
    found = check_file(read(file.data, file.name), load_starter())
    wanted = [one for one in file.planted if one.kind not in TABLE_NAMES]
    assert len({one.kind for one in wanted}) == len(KINDS) - len(TABLE_NAMES)
    for one in wanted:
        codes = {each.code for each in found if one.line <= each.where.line <= one.last_line}
        assert one.expected in codes, (one, codes)
    planted = [(one.line, one.last_line) for one in file.planted]
    for each in found:
        # Receipts are numbered in a row: the one after a receipt without a number is told too.
        is_planted = any(first <= each.where.line <= last for first, last in planted)
        assert is_planted or each.code == "UKE-L1-1917", each


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.name in TABLE_NAMES], ids=lambda kind: kind.name
)
def test_kinds_of_the_tables_exist_in_the_starter(pool: Any, kind: Any) -> None:
    random = Random(3)
    receipt = make_receipt(random, pool, JUNE, 1, "1")
    before = receipt.text()
    assert plant(random, pool, receipt, kind, "202607")
    assert receipt.text() != before
