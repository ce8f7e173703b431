# SPDX-License-Identifier: Apache-2.0
"""特記事項と標準負担額区分の点検 — which marks may stand on which receipt in which month."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.codes import INCOME_MARKS, SHIHARAI_KIKIN
from tasuki.claims.item_values import Month
from tasuki.claims.receipt_type import Group, Holder, ReceiptType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt

_SPLIT_2018 = Month(2018, 8)  # the three active classes of 70-74 and 後期 begin; 17-19, 22-24 end
_FIVE_CLASSES = Month(2015, 1)  # 区ア … 多オ begin
_OLD_ELDER = frozenset({"17", "18", "19", "22", "23", "24"})
_LETTERS = frozenset(str(n) for n in range(26, 36))
_REPEATED = frozenset(str(n) for n in range(31, 36))
_ACTIVE = frozenset({"26", "27", "28"})
_GENERAL = frozenset({"29", "30"})
_LONG_TERM = frozenset({"02", "03", "16"})
_ELDERS = frozenset({Holder.ELDER, Holder.ELDER_ACTIVE})
_INPATIENT, _INPATIENT_ELDER = frozenset("12"), frozenset("1234")
_OUTPATIENT, _OUTPATIENT_ELDER = frozenset("1"), frozenset("134")
_YOUNG_OLD_BORN_UNTIL = date(1944, 4, 1)


def marks(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """特記事項 — two digits each, one income mark, one long-term mark, each in its months and types."""
    header = receipt.header
    text = header.record.value(12)
    if len(text) % 2:
        yield hit("21650", header.record, 12, text=text)
        return
    found = header.special_notes
    incomes = [mark for mark in found if mark in INCOME_MARKS]
    if len(incomes) > 1:
        yield hit("31280", header.record, 12, text="・".join(incomes))
    if len([mark for mark in found if mark in _LONG_TERM]) > 1:
        yield hit("31060", header.record, 12)
    month, kind = header.service_month, receipt.type
    if month is None or kind is None:
        return
    for mark in incomes:
        yield from _income_mark(receipt, mark, month, kind)
    yield from _other_marks(receipt, context, month, kind)


def _income_mark(receipt: Receipt, mark: str, month: Month, kind: ReceiptType) -> Iterator[Hit]:
    record = receipt.header.record
    if (mark in _OLD_ELDER and month >= _SPLIT_2018) or (mark in _LETTERS and month < _FIVE_CLASSES):
        yield hit("30070", record, 12, text=mark, service=month.text)
        return
    if mark in _OLD_ELDER:
        yield from _old_mark(receipt, mark, month, kind)
        return
    elder = kind.holder in _ELDERS or kind.group is Group.LATE_ELDERLY
    if mark in _ACTIVE and elder and kind.holder is not Holder.ELDER_ACTIVE:
        yield hit("30080", record, 12, text=mark)
    if mark in _GENERAL and elder and kind.holder is not Holder.ELDER:
        yield hit("30080", record, 12, text=mark)
    if mark in _REPEATED:
        active = mark in {"31", "32", "33"}
        fits = not elder or (kind.holder is Holder.ELDER_ACTIVE) == active
        if not kind.is_inpatient or not fits:
            yield hit("30090", record, 12, text=mark)
        laws = {one.payer_number[:2] for one in receipt.programmes}
        if not laws & {"51", "52", "54"}:
            yield hit("30160", record, 12, text=mark)


def _old_mark(receipt: Receipt, mark: str, month: Month, kind: ReceiptType) -> Iterator[Hit]:
    # Until 2018-07: 17 上位 and 22 多上 for those at 7割給付 or under 70, the rest for everybody else.
    record = receipt.header.record
    elder_general = kind.holder is Holder.ELDER
    elder_active = kind.holder is Holder.ELDER_ACTIVE
    if mark == "17" and elder_general:
        yield hit("30110", record, 12)
    if mark in ("18", "19") and elder_active:
        yield hit("30120", record, 12, text=mark)
    if mark == "22" and elder_general:
        yield hit("30130", record, 12)
    if mark in ("23", "24") and elder_active:
        yield hit("30140", record, 12, text=mark)
    if mark in ("22", "23", "24") and Month(2009, 5) <= month <= Month(2009, 7):
        yield hit("30150", record, 12, text=mark)


def _other_marks(receipt: Receipt, context: Context, month: Month, kind: ReceiptType) -> Iterator[Hit]:
    header = receipt.header
    found = header.special_notes
    if "15" in found and month >= Month(2009, 1):
        yield hit("31180", header.record, 12)
    if "20" in found:
        born = header.born_on
        is_young_old = born is not None and born <= _YOUNG_OLD_BORN_UNTIL and kind.holder is Holder.ELDER
        if not is_young_old or kind.group is Group.LATE_ELDERLY:
            yield hit("31050", header.record, 12)
    if (
        "21" in found
        and context.payer == SHIHARAI_KIKIN
        and (kind.holder is Holder.SELF or not kind.has_insurer)
    ):
        yield hit("31170", header.record, 12)
    if "96" in found:
        points = sum(one.total_points or 0 for one in receipt.programmes)
        if kind.is_inpatient and points:
            yield hit("30170", header.record, 12)
        if not kind.is_inpatient and kind.has_insurer and kind.programme_count:
            yield hit("30180", header.record, 12)


def share_class(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """標準負担額区分 — the codes of 別表8 that fit age, income and setting."""
    header, kind = receipt.header, receipt.type
    text = header.share_class
    if kind is None:
        return
    elder = kind.holder in _ELDERS
    notes = set(header.special_notes)
    if text and (
        kind.holder is Holder.ELDER_ACTIVE or (kind.holder is Holder.ELDER and notes & {"29", "34"})
    ):
        yield hit("35300", header.record, 11, text=text)
    if text and kind.is_inpatient and text not in (_INPATIENT_ELDER if elder else _INPATIENT):
        yield hit("35370", header.record, 11, text=text)
    if text and not kind.is_inpatient and text not in (_OUTPATIENT_ELDER if elder else _OUTPATIENT):
        yield hit("35390", header.record, 11, text=text)
    month = header.service_month
    low = "30" if month is None or month >= _SPLIT_2018 else "19"
    if not text and kind.is_inpatient and kind.holder is Holder.ELDER and low in notes:
        yield hit("35500", header.record, 11, text=low)


RULES = (marks, share_class)
