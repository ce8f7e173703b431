# SPDX-License-Identifier: Apache-2.0
"""本人の画面の表記 — words and days in the language of the page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone

from tasuki_server.portal.words import said

register = template.Library()
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@register.simple_tag(takes_context=True)
def say(context: dict[str, Any], key: str, ending: str = "", **facts: Any) -> str:
    """言葉 — ``{% say "results.title" %}``; a second word is joined to the key: ``{% say "act." row.act %}``."""
    return said(context["language"], f"{key}{ending}", **facts)


@register.simple_tag(takes_context=True)
def when(context: dict[str, Any], moment: date | None) -> str:
    """日時の表記 — a day, or a moment of Japan with its minute."""
    return moment_text(context["language"], moment)


@register.simple_tag(takes_context=True)
def last_day(context: dict[str, Any], end: datetime) -> str:
    """終わりの表記 — an end at midnight is the end of the day before."""
    local = timezone.localtime(end)
    if (local.hour, local.minute) == (0, 0):
        return moment_text(context["language"], local.date() - timedelta(days=1))
    return moment_text(context["language"], end)


def moment_text(language: str, moment: date | None) -> str:
    """日時の表記 — in a language.

    >>> moment_text("ja", date(2026, 11, 30)), moment_text("en", date(2026, 11, 30)), moment_text("ja", None)
    ('2026年11月30日', '30 Nov 2026', '')
    """
    if moment is None:
        return ""
    clock = ""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
        clock = f" {moment:%H:%M}"
    if language == "en":
        return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}{clock}"
    return f"{moment.year}年{moment.month}月{moment.day}日{clock}"
