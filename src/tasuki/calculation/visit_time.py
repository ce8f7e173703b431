# SPDX-License-Identifier: Apache-2.0
"""時間外・休日・深夜 — which hours of the fee table an instant falls into at an institution.

Cite: 医科点数表 A000 注7〜注9; 通知 A000 (18)〜(23)
"""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from tasuki.kernel.days import is_holiday

if TYPE_CHECKING:
    from datetime import date, datetime

    from tasuki.facility.institution import Institution

SUNDAY = 6
SATURDAY = 5
WEEK_MINUTES_ASKED = 30 * 60


class Hours(StrEnum):
    """時間帯 — by clock and calendar alone; an instant has exactly one, the later names going first."""

    DAY = "day"  # 平日8時〜18時、土曜8時〜12時
    NIGHT = "night"  # 夜間・早朝: 18時〜22時、6時〜8時、土曜は12時から
    HOLIDAY = "holiday"  # 休日(深夜を除く)
    MIDNIGHT = "midnight"  # 深夜: 22時〜6時


_DAY = Hours.DAY


class VisitTime(Struct, frozen=True, gc=False):
    """受診時間 — the hours of an instant, whether they are displayed as open, and whether 時間外 applies."""

    hours: Hours
    is_open: bool
    is_out_of_hours: bool


Periods = list[tuple[time, time]]


def visit_time(institution: Institution, at: datetime, displayed: Periods | None = None) -> VisitTime:
    """受診時間 — the hours of an instant, and whether the institution displays them as open.

    Outside the displayed hours is not enough for 時間外: the standard is before 8 and after 18 o'clock
    (Saturday after noon), or a whole day off. Only an institution that works mornings and evenings
    without afternoons follows its own display between.

    ``displayed`` are the periods of the day, where they are already known.

    Cite: 通知 A000 (18) 時間外加算 ア
    """
    hours = hours_of(at)
    periods = displayed_hours(institution, at.date()) if displayed is None else displayed
    clock = at.time()
    is_open = bool([since for since, until in periods if since <= clock < until])
    is_out = not is_open and (
        hours is Hours.NIGHT or (hours is _DAY and (not periods or _follows_display(periods)))
    )
    return VisitTime(hours, is_open, is_out)


def hours_of(at: datetime) -> Hours:
    """時間帯 — midnight before holiday before night, by the clock where the visit takes place."""
    hour = at.hour
    if hour >= 22 or hour < 6:
        return Hours.MIDNIGHT
    if is_holiday(at.date()):
        return Hours.HOLIDAY
    evening = 12 if at.weekday() == SATURDAY else 18
    return Hours.NIGHT if hour < 8 or hour >= evening else _DAY


def displays_thirty_hours(institution: Institution) -> bool:
    """週30時間 — whether the displayed hours of a week reach thirty, as 夜間・早朝等加算 asks.

    Cite: 基本診療料の施設基準等 第三の二
    """
    minutes = sum(_minutes(period.until) - _minutes(period.since) for period in institution.hours)
    return minutes >= WEEK_MINUTES_ASKED


def displayed_hours(institution: Institution, day: date) -> Periods:
    """表示する診療時間 — the opening periods of a day, none on a closed day."""
    if day in institution.closed_days:
        return []
    weekday = day.weekday()
    if weekday != SUNDAY and not institution.is_open_on_holidays and _is_national_holiday(day):
        return []
    return [(period.since, period.until) for period in institution.hours if period.weekday == weekday]


def _is_national_holiday(day: date) -> bool:
    """29 December to 3 January are holidays of the fee table, but many display them as working days."""
    return is_holiday(day) and (day.month, day.day) not in {(12, 29), (12, 30), (12, 31), (1, 2), (1, 3)}


def _follows_display(periods: Periods) -> bool:
    works_morning = any(since < time(12) for since, _ in periods)
    works_evening = any(until > time(18) for _, until in periods)
    works_afternoon = any(since < time(18) and until > time(12) for since, until in periods)
    return works_morning and works_evening and not works_afternoon


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
