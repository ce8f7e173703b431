# SPDX-License-Identifier: Apache-2.0
"""点検の記憶 — a coded value in which nothing was found is not looked through again: the same codes come with every result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.sharing.checks.run import Path, Run

    Check = Callable[[Any, Path, Run], None]

MOST_REMEMBERED, LONGEST = 2_000, 100
_TEXTS = frozenset(("system", "code", "display", "version"))


def remembered(check: Check) -> Check:
    """点検の記憶 — of one element: what it finds in a CodeableConcept hangs on nothing but its codes and its text.

    Nothing is remembered of a value with extensions, or while something else was found already: the same finding is told once.
    """
    fine: set[tuple[object, ...]] = set()

    def look(value: Any, path: Path, run: Run) -> None:
        key = plain_concept(value)
        if key in fine:
            return
        is_clean = key is not None and not run.seen
        check(value, path, run)
        if is_clean and not run.seen and key is not None:
            if len(fine) >= MOST_REMEMBERED:
                fine.clear()
            fine.add(key)

    return look


def plain_concept(value: Any) -> tuple[object, ...] | None:
    """コードだけの値 — what tells it apart, of a CodeableConcept of texts alone; None for any other.

    >>> plain_concept({"coding": [{"code": "718-7"}], "text": "Hb"})
    ((('code', '718-7'),), 'Hb')
    >>> plain_concept({"coding": [{"code": 7}]})
    """
    if type(value) is not dict:
        return None
    key: list[object] = []
    for name, inner in value.items():
        if name == "text" and type(inner) is str and len(inner) <= LONGEST:
            key.append(inner)
        elif name == "coding" and type(inner) is list and inner:
            for each in inner:
                if type(each) is not dict:
                    return None
                for part, text in each.items():
                    if part not in _TEXTS or type(text) is not str:
                        return None
                key.append(tuple(each.items()))
        else:
            return None
    return tuple(key)
