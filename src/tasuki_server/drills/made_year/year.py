# SPDX-License-Identifier: Apache-2.0
"""作り物の一年を流す — the acts of a clinic in the order of its trail, and which of them are misdeeds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from tasuki.security.misuse.act import Act
from tasuki_server.drills.made_year.clinic_life import DAYS, Day, live
from tasuki_server.drills.made_year.misdeeds import MISDEEDS
from tasuki_server.drills.made_year.people import MadeClinic, made_clinic

CLINICS = 3
PER_RULE = 20
# 平常を学ぶ日数: misdeeds begin after so many days, false alerts count from the first.
QUIET_DAYS = 70


class YearSize(NamedTuple):
    """一年の大きさ — patients a clinic sees on a normal day."""

    visits: int


def planted(seed: int) -> dict[tuple[int, int], list[str]]:
    """植える日 — misdeeds of each rule at each clinic and day, never on a Sunday or Saturday."""
    chosen = random.Random(seed * 31 + 7)  # noqa: S311 - to be repeated, not to be secret
    weekdays = [day for day in range(QUIET_DAYS, DAYS) if day % 7 not in (0, 6)]
    found: dict[tuple[int, int], list[str]] = {}
    for rule in MISDEEDS:
        for number, day in enumerate(chosen.sample(weekdays, PER_RULE)):
            found.setdefault((number % CLINICS, day), []).append(f"{rule}:{number}")
    return found


def days_of(clinic: MadeClinic, seed: int, size: YearSize) -> Iterator[Day]:
    """一年の日々 — the leavers sign in during the first weeks, and not again."""
    chosen = random.Random(seed * 1_000 + clinic.number)  # noqa: S311 - to be repeated, not to be secret
    plan = planted(seed)
    for number in range(DAYS):
        day = Day(clinic, number, chosen)
        live(day, size.visits)
        if number in (1, 2, 3):
            for person in clinic.leavers:
                day.sign_in(person, 500, person.terminals[0], clinic.address)
        for deed in plan.get((clinic.number, number), ()):
            MISDEEDS[deed[:3]](day, deed)
        yield day


def acts_of(number: int, seed: int, size: YearSize, deeds: dict[int, str]) -> Iterator[Act]:
    """一年の行為 — numbered as a trail numbers them; ``deeds`` is filled with the misdeed of an event's number."""
    clinic = made_clinic(number, random.Random(seed * 77 + number))  # noqa: S311 - to be repeated
    event = 0
    for day in days_of(clinic, seed, size):
        day.acts.sort(key=lambda made: made.second)
        for second, deed, fields in day.acts:
            event += 1 + fields.pop("skip", 0)
            if deed:
                deeds[event] = deed
            at = datetime.fromtimestamp(second - fields.pop("back", 0), UTC)
            yield Act(event, at, institution=clinic.name, **fields)
