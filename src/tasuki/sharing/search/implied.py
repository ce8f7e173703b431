# SPDX-License-Identifier: Apache-2.0
"""含まれる検索パラメータ — those that ask for what others ask for together: no row is written for them, the rows of the others answer.

``combo-code`` of an Observation is its ``code`` and its ``component-code``; ``phonetic`` of a person is the ``name``, which
is folded for both; ``patient`` is a ``subject`` that is a Patient. Rows that were written under their own number still count.
"""

from __future__ import annotations

import re
from functools import cache

from tasuki.sharing.search.parameters import Parameter, parameters_of
from tasuki.sharing.search.paths import alternatives
from tasuki.sharing.search.query import is_pair

_KINDS = frozenset(("token", "string", "quantity", "composite"))
_OF_ONE_TYPE = re.compile(r"(?P<wider>.+)\.where\(resolve\(\) is (?P<target>\w+)\)")


def numbers_of(parameter: Parameter) -> tuple[int, ...]:
    """索引の番号 — under which the rows of a parameter stand: its own, and those of the parameters that imply it.

    >>> from tasuki.sharing.search.parameters import parameter
    >>> len(numbers_of(parameter("Observation", "combo-code"))), len(numbers_of(parameter("Observation", "code")))
    (3, 1)
    """
    return (parameter.number, *(each.number for each in implying(parameter.type, parameter.code)))


def target_of(parameter: Parameter) -> str:
    """絞込みの型 — the type that a row of the implying parameter must point at to be of this one; "" where all of them are.

    >>> from tasuki.sharing.search.parameters import parameter
    >>> target_of(parameter("Observation", "patient")), target_of(parameter("Observation", "combo-code"))
    ('Patient', '')
    """
    narrow = _OF_ONE_TYPE.fullmatch(parameter.expression)
    return narrow["target"] if narrow is not None and implying(parameter.type, parameter.code) else ""


def numbers_toward(parameter: Parameter, type_name: str) -> tuple[int, ...]:
    """型への参照の番号 — under which the rows of a parameter that point at a type stand.

    >>> from tasuki.sharing.search.parameters import parameter
    >>> len(numbers_toward(parameter("Appointment", "location"), "Patient"))
    1
    """
    return numbers_of(parameter) if target_of(parameter) in ("", type_name) else (parameter.number,)


@cache
def implying(type_name: str, code: str) -> tuple[Parameter, ...]:
    """含む側の検索パラメータ — whose rows together are those of this one; empty when it has rows of its own.

    >>> [each.code for each in implying("Observation", "combo-code-value-quantity")]
    ['code-value-quantity', 'component-code-value-quantity']
    """
    every = parameters_of(type_name)
    place = next((n for n, each in enumerate(every) if each.code == code), None)
    if place is not None and every[place].kind == "reference":
        return _wider(every[place], every)
    # What is told of a resource's being, not of a value in it, is of the whole expression.
    if place is None or not _is_taken(every[place]) or ".exists()" in every[place].expression:
        return ()
    asked = every[place]
    whole = frozenset(alternatives(asked.expression))
    found = []
    for n, each in enumerate(every):
        parts = frozenset(alternatives(each.expression))
        # Of two that ask for the same the first has the rows.
        is_less = parts < whole or (parts == whole and n < place)
        if is_less and _reading(each) == _reading(asked) and not implying(type_name, each.code):
            found.append(each)
    covered = frozenset(part for each in found for part in alternatives(each.expression))
    return tuple(found) if covered == whole else ()


def _wider(asked: Parameter, every: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The parameter of the same reference without its type."""
    narrow = _OF_ONE_TYPE.fullmatch(asked.expression)
    if narrow is None:
        return ()
    return next(
        ((each,) for each in every if each.kind == "reference" and each.expression == narrow["wider"]), ()
    )


def _is_taken(parameter: Parameter) -> bool:
    return parameter.kind in _KINDS and (parameter.kind != "composite" or is_pair(parameter))


def _reading(parameter: Parameter) -> tuple[object, ...]:
    """What makes two parameters read the same row of the same element."""
    parts = tuple((each.kind, each.expression, each.system) for each in parameter.components)
    return (parameter.kind, parameter.system, parts)
