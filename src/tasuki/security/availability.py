# SPDX-License-Identifier: Apache-2.0
"""稼働率 — served hours over planned hours of a year, as the 標準仕様書 defines it.

年間実稼働時間 is the time in which users could use the service. 年間予定稼働時間 is the planned time of the year without
announced stops and without stops or degraded service by large disasters; what fails at the cloud's provider may be left
out, as it lies outside the stated responsibility. A stop counts as announced only when it was said before it began.

Cite: 医科診療所向け電子カルテ 標準仕様書（基本要件）第1.0版 2.1.2 可用性、同 レセプトコンピュータ 2.1.2
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import NamedTuple

# 99.9 %, in thousandths.
GOAL_THOUSANDTHS = 999
YEAR = timedelta(days=365)


class StopKind(StrEnum):
    """停止の種別 — announced, by a disaster, by the cloud's provider, or a fault of the service itself."""

    PLANNED = "planned"
    DISASTER = "disaster"
    PROVIDER = "provider"
    FAULT = "fault"

    @property
    def label(self) -> str:
        """名称 — in Japanese."""
        return {
            StopKind.PLANNED: "計画停止",
            StopKind.DISASTER: "大規模災害",
            StopKind.PROVIDER: "クラウド事業者の障害",
            StopKind.FAULT: "障害",
        }[self]


class Span(NamedTuple):
    """時間帯 — from an instant up to, and without, another."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """停止 — a time for which someone said why the service was, or will be, away."""

    kind: StopKind
    span: Span
    noted_at: datetime

    @property
    def is_left_out(self) -> bool:
        """算定から除くか — a planned stop that was said too late is a fault like any other."""
        if self.kind is StopKind.PLANNED:
            return self.noted_at < self.span.since
        return self.kind is not StopKind.FAULT


@dataclass(frozen=True, slots=True)
class Availability:
    """稼働率 — the two times whose quotient it is, and the times in which the service was away unexcused."""

    period: Span
    served: timedelta
    planned: timedelta
    outages: tuple[Span, ...]

    @property
    def percent(self) -> Decimal | None:
        """百分率 — to the thousandth, cut off and never rounded up; None when nothing was planned.

        Cite: 標準仕様書 2.1.2（稼働率＝年間実稼働時間／年間予定稼働時間×100）
        """
        if not self.planned:
            return None
        quotient = Decimal(_micro(self.served)) * 100 / Decimal(_micro(self.planned))
        return quotient.quantize(Decimal("0.001"), ROUND_FLOOR)

    @property
    def is_met(self) -> bool | None:
        """99.9%以上か — compared as whole numbers; None when nothing was planned."""
        if not self.planned:
            return None
        return _micro(self.served) * 1000 >= _micro(self.planned) * GOAL_THOUSANDTHS

    @property
    def is_of_a_year(self) -> bool:
        """一年分か — a shorter record is a target and no result yet (標準仕様書 2.1.2, new products)."""
        return self.period.until - self.period.since >= YEAR


def availability(served: Iterable[Span], stops: Sequence[Stop], period: Span) -> Availability:
    """稼働率の計算 — over a period; overlapping times count once, a stop that is left out is in neither of the two.

    Cite: 標準仕様書 2.1.2（可用性）

    >>> from datetime import UTC
    >>> day = Span(datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC))
    >>> half = Span(day.since, day.since + timedelta(hours=12))
    >>> found = availability([half], [], day)
    >>> found.percent, found.is_met, len(found.outages)
    (Decimal('50.000'), False, 1)
    """
    left_out = joined([each.span for each in stops if each.is_left_out])
    planned = without([period], left_out)
    # A fault that people met counts, even where a probe was answered.
    noticed = joined([each.span for each in stops if each.kind is StopKind.FAULT])
    served_and_planned = within(without(joined(served), noticed), planned)
    return Availability(
        period,
        total(served_and_planned),
        total(planned),
        tuple(without(planned, served_and_planned)),
    )


def joined(spans: Iterable[Span]) -> list[Span]:
    """重なりのない時間帯 — in order; what touches becomes one, what is empty none."""
    found: list[Span] = []
    for each in sorted(each for each in spans if each.since < each.until):
        if found and each.since <= found[-1].until:
            found[-1] = Span(found[-1].since, max(found[-1].until, each.until))
        else:
            found.append(each)
    return found


def within(spans: Sequence[Span], bounds: Sequence[Span]) -> list[Span]:
    """共通の時間帯 — of two ordered lists without overlaps, each gone through once."""
    found = []
    here = there = 0
    while here < len(spans) and there < len(bounds):
        one, other = spans[here], bounds[there]
        common = Span(max(one.since, other.since), min(one.until, other.until))
        if common.since < common.until:
            found.append(common)
        if one.until < other.until:
            here += 1
        else:
            there += 1
    return found


def without(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """残りの時間帯 — of ordered spans, what ordered taken ones leave; each gone through once."""
    found = []
    place = 0
    for each in spans:
        begin = each.since
        while place < len(taken) and taken[place].until <= begin:
            place += 1
        ahead = place
        while ahead < len(taken) and taken[ahead].since < each.until:
            if begin < taken[ahead].since:
                found.append(Span(begin, taken[ahead].since))
            begin = max(begin, taken[ahead].until)
            ahead += 1
        if begin < each.until:
            found.append(Span(begin, each.until))
        place = max(place, ahead - 1)
    return found


def total(spans: Iterable[Span]) -> timedelta:
    """合計時間 — of spans without overlaps."""
    return sum((each.until - each.since for each in spans), timedelta())


def _micro(length: timedelta) -> int:
    return length // timedelta(microseconds=1)
