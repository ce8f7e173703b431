# SPDX-License-Identifier: Apache-2.0
"""レセプトの照合 — two claim files of any size compared as :func:`tasuki.claims.compare.compare_receipts` compares two lists.

Where a receipt lies and a digest of its bytes go to temporary databases that sort on disk (SQLite's, removed with their
connections): equal receipts fall away without being read as objects. What is held is a page cache of fixed size and five
bytes a receipt, whoever the receipts are of: two files in which all people share a birthday or a name take no more.
"""

from __future__ import annotations

import sqlite3
from array import array
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from tasuki.claims.compare import ReceiptChange, compare_records, content_of, identities_of
from tasuki.claims.fee_tables import FeeTable, fee_table_of
from tasuki_server.cli.claims_given import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import Self

    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import Record
    from tasuki_server.cli.claims_given import Given

_ROWS, _PARTS = 1 << 8, 64
# An id is the place of a receipt in its file, of the second file above this.
_SECOND = 1 << 40
_NONE, _EQUAL = 0, (1 << 32) - 1
_encode = msgspec.json.Encoder().encode


class _Keys:
    """Keys of receipts by kind, in parts by their first byte, so that a sort stays small: SQLite maps what it sorts on disk."""

    def __init__(self) -> None:
        self._parts = [_database("PRAGMA cache_size = -256") for _ in range(_PARTS)]
        for each in self._parts:
            each.execute("CREATE TABLE keys (nth INTEGER, key BLOB, id INTEGER)")
        # A connection remembers each cursor it made for a while: one does.
        self._writers = [each.cursor() for each in self._parts]

    def add(self, nth: int, key: bytes, number: int) -> None:
        self._writers[key[0] % _PARTS].execute("INSERT INTO keys VALUES (?, ?, ?)", (nth, key, number))

    def sorted(self, nth: int) -> Iterator[tuple[bytes, int]]:
        for part in self._parts:
            cursor = part.execute("SELECT key, id FROM keys WHERE nth = ? ORDER BY key, id", (nth,))
            while rows := cursor.fetchmany(_ROWS):
                yield from rows

    def close(self) -> None:
        for each in self._parts:
            each.close()


def _database(cache: str) -> sqlite3.Connection:
    """On disk beyond its page cache, without a journal: nobody goes on with it."""
    made = sqlite3.connect("")
    made.execute(cache)
    made.execute("PRAGMA temp_store = FILE")
    made.execute("PRAGMA journal_mode = OFF")
    return made


class Pairs:
    """照合 — give it both files (:meth:`read`), then ask for the changes once."""

    def __init__(self) -> None:
        self._places = _database("PRAGMA cache_size = -8192")
        self._places.execute(
            "CREATE TABLE receipts (id INTEGER PRIMARY KEY, at INTEGER, size INTEGER, line INTEGER)"
        )
        self._reader = self._places.cursor()
        self._keys = _Keys()
        self._kinds = 0
        self._sides: list[Given] = []
        self.table = FeeTable.MEDICAL
        self._partners = array("I")
        self._is_taken = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._keys.close()
        self._places.close()
        for each in self._sides:
            each.close()

    def read(self, given: Given) -> tuple[Record, ...]:
        """読取 — all receipts of a file; the records around them are answered."""
        first = _SECOND * len(self._sides)
        self._sides.append(given)
        count = 0

        def placed() -> Iterator[tuple[int, int, int, int]]:
            nonlocal count
            for at, size, line, key in given.receipts():
                self._keys.add(0, key, first + count)
                yield first + count, at, size, line
                count += 1

        self._places.executemany("INSERT INTO receipts VALUES (?, ?, ?, ?)", placed())
        if first:
            self._is_taken = bytearray(count)
        else:
            self._partners = array("I", bytes(4 * count))
            self.table = fee_table_of(given.before)
        return (*given.before, *given.after)

    def changes(self) -> Iterator[ReceiptChange]:
        """レセプトの変更 — in the order of the file before, then what was added in the order after."""
        for old, new in _neighbours(self._keys.sorted(0)):
            self._partners[old], self._is_taken[new] = _EQUAL, True
        self._add_identities()
        # Strongest kind first: what it paired is passed over when the next is read.
        for nth in range(1, self._kinds):
            for old, new in _neighbours(self._unpaired(nth)):
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

    def _unpaired(self, nth: int) -> Iterator[tuple[bytes, int]]:
        return (row for row in self._keys.sorted(nth) if not self._is_paired(row[1]))

    def _is_paired(self, number: int) -> bool:
        if number < _SECOND:
            return self._partners[number] != _NONE
        return bool(self._is_taken[number - _SECOND])

    def _add_identities(self) -> None:
        for number in chain(range(len(self._partners)), range(_SECOND, _SECOND + len(self._is_taken))):
            if self._is_paired(number):
                continue
            receipt = self._receipt(number)
            # Bytes that differ may say the same: another encoding, other line ends.
            keys = (content_of(receipt), *identities_of(receipt, self.table))
            self._kinds = 1 + len(keys)
            for nth, key in enumerate(keys, 1):
                if key:
                    self._keys.add(nth, digest(_encode(key)), number)

    def _receipt(self, number: int) -> Receipt:
        query = "SELECT at, size, line FROM receipts WHERE id = ?"
        return self._sides[number >= _SECOND].receipt(*self._reader.execute(query, (number,)).fetchone())


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
