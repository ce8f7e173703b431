# SPDX-License-Identifier: Apache-2.0
"""A file that is not plain is streamed: whose receipt each line is of is told as before, and no receipt is held for it."""

from __future__ import annotations

import random
import tracemalloc
from io import BytesIO
from pathlib import Path

import pytest

from claims.test_compare import file_of, people
from tasuki.claims.columns.ranges import ranges_of
from tasuki.claims.reader import ClaimReader
from tasuki.claims.tables.office import unit_findings, units_of

ODD = ["ZZ,1\r\n", "XX\r\n", "\r\n", "HG,1,1\r\n", "CO,壊れた行\r\n", "GO,1,1,99\r\n"]


def streamed(path: Path) -> list[tuple[str, int, int | None, str]]:
    (unit,) = units_of(ranges_of(path, 1), is_checked=False, is_reported=True)
    return [
        (each.finding.code, each.finding.where.line, each.number, each.chart_number)
        for each in unit_findings(unit, None)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_each_finding_is_of_the_receipt_its_line_is_of(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    lines = "".join(people(range(1, 7))).splitlines(keepends=True)
    for odd in dice.choices(ODD, k=8):
        lines.insert(dice.randrange(len(lines) + 1), odd)
    # A line of another encoding among those of UTF-8.
    data = file_of(lines).decode("cp932").encode().replace("壊れた行".encode(), b"\x89\xf3")
    path = tmp_path / "a.UKE"
    path.write_bytes(data)
    reader = ClaimReader(BytesIO(data), "a.UKE")
    owners = {}
    for receipt in reader:
        header = receipt.header
        for line in range(receipt.records[0].line, receipt.records[-1].line + 1):
            owners[line] = (header.receipt_number, header.chart_number)
    expected = [
        (each.code, each.where.line, *owners.get(each.where.line, (None, ""))) for each in reader.findings()
    ]
    assert len(expected) > 4 and streamed(path) == expected


def test_receipts_without_a_finding_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasuki.claims.reader._CHUNK", 1 << 12)
    peaks = []
    path = tmp_path / "a.UKE"
    for count in (500, 2_500):
        path.write_bytes(file_of(people(range(count))).decode("cp932").encode())
        tracemalloc.start()
        found = streamed(path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert {code for code, *_ in found} == {"UKE-F-01"}
    # A receipt that is told of takes some 300 bytes.
    assert peaks[1] - peaks[0] < 2_000 * 50, peaks
