# SPDX-License-Identifier: Apache-2.0
"""検索値のSQL — what one value of each kind asks of the row of its table in the index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tasuki.sharing.search.entries import fold, of_type_mark
from tasuki.sharing.search.implied import numbers_of, target_of
from tasuki.sharing.search.parameters import Parameter
from tasuki.sharing.search.query import (
    DateValue,
    NumberValue,
    OfTypeValue,
    ReferenceValue,
    TextValue,
    TokenValue,
)
from tasuki.sharing.search.rows import cut

TABLES = {
    "token": "exchange_token", "reference": "exchange_reference", "date": "exchange_date",
    "string": "exchange_string", "quantity": "exchange_quantity", "number": "exchange_quantity",
    "uri": "exchange_uri",
}  # fmt: skip
# So much of a folded text is in the B-tree: see FoundString.
INDEXED = 100
_LIKE = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
Argument = Callable[[Any, str], str]


def of_parameter(x: str, parameter: Parameter) -> str:
    """パラメータのSQL — true for a row ``x`` that stands under a parameter, or under one that implies it."""
    numbers = numbers_of(parameter)
    if len(numbers) == 1:
        return f"{x}.param = {numbers[0]}"
    asked = f"{x}.param IN ({', '.join(map(str, numbers))})"
    target = target_of(parameter)
    return f"{asked} AND ({x}.target_type = '{target}' OR {x}.param = {numbers[0]})" if target else asked


def value_sql(kind: str, modifier: str, value: Any, x: str, argument: Argument) -> str:
    """検索値のSQL — true for a row ``x`` that the value finds. ``argument`` takes a value and its type, gives ``$n``."""
    return _KINDS[kind](modifier, value, x, argument)


def _like(text: str) -> str:
    return text.translate(_LIKE)


def _token(modifier: str, value: TokenValue | OfTypeValue | TextValue, x: str, argument: Argument) -> str:
    if isinstance(value, TextValue):
        return f"{x}.words LIKE {argument('%' + chr(10) + _like(fold(value.text)) + '%', 'text')}"
    if isinstance(value, OfTypeValue):
        mark = of_type_mark(cut(value.system), cut(value.code))
        return f"({x}.code = {argument(cut(value.value), 'text')} AND {x}.system = {argument(mark, 'text')})"
    return concept_sql(value, f"{x}.system", f"{x}.code", argument)


def concept_sql(value: TokenValue, system: str, code: str, argument: Argument) -> str:
    """コードのSQL — true where the columns of system and code are those that the value finds."""
    if value.code is None:
        return f"{system} = {argument(cut(value.system or ''), 'text')}"
    asked = f"{code} = {argument(cut(value.code), 'text')}"
    if value.system is None:
        return asked
    return f"({asked} AND {system} = {argument(cut(value.system), 'text')})"


def _reference(modifier: str, value: ReferenceValue | TokenValue, x: str, argument: Argument) -> str:
    if isinstance(value, TokenValue):
        return concept_sql(value, f"{x}.system", f"{x}.value", argument)
    if value.uri:
        asked = f"{x}.uri = {argument(cut(value.uri), 'text')} AND {x}.uri <> ''"
    else:
        asked = f"{x}.target_id = {argument(cut(value.id), 'text')}"
    return f"({asked} AND {x}.target_type = '{value.type}')" if value.type else f"({asked})"


# The first part of "ge" and "le" follows from the rest; it is what the B-tree can be asked.
_SPANS = {
    "eq": "({x}.low >= {low} AND {x}.high <= {high})",
    "ne": "({x}.low < {low} OR {x}.high > {high})",
    "gt": "{x}.high > {high}",
    "lt": "{x}.low < {low}",
    "ge": "({x}.high > {low} AND ({x}.high > {high} OR {x}.low >= {low}))",
    "le": "({x}.low < {high} AND ({x}.low < {low} OR {x}.high <= {high}))",
    "sa": "{x}.low >= {high}",
    "eb": "{x}.high <= {low}",
    "ap": "({x}.low < {high} AND {x}.high > {low})",
}
_INSTANTS = {
    "eq": "({x} >= {low} AND {x} < {high})",
    "ap": "({x} >= {low} AND {x} < {high})",
    "ne": "({x} < {low} OR {x} >= {high})",
    "gt": "{x} >= {high}",
    "sa": "{x} >= {high}",
    "lt": "{x} < {low}",
    "eb": "{x} < {low}",
    "ge": "{x} >= {low}",
    "le": "{x} < {high}",
}


def _date(modifier: str, value: DateValue, x: str, argument: Argument) -> str:
    return _filled(_SPANS[value.prefix], value, x, argument)


def updated_sql(value: DateValue, column: str, argument: Argument) -> str:
    """更新日時のSQL — an instant lies in the span, before it or after it."""
    return _filled(_INSTANTS[value.prefix], value, column, argument)


def _filled(form: str, value: DateValue, x: str, argument: Argument) -> str:
    # Only what stands in the statement is an argument of it.
    low = argument(value.span.low, "timestamptz") if "{low}" in form else ""
    high = argument(value.span.high, "timestamptz") if "{high}" in form else ""
    return form.format(x=x, low=low, high=high)


def _string(modifier: str, value: TextValue, x: str, argument: Argument) -> str:
    folded = fold(value.text)
    if modifier == "contains":
        return f"{x}.folded LIKE {argument('%' + _like(folded) + '%', 'text')}"
    begins = f'left({x}.folded, {INDEXED}) COLLATE "C"'
    if modifier == "exact":
        beginning = argument(folded[:INDEXED], "text")
        return f"({begins} = {beginning} AND {x}.exact = {argument(value.text, 'text')})"
    asked = _begins(begins, folded[:INDEXED], ">=", "<", argument)
    if len(folded) <= INDEXED:
        return asked
    return f"({asked} AND {x}.folded LIKE {argument(_like(folded) + '%', 'text')})"


def _begins(column: str, text: str, at_least: str, below: str, argument: Argument) -> str:
    """Begins with a text: as a range, which a B-tree answers also when the plan was made before the text was known."""
    asked = f"{column} {at_least} {argument(text, 'text')}"
    end = first_text_after(text)
    return f"({asked} AND {column} {below} {argument(end, 'text')})" if end else asked


def first_text_after(beginning: str) -> str:
    """次の文字列 — the first, by code points, that no longer begins so; "" when there is none.

    >>> first_text_after("架空"), first_text_after("a\U0010ffff"), first_text_after("")
    ('架穻', 'b', '')
    """
    while beginning:
        last = ord(beginning[-1])
        if last < 0x10FFFF:
            # Half of a pair is no character.
            return beginning[:-1] + chr(0xE000 if last == 0xD7FF else last + 1)
        beginning = beginning[:-1]
    return ""


def _quantity(modifier: str, value: NumberValue, x: str, argument: Argument) -> str:
    asked = _number(value, x, argument)
    if value.system and value.code:
        system, code = argument(cut(value.system), "text"), argument(cut(value.code), "text")
        return f"({asked} AND {x}.system = {system} AND {x}.code = {code})"
    if value.system:
        return f"({asked} AND {x}.system = {argument(cut(value.system), 'text')})"
    if value.code:
        code = argument(cut(value.code), "text")
        return f"({asked} AND ({x}.code = {code} OR {x}.unit = {code}))"
    return asked


def _number(value: NumberValue, x: str, argument: Argument) -> str:
    if value.prefix in ("eq", "ne", "ap"):
        least = argument(value.number - value.half, "numeric")
        most = argument(value.number + value.half, "numeric")
        if value.prefix == "ap":
            return f"(({x}.low <= {most} OR {x}.low IS NULL) AND ({x}.high >= {least} OR {x}.high IS NULL))"
        # What is asked of "high" alone follows from the rest; it is what the B-tree can be asked.
        inside = f"({x}.high >= {least} AND {x}.high < {most} AND {x}.low >= {least})"
        return inside if value.prefix == "eq" else f"({inside} IS NOT TRUE)"
    number = argument(value.number, "numeric")
    return {
        "gt": f"({x}.high > {number} OR {x}.high IS NULL)",
        "lt": f"({x}.low < {number} OR {x}.low IS NULL)",
        "ge": f"({x}.high >= {number} OR {x}.high IS NULL)",
        "le": f"({x}.low <= {number} OR {x}.low IS NULL)",
        "sa": f"{x}.low > {number}",
        "eb": f"{x}.high < {number}",
    }[value.prefix]


def _uri(modifier: str, value: TextValue, x: str, argument: Argument) -> str:
    if modifier == "below":
        return _begins(f"{x}.value", cut(value.text), "~>=~", "~<~", argument)
    if modifier == "above":
        return f"{x}.value = ANY({argument([cut(each) for each in addresses_above(value.text)], 'text[]')})"
    return f"{x}.value = {argument(cut(value.text), 'text')}"


def addresses_above(text: str) -> list[str]:
    """上位のURI — the address itself and each that it lies below, by its path.

    >>> addresses_above("http://a.jp/b/c")
    ['http://a.jp/b/c', 'http://a.jp/b', 'http://a.jp/b/', 'http://a.jp', 'http://a.jp/']
    """
    found = [text]
    path = text.find("://") + 3
    at = text.rfind("/") if path >= 3 else -1
    while at >= path > 2:
        found += [text[:at], text[: at + 1]]
        at = text.rfind("/", 0, at)
    return list(dict.fromkeys(found))


_KINDS: dict[str, Callable[[str, Any, str, Argument], str]] = {
    "token": _token, "reference": _reference, "date": _date, "string": _string, "quantity": _quantity,
    "number": _quantity, "uri": _uri,
}  # fmt: skip
