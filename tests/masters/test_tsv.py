# SPDX-License-Identifier: Apache-2.0
"""Our own layout of tables: rows that share a line, and where a wrong file is wrong."""

from __future__ import annotations

from datetime import date

import pytest

from tasuki.kernel.finding import BadInput
from tasuki.kernel.validity import Validity
from tasuki.masters import tsv
from tasuki.masters.rows import InclusionMember
from tasuki.masters.starter import starter_tables
from tasuki.masters.starter.loading import mirrored

SINCE = Validity(date(2024, 6, 1))


def test_rows_alike_but_for_one_text_share_a_line_and_come_back() -> None:
    rows = tuple(
        InclusionMember(group, code, special, SINCE)
        for group, special in (("A", False), ("A", True), ("B", False))
        for code in ("111000110", "112007410")
    )
    data = tsv.encode_many(InclusionMember, rows, "code")
    assert data.count(b"\n") == 1 + 3
    assert tsv.decode_many(InclusionMember, data, "code") == rows


def test_a_wrong_cell_is_named_though_columns_are_read_whole() -> None:
    data = b"group\tcode\tis_special\tsince\nA\t111000110\t0\t2024-06-01\nA\t112007410\t0\t2024-06-31\n"
    with pytest.raises(BadInput) as refused:
        tsv.decode(InclusionMember, data, "members.tsv")
    where = refused.value.findings[0].where
    assert (where.file, where.line, where.field) == ("members.tsv", 3, "since")


def test_every_exclusion_of_the_starter_is_there_from_both_sides() -> None:
    pairs = starter_tables().exclusions
    assert len(set(pairs)) == len(pairs)
    assert set(map(mirrored, pairs)) == set(pairs)
