# SPDX-License-Identifier: Apache-2.0
"""レセプト共通の点検 — months, ages, sex, admission and wards of the RE record."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.codes import SEXES, SHIHARAI_KIKIN, WARD_KINDS
from tasuki.claims.receipt_type import Group, Holder
from tasuki.kernel.days import is_preschool, reached_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.item_values import Month
    from tasuki.claims.receipt import Receipt


def months(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """診療年月 — a real month, before the month of the claim, and not more than five years back."""
    header = receipt.header
    month, claim = header.service_month, context.claim_month
    if month is None:
        yield hit("21600", header.record, 4, text=header.record.value(4))
    elif claim is not None and month >= claim:
        yield hit("21590", header.record, 4, service=month.text, claim=claim.text)
    elif claim is not None and month.plus(60) < claim:
        yield hit("31030", header.record, 4, service=month.text)


def person(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """患者 — a name, a sex, a birth date that exists and lies before the month's end."""
    header = receipt.header
    if not header.patient_name.strip(" \u3000"):
        yield hit("30010", header.record, 5)
    if header.sex not in SEXES:
        yield hit("31330", header.record, 6, text=header.sex)
    month, born = header.service_month, header.born_on
    if born is None:
        yield hit("31450", header.record, 7, text=header.record.value(7))
    elif month is not None and born > month.day(month.last_day):
        yield hit("31350", header.record, 7, born=born)


def age_of_type(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """年齢と種別 — preschool children, the self-insured under 15, and elders must stand under their type.

    Cite: 記録条件仕様 別表5 注; 健康保険法 第74条
    """
    header, kind = receipt.header, receipt.type
    month, born = header.service_month, header.born_on
    if kind is None or month is None or born is None or not kind.has_insurer:
        return
    first, last = month.day(1), month.day(month.last_day)
    if born > last:
        return
    is_child = is_preschool(born, max(first, born))
    if kind.holder is Holder.PRESCHOOL and not is_child:
        yield hit("31290", header.record, 7, born=born)
    if kind.holder in (Holder.SELF, Holder.FAMILY) and is_child and kind.group is not Group.LATE_ELDERLY:
        yield hit("31300", header.record, 7, born=born)
    if kind.group is not Group.INSURED:
        return
    yield from _elder(receipt, first, last, born)
    if context.payer == SHIHARAI_KIKIN and kind.holder is Holder.SELF and reached_on(born, 15) > last:
        yield hit("31400", header.record, 7)


def _elder(receipt: Receipt, first: date, last: date, born: date) -> Iterator[Hit]:
    kind, header = receipt.type, receipt.header
    # The elder's share counts from the month after the 70th year is reached, on the 1st for those born on it.
    is_elder = reached_on(born, 70) < first
    on_duty = receipt.insurer is not None and receipt.insurer.duty_reason != ""
    if kind is not None and kind.holder in (Holder.SELF, Holder.FAMILY) and is_elder and not on_duty:
        yield hit("31380", header.record, 7)
    if kind is not None and kind.holder in (Holder.ELDER, Holder.ELDER_ACTIVE):
        passed = reached_on(born, 75) < first
        if reached_on(born, 70) >= first or passed:
            yield hit("31430", header.record, 7)


def admission(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """入院年月日と病棟区分 — a real day, not before birth nor after the month; two-digit ward codes."""
    header = receipt.header
    text = header.record.value(9)
    day, month = header.admitted_on, header.service_month
    if text and day is None:
        yield hit("30210", header.record, 9, text=text)
    if day is not None and month is not None and day > month.day(month.last_day):
        yield hit("30220", header.record, 9, text=text)
    if day is not None and header.born_on is not None and day < header.born_on:
        yield hit("30230", header.record, 9, text=text)
    wards = header.record.value(10)
    if len(wards) % 2:
        yield hit("21660", header.record, 10, text=wards)
    else:
        for ward in header.ward_kinds:
            if ward not in WARD_KINDS:
                yield hit("31190", header.record, 10, text=ward)


def last_day_of(month: Month) -> date:
    """月末日 — of a service month."""
    return month.day(month.last_day)


RULES = (months, person, age_of_type, admission)
