# SPDX-License-Identifier: Apache-2.0
"""受診への復元 — a receipt's lines put back into the visits of its days, as far as a receipt tells.

A receipt says which acts were billed on which day. It does not say at what hour, which 施設基準 stand behind
them, what a doctor noted, or what other months held; what can be inferred from the acts themselves is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from tasuki.calculation.base_fee import FIRST_CODES, REVISIT_CODES
from tasuki.calculation.flags import Flag
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind, PublicProgramme
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki.chart.visit import Diagnosis, Person, Sex, Visit, VisitKind
from tasuki.claims.codes import with_sign
from tasuki.claims.receipt_type import Group as ReceiptGroup
from tasuki.claims.records import CO, TO, Line
from tasuki.facility.institution import Institution, InstitutionKind, NotifiedStandard, OpenHours
from tasuki.kernel.validity import Validity
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.claims.groups import CountedUnit
    from tasuki.claims.receipt import ClaimFile, Receipt
    from tasuki.masters.book import Book

TOKYO = ZoneInfo("Asia/Tokyo")
_KINDS = {"21": OrderKind.INTERNAL, "22": OrderKind.AS_NEEDED, "23": OrderKind.EXTERNAL}
_INJECTIONS = frozenset({"31", "32", "33"})
# The additions of the hour, by the words of their official names, and a clock time at which each applies.
_HOURS = (
    ("深夜", time(23, 0)),
    ("休日", time(10, 0)),
    ("時間外", time(21, 0)),
    ("夜間・早朝等", time(18, 30)),
)
OPEN_SINCE, OPEN_UNTIL = time(8, 0), time(20, 0)
TELEPHONE = "電話等"
ONLINE = "情報通信機器"
OUTPATIENT_MANAGEMENT = "112011010"
_PREFIX_OF_ELDERLY = "39"


class BilledUnit(NamedTuple):
    """請求の算定単位 — what the file bills on one day: codes in order, points, times."""

    section: str
    codes: tuple[str, ...]
    points: int
    times: int
    line: int


@dataclass(frozen=True, slots=True)
class BilledDay:
    """請求の一日 — the visit put together from a day's lines, and those lines as the file bills them."""

    visit: Visit
    units: tuple[BilledUnit, ...]
    is_day_certain: bool


def billed_days(receipt: Receipt, book: Book, years: int = 0) -> tuple[BilledDay, ...]:
    """請求の日々 — each day with acts, in order; ``years`` later, the patient then being as old as on the file.

    Lines without 算定日 stand on the first day that has any.
    """
    header = receipt.header
    month = header.service_month
    if month is None or header.born_on is None:
        return ()
    by_day: dict[int, list[tuple[int, CountedUnit, int]]] = defaultdict(list)
    undated: list[tuple[int, CountedUnit]] = []
    for number, group in enumerate(receipt.groups):
        for unit in group.units:
            if not unit.days:
                undated.append((number, unit))
            for day, times in unit.days:
                by_day[day].append((number, unit, times))
    first = min(by_day, default=1)
    if header.born_on > month.day(min(first, month.last_day)):
        return ()
    # Drugs of no points and remarks of their own stand without days: they belong to what they follow.
    for number, unit in undated:
        place = next(
            (day for day, found in sorted(by_day.items()) if any(n == number for n, _, _ in found)), first
        )
        by_day[place].append((number, unit, unit.times or 1))
    return tuple(
        _billed_day(
            receipt, _later(month.day(day), years), by_day[day], book, years, day != first or len(by_day) == 1
        )
        for day in sorted(by_day)
        if day <= month.last_day
    )


def _billed_day(
    receipt: Receipt,
    day: date,
    found: list[tuple[int, CountedUnit, int]],
    book: Book,
    years: int,
    is_day_certain: bool,
) -> BilledDay:
    units = tuple(
        _billed_unit(unit, times)
        for _, unit, times in found
        if not _is_prescribed(unit.section, [(unit, times)])
    )
    codes = [code for unit in units for code in unit.codes]
    names = [_name(book, code) for code in codes]
    header = receipt.header
    assert header.born_on is not None
    flags = {Flag.ONLINE.value} if any(ONLINE in name for name in names) else set()
    if OUTPATIENT_MANAGEMENT not in codes:
        flags.add(Flag.OUTPATIENT_MANAGEMENT_DECLINED.value)
    hour = next((at for word, at in _HOURS if any(word in name and "加算" in name for name in names)), None)
    if hour is None:
        flags.add(Flag.TIME_ADDITION_DECLINED.value)
    visit = Visit(
        id=day.isoformat(),
        person=Person(_later(header.born_on, years), Sex.MALE if header.sex == "1" else Sex.FEMALE),
        at=datetime.combine(day, hour or time(10, 0), TOKYO),
        coverage=_coverage(receipt),
        department=header.department_1 or "01",
        kind=_kind(codes, names),
        kind_reason="請求された基本診療料による",
        diagnoses=tuple(_diagnoses(receipt, years, day)),
        orders=tuple(_orders(found)),
        flags=frozenset(flags),
    )
    return BilledDay(visit, units, is_day_certain)


def _billed_unit(unit: CountedUnit, times: int) -> BilledUnit:
    lines = [line for line in unit.lines if isinstance(line, Line)]
    first = unit.lines[0].record.line
    codes = tuple(line.code for line in lines)
    return BilledUnit(unit.section, codes, with_sign(unit.points or 0, codes), times, first)


def _orders(found: list[tuple[int, CountedUnit, int]]) -> Iterator[Order]:
    """One order for each 剤 whose units have one count, else one for each unit."""
    groups: dict[int, list[tuple[CountedUnit, int]]] = defaultdict(list)
    for number, unit, times in found:
        groups[number].append((unit, times))
    for number, units in groups.items():
        is_one = len({times for _, times in units}) == 1
        parts = [units] if is_one else [[each] for each in units]
        for at, part in enumerate(parts):
            lines = [line for unit, _ in part for line in unit.lines]
            items = tuple(_item(line) for line in lines if isinstance(line, Line))
            section = part[0][0].section
            if items:
                yield Order(
                    id=f"{number:03}-{at}",
                    kind=_order_kind(section, items),
                    items=items,
                    count=max(part[0][1], 1),
                    dispensing=Dispensing.OUTSIDE if _is_prescribed(section, part) else None,
                    comments=tuple((line.code, line.text) for line in lines if isinstance(line, CO)),
                )


def _is_prescribed(section: str, part: list[tuple[CountedUnit, int]]) -> bool:
    """Drugs recorded without points went on a prescription: some programs note them on the receipt."""
    return section in _KINDS and not any(unit.points for unit, _ in part)


def _order_kind(section: str, items: tuple[Item, ...]) -> OrderKind:
    if section in _KINDS and all(item.code.startswith("6") for item in items):
        return _KINDS[section]
    return OrderKind.INJECTION if section in _INJECTIONS else OrderKind.ACT


def _item(line: Line) -> Item:
    price = line.unit_price if isinstance(line, TO) else None
    return Item(line.code, line.amount, unit_price_yen=price or None)


def _kind(codes: list[str], names: list[str]) -> VisitKind:
    if FIRST_CODES & set(codes) or any(name.startswith("初診") for name in names):
        return VisitKind.FIRST
    if any(TELEPHONE in name for name in names):
        return VisitKind.REVISIT_BY_TELEPHONE
    return VisitKind.REVISIT if REVISIT_CODES & set(codes) else VisitKind.NONE


def _coverage(receipt: Receipt) -> Coverage:
    insurer, kind = receipt.insurer, receipt.type
    number = insurer.insurer_number.strip() if insurer else ""
    insurance: Insurance | None = None
    if (kind is not None and kind.group is ReceiptGroup.LATE_ELDERLY) or number.startswith(
        _PREFIX_OF_ELDERLY
    ):
        insurance = Insurance(InsuranceKind.LATE_ELDERLY, number)
    elif insurer is not None:
        insurance = Insurance(InsuranceKind.NATIONAL if len(number) == 6 else InsuranceKind.EMPLOYEES, number)
    return Coverage(insurance, tuple(PublicProgramme(card.payer_number) for card in receipt.programmes))


def _diagnoses(receipt: Receipt, years: int, day: date) -> Iterator[Diagnosis]:
    for disease in receipt.diseases:
        since = disease.since_on
        if disease.disease_code.isdigit() and since is not None and _later(since, years) <= day:
            modifiers = tuple(disease.modifiers)
            yield Diagnosis(
                disease.disease_code,
                _later(since, years),
                modifiers,
                is_main=disease.main == "01",
                is_suspected="8002" in modifiers,
            )


def institution_of(file: ClaimFile, book: Book, receipts: Iterable[Receipt], years: int = 0) -> Institution:
    """医療機関の推定 — with every 施設基準 that an act of the file asks for: it was billed, so it was notified."""
    head = file.institution
    acts = {line.code for receipt in receipts for line in receipt.lines if isinstance(line, Line)}
    standards = {
        code
        for act in acts
        for row in book.acts.get(act, ())
        for code in row.standards
        if code not in ("", "0")
    }
    always = Validity(date(2000, 1, 1), None)
    is_hospital = any(receipt.type is not None and receipt.type.is_inpatient for receipt in file.receipts)
    return Institution(
        code=head.institution_code if head else "",
        prefecture=head.prefecture if head else "",
        kind=InstitutionKind.HOSPITAL if is_hospital else InstitutionKind.CLINIC,
        standards=tuple(NotifiedStandard(code, always) for code in sorted(standards)),
        hours=tuple(OpenHours(weekday, OPEN_SINCE, OPEN_UNTIL) for weekday in range(7)),
        is_open_on_holidays=True,
    )


def at_place(institution: Institution, billed: BilledDay, book: Book) -> Institution:
    """その日の医療機関 — closed on a day whose acts carry additions of a holiday."""
    names = [_name(book, code) for unit in billed.units for code in unit.codes]
    if any("休日" in name and "加算" in name for name in names):
        return replace(institution, closed_days=frozenset({billed.visit.day}))
    return institution


def _later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _name(book: Book, code: str) -> str:
    rows = book.acts.get(code)
    return rows[-1].name if rows and isinstance(rows[-1], Act) else ""
