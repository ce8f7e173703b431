# SPDX-License-Identifier: Apache-2.0
"""索引の記入 — one value of an element as rows of the table of its kind."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from tasuki.kernel.kana import search_key
from tasuki.kernel.kept import LONGEST_KEPT
from tasuki.sharing.search.addresses import address_of, type_named
from tasuki.sharing.search.moments import EVER_FROM, EVER_UNTIL, span_of
from tasuki.sharing.search.rows import LONGEST, IndexRows, cut

SPECIAL_VALUES = "http://hl7.org/fhir/special-values"
CURRENCIES = "urn:iso:std:iso:4217"
OF_TYPE = "of-type "
# Beyond this no sum of money, no result and no share is written; PostgreSQL could hold more.
_LARGEST = Decimal(10) ** 30
# And nothing is measured with so many digits behind the point.
_FINEST = -1000
_NAME_PARTS = ("family", "given", "text", "prefix", "suffix")
_ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")


class Adding(NamedTuple):
    """記入先 — the rows, our own address, and the type of what a reference within the resource points at."""

    rows: IndexRows
    base: str
    contained: Callable[[str], str]


Writer = Callable[[Adding, int, int, Any, str], None]


def fold(text: str) -> str:
    """検索の文字 — kana, width and old characters are no difference; nor are line ends.

    >>> fold("ﾀﾞﾃﾄﾗ 一郎") == fold("だてとら　一郎")
    True
    """
    return _fold(text) if len(text) <= LONGEST_KEPT else _fold.__wrapped__(text)


@lru_cache(maxsize=8192)
def _fold(text: str) -> str:
    # PostgreSQL keeps no NUL.
    return search_key(text.replace("\n", " ").replace("\r", " ").replace("\x00", ""))


def words_of(*texts: Any) -> str:
    """用語の文字 — each begins after a line end, so that the beginning of any can be looked for."""
    if not any(texts):
        return ""
    kept = dict.fromkeys(fold(each) for each in texts if isinstance(each, str) and each)
    return "".join(f"\n{each}" for each in kept)


def _text(value: Any) -> str:
    if type(value) is not str:
        return ""
    return value if len(value) <= LONGEST and "\x00" not in value else cut(value.replace("\x00", ""))


def _token(adding: Adding, number: int, item: int, value: Any, system: str) -> None:
    rows = adding.rows.token
    if type(value) is not dict:
        if type(value) is bool:
            rows.append((number, item, SPECIAL_VALUES, "true" if value else "false", ""))
        elif isinstance(value, str):
            rows.append((number, item, system, _text(value), ""))
        elif isinstance(value, int | Decimal):
            rows.append((number, item, "", str(value), ""))
        return
    codings = value.get("coding")
    if type(codings) is list:
        text = value.get("text")
        for each in codings:
            if type(each) is dict:
                rows.append(
                    (number, item, _text(each.get("system")), _text(each.get("code")),
                     words_of(each.get("display"), text))
                )  # fmt: skip
        if codings:
            return
    if "value" in value or "system" in value or "code" in value:
        _identifying(adding, number, item, value)
    elif "text" in value or "display" in value:
        rows.append((number, item, "", "", words_of(value.get("text"), value.get("display"))))


def _identifying(adding: Adding, number: int, item: int, value: dict[str, Any]) -> None:
    """A Coding, an Identifier or a ContactPoint."""
    kind = value.get("type")
    system = _text(value.get("system"))
    if "value" not in value:
        words = words_of(value.get("display"))
        adding.rows.token.append((number, item, system, _text(value.get("code")), words))
        return
    code = _text(value.get("value"))
    words = words_of(kind.get("text")) if type(kind) is dict else ""
    adding.rows.token.append((number, item, system, code, words))
    codings = kind.get("coding") if type(kind) is dict else None
    for each in codings if type(codings) is list else ():
        if type(each) is dict and code:
            mark = of_type_mark(_text(each.get("system")), _text(each.get("code")))
            adding.rows.token.append((number, item, mark, code, ""))


def of_type_mark(system: str, code: str) -> str:
    """識別子の種別 — kept where a system stands; no system has a blank in it."""
    return cut(f"{OF_TYPE}{system}|{code}")


def _reference(adding: Adding, number: int, item: int, value: Any, system: str) -> None:
    rows = adding.rows.reference
    if isinstance(value, str):
        rows.append((number, item, *address_row(value, adding.base), "", ""))
        plain = value.partition("|")[0]
        if plain != value:
            rows.append((number, item, *address_row(plain, adding.base), "", ""))
    elif type(value) is dict and "resourceType" in value:
        rows.append((number, item, _text(value["resourceType"]), _text(value.get("id")), "", "", ""))
    elif type(value) is dict:
        text, logical = value.get("reference"), value.get("identifier")
        target_type, target_id, uri = (
            address_row(text, adding.base) if isinstance(text, str) else ("", "", "")
        )
        logical = logical if type(logical) is dict else {}
        if isinstance(text, str) and text.startswith("#"):
            target_type = _text(adding.contained(text[1:]))
        target_type = target_type or _text(value.get("type"))
        if text or logical or value.get("display"):
            rows.append(
                (number, item, target_type, target_id, uri, _text(logical.get("system")),
                 _text(logical.get("value")))
            )  # fmt: skip


def address_row(text: str, base: str) -> tuple[str, str, str]:
    """参照先の列 — type, id, address; of an address elsewhere the type it tells."""
    found = address_of(text.replace("\x00", ""), base)
    return found.type or type_named(text), cut(found.id), cut(found.uri)


def _date(adding: Adding, number: int, item: int, value: Any, system: str) -> None:
    rows = adding.rows.date
    if isinstance(value, str):
        span = span_of(value)
        if span is not None:
            rows.append((number, item, *span))
    elif type(value) is dict:
        if "event" in value or "repeat" in value:
            _timing(adding, number, item, value)
        else:
            _period(adding, number, item, value)


def _period(adding: Adding, number: int, item: int, value: dict[str, Any]) -> None:
    start, end = value.get("start"), value.get("end")
    first = span_of(start) if isinstance(start, str) else None
    last = span_of(end) if isinstance(end, str) else None
    if first or last:
        low, high = first.low if first else EVER_FROM, last.high if last else EVER_UNTIL
        adding.rows.date.append((number, item, low, high))


def _timing(adding: Adding, number: int, item: int, value: dict[str, Any]) -> None:
    """Only the outer limits of a schedule count."""
    events = value.get("event")
    spans = [
        span
        for each in (events if type(events) is list else ())
        if isinstance(each, str) and (span := span_of(each)) is not None
    ]
    if spans:
        adding.rows.date.append(
            (number, item, min(each.low for each in spans), max(each.high for each in spans))
        )
    repeat = value.get("repeat")
    bounds = repeat.get("boundsPeriod") if type(repeat) is dict else None
    if type(bounds) is dict:
        _period(adding, number, item, bounds)


def _string(adding: Adding, number: int, item: int, value: Any, system: str) -> None:
    if isinstance(value, str):
        if value:
            adding.rows.string.append((number, item, fold(value), value.replace("\x00", "")))
    elif type(value) is dict:
        names = _ADDRESS_PARTS if any(each in value for each in _ADDRESS_PARTS[1:]) else _NAME_PARTS
        for name in names:
            part = value.get(name)
            for each in part if type(part) is list else (part,):
                if isinstance(each, str) and each:
                    adding.rows.string.append((number, item, fold(each), each.replace("\x00", "")))


def number_of(value: Any) -> Decimal | None:
    """数値 — as written; ``None`` for what is none or has no bounds."""
    if type(value) is bool or not isinstance(value, int | float | Decimal):
        return None
    try:
        made = value if type(value) is Decimal else Decimal(str(value))
    except InvalidOperation:
        return None
    if not made.is_finite() or made.copy_abs() >= _LARGEST or made.as_tuple().exponent < _FINEST:  # type: ignore[operator]
        return None
    return made


def _quantity(adding: Adding, number: int, item: int, value: Any, system: str) -> None:
    rows = adding.rows.quantity
    if type(value) is not dict:
        plain = number_of(value)
        if plain is not None:
            rows.append((number, item, plain, plain, "", "", ""))
        return
    if "low" in value or "high" in value:
        low, high = value.get("low"), value.get("high")
        low, high = low if type(low) is dict else {}, high if type(high) is dict else {}
        first, last = number_of(low.get("value")), number_of(high.get("value"))
        if first is not None or last is not None:
            rows.append((number, item, first, last, *_unit(low or high)))
        return
    plain = number_of(value.get("value"))
    if plain is None:
        return
    if "currency" in value:
        rows.append((number, item, plain, plain, CURRENCIES, _text(value["currency"]), ""))
        return
    # A value that is only a bound: "< 5" lies anywhere below it.
    mark = str(value.get("comparator", ""))
    lowest, highest = (None if mark[:1] == "<" else plain), (None if mark[:1] == ">" else plain)
    rows.append((number, item, lowest, highest, *_unit(value)))


def _unit(value: dict[str, Any]) -> tuple[str, str, str]:
    return _text(value.get("system")), _text(value.get("code")), _text(value.get("unit"))


def _uri(adding: Adding, number: int, item: int, value: Any, system: str) -> None:
    if isinstance(value, str) and value:
        adding.rows.uri.append((number, item, _text(value)))


WRITERS: dict[str, Writer] = {
    "token": _token, "reference": _reference, "date": _date, "string": _string, "quantity": _quantity,
    "number": _quantity, "uri": _uri,
}  # fmt: skip
