# SPDX-License-Identifier: Apache-2.0
"""Reads the readable cases of tests/cases/calculation and runs them on the starter book.

A case names acts, drugs and standards as a clerk would (official short name) or by code. Keys:
``name cite day`` always; ``qa`` names the 疑義解釈 a case comes from; ``time department patient standards beds institution diagnoses history flags kind
orders`` as needed; ``rule`` + ``fires`` when the case is about one rule; ``expect`` with any of
``granted`` (exactly these acts, in any order), ``includes``, ``excludes``, ``denied``, ``advised``,
``points`` (name → points of its unit), ``lines`` (name → points of the line), ``times``, ``total``, ``lost_to``
(name → winner), ``findings``.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from tasuki.calculation import Statement, calculate
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind
from tasuki.chart.home_visit import HomePlan, HomeVisit, HomeVisitManner, Residence, SelfCare
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki.chart.visit import Diagnosis, History, Outcome, PastLine, Person, Sex, Visit, VisitKind
from tasuki.facility.institution import Institution, InstitutionKind, NotifiedStandard, OpenHours
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book, DayBook
from tasuki.masters.rows import Row
from tasuki.masters.starter import load_starter

FOLDER = Path(__file__).parent.parent / "cases" / "calculation"
TOKYO = ZoneInfo("Asia/Tokyo")
OPEN = Validity(date(2020, 1, 1), None)
# Monday to Friday 9-12 and 15-19, Saturday 9-13, unless a case says otherwise.
HOURS = (
    *(OpenHours(day, time(since), time(until)) for day in range(5) for since, until in ((9, 12), (15, 19))),
    OpenHours(5, time(9), time(13)),
)
KEYS = frozenset(
    (
        *("name", "cite", "day", "time", "department", "patient", "standards", "beds", "institution"),
        *("home", "self_care", "diagnoses", "history", "flags", "kind", "kind_reason", "orders", "insurance"),
        *("diagnoses", "history", "flags", "minutes", "kind", "kind_reason", "orders", "insurance"),
        *("rules", "rule", "fires", "expect", "comment", "qa"),
    )
)


@dataclass(frozen=True)
class CaseFile:
    """One case with the file it stands in."""

    path: Path
    data: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.path.stem}: {self.data['name']}"

    @property
    def rules(self) -> dict[str, bool]:
        """The rules the case is about, and whether each speaks."""
        one = {self.data["rule"]: self.data["fires"]} if "rule" in self.data else {}
        return {**one, **self.data.get("rules", {})}


def read_cases() -> list[CaseFile]:
    """Every case of every file, refused when a key is unknown."""
    cases = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for data in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            unknown = set(data) - KEYS
            if unknown or not {"name", "cite", "day", "expect"} <= set(data):
                raise ValueError(f"{path.name}: {data.get('name')}: keys {unknown or 'missing'}")
            cases.append(CaseFile(path, data))
    return cases


def run(case: CaseFile, book: Book | None = None) -> Statement:
    """Calculates the case on the starter book."""
    book = book or load_starter()
    data = case.data
    names = Names(load_starter().at(data["day"]))
    visit = Visit(
        id="case",
        person=_person(data.get("patient", {})),
        at=datetime.combine(data["day"], time.fromisoformat(str(data.get("time", "10:00"))), TOKYO),
        coverage=_coverage(data.get("insurance")),
        department=str(data.get("department", "01")),
        kind=VisitKind(data.get("kind", "auto")),
        kind_reason=data.get("kind_reason", ""),
        diagnoses=tuple(_diagnosis(each, names) for each in data.get("diagnoses", ())),
        orders=tuple(
            _order(index, each, names, data["day"]) for index, each in enumerate(data.get("orders", ()))
        ),
        flags=frozenset(data.get("flags", ())),
        home=_home(data.get("home")),
        self_care=_self_care(data.get("self_care")),
        minutes=data.get("minutes"),
    )
    return calculate(visit, _institution(data), _history(data.get("history", ()), names), book)


class Names:
    """Names as a clerk writes them, to codes of the day."""

    def __init__(self, book: DayBook) -> None:
        self.book = book

    def code(self, name: str) -> str:
        """The code of a nine- or seven-digit code or of an official short name."""
        text = str(name)
        if text.isdecimal():
            return text
        found = _by_name(self.book.book).get(_plain(text), ())
        usable = sorted({row.code for row in found if self.book.day in row.validity})
        if len(usable) != 1:
            raise ValueError(f"{text!r} names {usable or 'nothing'} on {self.book.day}")
        return usable[0]


@cache
def _by_name(book: Book) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for table in (book.acts, book.drugs, book.materials, book.diseases):
        for rows in table.values():
            for row in rows:
                # 労災 has acts of the same names; a case of it gives their codes.
                if not (len(row.code) == 9 and row.code.startswith("101")):
                    found.setdefault(_plain(row.name), []).append(row)
    return found


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace(" ", "")


def _home(data: dict[str, Any] | None) -> HomeVisit | None:
    if data is None:
        return None
    plan = data.get("plan")
    members = {
        **data,
        "manner": HomeVisitManner(data["manner"]),
        "residence": Residence(data.get("residence", "house")),
        "plan": None if plan is None else HomePlan(plan),
    }
    return HomeVisit(**members)


def _self_care(data: dict[str, Any] | None) -> SelfCare | None:
    if data is None:
        return None
    return SelfCare(**{**data, "cpap_minutes_a_day": tuple(data.get("cpap_minutes_a_day", ()))})


def _person(data: dict[str, Any]) -> Person:
    return Person(data.get("born", date(1970, 4, 15)), Sex(data.get("sex", "female")), "case")


def _coverage(data: dict[str, Any] | None) -> Coverage:
    kind = InsuranceKind((data or {}).get("kind", "employees"))
    return Coverage(Insurance(kind, "01130012", "1", "1"))


def _institution(data: dict[str, Any]) -> Institution:
    extra = data.get("institution", {})
    hours = extra.get("hours")
    return Institution(
        code="9999999",
        prefecture="13",
        kind=InstitutionKind(extra.get("kind", "clinic")),
        beds=data.get("beds", 0),
        standards=tuple(NotifiedStandard(str(code), OPEN) for code in data.get("standards", ())),
        hours=HOURS
        if hours is None
        else tuple(OpenHours(w, time.fromisoformat(s), time.fromisoformat(u)) for w, s, u in hours),
        closed_days=frozenset(extra.get("closed_days", ())),
        departments=tuple(str(code) for code in extra.get("departments", ())),
        general_beds=extra.get("general_beds"),
        is_open_on_holidays=extra.get("open_on_holidays", False),
    )


def _history(lines: list[dict[str, Any]], names: Names) -> History:
    return History(tuple(_past_line(each, names) for each in lines))


def _past_line(data: dict[str, Any], names: Names) -> PastLine:
    return PastLine(
        day=data["day"],
        code=names.code(data["act"]),
        count=data.get("times", 1),
        visit_id=data.get("visit", str(data["day"])),
        department=str(data.get("department", "01")),
        site=data.get("site", ""),
        amount=Decimal(str(data["amount"])) if "amount" in data else None,
    )


def _diagnosis(data: dict[str, Any], names: Names) -> Diagnosis:
    return Diagnosis(
        code=names.code(data["disease"]),
        since=data["since"],
        name=str(data["disease"]),
        modifiers=tuple(str(m) for m in data.get("modifiers", ())),
        is_main=data.get("main", False),
        is_suspected=data.get("suspected", False),
        outcome=Outcome(str(data.get("outcome", "1"))),
        ended_on=data.get("ended"),
    )


_KINDS = {kind.value: kind for kind in OrderKind}


def _order(index: int, data: dict[str, Any], names: Names, day: date) -> Order:
    kind = next(key for key in _KINDS if key in data)
    items = data[kind] if isinstance(data[kind], list) else [data[kind]]
    dispensing = data.get("dispensing")
    return Order(
        id=data.get("id", f"o{index + 1}"),
        kind=_KINDS[kind],
        items=tuple(_item(each, names) for each in items),
        count=data.get("count", data.get("days", 1)),
        usage=data.get("usage", ""),
        dispensing=Dispensing(dispensing) if dispensing else None,
        is_temporary=data.get("temporary", False),
        is_refill=data.get("refill", False),
        site=data.get("site", ""),
        began_on=data.get("began"),
        at=datetime.combine(day, time.fromisoformat(data["at"]), TOKYO) if "at" in data else None,
    )


def _item(data: Any, names: Names) -> Item:
    if not isinstance(data, dict):
        return Item(names.code(data))
    amount = data.get("amount")
    return Item(
        names.code(data["item"]),
        None if amount is None else Decimal(str(amount)),
        is_generic_name=data.get("generic_name", False),
        comment=data.get("product", ""),
        unit_price_yen=Decimal(str(data["price"])) if "price" in data else None,
    )
