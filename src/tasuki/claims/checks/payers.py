# SPDX-License-Identifier: Apache-2.0
"""負担者の点検 — numbers, symbols, days, meals and reductions of HO and KO."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tasuki.calculation.copayment.programmes import is_before_insurance, rank_of
from tasuki.claims.characters import to_half
from tasuki.claims.checks.catalogue import PER_PROGRAMME
from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.codes import DUTY_REASONS, REDUCTION_KINDS
from tasuki.claims.receipt_type import Holder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import HO, KO

_NUMBER_SHAPE = re.compile(r"\d{8}|  \d{6}|    \d{4}")
_SYMBOL_NEEDED = frozenset({"01", "02", "06", "63", "33"})
_MEDICAL_OBSERVATION = "30"


def insurer_number(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """保険者番号 — its shape, and the insurers that only some types of receipt can have."""
    payer = receipt.insurer
    if payer is None:
        return
    text = payer.insurer_number
    if not _NUMBER_SHAPE.fullmatch(text):
        yield hit("21670", payer.record, 2, text=text)
    law, kind = text[:2], receipt.type
    if kind is not None and (
        (law in ("03", "04") and kind.holder is Holder.ELDER_ACTIVE)
        or (law == "07" and kind.holder is not Holder.SELF)
    ):
        yield hit("31760", payer.record, 2, law=law)
    if payer.duty_reason and payer.duty_reason not in DUTY_REASONS:
        yield hit("31160", payer.record, 10, text=payer.duty_reason)


def symbol_and_number(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """記号・番号 — no blanks, digits where the insurer's numbers are digits."""
    payer = receipt.insurer
    if payer is None:
        return
    law, symbol, number = payer.insurer_number[:2], to_half(payer.symbol), to_half(payer.number)
    if " " in symbol:
        yield hit("21630", payer.record, 3)
    if not number:
        yield hit("21620", payer.record, 4)
    elif " " in number:
        yield hit("21640", payer.record, 4)
    elif not re.search(r"\d", number):
        yield hit("31460", payer.record, 4, text=payer.number)
    if law in _SYMBOL_NEEDED and not symbol:
        yield hit("31720", payer.record, 3, law=law)
    yield from _of_insurer(payer, law, symbol, number)


def _of_insurer(payer: HO, law: str, symbol: str, number: str) -> Iterator[Hit]:
    if law == "01" and symbol and (not re.fullmatch(r"\d{7,8}", symbol) or not symbol.strip("0")):
        yield hit("31480", payer.record, 3, text=payer.symbol)
    if law == "01" and number and not re.fullmatch(r"\d{1,7}", number):
        yield hit("31500", payer.record, 4, text=payer.number)
    if law in ("06", "63") and symbol and not re.fullmatch(r"\d+", symbol):
        yield hit("31770", payer.record, 3, text=payer.symbol, law=law)
    if law == "02" and symbol and not re.fullmatch(r"\d{1,10}", symbol):
        yield hit("31980", payer.record, 3, text=payer.symbol)
    if law == "02" and number and not re.fullmatch(r"\d+", number):
        yield hit("31990", payer.record, 4, text=payer.number)


def programmes(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """公費 — recipient numbers, no duplicates, single-only ones alone, in the order of the law."""
    payers = len(receipt.of("HO")) + len(receipt.programmes)
    seen: list[KO] = []
    for nth, one in enumerate(receipt.programmes, 1):
        law, number = one.payer_number[:2], one.recipient_number
        if law == _MEDICAL_OBSERVATION:
            if payers > 1 or number:
                yield hit("21690", one.record, 2)
        elif not number:
            yield hit("21711", one.record, 3)
        elif not number.strip("0"):
            yield hit(_nth("31520", nth), one.record, 3, nth=nth, text=number)
        if is_before_insurance(law) and payers > 1:
            yield hit(_nth("30930", nth), one.record, 2, nth=nth, text=law)
        same = [(a.payer_number, a.recipient_number) for a in seen]
        if (one.payer_number, number) in same and nth <= 4:
            yield hit(("", "30840", "30860", "30810")[nth - 1], one.record, 2, nth=nth)
        if seen and rank_of(law) < rank_of(seen[-1].payer_number[:2]):
            yield hit("30980", one.record, 2, before=seen[-1].payer_number[:2], text=law)
        seen.append(one)


def days_and_meals(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """診療実日数・食事回数 — present, within the month, and meals within three a day."""
    month = receipt.header.service_month
    length = month.last_day if month else 31
    payer = receipt.insurer
    if payer is not None:
        if payer.visit_days is None:
            yield hit("30310", payer.record, 5)
        elif payer.visit_days > length:
            yield hit("32010", payer.record, 5, found=payer.visit_days, limit=length)
        meals = payer.meal_count or 0
        if meals > length * 3:
            yield hit("35310", payer.record, 8, found=meals, limit=length * 3)
        elif meals > (payer.visit_days or 0) * 3:
            yield hit("35340", payer.record, 8, found=meals, limit=(payer.visit_days or 0) * 3)
    for nth, one in enumerate(receipt.programmes[:4], 1):
        days, meals = one.visit_days, one.meal_count or 0
        if days is None:
            yield hit(_nth("30320", nth), one.record, 5, nth=nth)
        elif days > length:
            yield hit(_nth("32020", nth), one.record, 5, nth=nth, found=days, limit=length)
        if meals > length * 3:
            yield hit(_nth("35320", nth), one.record, 11, nth=nth, found=meals, limit=length * 3)
        elif meals > (days or 0) * 3:
            yield hit(_nth("35350", nth), one.record, 11, nth=nth, found=meals, limit=(days or 0) * 3)


def reductions(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """減免 — a rate or an amount only with 減額, never both."""
    payer = receipt.insurer
    if payer is None:
        return
    kind, percent, yen = payer.reduction_kind, payer.reduction_percent, payer.reduction_yen
    if kind and kind not in REDUCTION_KINDS:
        yield hit("35200", payer.record, 13, text=kind)
    if percent is not None and kind != "1":
        yield hit("35140", payer.record, 14)
    if yen is not None and kind != "1":
        yield hit("35150", payer.record, 15)
    if percent is not None and not 1 <= percent <= 99:
        yield hit("35210", payer.record, 14, text=percent)
    if percent is not None and yen is not None:
        yield hit("35280", payer.record, 14)


def _nth(first: str, nth: int) -> str:
    return PER_PROGRAMME[first][min(nth, 4) - 1]


RULES = (insurer_number, symbol_and_number, programmes, days_and_meals, reductions)
