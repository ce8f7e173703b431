# SPDX-License-Identifier: Apache-2.0
"""受診 — one visit of one patient as the calculation sees it, and what went before."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from tasuki.chart.coverage import Coverage
from tasuki.chart.home_visit import HomeVisit, SelfCare
from tasuki.chart.orders import Order
from tasuki.kernel.days import Age, age_on


class Sex(StrEnum):
    """性別 — as the claim records it (1 男, 2 女)."""

    MALE = "male"
    FEMALE = "female"


class Outcome(StrEnum):
    """転帰 — what became of a disease; values are the codes of 別表18."""

    CONTINUING = "1"
    CURED = "2"
    DIED = "3"
    STOPPED = "4"


class VisitKind(StrEnum):
    """初再診の別 — AUTO lets the history decide; the rest are a recorded decision of the institution."""

    AUTO = "auto"
    FIRST = "first"  # 初診
    REVISIT = "revisit"  # 再診
    REVISIT_BY_TELEPHONE = "telephone"  # 電話等再診
    NONE = "none"  # 初・再診料を算定しない


@dataclass(frozen=True, slots=True)
class Person:
    """患者 — what the fee table asks of a person."""

    born: date
    sex: Sex
    id: str = ""

    def age_on(self, day: date) -> Age:
        """年齢 — completed years, months and days on a day."""
        return age_on(self.born, day)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """病名 — a disease with its modifiers as charted."""

    code: str
    since: date
    modifiers: tuple[str, ...] = ()
    name: str = ""
    is_main: bool = False
    is_suspected: bool = False
    outcome: Outcome = Outcome.CONTINUING
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """受診 — one visit: who, when, under which payers, and what was ordered.

    ``at`` is the aware instant of reception (Asia/Tokyo on the clock of the institution);
    ``flags`` are facts only a human knows, named in :mod:`tasuki.calculation.flags`; ``home`` is there when
    the patient was seen at home, ``self_care`` when the doctor set numbers for care between visits.
    """

    id: str
    person: Person
    at: datetime
    coverage: Coverage
    department: str = "01"
    kind: VisitKind = VisitKind.AUTO
    kind_reason: str = ""
    diagnoses: tuple[Diagnosis, ...] = ()
    orders: tuple[Order, ...] = ()
    flags: frozenset[str] = frozenset()
    home: HomeVisit | None = None
    self_care: SelfCare | None = None
    minutes: int | None = None  # 医師の診療に要した時間

    @property
    def day(self) -> date:
        """診療日 — the calendar day of the visit."""
        return self.at.date()

    @property
    def age(self) -> Age:
        """年齢 — of the person on the day of the visit."""
        return self.person.age_on(self.day)


@dataclass(frozen=True, slots=True)
class PastLine:
    """算定歴 — one act billed on a past day (or earlier the same day); ``site`` 部位 where it was recorded.

    ``payer`` is the kind of a payer other than health insurance (労災 …), "" for health insurance.
    """

    day: date
    code: str
    count: int = 1
    visit_id: str = ""
    department: str = ""
    site: str = ""
    payer: str = ""
    amount: Decimal | None = None  # 数量データ (単位, 分)


@dataclass(frozen=True, slots=True)
class History:
    """算定履歴 — what this institution billed for the person before this visit, newest last.

    What every visit asks of it is found once: the lines of each code, the ids of the visits, and the days, by
    which the last lines are told from the others without reading them all (``days`` is None out of order).
    """

    lines: tuple[PastLine, ...] = ()
    by_code: dict[str, tuple[PastLine, ...]] = field(init=False, repr=False, compare=False)
    visit_ids: frozenset[str] = field(init=False, repr=False, compare=False)
    days: list[date] | None = field(init=False, repr=False, compare=False)
    _codes: list[str] = field(init=False, repr=False, compare=False)
    _last: date | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        grouped: dict[str, list[PastLine]] = {}
        for line in self.lines:
            grouped.setdefault(line.code, []).append(line)
        days = [line.day for line in self.lines]
        ordered = sorted(days)
        keep = object.__setattr__
        keep(self, "by_code", {code: tuple(found) for code, found in grouped.items()})
        keep(self, "visit_ids", frozenset([line.visit_id for line in self.lines]))
        keep(self, "days", days if days == ordered else None)
        keep(self, "_codes", [line.code for line in self.lines])
        keep(self, "_last", ordered[-1] if ordered else None)

    def of(self, code: str) -> tuple[PastLine, ...]:
        """算定歴 — the past lines of one code."""
        return self.by_code.get(code, ())

    def since(self, day: date) -> tuple[PastLine, ...]:
        """以後の算定歴 — the lines of a day and of those after it, in their order."""
        if self.days is None:
            return tuple([line for line in self.lines if line.day >= day])
        return self.lines[bisect_left(self.days, day) :]

    def codes_since(self, day: date) -> frozenset[str]:
        """以後に算定したコード — the codes of the lines of a day and of those after it."""
        if self._last is None or self._last < day:
            return frozenset()
        if self.days is None:
            return frozenset([line.code for line in self.lines if line.day >= day])
        return frozenset(self._codes[bisect_left(self.days, day) :])

    def last_day(self) -> date | None:
        """最終受診日 — the last day with any line, None for a new person."""
        return self._last
