# SPDX-License-Identifier: Apache-2.0
"""Made-up months for the twin of the table checks: few acts, chosen so that the tables speak of them together."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calculation.twin.table_twin import Month
from tasuki.calculation.apply_conditions import apply_conditions
from tasuki.calculation.apply_exclusions import apply_exclusions, exclude_again
from tasuki.calculation.apply_inclusions import apply_inclusions
from tasuki.calculation.apply_limits import apply_limits
from tasuki.calculation.case import Case
from tasuki.calculation.draft import Draft
from tasuki.calculation.ended_limits import is_ended
from tasuki.calculation.read_orders import read_orders
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind
from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.chart.visit import History, PastLine, Person, Sex, Visit
from tasuki.facility.institution import Institution, InstitutionKind, NotifiedStandard
from tasuki.kernel.validity import Validity

if TYPE_CHECKING:
    from tasuki.masters.book import Book

TOKYO = ZoneInfo("Asia/Tokyo")
ALWAYS = Validity(date(2020, 1, 1), None)
PASSES = (read_orders, apply_conditions, apply_limits, apply_exclusions, apply_inclusions, exclude_again)
KINDS = (InsuranceKind.EMPLOYEES, InsuranceKind.NATIONAL, InsuranceKind.LATE_ELDERLY)
AGES = ((0, 30), (30, 400), (400, 2500), (2500, 7000), (7000, 20000), (20000, 34000))


class Pool:
    """The acts of a book that can be ordered alone, and which of them the tables name together."""

    def __init__(self, book: Book) -> None:
        self.book = book
        days = (date(2026, 5, 1), date(2026, 6, 30))
        self.codes = sorted(
            code
            for code, rows in book.acts.items()
            if all(book.at(day).has(code) for day in days)
            and not any(
                row.is_addition or row.tally_out in ("0", "") or row.month_reduction == "1" for row in rows
            )
            and not any(row.step is not None for row in rows)
            # What a revision ended though the table still says it is no table check.
            and not any(is_ended(limit, day) for limit in book.limits.get(code, ()) for day in days)
        )
        usable = set(self.codes)
        near: dict[str, set[str]] = {code: set(book.partners[code]) & usable for code in self.codes}
        for parent in book.parents.keys() & usable:
            for group in book.parents[parent]:
                members = {member.code for member in book.members.get(group.group, ())} & usable
                near[parent] |= members
                for member in members:
                    near[member].add(parent)
        self.near = {code: sorted(found) for code, found in near.items()}
        self.talkative = [code for code in self.codes if near[code] or book.limits.get(code)]
        self.standards = sorted(
            {standard for code in self.codes for row in book.acts[code] for standard in row.standards}
            - {"0", ""}
        )


@lru_cache(maxsize=2)
def pool_of(book: Book) -> Pool:
    """The pool of a book, made once."""
    return Pool(book)


def made_months(book: Book, size: int, seed: int = 1) -> list[Month]:
    """So many months, each of one to six visits of one person."""
    pool, chosen = pool_of(book), random.Random(seed)
    return [_month(pool, chosen, number) for number in range(size)]


def _month(pool: Pool, chosen: random.Random, number: int) -> Month:
    first = chosen.choice((date(2026, 5, 1), date(2026, 6, 1)))
    days = sorted(first + timedelta(days=chosen.randrange(28)) for _ in range(chosen.randint(1, 6)))
    least, most = chosen.choice(AGES)
    person = Person(first - timedelta(days=chosen.randint(least, most)), Sex.FEMALE, f"p{number}")
    seeds = chosen.sample(pool.talkative, 2)
    family = [*seeds, *(code for each in seeds for code in _some(chosen, pool.near[each]))]
    visits = tuple(
        Visit(
            f"v{place}",
            person,
            datetime.combine(day, time(9 + place), TOKYO),
            Coverage(Insurance(chosen.choice(KINDS))),
            orders=_orders(pool, chosen, family),
        )
        for place, day in enumerate(days)
    )
    beds = chosen.choice((0, 0, 0, 19, 150, 250, 450))
    clinic = Institution(
        "9912345",
        "13",
        kind=InstitutionKind.CLINIC if beds < 20 else InstitutionKind.HOSPITAL,
        beds=beds,
        standards=tuple(NotifiedStandard(code, ALWAYS) for code in _filed(pool, chosen)),
    )
    return Month(clinic, visits)


def _filed(pool: Pool, chosen: random.Random) -> list[str]:
    """Most institutions of these months notified nearly everything, so that the other tables are heard."""
    if chosen.random() < 0.7:
        return pool.standards
    return chosen.sample(pool.standards, len(pool.standards) // 2)


def _some(chosen: random.Random, codes: list[str]) -> list[str]:
    return chosen.sample(codes, min(len(codes), 4))


def _orders(pool: Pool, chosen: random.Random, family: list[str]) -> tuple[Order, ...]:
    count = chosen.randint(1, 5)
    codes = [
        chosen.choice(family) if chosen.random() < 0.8 else chosen.choice(pool.codes) for _ in range(count)
    ]
    return tuple(Order(f"o{place}", OrderKind.ACT, (Item(code),)) for place, code in enumerate(codes))


def core_month(month: Month, book: Book) -> list[tuple[list[str], list[tuple[str, str]]]]:
    """The passes of the tables alone, as the calculation runs them: what stands, and what fell by which table."""
    past: tuple[PastLine, ...] = ()
    answers = []
    for visit in month.visits:
        ordered = replace(visit, orders=tuple(sorted(visit.orders, key=lambda order: order.id)))
        draft = Draft(Case(ordered, month.institution, History(past), book.at(visit.day)))
        for each in PASSES:
            draft = each(draft)
        if draft.findings:
            raise ValueError(f"an order of the month cannot be read: {draft.findings}")
        stands = sorted(line.code for line in draft.lines())
        fell = sorted((line.code, line.because[-1].rule_id) for line in draft.denied)
        answers.append((stands, fell))
        past = (*past, *(PastLine(visit.day, code, 1, visit.id) for code in stands))
    return answers
