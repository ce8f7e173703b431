# SPDX-License-Identifier: Apache-2.0
"""不変条件の早い答え — conditions that hold because a member is absent, told without evaluating the expression.

Most invariants say "this is empty, or …". Looked at is only what stands before any operand that could not be evaluated:
where there is no quick answer the expression is evaluated as ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from tasuki.sharing.fhirpath.member_names import OfMemberNames

Quick = Callable[[dict[str, Any]], bool]
_NAME = r"(?!is\b|as\b|not\b|div\b|mod\b|in\b|contains\b|true\b|false\b)[a-z]\w*"
_SIMPLE = re.compile(rf"({_NAME})\.(empty|exists)\(\)")
# 空から空: what a path makes of nothing is nothing, through these.
_STEP = re.compile(rf"\.(?:(?:where|select)\(|{_NAME}(?![\w(]))")


def quick_answer(expression: str) -> Quick | None:
    """早い答え — whether an object surely meets the expression; None where no look at its members can tell.

    >>> quick = quick_answer("dataAbsentReason.empty() or value.empty()")
    >>> quick({"valueString": "a"}), quick({"valueString": "a", "dataAbsentReason": {}})
    (True, False)
    >>> quick_answer("a.exists() and b.empty()")
    """
    operands = _operands(expression)
    absent: list[str] = []
    present: list[str] = []
    for each in operands:
        simple = _SIMPLE.fullmatch(each)
        if simple is not None:
            (absent if simple[2] == "empty" else present).append(simple[1])
            continue
        begins = _begins_at(each)
        if begins:
            absent.append(begins)
        # What comes after may not be asked before this was.
        break
    return _looking(tuple(absent), tuple(present)) if absent or present else None


def _looking(absent: tuple[str, ...], present: tuple[str, ...]) -> Quick:
    is_any_absent = OfMemberNames(lambda members: any(not _may_be(members, name) for name in absent))

    def look(value: dict[str, Any]) -> bool:
        for name in present:
            there = value.get(name)
            if type(there) is str and there:
                return True
        return is_any_absent[tuple(value)]

    return look


def _may_be(members: tuple[str, ...], name: str) -> bool:
    """A member of the name, of a choice of it, or what stands beside one."""
    return any(key.startswith(name) or key.startswith(name, 1) for key in members)


def _begins_at(operand: str) -> str:
    """The member at which a path to ``.empty()`` begins, "" for any other expression."""
    first = re.match(_NAME, operand)
    if first is None or not operand.endswith(".empty()"):
        return ""
    at, end = first.end(), len(operand) - len(".empty()")
    while at < end:
        step = _STEP.match(operand, at)
        if step is None:
            return ""
        at = step.end()
        if step[0].endswith("("):
            at = _closing(operand, at)
    return first[0] if at == end else ""


def _closing(text: str, at: int) -> int:
    """The place after the bracket that closes the one before ``at``."""
    for place, depth in _depths(text[at:], 1):
        if depth == 0:
            return at + place + 1
    return len(text) + 1


def _operands(expression: str) -> list[str]:
    """What stands between the ``or`` of the outermost level; nothing when another operator binds them."""
    cuts = [0]
    outside = [place for place, depth in _depths(expression, 0) if depth == 0]
    level = "".join(expression[place] if place in set(outside) else "\0" for place in range(len(expression)))
    if re.search(r"\b(implies|xor)\b", level):
        return []
    for each in re.finditer(r" or ", level):
        cuts += [each.start(), each.end()]
    cuts.append(len(expression))
    return [expression[cuts[n] : cuts[n + 1]].strip() for n in range(0, len(cuts), 2)]


def _depths(text: str, depth: int) -> Iterator[tuple[int, int]]:
    """Each place outside of texts, with how many brackets are open after it."""
    quoted = ""
    is_escaped = False
    for place, each in enumerate(text):
        if quoted:
            if not is_escaped and each == quoted:
                quoted = ""
            is_escaped = not is_escaped and each == "\\"
            continue
        if each in "'`\"":
            quoted = each
            continue
        depth += (each in "([{") - (each in ")]}")
        yield place, depth
