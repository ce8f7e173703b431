# SPDX-License-Identifier: Apache-2.0
"""縦覧の点検 — this receipt with the person's earlier ones: counts over months, and the interval before a first visit.

Cite: 突合点検・縦覧点検（社会保険診療報酬支払基金、平成24年3月審査分から）
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.apply_limits import EVER, limit_window
from tasuki.calculation.ended_limits import is_ended
from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.content.eligible import days_of_care
from tasuki.claims.content.sicknesses import CONTINUING
from tasuki.claims.records import SI
from tasuki.kernel.days import a_month_after
from tasuki.masters.book import OutOfBook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt
    from tasuki.masters.rows import CountLimit

_FIRST_VISIT_SECTION = "A000"
_BASE_KINDS = frozenset({"1", "3"})  # 告示等識別区分: fees of their own, no addition


def limits(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """月をまたぐ算定回数 — an act done more often than its limit when earlier months are counted with this one.

    A limit that this month alone exceeds is not told here: it belongs to the checks of the month.
    """
    past = context.content.past_of(receipt) if context.content else ()
    month = receipt.header.service_month
    if not past or context.book is None or month is None:
        return
    told: set[tuple[str, str]] = set()
    for line in receipt.lines:
        if not isinstance(line, SI):
            continue
        for number, _ in line.days:
            if number > month.last_day:
                continue
            day = month.day(number)
            try:
                rows = context.book.at(day).limits(line.code)
            except OutOfBook:
                continue
            for row in rows:
                if (line.code, row.unit_code) not in told and (
                    found := _over(line.code, day, row, receipt, past)
                ):
                    told.add((line.code, row.unit_code))
                    yield hit(found[0], line.record, 4, **_named(context, line.code), **found[1])


def _named(context: Context, code: str) -> dict[str, object]:
    rows = context.book.acts.get(code) if context.book else None
    return {"name": rows[-1].name if rows else code, "text": code}


def _over(
    code: str, day: date, row: CountLimit, receipt: Receipt, past: tuple[Receipt, ...]
) -> tuple[str, dict[str, object]] | None:
    is_ever = row.unit_code in EVER
    since = date.min if is_ever else limit_window(day, row.unit_code)
    if since is None or is_ended(row, day):
        return None
    here = _times(receipt, code, since, day)
    before = [(on, times) for each in past for on, times in _times(each, code, since, day)]
    count = sum(times for _, times in here)
    total = count + sum(times for _, times in before)
    if not before or count > row.count or total <= row.count:
        return None
    facts = {
        "unit": row.unit_name,
        "most": row.count,
        "count": total,
        "last": max(on for on, _ in before),
        "day": day,
    }
    return ("H02" if row.is_special or is_ever else "H01"), facts


def _times(receipt: Receipt, code: str, since: date, until: date) -> list[tuple[date, int]]:
    month = receipt.header.service_month
    if month is None:
        return []
    return [
        (month.day(day), times)
        for line in receipt.lines
        if isinstance(line, SI) and line.code == code
        for day, times in line.days
        if times and day <= month.last_day and since <= month.day(day) <= until
    ]


def first_visits(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """初診の間隔 — a first-visit fee less than a month after the last day of care, with a disease that went on.

    Cite: 医科点数表 A000 通知 (14)（患者が任意に診療を中止し1月以上経過した後の受診は初診）
    """
    past = context.content.past_of(receipt) if context.content else ()
    month = receipt.header.service_month
    if not past or context.book is None or month is None:
        return
    days = [day for each in past for day in days_of_care(each)]
    going = any(one.outcome in CONTINUING for one in past[0].diseases)
    if not days or not going:
        return
    last = max(days)
    for line in receipt.lines:
        rows = context.book.acts.get(line.code) if isinstance(line, SI) else None
        if not rows or rows[-1].section != _FIRST_VISIT_SECTION or rows[-1].record_kind not in _BASE_KINDS:
            continue
        first = (
            min((day for day, _ in line.days if day <= month.last_day), default=None)
            if isinstance(line, SI)
            else None
        )
        if first is not None and month.day(first) < a_month_after(last):
            yield hit("H03", line.record, 4, day=month.day(first), last=last)
            return


RULES = (limits, first_visits)
