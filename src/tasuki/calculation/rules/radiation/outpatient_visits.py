# SPDX-License-Identifier: Apache-2.0
"""外来放射線照射診療料 — one examination for seven days of irradiation, and the basic fees of those days (B001-2-8)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import BASE_CODES
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.standing_acts import done
from tasuki.kernel.because import facts
from tasuki.kernel.days import is_holiday

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

FEE, SHORT_COURSE = "113014110", "113014270"  # 外来放射線照射診療料, 4日以上予定なし
IRRADIATIONS = ("M001", "M001-2", "M001-3", "M001-4", "M002", "M003", "M004")
DAYS, DAYS_OF_SHORT_COURSE = 7, 3
SUNDAY = 6


@rule(
    "B001-2-8/basic_fee",
    title="外来放射線照射診療料の期間の初・再診料",
    cite="医科点数表 B001-2-8 注3; 通知 B001-2-8 (1)・(5); 疑義解釈その1 (平成24年3月30日) 医科 問109・問110",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    chapters="M",
)
def basic_fee(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """外来放射線照射診療料の期間 — seven days from the examination bring no basic fee for the irradiation.

    Billed by half, for a course that was to end within three days, it holds for those three. A doctor who also
    treats another disease that day records it as 治療中の疾患の診察 and the fee stands.
    """
    if not done(draft, IRRADIATIONS) or case.has_flag(Flag.CONTINUED_TREATMENT):
        return None
    if FEE not in draft.codes() and not any(
        timedelta(0) < case.day - line.day < timedelta(days=_days(case, line.day))
        for line in case.history.of(FEE)
    ):
        return None
    return tuple(Denial(code, FEE) for code in sorted(draft.codes() & BASE_CODES)) or None


def _days(case: Case, day: date) -> int:
    is_short = any(line.day == day for line in case.history.of(SHORT_COURSE))
    return DAYS_OF_SHORT_COURSE if is_short else DAYS


@rule(
    "B001-2-8/seven_days",
    title="外来放射線照射診療料の7日間に1回",
    cite="医科点数表 B001-2-8 注1; 疑義解釈その2 (平成24年4月20日) 医科 問36; "
    "疑義解釈その1 (平成26年3月31日) 医科 問56",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    codes=(FEE,),
)
def seven_days(case: Case, draft: Draft) -> Outcome | None:
    """7日間に1回 — the next examination on the eighth day; a day sooner when that day is a holiday, or once a year."""
    past = [line.day for line in case.history.of(FEE) if line.day < case.day]
    if FEE not in draft.codes() or not past:
        return None
    last = max(past)
    due = last + timedelta(days=DAYS)
    if case.day >= due:
        return None
    if case.day == due - timedelta(days=1):
        if is_holiday(due) or due.weekday() == SUNDAY:
            return None
        known = facts(last_day=last)
        return Denial(FEE, "", known) if _was_early(case, past) else Advice(FEE, known)
    return Denial(FEE, "", facts(last_day=last))


def _was_early(case: Case, days: list[date]) -> bool:
    """この年に1日早く算定したか — on a working day, which is allowed once a year."""
    ordered = sorted(days)
    return any(
        second.year == case.day.year
        and second - first == timedelta(days=DAYS - 1)
        and not is_holiday(second + timedelta(days=1))
        and (second + timedelta(days=1)).weekday() != SUNDAY
        for first, second in pairwise(ordered)
    )
