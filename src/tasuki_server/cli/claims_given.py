# SPDX-License-Identifier: Apache-2.0
"""比較するファイル — a claim file whose receipts can be had again by where they lie.

A file of the plain form is cut at its RE records and read in place. Any other, and standard input, is read by the object
reader into a temporary file.
"""

from __future__ import annotations

import re
import tempfile
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

import msgspec

from tasuki.claims.reader import ClaimReader
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.columns.ranges import FilePlan

_RANGE_BYTES = 2 << 20
_HEAD = re.compile(rb"\nRE(?=,|\r?\n)")
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[tuple[int, tuple[str, ...]]]).decode
# Where a receipt lies: its place, bytes and first line; and the digest of its bytes without its number.
Placed = tuple[int, int, int, bytes]


class Given(Protocol):
    """比較するファイル — after :meth:`receipts` the records around them are known."""

    before: tuple[Record, ...]
    after: tuple[Record, ...]

    def receipts(self) -> Iterator[Placed]:
        """レセプトの所在 — in the order of the file."""

    def receipt(self, at: int, size: int, line: int) -> Receipt:
        """レセプト — of a place."""

    def close(self) -> None:
        """終了 — nothing is asked for any more."""


def given_file(name: str, stream: IO[bytes]) -> Given:
    """比較するファイル — in place where its form and the libraries at hand allow it."""
    if name != "-" and Path(name).is_file() and find_spec("numpy") and find_spec("pyarrow"):
        from tasuki.claims.columns.ranges import ranges_of

        plan = ranges_of(Path(name), 1, _RANGE_BYTES)
        if plan.is_plain:
            return InPlace(plan)
    return Spooled(stream, name)


def digest(data: bytes) -> bytes:
    """ダイジェスト — of 16 bytes, by which equal ones are found."""
    return blake2b(data, digest_size=16).digest()


class InPlace:
    """そのまま — a file of the plain form."""

    def __init__(self, plan: FilePlan) -> None:
        from tasuki.claims.columns.around import around_of

        self._plan = plan
        self._stream = Path(plan.path).open("rb")  # noqa: SIM115 - closed by its own method
        self.before, self.after = around_of(plan)

    def receipts(self) -> Iterator[Placed]:
        """レセプトの所在 — of each range, whose first bytes are an RE record."""
        from tasuki.claims.columns.ranges import read_range

        for part in self._plan.ranges:
            at, line = part.start, part.first_line
            pieces = _HEAD.split(read_range(part).removeprefix(b"RE"))
            last = len(pieces) - 1
            for nth, piece in enumerate(pieces):
                # The line end before an RE was cut away with it, even where a blank line leaves another.
                text = piece if nth == last else piece + b"\n"
                yield at, len(text) + 2, line, _digest_of(text)
                at += len(text) + 2
                line += text.count(b"\n")

    def receipt(self, at: int, size: int, line: int) -> Receipt:
        """レセプト — read again."""
        from tasuki.claims.columns.objects import records_of

        self._stream.seek(at)
        return Receipt(records_of(self._stream.read(size), line))

    def close(self) -> None:
        """終了 — the file is closed."""
        self._stream.close()


class Spooled:
    """写しから — any stream of receipts."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._reader = ClaimReader(stream, name)
        self._copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed by its own method
        self.before: tuple[Record, ...] = ()
        self.after: tuple[Record, ...] = ()

    def receipts(self) -> Iterator[Placed]:
        """レセプトの所在 — in the copy."""
        at = 0
        for receipt in self._reader:
            self._reader.take_findings()
            line = _encode([(one.line, one.values) for one in receipt.records]) + b"\n"
            self._copy.write(line)
            raw = b"".join(one.raw for one in receipt.records)
            yield at, len(line), receipt.records[0].line, _digest_of(raw.removeprefix(b"RE"))
            at += len(line)
        self.before, self.after = self._reader.before, self._reader.after

    def receipt(self, at: int, size: int, line: int) -> Receipt:
        """レセプト — read again, its bytes excepted."""
        self._copy.seek(at)
        return Receipt(Record(number, b"", values) for number, values in _decode(self._copy.read(size)))

    def close(self) -> None:
        """終了 — the copy is removed."""
        self._copy.close()


def _digest_of(text: bytes) -> bytes:
    """Of what follows the id of an RE record, without レセプト番号, which only tells where a receipt stands."""
    number, _, rest = text[1:].partition(b",")
    return digest(text if b"\n" in number or not text.startswith(b",") else rest)
