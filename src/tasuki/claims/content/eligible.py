# SPDX-License-Identifier: Apache-2.0
"""資格の点検 — the receipt's insurance and programmes on the days of care, against what the service answered.

Cite: オンライン資格確認 資格情報（資格取得日・資格喪失日・負担割合・限度額適用認定証関連情報）; 記録条件仕様（医科用） 別表9
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import normalize

from tasuki.chart.coverage import IncomeClass
from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.codes import BURDEN_PAYERS, INCOME_MARKS
from tasuki.claims.receipt_type import Holder
from tasuki.claims.records import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from tasuki.chart.coverage import Insurance
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import HO
    from tasuki.kernel.validity import Validity

# 所得区分 → the marks that say it, once and for 多数回.
_MARKS = {
    IncomeClass.A: ("26", "31"), IncomeClass.ACTIVE_3: ("26", "31"),
    IncomeClass.I: ("27", "32"), IncomeClass.ACTIVE_2: ("27", "32"),
    IncomeClass.U: ("28", "33"), IncomeClass.ACTIVE_1: ("28", "33"),
    IncomeClass.E: ("29", "34"), IncomeClass.GENERAL: ("29", "34"),
    IncomeClass.O: ("30", "35"), IncomeClass.LOW_2: ("30", "35"), IncomeClass.LOW_1: ("30", "35"),
    IncomeClass.GENERAL_2: ("41", "43"), IncomeClass.GENERAL_1: ("42", "44"),
}  # fmt: skip
_ACTIVE_PERCENT = 30


def insurance(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """保険の資格 — the card of the receipt holds on every day of care, and its share and income class are the same."""
    snapshot = context.content.snapshots.get(receipt.header.chart_number) if context.content else None
    insurer = receipt.insurer
    if snapshot is None or insurer is None or not snapshot.insurances:
        return
    days = days_of_care(receipt, 0)
    mine = [one for one in snapshot.insurances if _is_card(one, insurer)]
    if not mine:
        held = [one for one in snapshot.insurances if any(_holds(one.validity, day) for day in days)]
        if held:
            yield hit(
                "E03",
                insurer.record,
                2,
                found=insurer.insurer_number.strip(),
                expected=held[0].insurer_number,
            )
        return
    wrong = [day for day in days if not any(_holds(one.validity, day) for one in mine)]
    if wrong and len(wrong) < len(days):
        yield hit("E04", insurer.record, 2, days="・".join(f"{day.day}日" for day in wrong))
    elif wrong:
        yield from _never_held(insurer, mine, wrong)
    held = [one for one in mine if any(_holds(one.validity, day) for day in days)]
    for one in held[:1]:
        yield from _share(receipt, one)
        yield from _income(receipt, one)


def _never_held(insurer: HO, mine: Sequence[Insurance], wrong: Sequence[date]) -> Iterator[Hit]:
    ended = [one.validity.until for one in mine if one.validity and one.validity.until]
    ended = [until for until in ended if until < wrong[0]]
    if ended:
        yield hit("E01", insurer.record, 2, until=max(ended), day=wrong[0])
        return
    begun = [one.validity.since for one in mine if one.validity]
    yield hit("E02", insurer.record, 2, since=min(begun), day=wrong[0])


def _share(receipt: Receipt, card: Insurance) -> Iterator[Hit]:
    if card.share_percent is None:
        return
    benefit, kind = receipt.header.benefit_percent, receipt.type
    if benefit is not None and 100 - benefit != card.share_percent:
        yield hit("E05", receipt.header.record, 8, found=100 - benefit, expected=card.share_percent)
        return
    if kind is None:
        return
    is_active = kind.holder is Holder.ELDER_ACTIVE
    if (is_active and card.share_percent != _ACTIVE_PERCENT) or (
        kind.holder is Holder.ELDER and card.share_percent == _ACTIVE_PERCENT
    ):
        text = "3割" if is_active else "1割または2割"
        yield hit("E06", receipt.header.record, 3, found=text, expected=card.share_percent)


def _income(receipt: Receipt, card: Insurance) -> Iterator[Hit]:
    if card.income_class is None:
        return
    for mark in receipt.header.special_notes:
        if mark in INCOME_MARKS and mark not in _MARKS[card.income_class]:
            yield hit("E07", receipt.header.record, 12, text=mark, expected=card.income_class.value)


def programmes(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """公費の資格 — a programme of the receipt that the answer holds is in force on the days of care.

    The service does not know every programme: one that it does not hold is not judged.
    """
    snapshot = context.content.snapshots.get(receipt.header.chart_number) if context.content else None
    if snapshot is None:
        return
    for nth, one in enumerate(receipt.programmes, 1):
        days = days_of_care(receipt, nth)
        mine = [
            each
            for each in snapshot.programmes
            if each.payer_number == one.payer_number.strip()
            and each.recipient_number in ("", one.recipient_number.strip())
        ]
        wrong = [day for day in days if not any(_holds(each.validity, day) for each in mine)]
        if mine and wrong:
            yield hit(
                "E08",
                one.record,
                2,
                text=one.payer_number.strip(),
                days="・".join(f"{d.day}日" for d in wrong),
            )


def days_of_care(receipt: Receipt, bearer: int | None = None) -> tuple[date, ...]:
    """受診日 — the days of the receipt's lines, in order; of those that a bearer pays (0 insurer, 1 第1公費 …) when asked."""
    month = receipt.header.service_month
    if month is None:
        return ()
    lines = [line for line in receipt.lines if isinstance(line, Line) and _is_borne(line, bearer)]
    found = {day for line in lines for day, times in line.days if times and day <= month.last_day}
    return tuple(month.day(day) for day in sorted(found))


def _is_borne(line: Line, bearer: int | None) -> bool:
    payers = BURDEN_PAYERS.get(line.payer_code)
    return bearer is None or payers is None or payers[bearer]


def _holds(validity: Validity | None, day: date) -> bool:
    return validity is None or day in validity


def _is_card(one: Insurance, insurer: HO) -> bool:
    pairs = (
        (one.insurer_number, insurer.insurer_number),
        (one.symbol, insurer.symbol),
        (one.number, insurer.number),
    )
    return all(_plain(ours) == _plain(theirs) for ours, theirs in pairs)


def _plain(text: str) -> str:
    return "".join(normalize("NFKC", text).split())


RULES = (insurance, programmes)
