# SPDX-License-Identifier: Apache-2.0
"""項目名の控え — what hangs on the names of an object's members alone: elements of one kind have the same, again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tasuki.kernel.kept import LONGEST_KEPT

MOST_KEPT = 128
T = TypeVar("T")


class OfMemberNames(dict[tuple[str, ...], T]):
    """項目名の控え — found once for the same names, and kept of so many sets of names as are not long: they come from the sender.

    >>> counts = OfMemberNames(len)
    >>> counts["system", "code"], list(counts)
    (2, [('system', 'code')])
    """

    def __init__(self, find: Callable[[tuple[str, ...]], T]) -> None:
        self._find = find

    def __missing__(self, names: tuple[str, ...]) -> T:
        """What is found of names that were not kept."""
        found = self._find(names)
        if sum(map(len, names)) <= LONGEST_KEPT:
            if len(self) >= MOST_KEPT:
                self.clear()
            self[names] = found
        return found
