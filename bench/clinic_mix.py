# SPDX-License-Identifier: Apache-2.0
"""一般的な診療所の受診 — invented visits of an internal medicine clinic in the shares of an ordinary month.

The shares are our own estimate of such a clinic, not a statistic: most visits are revisits of people with a
chronic disease who leave with a prescription, one in six is a cold or another first visit, tests come with one
visit in six, and the day with images, ECG and ultrasound is rare. Every person has the history of a year.
``HEAVY`` is the other mix: a morning in which every visit has tests, images or a plan (18 lines a visit).
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki.chart.visit import Diagnosis, History, PastLine, Person, Sex, Visit
from tasuki.facility.institution import Institution, NotifiedStandard, OpenHours
from tasuki.kernel.validity import Validity

TOKYO = ZoneInfo("Asia/Tokyo")
ALWAYS = Validity(date(2020, 1, 1), None)
STANDARDS = (
    "3001", "3826", "4307", "tasuki-digital-coordination-2", "tasuki-disease-management",
    "tasuki-lifestyle-management",
)  # fmt: skip
CLINIC = Institution(
    code="9912345",
    prefecture="13",
    standards=tuple(NotifiedStandard(code, ALWAYS) for code in STANDARDS),
    hours=tuple(OpenHours(day, clock(9), clock(12)) for day in range(6))
    + tuple(OpenHours(day, clock(15), clock(19)) for day in range(5)),
)
COVERAGE = Coverage(Insurance(InsuranceKind.NATIONAL, "990010"))
HYPERTENSION, ULCER, BRONCHITIS, WOUND = "8833421", "5319009", "4660009", "8796007"
CRP, BLOOD_COUNT, AST, ALT, GGT, LDL, CREATININE, INFLUENZA = (
    "160054710", "160008010", "160022510", "160022610", "160020410", "160167250", "160019210", "160169450",
)  # fmt: skip
ECG, ECHO, CHEST_FILM, READING, WOUND_CARE, SHOT = (
    "160068410", "160072210", "170027910", "170000410", "140000610", "130000510",
)  # fmt: skip
TABLETS = ("620007870", "610407447", "610412202", "610411058", "610409336", "610409340", "610463198")
# What a revisit of an earlier month left behind, and what a month with tests left besides.
REVISIT_CODES = ("112007410", "112011010", "180725810", "120002910")
TEST_CODES = (CRP, BLOOD_COUNT, "160061810", "160095710")
LIFESTYLE = frozenset({"guidance_given", "lifestyle_plan_signed"})
BLOOD = (CRP, BLOOD_COUNT, AST, ALT, GGT, LDL, CREATININE)


class Kind(NamedTuple):
    """受診の型 — its share of a hundred visits, and what is charted and done."""

    name: str
    share: int
    tablets: int
    days: int
    acts: tuple[tuple[str, ...], ...] = ()
    disease: str = HYPERTENSION
    flags: frozenset[str] = frozenset()
    is_child: bool = False
    is_first: bool = False


KINDS = (
    Kind("再診、生活習慣病管理料、処方箋", 26, 3, 28, flags=LIFESTYLE),
    Kind("再診、処方箋", 16, 2, 28, disease=BRONCHITIS),
    Kind("再診、特定疾患療養管理料、処方箋", 12, 2, 28, disease=ULCER, flags=frozenset({"guidance_given"})),
    Kind("再診、生活習慣病管理料、血液検査、処方箋", 10, 3, 28, tuple((c,) for c in BLOOD), flags=LIFESTYLE),
    Kind("初診、処方箋", 10, 3, 5, disease=BRONCHITIS, is_first=True),
    Kind("初診、迅速検査、処方箋", 5, 2, 5, ((INFLUENZA,),), disease=BRONCHITIS, is_first=True),
    Kind("再診、小児、処方箋", 6, 2, 5, disease=BRONCHITIS, is_child=True),
    Kind("再診、創傷処置", 6, 0, 0, ((WOUND_CARE,),), disease=WOUND),
    Kind("再診、注射", 4, 0, 0, ((SHOT,),), disease=BRONCHITIS),
    Kind("再診、単純撮影、処方箋", 3, 2, 14, ((READING, CHEST_FILM),)),
    Kind("再診、心電図、超音波、血液検査", 2, 1, 28, ((ECG,), (ECHO,), *((c,) for c in BLOOD[:4]))),
)


def typical_visits(first: date, count: int, seed: int = 1) -> list[tuple[Visit, History]]:
    """一般的な診療所の受診 — so many visits on the working days of the month that begins on a day."""
    chosen = random.Random(seed)
    days = [day for n in range(28) if (day := first + timedelta(days=n)).weekday() != 6]
    made = []
    for number in range(count):
        kind = chosen.choices(KINDS, [each.share for each in KINDS])[0]
        made.append(_visit(number, kind, chosen.choice(days), chosen))
    return made


def _visit(number: int, kind: Kind, day: date, chosen: random.Random) -> tuple[Visit, History]:
    age = chosen.randint(1, 5) if kind.is_child else chosen.randint(25, 90)
    born = date(day.year - age, chosen.randint(1, 12), chosen.randint(1, 28))
    orders = [
        _acts(place, codes, amount=1 if CHEST_FILM in codes else None)
        for place, codes in enumerate(kind.acts)
    ]
    if kind.tablets:
        place = Dispensing.OUTSIDE if chosen.random() < 0.85 else Dispensing.IN_HOUSE
        tablets = tuple(
            Item(code, Decimal(1), is_generic_name=True) for code in chosen.sample(TABLETS, kind.tablets)
        )
        orders.append(
            Order("o90", OrderKind.INTERNAL, tablets, kind.days, usage="分1朝食後", dispensing=place)
        )
    since = day if kind.is_first else day - timedelta(days=400)
    visit = Visit(
        f"v{number}",
        Person(born, Sex.FEMALE if number % 2 else Sex.MALE, f"p{number}"),
        datetime.combine(day, clock(chosen.choice((9, 10, 11, 15, 16)), 30), TOKYO),
        COVERAGE,
        diagnoses=(Diagnosis(kind.disease, since, is_main=True),),
        orders=tuple(orders),
        flags=kind.flags,
    )
    return visit, History() if kind.is_first else _year_before(day, chosen)


def _year_before(day: date, chosen: random.Random) -> History:
    """A visit every four weeks; tests at every third."""
    step = chosen.choice((28, 35))
    lines = []
    for n in range(12, 0, -1):
        past = day - timedelta(days=step * n)
        codes = REVISIT_CODES + (TEST_CODES if n % 3 == 0 else ())
        lines.extend(PastLine(past, code, 1, f"h{past}", "01") for code in codes)
    return History(tuple(lines))


def _acts(place: int, codes: tuple[str, ...], *, amount: int | None = None) -> Order:
    number = None if amount is None else Decimal(amount)
    return Order(f"o{place:02}", OrderKind.ACT, tuple(Item(code, number) for code in codes))


def heavy_visits() -> list[tuple[Visit, History]]:
    """検査の多い受診 — seven visits of a busy morning, each with tests, images, a plan or a wound."""
    day = date(2026, 6, 15)
    adult, child = Person(date(1958, 11, 3), Sex.FEMALE), Person(date(2023, 6, 1), Sex.MALE)
    chronic = (Diagnosis(HYPERTENSION, date(2024, 4, 1), is_main=True),)
    ulcer = (Diagnosis(ULCER, date(2025, 4, 1), is_main=True),)
    plain = Visit("v", adult, datetime.combine(day, clock(10), TOKYO), COVERAGE)
    tests = tuple(_acts(n, (code,)) for n, code in enumerate(BLOOD))
    film = _acts(50, (READING, CHEST_FILM), amount=1)
    heart = (_acts(60, (ECG,)), _acts(61, (ECHO,)))
    guided = frozenset({"guidance_given"})
    return [
        (replace(plain, diagnoses=chronic, orders=(_drugs(3, 28),)), _months(day, 12)),
        (
            replace(plain, diagnoses=chronic, orders=(*tests, _drugs(2, 28)), flags=LIFESTYLE),
            _months(day, 12),
        ),
        (replace(plain, diagnoses=ulcer, orders=(*heart, _drugs(1, 14)), flags=guided), _months(day, 6)),
        (replace(plain, orders=(*tests[:2], _drugs(2, 5))), History()),
        (
            replace(
                plain,
                person=child,
                diagnoses=(Diagnosis(BRONCHITIS, date(2026, 6, 12)),),
                orders=(tests[0], _drugs(1, 3)),
            ),
            _months(day, 1),
        ),
        (
            replace(
                plain, diagnoses=(Diagnosis(WOUND, date(2026, 6, 12)),), orders=(_acts(0, (WOUND_CARE,)),)
            ),
            _months(day, 2),
        ),
        (replace(plain, diagnoses=chronic, orders=(film, heart[0], *tests[:4])), _months(day, 12)),
    ]


def _drugs(count: int, days: int) -> Order:
    tablets = tuple(Item(code, Decimal(1), is_generic_name=True) for code in TABLETS[:count])
    return Order("o90", OrderKind.INTERNAL, tablets, days, usage="分1朝食後", dispensing=Dispensing.OUTSIDE)


def _months(day: date, months: int) -> History:
    codes = ("112007410", "112011010", "180725810", "180820010", *TEST_CODES)
    days = [day - timedelta(days=28 * n) for n in range(months, 0, -1)]
    return History(tuple(PastLine(each, code, 1, f"v{each}", "01") for each in days for code in codes))
