# SPDX-License-Identifier: Apache-2.0
"""共有の表 — small numbers that all processes of an installation's page server must agree on, in memory that they share.

``up`` makes the memory and every generation inherits it, so that a limit holds over processes and over a reload. A process
that was started by hand has memory of its own. Nothing here must outlive the machine: it is forgotten with ``up``.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Which of the inherited files the memory is; set by ``up`` for the page server alone.
VARIABLE = "TASUKI_SHARED_MEMORY"
_SLOT = struct.Struct("16sd")
# A key may stand in one of so many places; when all are taken, the smallest number gives way.
_WAYS = 8
_NOTHING = bytes(16)
# 区画: where the table of each purpose begins, and how many keys it holds.
ALLOWANCES, PLACES = (0, 8192), (8192, 512)
_SIZE = (PLACES[0] + PLACES[1]) * _SLOT.size
_threads = threading.Lock()


def make_memory() -> int:
    """共有の記憶の用意 — a file without a name; gives its number, to be inherited."""
    with tempfile.TemporaryFile() as file:
        # Written and not only made so long: where no room is left, a page that is not there kills whoever writes to it.
        file.write(bytes(_SIZE))
        file.flush()
        return os.dup(file.fileno())


class SharedTable:
    """共有の表 — a number for each key; 0 where none is kept."""

    def __init__(self, region: tuple[int, int], descriptor: int | None = None) -> None:
        self._begin, self._slots = region
        self._descriptor = _inherited() if descriptor is None else descriptor
        self._memory = mmap.mmap(-1 if self._descriptor is None else self._descriptor, _SIZE)

    def value(self, key: bytes) -> float:
        """今の数 — of a key."""
        digest, first = self._place_of(key)
        with self._held(first):
            found = self._find(digest, first)
            return 0.0 if found is None else self._at(found)[1]

    def change(self, key: bytes, change: Callable[[float], float]) -> float:
        """数の変更 — from what it is to what ``change`` makes of it; nobody else sees or writes between. Gives the new one."""
        digest, first = self._place_of(key)
        with self._held(first):
            found = self._find(digest, first)
            before = 0.0 if found is None else self._at(found)[1]
            after = change(before)
            if after != before:
                place = self._to_give_up(first) if found is None else found
                _SLOT.pack_into(self._memory, place * _SLOT.size, digest, after)
            return after

    def clear(self) -> None:
        """忘却 — of everything, for tests."""
        begin, end = self._begin * _SLOT.size, (self._begin + self._slots) * _SLOT.size
        self._memory[begin:end] = bytes(end - begin)

    def _place_of(self, key: bytes) -> tuple[bytes, int]:
        digest = hashlib.blake2b(key, digest_size=16).digest()
        group = int.from_bytes(digest[:8], "big") % (self._slots // _WAYS)
        return digest, self._begin + group * _WAYS

    def _at(self, place: int) -> tuple[bytes, float]:
        kept: tuple[bytes, float] = _SLOT.unpack_from(self._memory, place * _SLOT.size)
        return kept

    def _find(self, digest: bytes, first: int) -> int | None:
        return next((place for place in range(first, first + _WAYS) if self._at(place)[0] == digest), None)

    def _to_give_up(self, first: int) -> int:
        return min(range(first, first + _WAYS), key=lambda place: self._rank(place))

    def _rank(self, place: int) -> tuple[bool, float]:
        digest, value = self._at(place)
        return digest != _NOTHING, value

    @contextmanager
    def _held(self, first: int) -> Iterator[None]:
        """A process that dies lets go of it. The lock of the file knows processes only, so threads have one beside it."""
        if self._descriptor is None:
            with _threads:
                yield
            return
        begin, length = first * _SLOT.size, _WAYS * _SLOT.size
        with _threads:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX, length, begin)
            try:
                yield
            finally:
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN, length, begin)


def _inherited() -> int | None:
    told = os.environ.get(VARIABLE, "")
    return int(told) if told.isdecimal() else None
