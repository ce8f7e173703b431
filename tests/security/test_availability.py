# SPDX-License-Identifier: Apache-2.0
"""稼働率 — hours counted by hand, what may be left out, and figures that are never flattered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.security.availability import Span, Stop, StopKind, availability, joined, total, within, without

BEGIN = datetime(2026, 4, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    return BEGIN + timedelta(hours=hours)


def span(since: float, until: float) -> Span:
    return Span(at(since), at(until))


YEAR = span(0, 8760)


def test_a_year_with_eight_hours_away_is_just_above_the_goal():
    # 99.9 % of 8,760 hours are 8,751.24: 8.76 hours may be missing.
    found = availability([span(0, 100), span(108, 8760)], [], YEAR)
    assert (found.percent, found.is_met, found.is_of_a_year) == (Decimal("99.908"), True, True)
    assert found.outages == (span(100, 108),)


def test_the_goal_is_met_to_the_microsecond_and_not_by_rounding():
    limit = timedelta(hours=8.76)
    just = availability([Span(at(0), YEAR.until - limit)], [], YEAR)
    late = availability([Span(at(0), YEAR.until - limit - timedelta(microseconds=1))], [], YEAR)
    assert (just.is_met, just.percent) == (True, Decimal("99.900"))
    assert (late.is_met, late.percent) == (False, Decimal("99.899")), "cut off, never rounded up"


@pytest.mark.parametrize(
    ("kind", "noted", "is_left_out"),
    [
        (StopKind.PLANNED, 99, True),
        (StopKind.PLANNED, 100, False),
        (StopKind.PLANNED, 130, False),
        (StopKind.DISASTER, 130, True),
        (StopKind.PROVIDER, 130, True),
        (StopKind.FAULT, 99, False),
    ],
)
def test_what_may_be_left_out(kind, noted, is_left_out):
    stop = Stop(kind, span(100, 124), at(noted))
    found = availability([span(0, 100), span(124, 8760)], [stop], YEAR)
    assert found.planned == timedelta(hours=8760 - 24 * is_left_out)
    assert found.served == timedelta(hours=8736)
    assert found.is_met is is_left_out


def test_service_during_an_announced_stop_counts_on_neither_side():
    stop = Stop(StopKind.PLANNED, span(10, 20), at(0))
    found = availability([span(0, 24)], [stop], span(0, 24))
    assert found.served == found.planned == timedelta(hours=14)
    assert found.percent == Decimal("100.000") and not found.is_of_a_year


def test_a_fault_that_people_met_counts_even_where_a_probe_was_answered():
    stop = Stop(StopKind.FAULT, span(10, 12), at(20))
    found = availability([span(0, 24)], [stop], span(0, 24))
    assert (found.served, found.planned) == (timedelta(hours=22), timedelta(hours=24))
    assert found.outages == (span(10, 12),)


def test_overlapping_records_count_once():
    stops = [Stop(StopKind.PLANNED, span(10, 20), at(0)), Stop(StopKind.DISASTER, span(15, 22), at(30))]
    found = availability([span(0, 12), span(5, 10), span(22, 23)], stops, span(0, 24))
    assert found.planned == timedelta(hours=12)
    assert found.served == timedelta(hours=11)


def test_nothing_planned_has_no_rate():
    stop = Stop(StopKind.DISASTER, span(0, 24), at(0))
    found = availability([], [stop], span(0, 24))
    assert found.percent is None and found.is_met is None and found.outages == ()


hours = st.integers(0, 200)
spans = st.lists(st.tuples(hours, hours).map(lambda pair: span(*sorted(pair))), max_size=12)


@given(spans, spans)
def test_what_is_taken_and_what_is_left_make_the_whole(some, taken):
    whole, gone = joined(some), joined(taken)
    assert total(within(whole, gone)) + total(without(whole, gone)) == total(whole)


@given(spans, spans)
def test_hours_agree_with_a_count_hour_by_hour(served, away):
    stops = [Stop(StopKind.DISASTER, each, at(0)) for each in away if each.since < each.until]
    found = availability(served, stops, span(0, 200))
    planned = [h for h in range(200) if not any(s.span.since <= at(h) < s.span.until for s in stops)]
    good = [h for h in planned if any(each.since <= at(h) < each.until for each in served)]
    assert (found.planned, found.served) == (timedelta(hours=len(planned)), timedelta(hours=len(good)))
