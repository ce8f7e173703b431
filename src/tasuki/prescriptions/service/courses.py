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
from tasuki.prescriptions.service.parts import Part, days_of_part, lengths_beside, part_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasuki.prescriptions.orders import RpOrder
    from tasuki.prescriptions.records import Document

INGREDIENT_CHARACTERS = 7
# 内服, 内服滴剤: 調剤数量 is days. 頓服, 外用, 注射 and materials name none; a fortnight is our choice (unconfirmed.md).
_BY_DAYS = frozenset(("1", "4"))
DAYS_WITHOUT_A_NUMBER = 14
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


def prescribed_courses(
    document: Document, of_claim: PriceListCode, beside: Iterable[Document] = ()
) -> tuple[Course, ...]:
    """処方された投薬 — of SJ1 or a symbol, from the day of issue on.

    Part n of a split prescription is taken after the parts before it (:mod:`.parts`); ``beside`` are the other parts of
    it that are known.
    """
    issued_on = read_day(document.value("51", "issued_on")) if document.value("51", "issued_on") else None
    return drafted_courses(document, issued_on, of_claim, beside) if issued_on else ()


def drafted_courses(
    document: Document, issued_on: date, of_claim: PriceListCode, beside: Iterable[Document] = ()
) -> tuple[Course, ...]:
    """確定前の投薬 — of the records 101, 111, 201 that a check is asked with before anything is registered."""
    rps = rp_orders(document)
    # Registrations come by the hundred a second, and few are split.
    is_split = any(each.split_quantity for each in rps)
    part = part_of(document) if is_split else Part(0, 0)
    lengths = lengths_beside(document, beside) if is_split else {}
    found = []
    for rp in rps:
        first, end = _days(rp, part, lengths.get(rp.rp, {}))
        since, until = issued_on + timedelta(days=first), issued_on + timedelta(days=end - 1)
        for drug in rp.drugs:
            yj = price_list_code(drug.code_kind, drug.code, of_claim)
            amount = f"{drug.amount:f}" if drug.amount is not None else ""
            found.append(
                Course(
                    yj[:INGREDIENT_CHARACTERS], drug.code_kind, drug.code, drug.name, amount, drug.unit,
                    rp.usage_name, rp.dosage_form, since, until, yj,
                )
            )  # fmt: skip
    return tuple(found)


def _days(rp: RpOrder, part: Part, known: Mapping[int, int]) -> tuple[int, int]:
    """Days from the issue to the first of the drug, and to the first without it."""
    if rp.dosage_form not in _BY_DAYS:
        # When the doses of a part before are used up is not known: not later than on its first day, and a fortnight
        # is held for each.
        return 0, DAYS_WITHOUT_A_NUMBER * (max(part.nth, 1) if rp.split_quantity else 1)
    if rp.split_quantity:
        return days_of_part(part, rp.split_quantity, rp.whole_quantity, known)
    return 0, rp.quantity or DAYS_WITHOUT_A_NUMBER


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
