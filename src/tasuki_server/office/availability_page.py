# SPDX-License-Identifier: Apache-2.0
"""稼働率の画面 — hours served over hours planned, month by month and over a year, with every stop and what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tasuki.security.availability import Availability, Span, StopKind
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.operations.models import ServiceStop
from tasuki_server.operations.service_record import (
    first_probe,
    month_start,
    months_before,
    probed_until,
    served_over,
)
from tasuki_server.reception.clock import now

MONTHS = 13
# 一覧の上限: the longest stops are what a month is judged by; the command lists all of them.
MOST_OUTAGES = 200


@dataclass(frozen=True, slots=True)
class Month:
    """一か月の稼働率 — the last one is not over yet."""

    since: datetime
    found: Availability | None
    is_running: bool

    @property
    def away_minutes(self) -> int:
        """停止（分） — planned time in which the service was away, rounded up: a second is a minute begun."""
        if self.found is None:
            return 0
        return -(-(self.found.planned - self.found.served) // timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Outage:
    """停止 — when the service was away, and what was noted of it; no note is a task."""

    span: Span
    notes: tuple[ServiceStop, ...]

    @property
    def minutes(self) -> int:
        """長さ（分） — rounded up."""
        return -(-(self.span.until - self.span.since) // timedelta(minutes=1))


@requires(Permission.OFFICE_VIEW)
@require_GET
def availability_page(request: HttpRequest) -> HttpResponse:
    """稼働率 — of the installation; it holds nothing of anybody."""
    record("office.read", detail={"part": "availability"})
    at = probed_until(now())
    year = served_over(None, at)
    stops = list(ServiceStop.objects.filter(until__gte=month_start(at, MONTHS - 1)).order_by("-since"))
    outages = outages_of(year, stops)
    context = {
        "year": year,
        "months": months(at),
        "first_at": first_probe(),
        "outages": outages[:MOST_OUTAGES],
        "more_count": max(0, len(outages) - MOST_OUTAGES),
        "unexplained_count": sum(not each.notes for each in outages),
        "coming": [each for each in stops if each.kind == StopKind.PLANNED and each.until > at],
        "said": [each for each in stops if each.until <= at or each.kind != StopKind.PLANNED],
        "now": at,
    }
    return render(request, "office/availability.html", context)


def months(at: datetime) -> list[Month]:
    """月ごとの稼働率 — the newest first; none before the first probe."""
    found = []
    for span in months_before(at, MONTHS):
        within = served_over(span.since, min(span.until, at))
        if within is not None:
            found.append(Month(timezone.localtime(span.since), within, span.until > at))
    return found


def outages_of(year: Availability | None, stops: Sequence[ServiceStop]) -> list[Outage]:
    """停止の一覧 — the newest first, each with the notes that touch it."""
    if year is None:
        return []
    return [
        Outage(each, tuple(stop for stop in stops if stop.since < each.until and stop.until > each.since))
        for each in reversed(year.outages)
    ]
