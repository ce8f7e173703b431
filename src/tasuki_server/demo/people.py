# SPDX-License-Identifier: Apache-2.0
"""架空の患者 — people of every age with their cover, made from a seed and always the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from tasuki.chart.coverage import IncomeClass, Insurance, InsuranceKind, PublicProgramme
from tasuki.chart.visit import Sex
from tasuki.kernel.check_digit import check_digit
from tasuki.kernel.days import age_on, reached_on
from tasuki_server.demo.names import FAMILIES, GIVEN, TOWNS
from tasuki_server.patients.register import WhoTheyAre

# Insurers with made-up serials; the check digits are right.
EMPLOYEES = ("0113001", "0613201", "3113011", "0601990")
NATIONAL = ("13801", "13999")
ELDERLY = ("3913991", "3913992")


@dataclass(frozen=True, slots=True)
class MadeUpPerson:
    """架空の患者 — who they are, what covers them, and the stories that bring them in."""

    who: WhoTheyAre
    insurance: Insurance | None
    programmes: tuple[PublicProgramme, ...]
    age: int
    is_late: bool = False


def make_people(count: int, today: date, seed: int = 8) -> tuple[MadeUpPerson, ...]:
    """架空の患者たち — the same for the same arguments."""
    random = Random(seed)  # noqa: S311 - made-up people, not a secret
    return tuple(_person(index, today, random) for index in range(count))


def with_a_slip(people: tuple[MadeUpPerson, ...], comings: Sequence[int]) -> tuple[MadeUpPerson, ...]:
    """入力誤りのある患者 — one card of 協会けんぽ lost digits of its symbol, so that the month has something to mend.

    ``comings`` are the places of the people who come, once for each visit; it is someone who comes once.
    """
    for place, person in enumerate(people):
        card = person.insurance
        if card is not None and card.insurer_number.startswith("01") and comings.count(place) == 1:
            slipped = replace(person, insurance=replace(card, symbol=card.symbol[:6]))
            return (*people[:place], slipped, *people[place + 1 :])
    return people


def _person(index: int, today: date, random: Random) -> MadeUpPerson:
    sex = random.choice(list(Sex))
    family, family_kana = FAMILIES[index % len(FAMILIES)]
    given, given_kana = GIVEN[sex.value][(index // len(FAMILIES) + index) % len(GIVEN[sex.value])]
    age = random.choices((3, 10, 30, 45, 60, 72, 80), (10, 8, 14, 18, 20, 14, 16))[0] + random.randrange(
        -3, 5
    )
    born = today - timedelta(days=max(age, 0) * 365 + random.randrange(30, 360))
    years = age_on(born, today).years
    who = WhoTheyAre(
        name=f"{family}　{given}",
        kana=f"{family_kana}　{given_kana}",
        born=born,
        sex=sex.value,
        phone=f"00-0000-{index:04d}",
        postal_code="000-0000",
        address=f"架空県見本市{random.choice(TOWNS)}{random.randrange(1, 40)}番地",
    )
    if index % 60 == 41:
        return MadeUpPerson(who, None, (_programme("1213599", index),), years)
    return MadeUpPerson(who, _insurance(born, years, today, index, random), _programmes(index, years), years)


def _insurance(born: date, years: int, today: date, index: int, random: Random) -> Insurance:
    number = str(10_000 + index)
    if years >= 75:
        income = random.choice(
            (IncomeClass.GENERAL_1, IncomeClass.GENERAL_1, IncomeClass.GENERAL_2, IncomeClass.LOW_2)
        )
        share = 20 if income is IncomeClass.GENERAL_2 else 10
        return Insurance(
            InsuranceKind.LATE_ELDERLY, insurer_number(random.choice(ELDERLY)), number=f"{index:08d}",
            share_percent=share, income_class=income,
        )  # fmt: skip
    is_senior = today > _month_end(reached_on(born, 70))
    income_class = random.choice((None, IncomeClass.U, IncomeClass.E))
    if is_senior:
        income_class = IncomeClass.GENERAL
    share_percent = 20 if is_senior else None
    if random.random() < 0.45:
        return Insurance(
            InsuranceKind.NATIONAL, insurer_number(random.choice(NATIONAL)), "架空", number, f"{index % 4 + 1:02d}",
            share_percent=share_percent, income_class=income_class,
        )  # fmt: skip
    insurer = random.choice(EMPLOYEES)
    return Insurance(
        InsuranceKind.EMPLOYEES, insurer_number(insurer), "12345678"[: 8 if insurer.startswith("01") else 4], str(1000 + index),
        f"{index % 4:02d}", is_dependant=years < 20 or index % 3 == 0,
        share_percent=share_percent, income_class=income_class,
    )  # fmt: skip


def _programmes(index: int, years: int) -> tuple[PublicProgramme, ...]:
    if years >= 18 and index % 19 == 7:
        return (_programme("2113601", index, cap=5000),)
    if years >= 18 and index % 37 == 5:
        return (_programme("5413601", index, cap=10000),)
    if years >= 18 and index % 53 == 9:
        return (_programme("1513601", index, cap=5000),)
    return ()


def _programme(payer: str, index: int, cap: int | None = None) -> PublicProgramme:
    recipient = f"{900_000 + index:06d}"
    return PublicProgramme(insurer_number(payer), insurer_number(recipient), month_cap_yen=cap)


def insurer_number(digits: str) -> str:
    """保険者番号 — with its check digit."""
    return f"{digits}{check_digit(digits)}"


def _month_end(day: date) -> date:
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return following - timedelta(days=1)
