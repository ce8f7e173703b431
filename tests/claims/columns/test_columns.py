# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの列 — the fast reading agrees with the object reader, whatever the receipts hold."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from claims import invented_file as made
from tasuki.claims.columns import Source, columns_of, ranges_of, read_range
from tasuki.claims.columns.digits import whole_numbers
from tasuki.claims.columns.fields import Cut
from tasuki.claims.columns.objects import columns_of_receipts
from tasuki.claims.columns.parquet import reader_findings, tasks_of, write_columns
from tasuki.claims.columns.schema import COLUMNS, TABLES, table_schema
from tasuki.claims.generate import MonthPlan, generate_month
from tasuki.claims.item_values import Month
from tasuki.claims.reader import ClaimReader, read

pa = pytest.importorskip("pyarrow")
SOURCE = Source(1, "1319999991", 4)


def fast(path: Path, size: int = 3_000) -> tuple[list[Any], bool]:
    plan = ranges_of(path, 1, size)
    assert plan.is_plain
    source = SOURCE._replace(institution=plan.institution)
    parts = [columns_of(read_range(each), each.first_line, source) for each in plan.ranges]
    tables = [pa.concat_tables([part[at] for part in parts]).combine_chunks() for at in range(4)]
    return tables, all(part.is_plain for part in parts)


def slow(data: bytes, institution: str = SOURCE.institution) -> tuple[Any, ...]:
    source = SOURCE._replace(institution=institution)
    return columns_of_receipts(ClaimReader(io.BytesIO(data)), source)


def assert_same(path: Path, data: bytes) -> bool:
    path.write_bytes(data)
    plan = ranges_of(path, 1, 3_000)
    tables, is_plain = fast(path)
    for name, one, other in zip(TABLES, tables, slow(data, plan.institution), strict=True):
        assert one.schema == other.schema == table_schema(name)
        assert one.to_pylist() == other.to_pylist(), name
    return is_plain


def test_the_invented_file_of_every_record_kind_reads_alike(tmp_path: Path) -> None:
    assert assert_same(tmp_path / "a.UKE", made.data())


def test_a_made_up_month_reads_alike_with_and_without_planted_errors(tmp_path: Path, pool: Any) -> None:
    for planted in (0, 210):
        (file,) = generate_month(pool, MonthPlan(Month(2026, 6), 300, planted, 5))
        assert_same(tmp_path / "a.UKE", file.data)


@pytest.mark.parametrize("seed", range(25))
def test_receipts_with_any_item_broken_read_alike(tmp_path: Path, pool: Any, seed: int) -> None:
    """Bytes of random items replaced by what files get wrong: letters, blanks, nothing, too much, other widths."""
    dice = random.Random(seed)
    (file,) = generate_month(pool, MonthPlan(Month(2026, 6), 12, 0, seed))
    lines = file.data.removesuffix(b"\x1a").split(b"\r\n")[:-1]
    wrong = [
        b"",
        b"A",
        b"0",
        b"00",
        b" ",
        b"-1",
        b"99999999999",
        "架空".encode("cp932"),
        b"1.5",
        b"20260231",
        b"5080606",
    ]
    for _ in range(dice.randrange(1, 12)):
        at = dice.randrange(1, len(lines) - 1)
        items = lines[at].split(b",")
        if dice.random() < 0.15:
            items = items[: dice.randrange(2, len(items) + 1)] + [b""] * dice.randrange(0, 2)
        else:
            items[dice.randrange(1, len(items))] = dice.choice(wrong)
        lines[at] = b",".join(items)
    assert_same(tmp_path / "a.UKE", b"\r\n".join([*lines, b"\x1a"]))


def test_a_donors_block_is_no_part_of_the_receipt(tmp_path: Path) -> None:
    tables, _ = fast_of(made.data(), tmp_path)
    donors = [one for one in read(made.data()).receipts if one.of("TI")]
    assert donors
    codes = tables[3]["line"].to_pylist()
    for one in donors:
        start = one.of("TI")[0].line
        assert not [line for line in codes if start <= line <= one.records[-1].line]


def fast_of(data: bytes, tmp_path: Path) -> tuple[list[Any], bool]:
    path = tmp_path / "b.UKE"
    path.write_bytes(data)
    return fast(path)


@pytest.mark.parametrize(
    ("change", "is_plain_file"),
    [
        (lambda data: data.replace(b"\r\n", b"\n"), False),
        (lambda data: b"\xef\xbb\xbf" + data, False),
        (lambda data: data.decode("cp932").encode(), False),
        (lambda data: data.removesuffix(b"\x1a"), False),
        (lambda data: data + b"\r\n", False),
        (lambda data: data.replace(b"\r\nSN,", b"\r\nQQ,", 1), True),
        (lambda data: data.replace(b"\r\nSY,8833421", b"\r\nSY,\x81\xff8833", 1), True),
        (lambda data: data.replace(b",202606,", b",50806,", 1), True),
    ],
)
def test_what_the_reader_reports_is_never_passed_over(
    tmp_path: Path, change: Any, *, is_plain_file: bool
) -> None:
    data = change(made.data())
    path = tmp_path / "a.UKE"
    path.write_bytes(data)
    plan = ranges_of(path, 1, 3_000)
    assert plan.is_plain == is_plain_file
    assert read(data).findings
    reports = [write_columns(task, str(tmp_path / "out")) for task in tasks_of([plan], 4)]
    assert {each for report in reports for each in report.to_read} == {str(path)}
    assert [f.code for f in reader_findings(str(path))] == [f.code for f in read(data).findings]
    assert sum(report.receipts for report in reports) == len(read(data).receipts)


def test_partitions_hold_every_row_once_and_each_person_in_one(tmp_path: Path, pool: Any) -> None:
    from pyarrow import parquet

    plans = []
    files = list(generate_month(pool, MonthPlan(Month(2026, 6), 200, 0, 5, 60)))
    for number, file in enumerate(files, 1):
        path = tmp_path / file.name
        path.write_bytes(file.data)
        plans.append(ranges_of(path, number, 20_000))
    for task in tasks_of(plans, 4):
        write_columns(task, str(tmp_path / "out"))
    for name in TABLES:
        buckets = [
            pa.concat_tables(
                [parquet.read_table(path, partitioning=None) for path in sorted(place.glob("*.parquet"))]
            )
            for place in sorted((tmp_path / "out" / name).iterdir())
        ]
        people = [set(each["patient"].to_pylist()) for each in buckets]
        assert len(set().union(*people)) == sum(len(each) for each in people)
        rows = sum(len(fast_rows(path, name)) for path in sorted(tmp_path.glob("*.UKE")))
        assert sum(each.num_rows for each in buckets) == rows


def fast_rows(path: Path, name: str) -> list[Any]:
    tables, _ = fast(path)
    rows: list[Any] = tables[TABLES.index(name)].to_pylist()
    return rows


def test_every_filled_item_is_found_where_it_lies() -> None:
    """Against splitting each line: widths of all kinds, empty lines, and a return that is part of an item."""
    dice = random.Random(4)
    texts = [b"", b"", b"", b"1", b"12345678", b"123456789012", b"\x89\xcb\x8b\xf3", b"a\r", b" "]
    for _ in range(60):
        lines = [
            b",".join(dice.choice(texts) for _ in range(dice.choice((1, 2, 9, 44, 300)))) + dice.choice((b"\r\n", b"\n"))
            for _ in range(dice.randrange(1, 30))
        ]  # fmt: skip
        data = b"RE,1\r\n" + b"".join(lines)
        cut = Cut(data)
        given = [line.removesuffix(b"\r").split(b",") for line in data.split(b"\n")[:-1]]
        assert cut.sizes.tolist() == [len(items) for items in given]
        assert cut.is_crlf.tolist() == [line.endswith(b"\r") for line in data.split(b"\n")[:-1]]
        every = np.arange(len(given))
        for number in (1, 2, 7, 8, 44, 45, 254):
            span = cut.span(every, number)
            found = [data[a:b] for a, b in zip(span.start.tolist(), span.end.tolist(), strict=True)]
            assert found == [items[number - 1] if number <= len(items) else b"" for items in given]
        beyond = set(cut.lines_beyond_ascii().tolist())
        assert {at for at, items in enumerate(given) if not b"".join(items).isascii()} <= beyond


def test_numbers_are_read_as_python_reads_them() -> None:
    texts = [b"", b"0", b"007", b"1234567", b"12345678", b"999999999", b"1234567890123456", b"12a", b"/1", b":1",
             b"-1", b" 1", b"1.5", b"\xb11", b"\xff" * 8, b"\x8012345678"]  # fmt: skip
    data = b",".join([b"RE", *texts]) + b"\r\n"
    cut = Cut(data)
    for digits in (2, 7, 9, 16):
        for number, text in enumerate(texts, 2):
            value, is_filled, is_wrong = whole_numbers(
                cut.words, cut.span(np.zeros(1, np.int64), number), digits
            )
            is_number = text.isdigit() and len(text) <= digits
            assert (int(value[0]), bool(is_filled[0])) == ((int(text), True) if is_number else (0, False))
            assert bool(is_wrong[0]) == (bool(text) and not is_number)


def test_a_short_line_of_no_shift_jis_among_others_is_seen(tmp_path: Path) -> None:
    for blanks in range(9):
        data = made.data().replace(
            b"\r\nSJ,01,", b"\r\nSJ," + b" " * blanks + b"\r\nSJ,\x81\r\nSJ\r\nSJ,01,", 1
        )
        assert not assert_same(tmp_path / "a.UKE", data)


def test_points_and_yen_are_int64() -> None:
    for columns in COLUMNS.values():
        for column in columns:
            if column.name.endswith(("points", "_yen", "times", "count")):
                assert column.type == "int64", column.name
