# SPDX-License-Identifier: Apache-2.0
"""事案 — what a rule may look at: the visit, the institution, the history, and the book of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from tasuki.calculation.flags import Fact
from tasuki.calculation.prescribed import DRUG_KINDS, counted_drugs, prescribed_drugs
from tasuki.calculation.visit_time import Hours, displayed_hours, visit_time
from tasuki.chart.orders import Dispensing
from tasuki.facility.premises import premises_on
from tasuki.kernel.once import once

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date, datetime

    from tasuki.calculation.prescribed import CountedDrugs, PrescribedDrug
    from tasuki.calculation.visit_time import VisitTime
    from tasuki.chart.visit import History, PastLine, Visit
    from tasuki.facility.institution import Institution
    from tasuki.facility.premises import Premises
    from tasuki.kernel.days import Age
    from tasuki.masters.book import DayBook

T = TypeVar("T")
_HOURS = "displayed hours"
_DAY = Hours.DAY
_OUTSIDE, _IN_HOUSE = Dispensing.OUTSIDE, Dispensing.IN_HOUSE


@dataclass(frozen=True, init=False)
class Case:
    """事案 — one visit with everything its points depend on; no clock, no other lookup."""

    visit: Visit
    institution: Institution
    history: History
    book: DayBook

    def __init__(self, visit: Visit, institution: Institution, history: History, book: DayBook) -> None:
        # At once, because a frozen class sets field after field at several times the price.
        self.__dict__.update(visit=visit, institution=institution, history=history, book=book, _kept={})

    @once
    def day(self) -> date:
        """診療日 — the day of the visit."""
        return self.visit.day

    @once
    def age(self) -> Age:
        """年齢 — of the patient on the day."""
        return self.visit.person.age_on(self.day)

    @once
    def facts(self) -> frozenset[str]:
        """受診の事実 — the flags of the visit, and which further facts hold of it."""
        visit = self.visit
        further = []
        if visit.home is not None:
            further.append(Fact.AT_HOME)
        if visit.self_care is not None:
            further.append(Fact.SELF_CARE)
        if self.today:
            further.append(Fact.SEEN_TODAY)
        time = self.time
        if time.is_out_of_hours or time.hours is not _DAY:
            further.append(Fact.OFF_HOURS)
        return visit.flags.union(further) if further else visit.flags

    @once
    def premises(self) -> Premises:
        """医療機関のその日 — what holds at the institution on the day, shared by its visits."""
        return premises_on(self.institution, self.day, self.book.book)

    @once
    def standards(self) -> frozenset[str]:
        """届出施設基準 — in force at the institution on the day."""
        return self.premises.standards

    @once
    def has_standard(self) -> Callable[[str], bool]:
        """届出の有無 — asked with a code: whether it, or one that stands for it (名寄せ), is notified."""
        return self.premises.has_standard

    @once
    def standard_names(self) -> Callable[[Collection[str]], tuple[str, ...]]:
        """施設基準の名称 — asked with codes: Japanese names as facts of a reason, the code itself where none is known."""
        return self.premises.standard_names

    @once
    def order_marks(self) -> frozenset[str]:
        """オーダの標識 — the kinds of the orders of the visit, and the places where its drugs are dispensed."""
        marks: set[str] = set()
        for order in self.visit.orders:
            marks.add(order.kind)
            if order.kind in DRUG_KINDS:
                marks.add(_OUTSIDE if order.dispensing is _OUTSIDE else _IN_HOUSE)
        return frozenset(marks)

    @once
    def instants(self) -> dict[str, datetime]:
        """実施時刻 — of the orders that tell one, by their ids; the others were done at reception."""
        return {order.id: order.at for order in self.visit.orders if order.at is not None}

    @once
    def ordered_codes(self) -> tuple[str, ...]:
        """オーダのコード — of every item of every order."""
        return tuple([item.code for order in self.visit.orders for item in order.items])

    @once
    def charted_codes(self) -> tuple[str, ...]:
        """病名のコード — of every diagnosis of the visit, ended and suspected ones too."""
        return tuple([diagnosis.code for diagnosis in self.visit.diagnoses])

    @once
    def prescribed(self) -> tuple[PrescribedDrug, ...]:
        """処方薬 — the drugs ordered at the visit, in the house and outside."""
        return prescribed_drugs(self)

    def name_of(self, code: str) -> str:
        """名称 — of an act, drug or material on the day, the code itself when it cannot be told."""
        return self.book.item(code).name if self.book.has(code) else code

    @once
    def dispensed_here(self) -> CountedDrugs | None:
        """院内投薬 — the drugs dispensed in the house, None when there are none."""
        return counted_drugs(self, is_outside=False)

    @once
    def prescribed_outside(self) -> CountedDrugs | None:
        """院外処方 — the drugs on a prescription for a pharmacy, None when there are none."""
        return counted_drugs(self, is_outside=True)

    @once
    def time(self) -> VisitTime:
        """受診時間 — the hours of the visit at the institution."""
        known = self.premises.kept_on(self.day)
        if _HOURS not in known:
            known[_HOURS] = displayed_hours(self.institution, self.day)
        return visit_time(self.institution, self.visit.at, known[_HOURS])

    def billed_today(self, codes: Collection[str]) -> PastLine | None:
        """当日の算定歴 — the first line of earlier visits of this day with one of the codes."""
        if not self.today:
            return None
        return next((line for line in self.today if line.code in codes), None)

    def billed_this_month(self, codes: Collection[str]) -> PastLine | None:
        """当月の算定歴 — the last line of this calendar month with one of the codes."""
        recent = self.recent_codes
        if recent.isdisjoint(codes):
            return None
        past = self.history.by_code
        found = [
            line for code in codes if code in recent for line in past[code] if self._is_this_month(line.day)
        ]
        return max(found, key=lambda line: (line.day, line.code), default=None)

    def _is_this_month(self, day: date) -> bool:
        return (day.year, day.month) == (self.day.year, self.day.month) and day <= self.day

    @once
    def recent_codes(self) -> frozenset[str]:
        """直近の算定歴 — the codes billed in this calendar month or in the week before this day.

        No window of the tables of 背反 and 包括 reaches further back.
        """
        day = self.day
        since = day.replace(day=1) if day.day > 7 else day - timedelta(days=7)
        return self.history.codes_since(since)

    @once
    def today(self) -> tuple[PastLine, ...]:
        """当日の算定歴 — lines of other visits of the same day."""
        day, last, visit = self.day, self.history.last_day(), self.visit.id
        if last is None or last < day:
            return ()
        found = [line for line in self.history.since(day) if line.day == day and line.visit_id != visit]
        return tuple(sorted(found, key=lambda line: (line.visit_id, line.code)))

    def keep(self, key: object, make: Callable[[Case], T]) -> T:
        """一度だけ — what several rules ask of one visit is made once; the key names it."""
        kept: dict[object, Any] = self.__dict__["_kept"]
        found: T = kept.get(key, kept)
        if found is kept:
            found = kept[key] = make(self)
        return found

    def has_flag(self, flag: str) -> bool:
        """申告事実 — whether a fact only a human knows was recorded on the visit."""
        return flag in self.visit.flags
