# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの読取の速さ — receipts and megabytes a second against Python's csv; one JSON line a figure.

``python bench/claims_read.py [--size N]`` makes a file of N receipts with our own writer, then reads,
checks and rewrites it. The peer in each line is the csv module over the same text in the same run: it only
splits fields, while the reader groups receipts and keeps every byte.
"""

from __future__ import annotations

import argparse
import csv
import io
import time
from collections.abc import Iterator

from figures import report, seconds
from tasuki.claims.checks.run import check_file
from tasuki.claims.points import file_totals, payer_sums
from tasuki.claims.reader import ClaimReader, read
from tasuki.claims.records import Record
from tasuki.claims.rewrite import restore
from tasuki.claims.writer import Value, compose, write


def made_up(size: int) -> bytes:
    """A file of ``size`` receipts of the common outpatient mix: 13 lines a receipt, nobody real."""
    records = [record("IR", payer="1", prefecture="13", fee_table="1", institution_code="9999991",
                      institution_name="架空たすきクリニック", claim_month="202607", volume="00")]  # fmt: skip
    points = 0
    for number in range(1, size + 1):
        made, total = receipt(number)
        records.extend(made)
        points += total
    records.append(record("GO", receipt_count=size, total_points=points, volume="99"))
    return write(records)


def receipt(number: int) -> tuple[list[Record], int]:
    day = number % 28 + 1
    acts = [("12", "112007410", 76), ("12", "112011010", 52), ("13", "113001810", 225),
            ("60", "160000310", 26), ("60", "160008010", 21), ("80", "120002910", 60)]  # fmt: skip
    used = acts[: 2 + number % 5]
    days = 14 + number % 15
    total = sum(each[2] for each in used) + 5 * days
    lines = [
        record("SI", section=section, payer_code="1", code=code, points=value, count=1, **{f"day_{day}": 1})
        for section, code, value in used
        if section < "21"
    ]
    lines += [
        record("IY", section="21", payer_code="1", code="620000001", amount="2", count=days, **{f"day_{day}": days}),
        record("IY", payer_code="1", code="620000002", amount="1", points=5, count=days, **{f"day_{day}": days}),
        record("CO", payer_code="1", code="810000001", text="一日一回　朝食後"),
    ]  # fmt: skip
    lines += [
        record("SI", section=section, payer_code="1", code=code, points=value, count=1, **{f"day_{day}": 1})
        for section, code, value in used
        if section > "21"
    ]
    head = [
        record("RE", receipt_number=number, receipt_type="1112", service_month="202606",
               patient_name=f"架空　{'一二三四五六七八九十'[number % 10]}郎", sex="1", born_on="19700401",
               chart_number=f"{number:08}", patient_kana="カクウロウ"),
        record("HO", insurer_number="01130012", symbol="12345678", number=str(number % 1000 + 1), visit_days=1,
               total_points=total),
        record("SN", bearer_kind="1", confirmation="01", branch="01"),
        record("JD", bearer_kind="1", **{f"day_{day}": 1}),
        record("MF", counter_kind="00"),
        record("SY", disease_code="8833421", since_on="20240401", outcome="1", main="01"),
        record("SY", disease_code="2720004", since_on="20240401", outcome="1", modifiers="8002"),
    ]  # fmt: skip
    return [*head, *lines], total


def record(kind: str, **items: Value) -> Record:
    return compose(kind, items).record


def streamed(data: bytes) -> int:
    return sum(1 for _ in ClaimReader(io.BytesIO(data)))


def split(data: bytes) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(data.decode("cp932")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=20_000, help="receipts")
    size = parser.parse_args().size
    begun = time.perf_counter()
    data = made_up(size)
    report("claims/compose and write", size / (time.perf_counter() - begun), "receipts/s")
    megabytes = len(data) / 1e6
    report("claims/file", megabytes, "MB")
    plain = seconds(lambda: list(split(data)))
    taken = seconds(lambda: read(data))
    report("claims/read", size / taken, "receipts/s", size / plain)
    report("claims/read", megabytes / taken, "MB/s", megabytes / plain)
    streaming = seconds(lambda: sum(1 for _ in split(data)))
    taken = seconds(lambda: streamed(data))
    report("claims/stream", size / taken, "receipts/s", size / streaming)
    report("claims/stream", megabytes / taken, "MB/s", megabytes / streaming)
    file = read(data)
    assert file_totals(file.receipts) == (file.trailer.receipt_count, file.trailer.total_points)  # type: ignore[union-attr]
    report("claims/rewrite", size / seconds(lambda: restore(file), 1), "receipts/s")
    assert restore(file) == data
    report("claims/sums", size / seconds(lambda: [payer_sums(one) for one in file.receipts], 1), "receipts/s")
    report("claims/check", size / seconds(lambda: check_file(file), 1), "receipts/s")


if __name__ == "__main__":
    main()
