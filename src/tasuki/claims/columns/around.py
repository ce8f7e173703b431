# SPDX-License-Identifier: Apache-2.0
"""範囲の前後 — what stands around a range of a plain file: the records of the file itself, and the number that must follow."""

from __future__ import annotations

from pathlib import Path

from tasuki.claims.columns.objects import records_of
from tasuki.claims.columns.ranges import ByteRange, FilePlan, read_range
from tasuki.claims.item_values import is_receipt_number
from tasuki.claims.reader import decode_line
from tasuki.claims.records import Record

_BLOCK = 1 << 16


def around_of(plan: FilePlan) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    """ファイルの前後 — the records ahead of the receipts of a plain file and those after them, numbered as in the file."""
    first, last = plan.ranges[0], plan.ranges[-1]
    line = last.first_line + read_range(last).count(b"\n")
    with Path(plan.path).open("rb") as stream:
        before = stream.read(first.start)
        stream.seek(last.start + last.size)
        after = stream.read().removesuffix(b"\x1a")
    return tuple(records_of(before, 1)), tuple(records_of(after, line))


def number_expected(plan: FilePlan, part: ByteRange) -> int:
    """次のレセプト番号 — of the first receipt of a range: one more than the last that had one, and one for each since.

    As 受付・事務点検 counts: a receipt without a number counts as the one that was expected.
    """
    begin, end = plan.ranges[0].start, part.start
    without, rest = 0, b""
    with Path(plan.path).open("rb") as stream:
        while end > begin:
            at = max(begin, end - _BLOCK)
            stream.seek(at)
            rest, *lines = (stream.read(end - at) + rest).split(b"\n")
            if at == begin:
                lines.insert(0, rest)
            for line in reversed(lines):
                record_id, _, items = line.removesuffix(b"\r").partition(b",")
                if record_id != b"RE":
                    continue
                text, _ = decode_line(items.partition(b",")[0], "shift_jis")
                if is_receipt_number(text):
                    return int(text) + 1 + without
                without += 1
            end = at
    return 1 + without
