# SPDX-License-Identifier: Apache-2.0
"""不変条件の台帳 — every distinct invariant of the packages once, by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.sharing.ig.table import Invariant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What every element, extension, reference and resource must hold is checked by hand, and dom-6 is advice about narrative.
BY_HAND = frozenset({"ele-1", "ext-1", "ref-1", "dom-2", "dom-3", "dom-4", "dom-5", "dom-6"})


class InvariantBook:
    """不変条件の台帳 — hands out one number per distinct invariant; ``given`` come first."""

    def __init__(self, given: Iterable[Invariant] = ()) -> None:
        self._numbers = {each: number for number, each in enumerate(given)}

    def number(self, constraint: Mapping[str, Any]) -> int | None:
        """番号 — of a constraint as a package writes it; ``None`` when it is checked by hand or says nothing."""
        key, expression = str(constraint.get("key", "")), constraint.get("expression")
        if key in BY_HAND or not expression:
            return None
        made = Invariant(key, constraint.get("severity") == "error", str(expression))
        return self._numbers.setdefault(made, len(self._numbers))

    def all(self) -> tuple[Invariant, ...]:
        """一覧 — in order of number."""
        return tuple(self._numbers)
