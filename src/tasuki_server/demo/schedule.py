# SPDX-License-Identifier: Apache-2.0
"""架空の来院予定 — who comes on which day of the month, at what time, with which story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from tasuki.kernel.days import is_holiday
from tasuki_server.demo.people import MadeUpPerson
from tasuki_server.demo.stories import STORIES, Story

TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True)
class Coming:
    """来院 — one visit to be lived through; ``turn`` 1 is the person's first of the month."""

    person: int
    story: Story
    at: datetime
    turn: int


def make_schedule(people: Sequence[MadeUpPerson], year: int, month: int, seed: int = 8) -> tuple[Coming, ...]:
    """来院予定 — in order of time; the clinic is closed on Sundays and holidays."""
    random = Random(seed)  # noqa: S311 - a made-up month, not a secret
    days = _open_days(year, month)
    found = []
    for index, person in enumerate(people):
        story = story_of(index, person, random)
        place = random.randrange(len(days))
        found.append(Coming(index, story, _moment(days[place], random), 1))
        if random.random() < (0.85 if story.is_chronic else 0.45):
            later = place + (random.randrange(10, 14) if story.is_chronic else random.randrange(2, 5))
            if later < len(days):
                found.append(Coming(index, story, _moment(days[later], random), 2))
            elif story.is_chronic and place >= 12:
                found.append(Coming(index, story, _moment(days[place - 11], random), 0))
    return tuple(sorted(found, key=lambda coming: (coming.at, coming.person)))


def story_of(index: int, person: MadeUpPerson, random: Random) -> Story:
    """架空の診療の割当て — a story that fits the age."""
    fitting = [story for story in STORIES if story.ages[0] <= person.age <= story.ages[1]]
    return fitting[(index * 7 + random.randrange(3)) % len(fitting)]


def _open_days(year: int, month: int) -> list[date]:
    day = date(year, month, 1)
    days = []
    while day.month == month:
        if not is_holiday(day):
            days.append(day)
        day += timedelta(days=1)
    return days


def _moment(day: date, random: Random) -> datetime:
    """Mostly within the hours; some come after closing."""
    if random.random() < 0.05:
        clock = time(18 if day.weekday() < 5 else 13, random.randrange(40, 59))
    elif day.weekday() == 5 or random.random() < 0.6:
        clock = time(random.randrange(9, 12), random.randrange(60))
    else:
        clock = time(random.randrange(15, 18), random.randrange(60))
    return datetime.combine(day, clock, TOKYO)
