# SPDX-License-Identifier: Apache-2.0
"""一連の治療 — operations and procedures whose points are for a whole course, billed again too soon."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.rule import Advice, Stage, rule
from tasuki.calculation.rules.standing_acts import done
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_after
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.chart.visit import PastLine


class Course(NamedTuple):
    """一連 — how long a course of a section lasts, in months or days, and where the notice says so."""

    place: str
    months: int = 0
    days: int = 0
    by_site: bool = True

    def ends(self, first: date) -> date:
        """一連の終わり — the first day that belongs to another course."""
        return months_after(first, self.months) if self.months else first + timedelta(days=self.days)


COURSES = {
    "J001-2": Course("J001-2 交換は原則として週1回", days=7),
    "J001-3": Course("J001-3 2回目以降は創傷処置・絆創膏固定術", days=28),
    "J054-2": Course("J054-2(2) 概ね3月", months=3),
    "K000": Course("K000(1) 第2診以後は創傷処置", days=14),
    "K000-2": Course("K000(1) 第2診以後は創傷処置", days=14),
    "K006-4": Course("K006-4(1) 概ね3月", months=3),
    "K044": Course("K044(3) 2回目以降は創傷処置", days=28),
    "K276": Course("K276(1) 所期の目的を達するまで", months=1),
    "K653": Course("K653(1) 短期間", months=1, by_site=False),
    "K768": Course("K768(1) 所期の目的を達するまでの一連", months=1),
    "K721": Course("K721(1) 短期間", months=1, by_site=False),
}


@rule(
    "K000/one_course",
    title="一連の治療の2回目",
    cite="通知 J001-2, J001-3, J054-2(2), K000(1), K006-4(1), K044(3), K276(1), K653(1), K721(1), K768(1)",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=COURSES,
)
def one_course(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """一連の治療 — the same act at the same site within the course of the last one is shown to a human.

    How long a course lasts is written with 概ね or 短期間, so nothing falls by itself.
    """
    advice = []
    for each in done(draft, frozenset(COURSES)):
        course = COURSES[each.row.section]
        last = _last(case, each.row.section, each.unit.site if course.by_site else "")
        if last is not None and case.day < course.ends(last.day):
            known = facts(last_day=last.day, name=course.place)
            advice.append(Advice(each.row.code, known))
    return tuple(advice) or None


def _last(case: Case, section: str, site: str) -> PastLine | None:
    found = [
        line
        for code, lines in case.history.by_code.items()
        if case.book.has(code) and _is_of(case.book.item(code), section)
        for line in lines
        if not site or not line.site or line.site == site
    ]
    return max(found, key=lambda line: (line.day, line.code), default=None)


def _is_of(row: object, section: str) -> bool:
    return isinstance(row, Act) and row.section == section and not row.is_addition
