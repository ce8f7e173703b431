# SPDX-License-Identifier: Apache-2.0
"""FHIRPathの関数 — those that take their arguments as values."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from tasuki.sharing.fhirpath.among import Among
from tasuki.sharing.fhirpath.values import Bare, Environment, Items, NotEvaluable, truth

# Longer text is not given to an expression's pattern: time must stay bounded whatever comes in.
MOST_MATCHED = 10_000

Function = Callable[[Items, list[Items], Environment], Items]


@lru_cache(maxsize=2_000)
def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.DOTALL)
    except re.error as wrong:
        raise NotEvaluable(f"正規表現 {text}") from wrong


def _one_text(items: Items) -> str | None:
    if not items:
        return None
    value = items[0]
    if len(items) > 1:
        raise NotEvaluable("文字列が一つに決まりません")
    return value if isinstance(value, str) else None


def _of_text(act: Callable[[str, list[Any]], Any]) -> Function:
    def run(focus: Items, arguments: list[Items], environment: Environment) -> Items:
        text = _one_text(focus)
        if text is None or any(not each for each in arguments):
            return []
        if len(text) > MOST_MATCHED * 100:
            raise NotEvaluable("文字列が長すぎます")
        found = act(text, [each[0] for each in arguments])
        return [] if found is None else [found]

    return run


def _matches(text: str, arguments: list[Any]) -> bool:
    if len(text) > MOST_MATCHED:
        raise NotEvaluable("文字列が長すぎます")
    return _pattern(str(arguments[0])).search(text) is not None


def _substring(text: str, arguments: list[Any]) -> str | None:
    start = int(arguments[0])
    if start < 0 or start >= len(text):
        return None
    return text[start : start + int(arguments[1])] if len(arguments) > 1 else text[start:]


def _distinct(focus: Items) -> Items:
    if len(focus) < 2:
        return focus
    among = Among()
    return [each for each in focus if among.add(each)]


def _of_both(focus: Items, others: Items) -> Items:
    among = Among(others)
    return _distinct([each for each in focus if each in among])


def _without(focus: Items, others: Items) -> Items:
    among = Among(others)
    return [each for each in focus if each not in among]


def _are_all_in(focus: Items, others: Items) -> bool:
    among = Among(others)
    return all(each in among for each in focus)


def _children(focus: Items) -> Items:
    found: Items = []
    for item in focus:
        inner = item.partner if type(item) is Bare else item
        if type(inner) is dict:
            for key, value in inner.items():
                if key == "resourceType":
                    continue
                if key[:1] == "_":
                    if key[1:] not in inner:
                        found.extend(
                            Bare(each)
                            for each in (value if type(value) is list else [value])
                            if type(each) is dict
                        )
                elif type(value) is list:
                    found.extend(each for each in value if each is not None)
                else:
                    found.append(value)
    return found


def _descendants(focus: Items) -> Items:
    found: Items = []
    now = focus
    while now := _children(now):
        found.extend(now)
    return found


def _number(focus: Items, make: Callable[[str], Any]) -> Items:
    if not focus or isinstance(focus[0], dict | Bare):
        return []
    try:
        return [make(str(focus[0]))]
    except (ValueError, InvalidOperation):
        return []


def _text(value: Any) -> str:
    return str(value).lower() if type(value) is bool else str(value)


def _has_value(focus: Items) -> bool:
    return len(focus) == 1 and not isinstance(focus[0], dict | Bare)


def _all_are(wanted: bool) -> Function:
    return lambda focus, arguments, environment: [all(each is wanted for each in focus)]


def _any_is(wanted: bool) -> Function:
    return lambda focus, arguments, environment: [any(each is wanted for each in focus)]


def _single(focus: Items) -> Items:
    if len(focus) > 1:
        raise NotEvaluable("値が一つに決まりません")
    return focus


def _not(focus: Items) -> Items:
    value = truth(focus)
    return [] if value is None else [not value]


def _resolve(focus: Items, arguments: list[Items], environment: Environment) -> Items:
    if environment.resolve is None:
        return []
    found = [environment.resolve(each) for each in focus]
    return [each for each in found if each is not None]


def _member_of(focus: Items, arguments: list[Items], environment: Environment) -> Items:
    if environment.is_member is None or len(focus) != 1 or not arguments[0]:
        raise NotEvaluable("memberOf")
    answer = environment.is_member(focus[0], str(arguments[0][0]))
    return [] if answer is None else [answer]


def _conforms(focus: Items, arguments: list[Items], environment: Environment) -> Items:
    if environment.conforms is None or len(focus) != 1 or not arguments[0]:
        raise NotEvaluable("conformsTo")
    answer = environment.conforms(focus[0], str(arguments[0][0]))
    return [] if answer is None else [answer]


def _has_extension(focus: Items, arguments: list[Items], environment: Environment) -> Items:
    wanted = arguments[0][0] if arguments and arguments[0] else None
    told: Items = []
    for item in focus:
        inner = item.partner if type(item) is Bare else item
        told.extend(inner.get("extension", ()) if type(inner) is dict else ())
    return [any(type(each) is dict and each.get("url") == wanted for each in told)]


def _html(focus: Items, arguments: list[Items], environment: Environment) -> Items:
    # The narrative has a check of its own.
    return [True]


FUNCTIONS: dict[str, Function] = {
    "not": lambda f, a, e: _not(f),
    "count": lambda f, a, e: [len(f)],
    "first": lambda f, a, e: f[:1],
    "last": lambda f, a, e: f[-1:],
    "tail": lambda f, a, e: f[1:],
    "skip": lambda f, a, e: f[int(a[0][0]) :] if a[0] else [],
    "take": lambda f, a, e: f[: max(int(a[0][0]), 0)] if a[0] else [],
    "single": lambda f, a, e: _single(f),
    "distinct": lambda f, a, e: _distinct(f),
    "isDistinct": lambda f, a, e: [len(_distinct(f)) == len(f)],
    "union": lambda f, a, e: _distinct(f + a[0]),
    "combine": lambda f, a, e: f + a[0],
    "intersect": lambda f, a, e: _of_both(f, a[0]),
    "exclude": lambda f, a, e: _without(f, a[0]),
    "subsetOf": lambda f, a, e: [_are_all_in(f, a[0])],
    "supersetOf": lambda f, a, e: [_are_all_in(a[0], f)],
    "allTrue": _all_are(True),
    "allFalse": _all_are(False),
    "anyTrue": _any_is(True),
    "anyFalse": _any_is(False),
    "children": lambda f, a, e: _children(f),
    "descendants": lambda f, a, e: _descendants(f),
    "hasValue": lambda f, a, e: [_has_value(f)],
    "getValue": lambda f, a, e: f if _has_value(f) else [],
    "toInteger": lambda f, a, e: _number(f, int),
    "toDecimal": lambda f, a, e: _number(f, Decimal),
    "toString": lambda f, a, e: [_text(f[0])] if len(f) == 1 and not isinstance(f[0], dict | Bare) else [],
    "startsWith": _of_text(lambda t, a: t.startswith(str(a[0]))),
    "endsWith": _of_text(lambda t, a: t.endswith(str(a[0]))),
    "contains": _of_text(lambda t, a: str(a[0]) in t),
    "indexOf": _of_text(lambda t, a: t.find(str(a[0]))),
    "length": _of_text(lambda t, a: len(t)),
    "upper": _of_text(lambda t, a: t.upper()),
    "lower": _of_text(lambda t, a: t.lower()),
    "trim": _of_text(lambda t, a: t.strip()),
    "substring": _of_text(_substring),
    "matches": _of_text(_matches),
    "replace": _of_text(lambda t, a: t.replace(str(a[0]), str(a[1]))),
    "replaceMatches": _of_text(lambda t, a: _pattern(str(a[0])).sub(str(a[1]), t[:MOST_MATCHED])),
    "resolve": _resolve,
    "memberOf": _member_of,
    "conformsTo": _conforms,
    "htmlChecks": _html,
    "hasExtension": _has_extension,
}
