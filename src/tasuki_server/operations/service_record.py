# SPDX-License-Identifier: Apache-2.0
"""稼働の記録 — each probe that was answered extends the time that was served; read back as 稼働率."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from tasuki.security.availability import YEAR, Availability, Span, Stop, StopKind, availability
from tasuki_server.operations.models import ServiceSpan, ServiceStop

# Probes come every fifteen seconds. Two that are further apart than this leave a gap: nobody saw the service between.
LONGEST_GAP = timedelta(seconds=60)
# A probe is too old to be extended when one in between was not answered; the keeper says so.
OWNER = "owner"


def note_served(at: datetime, *, after_failure: bool = False) -> None:
    """稼働の記入 — the service answered now; after a failure a new time begins, so that the failure stays a gap."""
    last = ServiceSpan.objects.using(OWNER).order_by("-until").first()
    if last is not None and not after_failure and timedelta() <= at - last.until <= LONGEST_GAP:
        ServiceSpan.objects.using(OWNER).filter(pk=last.pk).update(until=at)
        return
    ServiceSpan.objects.using(OWNER).create(since=at, until=at)


def first_probe(using: str = "default") -> datetime | None:
    """記録の始め — the first probe that was answered; None without any."""
    return ServiceSpan.objects.using(using).order_by("since").values_list("since", flat=True).first()


def probed_until(at: datetime, using: str = "default") -> datetime:
    """確かめた所まで — the last probe, while the next one is not late yet; what comes after it is no stop before it was missed."""
    last = ServiceSpan.objects.using(using).filter(until__lte=at).order_by("-until").first()
    return at if last is None or at - last.until > LONGEST_GAP else last.until


def month_start(at: datetime, back: int = 0) -> datetime:
    """月の始め — of the month of an instant, or of one so many months before; by the clock of the place."""
    here = timezone.localtime(at)
    year, month = divmod(here.year * 12 + here.month - 1 - back, 12)
    return here.replace(year=year, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0)


def months_before(at: datetime, count: int) -> list[Span]:
    """月の並び — the month of an instant and those before it, the newest first."""
    return [Span(month_start(at, back), month_start(at, back - 1)) for back in range(count)]


def served_over(since: datetime | None, until: datetime, using: str = "default") -> Availability | None:
    """期間の稼働率 — by default of the year before; from the first probe on, when that is later. None without any."""
    first = first_probe(using)
    if first is None:
        return None
    begin = max(first, until - YEAR if since is None else since)
    if begin >= until:
        return None
    spans = ServiceSpan.objects.using(using).filter(until__gte=begin, since__lte=until)
    stops = ServiceStop.objects.using(using).filter(until__gte=begin, since__lte=until)
    return availability(
        [Span(each.since, each.until) for each in spans],
        [Stop(StopKind(each.kind), Span(each.since, each.until), each.noted_at) for each in stops],
        Span(begin, until),
    )
