# SPDX-License-Identifier: Apache-2.0
"""並行操作の履歴 — what several people did at once and what each was told, explained by some order of one after the other.

If no order of the acts gives every answer and the end that was found, an update was lost or two acts passed each other
(write skew). Histories are short, so that every order can be tried.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

State = Hashable
Model = Callable[[State, str], tuple[str, State]]


class Done(NamedTuple):
    """行為と返答 — of one person: what was asked and what they were told."""

    name: str
    told: str


def is_explained(threads: Sequence[Sequence[Done]], begin: State, end: State, model: Model) -> bool:
    """説明できるか — whether some order, each person's acts in their own, gives every answer and the end.

    >>> def counter(state, name):
    ...     return str(state + 1), state + 1
    >>> is_explained([[Done("add", "1")], [Done("add", "2")]], 0, 2, counter)
    True
    >>> is_explained([[Done("add", "1")], [Done("add", "1")]], 0, 1, counter)
    False
    """
    if not any(threads):
        return begin == end
    for place, thread in enumerate(threads):
        if not thread:
            continue
        first, *rest = thread
        told, state = model(begin, first.name)
        if told == first.told and is_explained(
            [*threads[:place], rest, *threads[place + 1 :]], state, end, model
        ):
            return True
    return False
