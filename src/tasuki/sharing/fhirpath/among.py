# SPDX-License-Identifier: Apache-2.0
"""値の集まり — whether an equal value is among others, without comparing it with each: there are as many as a sender writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tasuki.sharing.fhirpath.values import equal


class Among:
    """値の集まり — compared are those alone that have the same mark.

    >>> among = Among(["a", {"value": 1}])
    >>> "a" in among, {"value": 1} in among, True in among, among.add("b"), among.add("b")
    (True, True, False, True, False)
    """

    __slots__ = ("_alike",)

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self._alike: dict[int, list[Any]] = {}
        for each in items:
            self.add(each)

    def add(self, item: Any) -> bool:
        """加える — False where an equal one is there."""
        alike = self._alike.setdefault(_mark(item), [])
        if any(equal(item, each) for each in alike):
            return False
        alike.append(item)
        return True

    def __contains__(self, item: Any) -> bool:
        """含むか — an equal one."""
        return any(equal(item, each) for each in self._alike.get(_mark(item), ()))


def _mark(item: Any) -> int:
    """One number for all that are equal; few others have it."""
    if type(item) is dict:
        return hash(frozenset((key, _mark(each)) for key, each in item.items()))
    if type(item) is list:
        return hash(tuple(map(_mark, item)))
    return hash(item)
