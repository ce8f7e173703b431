# SPDX-License-Identifier: Apache-2.0
"""カルテからの点検 — orders and diagnoses of a chart as the checks read them, with the master of the day."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING

from tasuki.chart.orders import OrderKind
from tasuki.chart.visit import Outcome
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.prescriptions.safety.person import Allergy, Condition, Medicine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from tasuki.chart.orders import Order
    from tasuki.chart.visit import Diagnosis
    from tasuki.masters.book import DayBook
    from tasuki.masters.rows import Drug

_TIMES = re.compile(r"1日\s*(\d{1,2})\s*回|分\s*(\d{1,2})")


def medicines_of(order: Order, book: DayBook, day: date, *, is_earlier: bool = False) -> Iterator[Medicine]:
    """オーダの薬 — of an order given on a day; 内服 ends with its days, the end of others is not known.

    ``is_earlier`` leaves out the places: they belong to the prescription that is checked.
    """
    is_internal = order.kind is OrderKind.INTERNAL
    until = day + timedelta(days=max(order.count, 1) - 1) if is_internal else None
    for index, item in enumerate(order.items):
        if item.code[:1] != "6":
            continue
        drug = drug_of(book, item.code)
        yield Medicine(
            code=item.code,
            name=drug.name if drug else item.code,
            ingredient=drug.price_list_code or drug.generic_code if drug else "",
            since=day,
            until=until,
            place="" if is_earlier else medicine_place(order.id, index),
            kind=order.kind,
            amount=item.amount,
            unit=drug.unit_name if drug else "",
            times_a_day=times_a_day(order.usage) if is_internal else None,
        )


def medicine_place(order_id: str, index: int) -> str:
    """薬の箇所 — names a drug of an order, in an order of places that is the order of items.

    >>> medicine_place("a", 2)
    'a:002'
    """
    return f"{order_id}:{index:03}"


def times_a_day(usage: str) -> int | None:
    """1日の回数 — as a 用法 says it, None when it does not.

    >>> times_a_day("１日３回 毎食後"), times_a_day("分2 朝夕食後"), times_a_day("痛い時")
    (3, 2, None)
    """
    found = _TIMES.search(unicodedata.normalize("NFKC", usage))
    return int(found[1] or found[2]) or None if found else None


def conditions_of(diagnoses: Iterable[Diagnosis], book: DayBook) -> tuple[Condition, ...]:
    """病名の条件 — of the diagnoses that go on; one the master does not know keeps its code and name."""
    found = []
    for each in diagnoses:
        if each.outcome is not Outcome.CONTINUING or (each.ended_on is not None and each.ended_on < book.day):
            continue
        try:
            row = book.disease(each.code)
        except (UnknownCode, EndedCode):
            found.append(Condition(each.code, each.name or each.code, (), each.is_suspected))
        else:
            found.append(Condition(each.code, each.name or row.name, row.icd10, each.is_suspected))
    return tuple(found)


def allergy_of(substance: str, code: str, book: DayBook, *, is_contraindicated: bool) -> Allergy:
    """アレルギー — with the ingredient of the drug it names."""
    drug = drug_of(book, code) if code else None
    return Allergy(substance, code, drug.price_list_code if drug else "", is_contraindicated)


def drug_of(book: DayBook, code: str) -> Drug | None:
    """医薬品 — the row of the day, else the newest there was: a drug taken from the list is still taken."""
    try:
        return book.drug(code)
    except UnknownCode:
        return None
    except EndedCode:
        return book.book.drugs[code][0]
