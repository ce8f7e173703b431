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
from tasuki.claims.generate.errors import KINDS, plant
from tasuki.claims.generate.form_errors import FORM_KINDS
from tasuki.claims.generate.points_errors import POINTS_KINDS
from tasuki.claims.generate.receipts import make_receipt
from tasuki.claims.generate.table_errors import TABLE_KINDS
from tasuki.claims.item_values import Month
from tasuki.claims.points import file_totals
from tasuki.claims.reader import read
from tasuki.masters.starter import load_starter

JUNE = Month(2026, 6)
FORM_NAMES = {kind.name for kind in (*FORM_KINDS, *POINTS_KINDS)}


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


def test_every_kind_of_form_is_found_without_anything_beside(pool: Any) -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    count = sum(not kind.is_beside for kind in KINDS)
    (file,) = generate_month(pool, MonthPlan(JUNE, 300, 2 * count, 5))
    assert file.beside == {}
    found = check_file(read(file.data, file.name), load_starter())
    wanted = [one for one in file.planted if one.kind in FORM_NAMES]
    assert {one.kind for one in wanted} == FORM_NAMES
    for one in wanted:
        codes = {each.code for each in found if one.line <= each.where.line <= one.last_line}
        assert one.expected in codes, (one, codes)
    planted = [(one.line, one.last_line) for one in file.planted]
    assert all(any(first <= each.where.line <= last for first, last in planted) for each in found)


@pytest.mark.parametrize("kind", TABLE_KINDS, ids=lambda kind: kind.name)
def test_kinds_of_the_tables_exist_in_the_starter(pool: Any, kind: Any) -> None:
    random = Random(3)
    receipt = make_receipt(random, pool, JUNE, 1, "1")
    before = receipt.text()
    assert plant(random, pool, receipt, kind, "202607")
    assert receipt.text() != before
