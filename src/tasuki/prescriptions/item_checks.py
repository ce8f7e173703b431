# SPDX-License-Identifier: Apache-2.0
"""項目の点検 — one record against its layout: items, digits, bytes, codes, days, amounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.eligibility.numbers import read_payer_number
from tasuki.kernel.eras import from_era
from tasuki.kernel.finding import Severity
from tasuki.kernel.printable import printable
from tasuki.kernel.shift_jis import NOT_HALF, byte_length
from tasuki.prescriptions.usage_code import BadUsage, is_site_code, is_supplement_code, read_usage_code

if TYPE_CHECKING:
    from tasuki.prescriptions.layout import Field, Layout

_AMOUNT = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,5})?")
_ERA_DAY = re.compile(r"([1-5MTSHR])([0-9]{2})([0-9]{2})([0-9]{2})")
_ERA_PART = re.compile(r"([1-5MTSHR])([0-9]{2})([0-9]{2})?")
_ERA_LETTERS = {"M": 1, "T": 2, "S": 3, "H": 4, "R": 5}
_PAYERS = frozenset(("27", "28", "29"))
_MATERIAL_WITHOUT_CODE = "777770000"


class Fault(NamedTuple):
    """項目の誤り — code, severity, item and facts, before its place is known."""

    code: str
    severity: Severity
    number: int
    facts: tuple[tuple[str, object], ...]


def item_faults(layout: Layout, values: tuple[str, ...]) -> Iterator[Fault]:
    """項目の点検 — of one record; ``values`` begin with the record number."""
    count = len(layout.fields)
    if len(values) - 1 != count:
        # Left out or added empty items change nothing; an item that the record does not have may be something.
        severity = Severity.CONFIRM if any(values[count + 1 :]) else Severity.ADVICE
        yield _fault("RX-C-01", 0, severity, found=len(values) - 1, count=count)
    for field in layout.fields:
        text = values[field.number] if field.number < len(values) else ""
        yield from field_faults(field, text)
    yield from _together(layout, values)


def field_faults(field: Field, text: str) -> Iterator[Fault]:
    """項目の点検 — of one item alone."""
    term = field.term
    if not text:
        if field.need == "R":
            yield _fault("RX-C-02", field.number, term=term)
        return
    if text != text.strip(" \u3000"):
        yield _fault("RX-C-09", field.number, Severity.ADVICE, term=term)
    length = byte_length(text)
    allowed = field.rule.split("|") if field.rule and field.rule not in ("day", "born", "amount") else ()
    if field.mode == "9" and not (text.isascii() and text.isdecimal()) and not _is_era(field, text):
        yield _fault("RX-C-03", field.number, term=term, text=printable(text))
    elif allowed and text not in allowed:
        yield _fault("RX-C-05", field.number, term=term, text=printable(text))
    elif field.mode == "X" and NOT_HALF.search(text):
        yield _fault("RX-C-08", field.number, term=term, text=printable(text))
    elif field.rule == "amount" and not _AMOUNT.fullmatch(text):
        yield _fault("RX-C-07", field.number, term=term, text=printable(text))
    elif (field.rule == "day" and read_day(text) is None) or (field.rule == "born" and not is_birthday(text)):
        yield _fault("RX-C-06", field.number, term=term, text=printable(text))
    elif field.limit and length > field.limit:
        yield _fault("RX-C-04", field.number, term=term, bytes=length, limit=field.limit)


def _is_era(field: Field, text: str) -> bool:
    return field.rule in ("day", "born") and text[0] in _ERA_LETTERS


def _together(layout: Layout, values: tuple[str, ...]) -> Iterator[Fault]:
    """Items that hang on one another."""
    names = {field.name: field for field in layout.fields}

    def text(name: str) -> str:
        field = names.get(name)
        return values[field.number] if field is not None and field.number < len(values) else ""

    def needed(name: str, reason: str) -> Iterator[Fault]:
        if not text(name):
            yield _fault("RX-C-19", names[name].number, term=names[name].term, reason=reason)

    match layout.number:
        case "4" if "department_code" in names and text("code_kind") not in ("", "1"):
            yield from needed("department_code", f"コード種別{printable(text('code_kind'), 4)}")
        case "4" if "department_code" in names:
            yield from needed("department_name", "コードなし")
        case "11" if "patient_name" in names and not text("patient_kana"):
            yield from needed("patient_name", "カナ氏名のない患者氏名")
        case "2" if "address" in names and not text("postal_code"):
            yield from needed("address", "郵便番号のない所在地")
        case "63" if text("split_count").isdecimal() and text("split_nth").isdecimal():
            if int(text("split_nth")) > int(text("split_count")):
                nth, count = text("split_nth"), text("split_count")
                yield _fault("RX-C-20", names["split_nth"].number, nth=nth, count=count)
        case "911" if text("part_count").isdecimal() and text("part_nth").isdecimal():
            if int(text("part_nth")) > int(text("part_count")):
                nth, count = text("part_nth"), text("part_count")
                yield _fault("RX-C-20", names["part_nth"].number, nth=nth, count=count)
        case "111" if "code_kind" in names:
            yield from _usage(text("code_kind"), text("usage_code"), names["usage_code"])
        case "181":
            if text("kind") == "8":
                yield from needed("supplement_code", "補足用法（区分8）")
            if text("kind") == "9":
                yield from needed("site_code", "部位（区分9）")
            if text("site_code") and not is_site_code(text("site_code")):
                yield _fault("RX-C-18", names["site_code"].number, text=printable(text("site_code")))
        case "201":
            yield from _drug(names, text)
        case "281" if "supplement_code" in names and text("kind") == "7":
            yield from needed("supplement_code", "補足用法（区分7）")
        case "31" if "ingredient_code" in names and text("code_kind") not in ("", "1"):
            yield from needed("ingredient_code", f"コード種別{printable(text('code_kind'), 4)}")
        case "301" if "usage_code" in names and text("code_kind") not in ("", "1"):
            yield from needed("usage_code", f"コード種別{printable(text('code_kind'), 4)}")
    if layout.number in _PAYERS and "payer_number" in names:
        yield from _payer(text("payer_number"), names["payer_number"], 8)
    if layout.number == "22" and "insurer_number" in names:
        yield from _payer(text("insurer_number"), names["insurer_number"], 0)
    for name in ("supplement_code", *(f"code_{nth}" for nth in range(1, 6))):
        if name in names and text(name) and not is_supplement_code(text(name)):
            yield _fault("RX-C-17", names[name].number, text=printable(text(name)))


def _payer(text: str, field: Field, size: int) -> Iterator[Fault]:
    """A number whose check digit does not agree is kept: a card may be printed so, and 労災 has numbers of its own."""
    number = read_payer_number(text)
    if size and text and (number is None or len(number.text) != size):
        yield _fault("RX-C-23", field.number, term=field.term, text=printable(text), size=size)
    elif number is not None and not number.has_check:
        yield _fault("RX-C-22", field.number, Severity.ADVICE, term=field.term, text=number.text)


def _usage(kind: str, code: str, field: Field) -> Iterator[Fault]:
    if kind not in ("2", "3"):
        return
    if not code:
        yield _fault("RX-C-19", field.number, term=field.term, reason=f"コード種別{printable(kind, 4)}")
        return
    read = read_usage_code(code)
    if isinstance(read, BadUsage):
        yield _fault("RX-C-16", field.number, text=printable(code), reason=read.reason)


def _drug(names: dict[str, Field], text: Callable[[str], str]) -> Iterator[Fault]:
    kind = text("code_kind")
    code, name = names["drug_code"], names["drug_name"]
    # A generic prescription (7) without a code says only that it is one.
    if kind not in ("", "1", "7") and not text("drug_code"):
        yield _fault("RX-C-19", code.number, term=code.term, reason=f"コード種別{printable(kind, 4)}")
    if not text("drug_name") and name.need == "O":
        if kind != "2":
            yield _fault("RX-C-19", name.number, term=name.term, reason=f"コード種別{printable(kind, 4)}")
        elif text("drug_code") == _MATERIAL_WITHOUT_CODE:
            yield _fault("RX-C-19", name.number, term=name.term, reason="コードのない医療材料")
    if text("generic_code_kind") == "2" and not text("generic_code"):
        field = names["generic_code"]
        yield _fault("RX-C-19", field.number, term=field.term, reason="一般名コード種別2")


def read_day(text: str) -> date | None:
    """年月日 — YYYYMMDD or an era date (GYYMMDD, the era a digit or a letter); None for what is no day.

    >>> read_day("20261130") == read_day("5081130") == read_day("R081130")
    True
    >>> read_day("20261131") is None
    True
    """
    try:
        if len(text) == 8 and text.isascii() and text.isdecimal():
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        found = _ERA_DAY.fullmatch(text)
        if found:
            era = _ERA_LETTERS.get(found[1]) or int(found[1])
            return from_era(era, int(found[2]), int(found[3]), int(found[4]))
    except ValueError:
        pass
    return None


def is_birthday(text: str) -> bool:
    """生年月日の形 — a day, or a month or year where no more is known.

    >>> [is_birthday(t) for t in ("19600606", "196006", "1960", "3350606", "33506", "335", "196013", "9")]
    [True, True, True, True, True, True, False, False]
    """
    if read_day(text) is not None:
        return True
    if text.isascii() and text.isdecimal() and len(text) in (4, 6):
        return read_day(f"{text}01" if len(text) == 6 else f"{text}0101") is not None
    found = _ERA_PART.fullmatch(text)
    if not found:
        return False
    # The first year of an era has no January.
    era = _ERA_LETTERS.get(found[1]) or int(found[1])
    return read_day(f"{era}{found[2]}{found[3] or '12'}01") is not None


def _fault(code: str, number: int, severity: Severity = Severity.CONFIRM, **facts: object) -> Fault:
    return Fault(code, severity, number, tuple(facts.items()))
