# SPDX-License-Identifier: Apache-2.0
"""投薬 — one drug of a prescription or dispensing with the days it is taken, as the check over institutions compares it.

Cite: 電子処方箋管理サービス 重複投薬等チェック (同一成分: 薬価基準収載医薬品コード 先頭7桁)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tasuki.prescriptions.item_checks import read_day
from tasuki.prescriptions.orders import rp_orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.prescriptions.records import Document

INGREDIENT_CHARACTERS = 7
# 内服, 内服滴剤: 調剤数量 is days. 頓服, 外用, 注射 and materials name none; a fortnight is our choice (unconfirmed.md).
_BY_DAYS = frozenset(("1", "4"))
DAYS_WITHOUT_A_NUMBER = 14
_MOST_PARTS = 9
# 剤形コード of the notebook counts in another way: 1 内服, 2 内滴, 7 湯 by days.
_NOTEBOOK_BY_DAYS = frozenset(("1", "2", "6", "7"))
_CLAIM, _PRICE_LIST, _YJ, _GENERIC = "2", "3", "4", "7"
# From a code of nine digits to the 薬価基準収載医薬品コード; "" where the master has none.
PriceListCode = Callable[[str], str]


class Course(NamedTuple):
    """投薬 — code, names and amount as recorded; ``ingredient`` is "" where the code does not tell it."""

    ingredient: str
    code_kind: str
    code: str
    name: str
    amount: str
    unit: str
    usage: str
    dosage_form: str
    since: date
    until: date
    yj: str = ""


def price_list_code(code_kind: str, code: str, of_claim: PriceListCode) -> str:
    """薬価基準収載医薬品コード — of a code as recorded; a generic name's begins as its drugs' does.

    >>> price_list_code("4", "1149019F1560", lambda _: ""), price_list_code("2", "610000000", lambda _: "")
    ('1149019F1560', '')
    """
    if code_kind in (_PRICE_LIST, _YJ, _GENERIC):
        return code
    return of_claim(code) if code_kind == _CLAIM else ""


def prescribed_courses(document: Document, of_claim: PriceListCode) -> tuple[Course, ...]:
    """処方された投薬 — of SJ1 or a symbol, from the day of issue on.

    Part n of a split prescription is taken after the parts before it, each held to be as long as itself: only its own
    length is recorded. So the parts of one prescription are no duplicates of each other.
    """
    issued_on = read_day(document.value("51", "issued_on")) if document.value("51", "issued_on") else None
    return tuple(_prescribed(document, issued_on, of_claim)) if issued_on else ()


def drafted_courses(document: Document, issued_on: date, of_claim: PriceListCode) -> tuple[Course, ...]:
    """確定前の投薬 — of the records 101, 111, 201 that a check is asked with before anything is registered."""
    return tuple(_prescribed(document, issued_on, of_claim))


def _prescribed(document: Document, since: date, of_claim: PriceListCode) -> Iterator[Course]:
    nth = document.value("63", "split_nth")
    before = int(nth) - 1 if nth.isascii() and nth.isdecimal() and 0 < int(nth) <= _MOST_PARTS else 0
    issued_on = since
    for rp in rp_orders(document):
        is_part = rp.dosage_form in _BY_DAYS and bool(rp.split_quantity)
        quantity = rp.split_quantity if is_part else rp.quantity
        days = quantity if rp.dosage_form in _BY_DAYS and quantity else DAYS_WITHOUT_A_NUMBER
        since = issued_on + timedelta(days=before * days) if is_part else issued_on
        until = since + timedelta(days=days - 1)
        for drug in rp.drugs:
            yj = price_list_code(drug.code_kind, drug.code, of_claim)
            amount = f"{drug.amount:f}" if drug.amount is not None else ""
            yield Course(
                yj[:INGREDIENT_CHARACTERS], drug.code_kind, drug.code, drug.name, amount, drug.unit,
                rp.usage_name, rp.dosage_form, since, until, yj,
            )  # fmt: skip


def dispensed_courses(document: Document, of_claim: PriceListCode) -> tuple[Course, ...]:
    """調剤された投薬 — of the records of a dispensing (JAHISTC), from the day it was dispensed on."""
    on = read_day(document.value("5", "dispensed_on")) if document.value("5", "dispensed_on") else None
    if on is None:
        return ()
    usages = {record.item(1): record for record in document.of("301")}
    found = []
    for record in document.of("201"):
        usage = usages.get(record.item(1))
        form = document.item(usage, "dosage_form") if usage else ""
        quantity = document.item(usage, "quantity") if usage else ""
        by_days = form in _NOTEBOOK_BY_DAYS and quantity.isdecimal() and int(quantity) > 0
        days = int(quantity) if by_days else DAYS_WITHOUT_A_NUMBER
        kind, code = document.item(record, "code_kind"), document.item(record, "drug_code")
        yj = price_list_code(kind, code, of_claim)
        found.append(
            Course(
                yj[:INGREDIENT_CHARACTERS],
                kind,
                code,
                document.item(record, "drug_name"),
                document.item(record, "amount"),
                document.item(record, "unit"),
                document.item(usage, "usage_name") if usage else "",
                form,
                on,
                on + timedelta(days=days - 1),
                yj,
            )
        )
    return tuple(found)
