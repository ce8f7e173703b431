# SPDX-License-Identifier: Apache-2.0
"""値の照合 — one value of an element against one value of a search, read from the resource itself.

Written without the index and for reading, not for speed: the oracle that the index is measured against.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from tasuki.kernel.kana import search_key
from tasuki.sharing.search.query import DateValue, NumberValue, TokenValue

_JAPAN = timezone(timedelta(hours=9))
_BEGINNING = datetime(1, 1, 2, tzinfo=timezone.utc)  # noqa: UP017
_END = datetime(9999, 12, 30, tzinfo=timezone.utc)  # noqa: UP017


def simple(text: str) -> str:
    """照合の文字 — the house's folding, a line end counting as a blank."""
    return search_key(" ".join(text.splitlines())) if "\n" in text or "\r" in text else search_key(text)


class Code:
    """コードの値 — system, code, the texts that go with it, and the kinds of an identifier."""

    def __init__(self, system: str, code: str, texts: list[str], kinds: list[tuple[str, str]]) -> None:
        self.system, self.code, self.texts, self.kinds = system, code, texts, kinds

    def meets(self, asked: TokenValue) -> bool:
        """照合 — by R4's four ways to write a token."""
        if asked.system is None:
            return self.code == asked.code
        if asked.code is None:
            return self.system == asked.system
        return self.system == asked.system and self.code == asked.code


def codes_in(element: Any, implied_system: str) -> Iterator[Code]:
    """コードの値 — of an element that a token search looks at."""
    if isinstance(element, bool):
        yield Code("http://hl7.org/fhir/special-values", str(element).lower(), [], [])
    elif isinstance(element, str):
        yield Code(implied_system, element, [], [])
    elif isinstance(element, dict) and element.get("coding"):
        for coding in element["coding"]:
            texts = [coding.get("display"), element.get("text")]
            yield Code(coding.get("system", ""), coding.get("code", ""), [t for t in texts if t], [])
    elif isinstance(element, dict) and "value" in element:
        kind = element.get("type", {})
        kinds = [(c.get("system", ""), c.get("code", "")) for c in kind.get("coding", [])]
        texts = [kind["text"]] if kind.get("text") else []
        yield Code(element.get("system", ""), element["value"], texts, kinds)
    elif isinstance(element, dict) and ("code" in element or "system" in element):
        texts = [element["display"]] if element.get("display") else []
        yield Code(element.get("system", ""), element.get("code", ""), texts, [])
    elif isinstance(element, dict) and (element.get("text") or element.get("display")):
        yield Code("", "", [t for t in (element.get("text"), element.get("display")) if t], [])


def moments_in(element: Any) -> Iterator[tuple[datetime, datetime]]:
    """日時の値 — first moment, and the first that is no longer it."""
    if isinstance(element, str):
        yield bounds(element)
    elif isinstance(element, dict) and ("event" in element or "repeat" in element):
        events = [bounds(each) for each in element.get("event", [])]
        if events:
            yield min(low for low, _ in events), max(high for _, high in events)
        yield from moments_in(element.get("repeat", {}).get("boundsPeriod"))
    elif isinstance(element, dict) and (element.get("start") or element.get("end")):
        yield (
            bounds(element["start"])[0] if element.get("start") else _BEGINNING,
            bounds(element["end"])[1] if element.get("end") else _END,
        )


def bounds(text: str) -> tuple[datetime, datetime]:
    """日時の範囲 — by how much of it was written."""
    if len(text) == 4:
        return _day(int(text), 1, 1), _day(int(text) + 1, 1, 1)
    if len(text) == 7:
        year, month = int(text[:4]), int(text[5:])
        return _day(year, month, 1), _day(year + month // 12, month % 12 + 1, 1)
    if len(text) == 10:
        day = _day(int(text[:4]), int(text[5:7]), int(text[8:]))
        return day, day + timedelta(days=1)
    start = datetime.fromisoformat(text.replace("Z", "+00:00"))
    start = start if start.tzinfo else start.replace(tzinfo=_JAPAN)
    if "." in text:
        digits = len(text.split(".")[1].split("Z")[0].split("+")[0].split("-")[0])
        return start, start + timedelta(microseconds=10 ** (6 - digits))
    clock = text[11:].split("Z")[0].split("+")[0].split("-")[0]
    return start, start + (timedelta(seconds=1) if clock.count(":") == 2 else timedelta(minutes=1))


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=_JAPAN)


def date_meets(found: tuple[datetime, datetime], asked: DateValue) -> bool:
    """日時の照合 — R4's words for each prefix, of two ranges.

    Cite: FHIR R4 Search 3.1.1.4.5 Prefixes
    """
    (low, high), (from_, until) = found, asked.span
    contains = from_ <= low and high <= until
    reaches_above, reaches_below = high > until, low < from_
    return {
        "eq": contains,
        "ne": not contains,
        "gt": reaches_above,
        "lt": reaches_below,
        "ge": reaches_above or contains,
        "le": reaches_below or contains,
        "sa": low >= until,
        "eb": high <= from_,
        "ap": low < until and from_ < high,
    }[asked.prefix]


class Amount:
    """数量の値 — the least and the greatest, None where it is open, and its unit."""

    def __init__(self, low: Any, high: Any, unit: dict[str, Any]) -> None:
        self.low = None if low is None else Decimal(str(low))
        self.high = None if high is None else Decimal(str(high))
        self.unit = unit

    def meets(self, asked: NumberValue) -> bool:
        """数量の照合 — by number and unit."""
        return self._meets_unit(asked) and self._meets_number(asked)

    def _meets_unit(self, asked: NumberValue) -> bool:
        system, code = self.unit.get("system", ""), self.unit.get("code", "")
        if asked.system:
            return bool(system == asked.system and asked.code in ("", code))
        return not asked.code or asked.code in (code, self.unit.get("unit"))

    def _meets_number(self, asked: NumberValue) -> bool:
        low = Decimal("-Infinity") if self.low is None else self.low
        high = Decimal("Infinity") if self.high is None else self.high
        least, most = asked.number - asked.half, asked.number + asked.half
        contains = least <= low and high < most
        return {
            "eq": contains,
            "ne": not contains,
            "gt": high > asked.number,
            "lt": low < asked.number,
            "ge": high >= asked.number,
            "le": low <= asked.number,
            "sa": low > asked.number,
            "eb": high < asked.number,
            "ap": low <= most and least <= high,
        }[asked.prefix]


def amounts_in(element: Any) -> Iterator[Amount]:
    """数量の値 — of a number, Quantity, Money or Range."""
    if isinstance(element, int | float | Decimal) and not isinstance(element, bool):
        yield Amount(element, element, {})
    elif isinstance(element, dict) and ("low" in element or "high" in element):
        low, high = element.get("low", {}), element.get("high", {})
        if "value" in low or "value" in high:
            yield Amount(low.get("value"), high.get("value"), low or high)
    elif isinstance(element, dict) and "currency" in element and "value" in element:
        unit = {"system": "urn:iso:std:iso:4217", "code": element["currency"]}
        yield Amount(element["value"], element["value"], unit)
    elif isinstance(element, dict) and "value" in element:
        mark = element.get("comparator", "")
        below, above = mark in ("<", "<="), mark in (">", ">=")
        yield Amount(None if below else element["value"], None if above else element["value"], element)


def texts_in(element: Any) -> Iterator[str]:
    """文字の値 — a string, or the parts of a name or an address."""
    if isinstance(element, str):
        yield element
    elif isinstance(element, dict):
        is_address = any(
            each in element for each in ("line", "city", "district", "state", "postalCode", "country")
        )
        names = (
            ["text", "line", "city", "district", "state", "postalCode", "country"]
            if is_address
            else ["text", "family", "given", "prefix", "suffix"]
        )
        for name in names:
            part = element.get(name, [])
            yield from [part] if isinstance(part, str) else part
