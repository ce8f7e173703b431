# SPDX-License-Identifier: Apache-2.0
"""点検の記憶 — a value in which nothing was found is not looked through again where nothing else could be found.

The same codes, institutions, doctors and encounters come with every result. What a check says hangs on the value, on the
guide in force (``Run.scope``), on the kind of the closed Bundle around it, and on what it asks of its surroundings. A run counts what
it tells and what it asks, and keeps which resources references were found to mean: a check that told nothing, and asked no
more than that, tells nothing of an equal value whose references mean equal resources.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import count
from marshal import dumps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.sharing.checks.run import Path, Run

    Check = Callable[[Any, Path, Run], None]
    # References, and what they meant: a resource as it is written out, None for nothing.
    Answers = tuple[tuple[str, bytes | None], ...]

MOST_REMEMBERED, LONGEST, MOST_ANSWERS, LONGEST_REFERENCE = 20_000, 4_000, 6, 100
# 入れ子: a value is written out for itself and for so many around it, however deep it stands.
MOST_WITHIN = 4
# 形式: the last in which equal bytes mean equal values of equal types, and say nothing of where they stand in memory.
_PLAIN = 2


class Memory:
    """点検の記憶 — of one engine, over all its checks. Values are kept as digests: of what was sent only short references stay as written."""

    __slots__ = ("_numbers", "fine")

    def __init__(self) -> None:
        self._numbers = count()
        self.fine: dict[tuple[int, int, str | None, bytes], Answers] = {}

    def of(self, check: Check) -> Check:
        """覚える点検 — the same check, not made again of a value that is known to be fine by it."""
        number, fine = next(self._numbers), self.fine

        def look(value: Any, path: Path, run: Run) -> None:
            within = run.within
            written = written_out(value, run) if within < MOST_WITHIN else b""
            key = (number, run.scope, run.closed_kind, written)
            known = fine.get(key)
            if known is not None and (not known or _are_answers(known, run)):
                return
            told, asked, begun = run.told, run.asked, len(run.questions)
            run.within = within + 1
            try:
                check(value, path, run)
            finally:
                run.within = within
            if written and run.told == told and run.asked == asked:
                answers = _answers(run, begun)
                if answers is not None:
                    if len(fine) >= MOST_REMEMBERED:
                        fine.clear()
                    fine[key] = answers

        return look


def written_out(value: Any, run: Run) -> bytes:
    """書き出した値 — what tells it from every other, its types too; empty when it is long, or holds a decimal or what else is not plain.

    Every value of a run stands in the resource that is checked, so none comes where another was.
    """
    known = run.written.get(id(value))
    if known is None:
        try:
            plain = dumps(value, _PLAIN)
            known = sha256(plain).digest() if len(plain) <= LONGEST else b""
        except ValueError:
            known = b""
        run.written[id(value)] = known
    return known


def _answers(run: Run, begun: int) -> Answers | None:
    """What was asked since, or None where it is too much to keep."""
    asked = run.questions[begun:]
    if len(asked) > MOST_ANSWERS:
        return None
    found: list[tuple[str, bytes | None]] = []
    for text, resource in asked:
        written = None if resource is None else written_out(resource, run)
        if written == b"" or len(text) > LONGEST_REFERENCE:
            return None
        found.append((text, written))
    return tuple(found)


def _are_answers(known: Answers, run: Run) -> bool:
    for text, wanted in known:
        found = run.resolve(text)
        if (None if found is None else written_out(found, run)) != wanted:
            return False
    return True
