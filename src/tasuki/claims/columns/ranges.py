# SPDX-License-Identifier: Apache-2.0
"""読取範囲 — a claim file in pieces that begin and end with a receipt, so that processes can share it.

One pass of counting line ends finds the borders and whether the file has the plain form: Shift_JIS, IR first, GO
last, one EOF byte. A file without it is read by the object reader, whole.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tasuki.claims.columns.fields import LINE_FEED
from tasuki.claims.reader import end_of_text, is_utf8
from tasuki.claims.records import IR, Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

_BLOCK = 1 << 22
_BORDER = b"\nRE,"
_BOM = b"\xef\xbb\xbf"
_LONGEST_HEAD = 4096
# First records of 歯科, 調剤 and 訪問看護 files, whose lines have other items.
_OTHER_HEADS = ("UK", "YK", "HM")
# Records after a trailer belong to no receipt unless another receipt follows.
_TRAILERS = (b"\nGO", b"\nHG")
_LONGEST_RECEIPT = 1 << 24
# GYYMM, which the object reader tells of.
_OLD_MONTH = 5


class ByteRange(NamedTuple):
    """読取範囲 — receipts of a file: where they begin, how many bytes, and the line number of the first."""

    path: str
    file: int
    start: int
    size: int
    first_line: int
    institution: str
    is_past: bool = False


class FilePlan(NamedTuple):
    """ファイルの分割 — its ranges, or none when it must be read as a whole by the object reader."""

    path: str
    file: int
    institution: str
    claim_month: str
    payer: str
    is_plain: bool
    ranges: tuple[ByteRange, ...]
    is_other_table: bool = False
    is_past: bool = False


def ranges_of(path: Path, file: int, size: int = 64 << 20, *, is_past: bool = False) -> FilePlan:
    """ファイルの分割 — ranges of about ``size`` bytes, cut before an RE record."""
    with path.open("rb") as stream:
        head = stream.read(_LONGEST_HEAD)
        first, _, _ = head.partition(b"\n")
        values = tuple(first.rstrip(b"\r").decode("cp932", "replace").split(","))
        record = IR(Record(1, first, values))
        institution = f"{record.prefecture}{record.fee_table}{record.institution_code}"
        body = head.find(_BORDER)
        plan = FilePlan(
            str(path), file, institution, record.record.value(8), record.payer, False, (), False, is_past
        )
        if values[0].lstrip("\ufeff") in _OTHER_HEADS or record.fee_table in ("3", "4", "6"):
            return plan._replace(is_other_table=True)
        is_head_plain = values[0] == "IR" and record.fee_table == "1" and head.count(b"\n", 0, body + 1) == 1
        is_head_plain = is_head_plain and _is_text(first) and len(record.record.value(8)) != _OLD_MONTH
        if body < 0 or not is_head_plain or not first.endswith(b"\r") or not _is_shift_jis(head):
            return plan
        stream.seek(body + 1)
        borders, end = _borders(stream, body + 1, size)
    if end is None:
        return plan
    starts = [*borders, (end, 0)]
    ranges = tuple(
        ByteRange(str(path), file, at, following - at, line, institution, is_past)
        for (at, line), (following, _) in pairwise(starts)
    )
    return plan._replace(is_plain=True, ranges=ranges)


def _borders(stream: IO[bytes], start: int, size: int) -> tuple[list[tuple[int, int]], int | None]:
    """Where ranges begin with their line, and where the trailer begins when the file ends as it should."""
    borders = [(start, 2)]
    at, line, wanted = start, 2, start + size
    last = start
    tail = b""
    for block in _blocks(stream):
        joined = tail + block
        base = at - len(tail)
        while at + len(block) > wanted:
            found = joined.find(_BORDER, max(0, wanted - base - len(_BORDER)))
            if found < 0:
                break
            # A line feed inside the kept tail was counted with the block before.
            line_there = line + _line_feeds(joined[len(tail) : max(len(tail), found + 1)])
            borders.append((base + found + 1, line_there))
            wanted = base + found + 1 + size
        line += _line_feeds(block)
        found = joined.rfind(_BORDER)
        last = base + found + 1 if found >= 0 else last
        at += len(block)
        tail = joined[-3:]
    return borders, _trailer(stream, last) if at - last <= _LONGEST_RECEIPT else None


def _line_feeds(data: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == LINE_FEED))


def _trailer(stream: IO[bytes], begin: int) -> int | None:
    """Where GO begins, None unless it is the last record and the one trailer after the last RE, and one EOF byte follows."""
    stream.seek(begin)
    data = stream.read()
    at = data.rfind(b"\nGO,")
    is_last = at >= 0 and data.endswith(b"\r\n\x1a") and data.count(b"\n", at + 1) == 1
    is_last = is_last and sum(data.count(each) for each in _TRAILERS) == 1
    is_last = is_last and _is_text(data[at:-1]) and end_of_text(data[at + 1 : -3]) == len(data) - at - 4
    return begin + at + 1 if is_last else None


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def _is_text(line: bytes) -> bool:
    try:
        line.decode("cp932")
    except UnicodeDecodeError:
        return False
    return True


def _is_shift_jis(head: bytes) -> bool:
    """As the object reader decides: by the first line that is not plain ASCII, which the head must show."""
    if head.startswith(_BOM):
        return False
    lines = head.split(b"\n")[:-1]
    first = next((line for line in lines if not line.isascii()), None)
    if first is None:
        return len(head) < _LONGEST_HEAD
    return not is_utf8(first.removesuffix(b"\r"))


def read_range(part: ByteRange) -> bytes:
    """範囲の読取 — the bytes of a range."""
    with Path(part.path).open("rb") as stream:
        stream.seek(part.start)
        return stream.read(part.size)
