# SPDX-License-Identifier: Apache-2.0
"""画面の表記 — days, ages and amounts as the clinic's pages write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django import template

from tasuki.claims.codes import DEPARTMENTS
from tasuki.kernel.days import age_on
from tasuki.kernel.eras import era_of, era_text

register = template.Library()
_WEEKDAYS = "月火水木金土日"
_SHORT = {"明治": "M", "大正": "T", "昭和": "S", "平成": "H", "令和": "R"}


@register.filter
def wareki(day: date | None) -> str:
    """和暦 — 昭和35年4月1日."""
    return era_text(day) if day else ""


@register.filter
def short_wareki(day: date | None) -> str:
    """和暦の略記 — S35.4.1."""
    if day is None:
        return ""
    _, name, year = era_of(day)
    return f"{_SHORT[name]}{year}.{day.month}.{day.day}"


@register.filter
def day_label(day: date | None) -> str:
    """日付と曜日 — 2026-06-15（月）."""
    return f"{day:%Y-%m-%d}（{_WEEKDAYS[day.weekday()]}）" if day else ""


@register.filter
def age_text(born: date, day: date) -> str:
    """年齢の表記 — years; months too below six, days below one month.

    >>> from datetime import date
    >>> age_text(date(1960, 4, 1), date(2026, 6, 1)), age_text(date(2021, 7, 1), date(2026, 6, 1))
    ('66歳', '4歳11か月')
    """
    if day < born:
        return ""
    age = age_on(born, day)
    if age.years >= 6:
        return f"{age.years}歳"
    if age.years:
        return f"{age.years}歳{age.months}か月"
    return f"{age.months}か月" if age.months else f"{age.days}日"


@register.filter
def amount(value: Decimal | None) -> str:
    """数量の表記 — without trailing zeros, never in powers of ten.

    >>> amount(Decimal("1.50")), amount(Decimal("100")), amount(None)
    ('1.5', '100', '')
    """
    return f"{value.normalize():f}" if value is not None else ""


@register.filter
def clock(moment: datetime | None) -> str:
    """時刻 — 9:05 in the clinic's time."""
    from django.utils import timezone

    return f"{timezone.localtime(moment):%-H:%M}" if moment else ""


@register.filter
def department(code: str) -> str:
    """診療科の表記 — its name."""
    return DEPARTMENTS.get(code, code)


@register.filter
def percent_share(value: int | None) -> str:
    """負担割合の表記 — 3割."""
    return "" if value is None else f"{value // 10}割"
