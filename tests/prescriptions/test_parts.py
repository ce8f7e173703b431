# SPDX-License-Identifier: Apache-2.0
"""分割指示に係る処方箋の回の日 — parts follow each other whatever their lengths, and none hides a drug of another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prescription_service import AMLODIPINE, LOXOPROFEN, split_texts
from tasuki.prescriptions.reader import read_prescription
from tasuki.prescriptions.service.courses import prescribed_courses
from tasuki.prescriptions.service.parts import Part, days_of_part

DAY = date(2026, 11, 30)


def _parts(*lengths, form="1"):
    texts = split_texts("1319990010", lengths, AMLODIPINE, issued_on=DAY, form=form)
    return [read_prescription(each) for each in texts]


def _days(document, beside=()):
    (one,) = prescribed_courses(document, lambda _: "", beside)
    return (one.since - DAY).days, (one.until - DAY).days


@pytest.mark.parametrize("lengths", [(10, 9, 9), (30, 30, 14), (14, 30, 30), (1, 1, 1), (20, 8), (4, 3)])
def test_the_parts_follow_each_other_when_all_are_known(lengths):
    parts = _parts(*lengths)
    found = [_days(each, [other for other in parts if other is not each]) for each in parts]
    starts = [sum(lengths[:place]) for place in range(len(lengths))]
    assert found == [(start, start + days - 1) for start, days in zip(starts, lengths, strict=True)]


def test_the_first_and_the_last_part_are_known_by_themselves():
    first, _, last = _parts(30, 30, 14)
    assert (_days(first), _days(last)) == ((0, 29), (60, 73))


def test_a_part_between_others_is_given_every_day_it_can_be_taken_on_until_one_of_them_is_known():
    first, middle, last = _parts(30, 30, 14)
    assert _days(middle) == (1, 72)
    assert _days(middle, [first]) == _days(middle, [last]) == (30, 59)


def test_the_whole_is_read_where_another_system_writes_the_part_as_the_quantity():
    *_, last = split_texts("1319990010", (30, 30, 14), AMLODIPINE, issued_on=DAY)
    assert b"\n101,1,1,,74\n" in last
    assert _days(read_prescription(last.replace(b"\n101,1,1,,74\n", b"\n101,1,1,,14\n"))) == (60, 73)


def test_doses_without_days_begin_with_the_first_and_have_a_fortnight_for_each_part():
    assert [_days(each) for each in _parts(10, 10, form="2")] == [(0, 13), (0, 27)]


def test_a_part_of_which_there_are_two_tells_nothing_of_the_others():
    first, middle, _ = _parts(30, 30, 14)
    (other, _, _) = _parts(14, 30, 30)
    assert _days(middle, [first, other]) == (1, 72)


def test_each_rp_has_its_own_lengths():
    first, middle, last = (
        read_prescription(each.replace(b"102,2,30,74", b"102,2,20,74"))
        for each in split_texts("1319990010", (30, 30, 14), AMLODIPINE, LOXOPROFEN, issued_on=DAY)
    )
    one, other = prescribed_courses(middle, lambda _: "", [first])
    assert (one.since, other.since) == (DAY + timedelta(days=30), DAY + timedelta(days=20))
    assert (other.until - DAY).days == 39
    assert len(prescribed_courses(last, lambda _: "", [first, middle])) == 2


@given(st.lists(st.integers(1, 60), min_size=2, max_size=3), st.data())
def test_no_day_of_a_part_is_ever_left_out(lengths, data):
    """Whatever is known of the others, the days told hold the true ones; with any one of three known they are the true ones."""
    nth = data.draw(st.integers(1, len(lengths)))
    others = {place: days for place, days in enumerate(lengths, 1) if place != nth}
    known = {place: days for place, days in others.items() if data.draw(st.booleans())}
    first, end = days_of_part(Part(nth, len(lengths)), lengths[nth - 1], sum(lengths), known)
    start = sum(lengths[: nth - 1])
    assert first <= start and end >= start + lengths[nth - 1]
    if known or nth in (1, len(lengths)):
        assert (first, end) == (start, start + lengths[nth - 1])


@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 90), st.none() | st.integers(0, 200), st.data())
def test_what_cannot_be_is_still_given_its_days(nth, count, days, total, data):
    known = data.draw(st.dictionaries(st.integers(1, 9), st.integers(1, 90), max_size=3))
    first, end = days_of_part(Part(nth, max(nth, count)), days, total, known)
    assert first >= 0 and end - first >= days
