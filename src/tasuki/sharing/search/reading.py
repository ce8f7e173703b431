# SPDX-License-Identifier: Apache-2.0
"""検索値の読取り — the text after ``=`` as typed values: escapes, alternatives, prefixes, systems."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal

from tasuki.sharing.search.addresses import address_of
from tasuki.sharing.search.moments import EVER_FROM, EVER_UNTIL, Span, span_of
from tasuki.sharing.search.parameters import Parameter, is_resource_type
from tasuki.sharing.search.query import (
    PREFIXES,
    BadSearch,
    CompositeValue,
    DateValue,
    NumberValue,
    OfTypeValue,
    ReferenceValue,
    TextValue,
    TokenValue,
    Value,
    components_as_parameters,
)

MOST_VALUES = 300
_NUMBER = re.compile(r"[+-]?\d{1,25}(?:\.(\d{1,25}))?(?:[eE]([+-]?\d{1,2}))?")
_TENTH = Decimal("0.1")


def split(text: str, mark: str) -> list[str]:
    r"""区切り — at a mark that no backslash stands before; escapes stay.

    >>> split(r"a\,b,c", ",")
    ['a\\,b', 'c']
    """
    found, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == mark:
            found.append(text[start:at])
            start = at + 1
        at += 1
    return [*found, text[start:]]


def plain(text: str) -> str:
    r"""エスケープの解除 — of ``\,`` ``\|`` ``\$`` and ``\\``.

    >>> plain(r"a\,b\\c")
    'a,b\\c'
    """
    return re.sub(r"\\([,|$\\])", r"\1", text).replace("\x00", "")


class Reader:
    """検索値の読取り — for one search: our own address, and the time that ``ap`` is measured from."""

    def __init__(self, base: str, now: datetime | None) -> None:
        self.base, self.now = base, now

    def values(self, parameter: Parameter, modifier: str, name: str, text: str) -> tuple[Value, ...]:
        """検索値 — the alternatives. Raises :class:`BadSearch`."""
        parts = split(text, ",")
        if len(parts) > MOST_VALUES:
            raise BadSearch(name, f"値は{MOST_VALUES}個までです。検索を分けてください。")
        return tuple(self._value(parameter, modifier, name, each) for each in parts)

    def _value(self, parameter: Parameter, modifier: str, name: str, text: str) -> Value:
        if not text:
            raise BadSearch(name, "値が空です。値を書くか、この条件を外してください。")
        kind = parameter.kind
        if kind == "token":
            return self._token(modifier, name, text)
        if kind == "reference":
            if modifier == "identifier":
                return self._token("", name, text)
            return self._reference(parameter, modifier, name, plain(text))
        if kind == "date":
            return self._date(name, plain(text))
        if kind == "number":
            return self._number(name, text)
        if kind == "quantity":
            return self._quantity(name, text)
        if kind == "composite":
            return self._composite(parameter, name, text)
        return TextValue(plain(text))

    def _token(self, modifier: str, name: str, text: str) -> Value:
        if modifier == "text":
            return TextValue(plain(text))
        parts = [plain(each) for each in split(text, "|")]
        if modifier == "of-type":
            if len(parts) != 3 or not all(parts):
                raise BadSearch(name, "「種別のシステム|種別のコード|値」の形で書いてください。")
            return OfTypeValue(*parts)
        if len(parts) > 2:
            raise BadSearch(
                name, "「システム|コード」の形で書いてください。コードの中の | は \\| と書きます。"
            )
        if len(parts) == 1:
            return TokenValue(None, parts[0])
        if not any(parts):
            raise BadSearch(name, "| の前か後に値が要ります。")
        return TokenValue(parts[0], parts[1] or None)

    def _reference(self, parameter: Parameter, modifier: str, name: str, text: str) -> Value:
        if is_resource_type(modifier):
            found = address_of(text, self.base)
            if found.type and found.type != modifier:
                raise BadSearch(name, f"型 {modifier} と値の型 {found.type} が違います。")
            if found.uri and ("/" in text or ":" in text):
                return ReferenceValue(modifier, "", found.uri)
            return ReferenceValue(modifier, found.id or text, "")
        found = address_of(text, self.base)
        if found.type:
            return ReferenceValue(found.type, found.id, "")
        if "/" in text or ":" in text:
            return ReferenceValue("", "", text)
        return ReferenceValue("", text, "")

    def _date(self, name: str, text: str) -> DateValue:
        prefix, rest = _prefixed(text)
        # In an address a plus sign that was not escaped has become a blank.
        span = span_of(rest.replace(" ", "+"))
        if span is None:
            raise BadSearch(
                name, f"「{text}」は日時として読めません。2026-06-15 や ge2026-06 のように書いてください。"
            )
        return DateValue(prefix, self._widened(span) if prefix == "ap" else span)

    def _widened(self, span: Span) -> Span:
        """A tenth of the time between now and the day, to both sides."""
        if self.now is None:
            return span
        gap = max(self.now - span.high, span.low - self.now, timedelta())
        low, high = span.low - EVER_FROM, EVER_UNTIL - span.high
        tenth = gap / 10
        return Span(span.low - min(tenth, low), span.high + min(tenth, high))

    def _number(self, name: str, text: str) -> NumberValue:
        prefix, rest = _prefixed(plain(text))
        match = _NUMBER.fullmatch(rest)
        if match is None:
            raise BadSearch(
                name, f"「{rest}」は数として読めません。5.4 や gt100 や 1e-3 のように書いてください。"
            )
        number = Decimal(rest)
        half = Decimal(1).scaleb(int(match[2] or 0) - len(match[1] or "")) / 2
        if prefix == "ap":
            half = max(half, abs(number) * _TENTH)
        return NumberValue(prefix, number, half)

    def _quantity(self, name: str, text: str) -> NumberValue:
        parts = split(text, "|")
        if len(parts) not in (1, 2, 3):
            raise BadSearch(name, "「数|単位のシステム|単位のコード」の形で書いてください。")
        made = self._number(name, parts[0])
        if len(parts) == 1:
            return made
        # Two parts, 5.4|mg, some write for a unit without its system.
        system = plain(parts[1]) if len(parts) == 3 else ""
        return made._replace(system=system, code=plain(parts[-1]))

    def _composite(self, parameter: Parameter, name: str, text: str) -> CompositeValue:
        parts = split(text, "$")
        components = components_as_parameters(parameter)
        if len(parts) != len(components):
            raise BadSearch(name, f"値を $ で{len(components)}つに区切って書いてください。")
        return CompositeValue(
            tuple(self._value(each, "", name, part) for each, part in zip(components, parts, strict=True))
        )


def _prefixed(text: str) -> tuple[str, str]:
    return (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
