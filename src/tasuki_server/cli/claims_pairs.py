# SPDX-License-Identifier: Apache-2.0
"""レセプトの照合 — two claim files of any size compared as :func:`tasuki.claims.compare.compare_receipts` compares two lists.

Receipts go to temporary files as they are read, their keys to a temporary database that sorts on disk (SQLite's, removed
with its connection). What is held is a page cache of fixed size and five bytes a receipt, whoever the receipts are of: two
files in which all people share a birthday or a name take no more.
"""

from __future__ import annotations

import sqlite3
import tempfile
from array import array
from hashlib import blake2b
from typing import IO, TYPE_CHECKING

import msgspec

from tasuki.claims.compare import ReceiptChange, compare_records, content_of, identities_of
from tasuki.claims.fee_tables import FeeTable, fee_table_of
from tasuki.claims.reader import ClaimReader
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import Self

_ROWS = 1 << 8
# An id is the place of a receipt in its file, of the second file above this.
_SECOND = 1 << 40
_NONE, _EQUAL = 0, (1 << 32) - 1
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[tuple[int, tuple[str, ...]]]).decode


class Pairs:
    """照合 — give it both files (:meth:`read`), then ask for the changes once."""

    def __init__(self) -> None:
        self._keys = sqlite3.connect("")
        # 16 MB of pages are held; sorting goes to disk beyond as much.
        self._keys.execute("PRAGMA cache_size = -16384")
        self._keys.execute("PRAGMA temp_store = FILE")
        self._keys.execute("PRAGMA journal_mode = OFF")
        self._keys.execute("CREATE TABLE receipts (id INTEGER PRIMARY KEY, at INTEGER, content BLOB)")
        self._keys.execute("CREATE TABLE keys (key BLOB, id INTEGER)")
        self._sides: list[IO[bytes]] = []
        self.table = FeeTable.MEDICAL
        self._partners = array("I")
        self._is_taken = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._keys.close()
        for each in self._sides:
            each.close()

    def read(self, stream: IO[bytes], name: str) -> list[Record]:
        """読取 — all receipts of a file; the records around them are answered."""
        first = _SECOND * len(self._sides)
        spool = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the pairs
        self._sides.append(spool)
        reader = ClaimReader(stream, name)
        self._keys.executemany(
            "INSERT INTO receipts VALUES (?, ?, ?)",
            ((first + at, begins, content) for at, (begins, content) in enumerate(_written(reader, spool))),
        )
        count = self._keys.execute("SELECT COUNT(*) FROM receipts WHERE id >= ?", (first,)).fetchone()[0]
        if first:
            self._is_taken = bytearray(count)
        else:
            self._partners = array("I", bytes(4 * count))
            self.table = fee_table_of(tuple(reader.before))
        return [*reader.before, *reader.after]

    def changes(self) -> Iterator[ReceiptChange]:
        """レセプトの変更 — in the order of the file before, then what was added in the order after."""
        for old, new in _neighbours(self._sorted("SELECT content, id FROM receipts ORDER BY content, id")):
            self._partners[old], self._is_taken[new] = _EQUAL, True
        self._keys.executemany("INSERT INTO keys VALUES (?, ?)", self._identities())
        # Strongest kind first: what it paired is passed over when the next is read.
        for old, new in _neighbours(self._unpaired()):
            self._partners[old], self._is_taken[new] = new + 1, True
        for at, partner in enumerate(self._partners):
            if partner == _EQUAL:
                continue
            old_receipt = self._receipt(at)
            if partner == _NONE:
                yield ReceiptChange(old_receipt, None)
                continue
            new_receipt = self._receipt(_SECOND + partner - 1)
            records = tuple(compare_records(old_receipt.records, new_receipt.records, self.table))
            if records:
                yield ReceiptChange(old_receipt, new_receipt, records)
        for at, is_taken in enumerate(self._is_taken):
            if not is_taken:
                yield ReceiptChange(None, self._receipt(_SECOND + at))

    def _sorted(self, query: str) -> Iterator[tuple[bytes, int]]:
        cursor = self._keys.execute(query)
        while rows := cursor.fetchmany(_ROWS):
            yield from rows

    def _unpaired(self) -> Iterator[tuple[bytes, int]]:
        rows = self._sorted("SELECT key, id FROM keys ORDER BY key, id")
        return (row for row in rows if not self._is_paired(row[1]))

    def _is_paired(self, number: int) -> bool:
        if number < _SECOND:
            return self._partners[number] != _NONE
        return bool(self._is_taken[number - _SECOND])

    def _identities(self) -> Iterator[tuple[bytes, int]]:
        for number in (*range(len(self._partners)), *range(_SECOND, _SECOND + len(self._is_taken))):
            if self._is_paired(number):
                continue
            for nth, key in enumerate(identities_of(self._receipt(number), self.table)):
                if key:
                    yield bytes((nth,)) + _digest(_encode(key)), number

    def _receipt(self, number: int) -> Receipt:
        at = self._keys.execute("SELECT at FROM receipts WHERE id = ?", (number,)).fetchone()[0]
        spool = self._sides[number >= _SECOND]
        spool.seek(at)
        return Receipt(Record(line, b"", values) for line, values in _decode(spool.readline()))


def _written(reader: ClaimReader, spool: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each receipt written: where it begins, and the digest of its content."""
    at = 0
    for receipt in reader:
        reader.take_findings()
        line = _encode([(one.line, one.values) for one in receipt.records]) + b"\n"
        spool.write(line)
        yield at, _digest(_encode(content_of(receipt)))
        at += len(line)


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def _neighbours(rows: Iterable[tuple[bytes, int]]) -> Iterator[tuple[int, int]]:
    """Of rows that share a key, those of the first file come first: each with the next of the second file."""
    waiting, used, current = array("I"), 0, b""
    for key, number in rows:
        if key != current:
            waiting, used, current = array("I"), 0, key
        if number < _SECOND:
            waiting.append(number)
        elif used < len(waiting):
            yield waiting[used], number - _SECOND
            used += 1
