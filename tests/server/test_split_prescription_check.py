# SPDX-License-Identifier: Apache-2.0
"""分割指示に係る処方箋の重複投薬等チェック — parts are no duplicates of each other, and hide nobody else's drugs."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from prescription_service import (
    AMLODIPINE,
    AMLODIPINE_OTHER,
    CARD,
    TODAY,
    Institution,
    prescription_text,
    split_texts,
)
from tasuki.prescriptions.service.messages import card_values, to_base64

pytestmark = pytest.mark.server
_persons = iter(range(1000, 9999))


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield (
        Institution("13", "1", "9990010", "試験医院"),
        Institution("13", "1", "9990028", "となり医院"),
        Institution("13", "4", "9990036", "架空薬局"),
    )
    close_house()


@pytest.fixture
def card():
    """A person whom no other test knows."""
    return CARD._replace(number=f"分{next(_persons)}")


def _register(place, data, *values, operation="201"):
    made = place.ask(operation, ("PrescriptionInfo", to_base64(data)), ("IssueType", "2"), *values)
    assert made.is_fine, (made, made.csv_checks)
    return made


def _check(place, data, card, *values, operation="219"):
    return place.ask(operation, ("PrescriptionInfo", to_base64(data)), *card_values(card), *values)


def _days(number):
    """The days kept of the drugs of a prescription, from the day of issue."""
    from tasuki_server.prescriptions.models import DrugCourse

    rows = DrugCourse.objects.filter(source_id=number, is_live=True).order_by("since", "id")
    return [((row.since - TODAY).days, (row.until - TODAY).days) for row in rows]


def _alerts_on(place, card, *days):
    """On which of these days another clinic's drug of one day is told to overlap."""
    found = []
    for day in days:
        text = prescription_text(place.number, AMLODIPINE_OTHER, card=card, days=1)
        day_text = f"{TODAY + timedelta(days=day):%Y%m%d}"
        draft = text.replace(f"51,{TODAY:%Y%m%d}".encode(), f"51,{day_text}".encode())
        if _check(place, draft, card).value("AlertFlg") == "1":
            found.append(day)
    return found


@pytest.mark.parametrize("lengths", [(10, 9, 9), (30, 30, 14)])
@pytest.mark.parametrize("order", list(permutations((0, 1, 2))))
def test_parts_registered_in_any_order_follow_each_other_and_are_no_duplicates(places, card, lengths, order):
    clinic = places[0]
    texts = split_texts(clinic.number, lengths, AMLODIPINE, card=card)
    made = {}
    for place in order:
        assert _check(clinic, texts[place], card).value("AlertFlg") == "0"
        made[place] = _register(clinic, texts[place])
        assert made[place].value("AlertFlg") == "0", (order, place)
    starts = [sum(lengths[:place]) for place in range(3)]
    assert [_days(made[place].value("PrescriptionId")) for place in range(3)] == [
        [(start, start + days - 1)] for start, days in zip(starts, lengths, strict=True)
    ]


def test_what_another_clinic_gives_in_the_days_of_a_later_part_is_told(places, card):
    clinic, neighbour, _ = places
    first, middle, last = split_texts(clinic.number, (30, 30, 14), AMLODIPINE, card=card)
    _register(clinic, last)
    assert _alerts_on(neighbour, card, 0, 28, 41, 59, 60, 73, 74) == [60, 73]
    _register(clinic, middle)
    _register(clinic, first)
    assert _alerts_on(neighbour, card, 0, 29, 30, 59, 60, 73, 74) == [0, 29, 30, 59, 60, 73]


def test_a_middle_part_alone_hides_no_overlap(places, card):
    clinic, neighbour, _ = places
    _, middle, _ = split_texts(clinic.number, (30, 30, 14), AMLODIPINE, card=card)
    made = _register(clinic, middle)
    assert _days(made.value("PrescriptionId")) == [(1, 72)]
    assert _alerts_on(neighbour, card, 0, 1, 72, 73) == [1, 72]


def test_doses_in_two_parts_are_no_duplicates(places, card):
    clinic = places[0]
    parts = [
        _register(clinic, each)
        for each in split_texts(clinic.number, (10, 10), AMLODIPINE, card=card, form="2")
    ]
    assert [each.value("AlertFlg") for each in parts] == ["0", "0"]


def test_the_same_part_twice_and_a_split_prescription_of_another_day_are_duplicates(places, card):
    clinic = places[0]
    first = split_texts(clinic.number, (10, 9, 9), AMLODIPINE, card=card)[0]
    named = ("PrescriptionId", _register(clinic, first).value("PrescriptionId"))
    assert _check(clinic, first, card, named).value("AlertFlg") == "0"
    assert _register(clinic, first).value("AlertFlg") == "1"
    assert _check(clinic, first, card, named).value("AlertFlg") == "1"
    day = TODAY - timedelta(days=1)
    (other, *_) = split_texts(clinic.number, (10, 9, 9), AMLODIPINE, card=card, issued_on=day)
    assert _check(clinic, other, card).value("AlertFlg") == "1"
    other = split_texts(clinic.number, (5, 23), AMLODIPINE, card=card)[1]
    assert _check(clinic, other, card).value("AlertFlg") == "1"


def test_another_clinics_part_is_none_of_ours(places, card):
    clinic, neighbour, _ = places
    _register(clinic, split_texts(clinic.number, (10, 10), AMLODIPINE, card=card)[0])
    theirs = split_texts(neighbour.number, (5, 20), AMLODIPINE, card=card)[1]
    assert _register(neighbour, theirs).value("AlertFlg") == "1"


def test_a_question_of_the_whole_or_of_a_dispensing_names_one_part_and_leaves_out_all(places, card):
    from prescription_service import dispensing_text

    clinic, neighbour, pharmacy = places
    parts = [
        _register(clinic, each) for each in split_texts(clinic.number, (30, 30, 14), AMLODIPINE, card=card)
    ]
    named = [("PrescriptionId", each.value("PrescriptionId")) for each in parts]
    whole = prescription_text(clinic.number, AMLODIPINE, card=card, days=74)
    given = dispensing_text(AMLODIPINE_OTHER, days=30)
    for each in named:
        assert _check(clinic, whole, card, each).value("AlertFlg") == "0"
        assert _check(pharmacy, given, card, each, operation="315").value("AlertFlg") == "0"
    _register(neighbour, prescription_text(neighbour.number, AMLODIPINE_OTHER, card=card))
    assert _check(clinic, whole, card, named[1]).value("AlertFlg") == "1"
    assert _check(pharmacy, given, card, named[1], operation="315").value("AlertFlg") == "1"


def test_a_changed_part_is_no_duplicate_of_the_others_as_they_stand(places, card):
    clinic = places[0]
    first, middle, last = (
        _register(clinic, each) for each in split_texts(clinic.number, (30, 30, 14), AMLODIPINE, card=card)
    )
    texts = split_texts(clinic.number, (14, 14, 46), AMLODIPINE, card=card)
    changed = []
    for text, before in zip(texts, (first, middle, last), strict=True):
        number = ("PrescriptionId", before.value("PrescriptionId"))
        changed.append(_register(clinic, text, number, operation="205"))
        assert changed[-1].value("AlertFlg") == "0"
    assert [_days(each.value("PrescriptionId")) for each in changed] == [[(0, 13)], [(14, 27)], [(28, 73)]]
