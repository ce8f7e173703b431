# SPDX-License-Identifier: Apache-2.0
"""摘要の点検 — sections, payers, codes, counts and days of SI, IY, TO and CO."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.codes import (
    BURDEN_PAYERS,
    INPATIENT_ONLY_SECTIONS,
    MEAL_SECTION,
    OUTPATIENT_ONLY_SECTIONS,
    SECTIONS,
    WHOLE_SECTIONS,
    is_meal,
    is_ward_report,
)
from tasuki.claims.groups import CountedUnit
from tasuki.claims.records import CO, TO, Line
from tasuki.kernel.days import reached_on
from tasuki.masters.rows import UNCODED_MATERIAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt

# 別表22 特定器材単位 runs from 001 分 to 061 カセット.
_LAST_UNIT_CODE = 61


def sections(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """診療識別 — known, of the right setting, rising, comments only under 01 and 99."""
    kind = receipt.type
    section = ""
    for line in receipt.lines:
        text = line.section
        if text:
            wrong = INPATIENT_ONLY_SECTIONS if kind and not kind.is_inpatient else frozenset()
            wrong = OUTPATIENT_ONLY_SECTIONS if kind and kind.is_inpatient else wrong
            if text not in SECTIONS or text in wrong:
                yield hit("23030", line.record, 2, text=text)
            elif section and text < section:
                yield hit("23060", line.record, 2, text=text, before=section)
            section = text
        elif not section:
            yield hit("23030", line.record, 2, text=text)
        if isinstance(line, Line):
            if section in WHOLE_SECTIONS:
                yield hit("23810", line.record, 2, text=section)
            yield from _meal(receipt, line, section)


def _meal(receipt: Receipt, line: Line, section: str) -> Iterator[Hit]:
    meal = is_meal(line.code)
    if meal and section != MEAL_SECTION:
        yield hit("34900", line.record, 2, text=line.code)
    if section == MEAL_SECTION and line.record.values[0] != "SI":
        yield hit("34950", line.record, 2, text=line.code)
    elif section == MEAL_SECTION and not meal:
        yield hit("34910", line.record, 2, text=line.code)


def payers_and_codes(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """負担区分とコード — a payer that the receipt has, a code of the right kind."""
    kind = receipt.type
    has = (bool(receipt.insurer), *(n < len(receipt.programmes) for n in range(4)))
    if kind is not None:
        has = (kind.has_insurer, *(n < kind.programme_count for n in range(4)))
    for line in receipt.lines:
        payers = BURDEN_PAYERS.get(line.payer_code)
        if payers is None or any(pays and not there for pays, there in zip(payers, has, strict=True)):
            yield hit("23020", line.record, 3, text=line.payer_code)
        if isinstance(line, CO):
            if not line.code.startswith("8"):
                yield hit("23070", line.record, 4, text=line.code)
            continue
        if line.code[:1] not in ("1", "6", "7", "8"):
            yield hit("23040", line.record, 4, text=line.code)


def counts(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """回数と算定日 — one count and one set of days in a unit, the days adding up to the count."""
    month = receipt.header.service_month
    length = month.last_day if month else 31
    for group in receipt.groups:
        for unit in group.units:
            yield from _unit(unit, length)


def _unit(unit: CountedUnit, length: int) -> Iterator[Hit]:
    lines = [line for line in unit.lines if isinstance(line, Line)]
    for line in lines:
        record, count = line.record, line.count
        number = record.value(7)
        if not count:
            yield hit("23110", record, 7)
        elif line is not lines[0] and count != lines[0].count:
            yield hit("23120", record, 7, expected=lines[0].count, found=number)
        if line is not lines[0] and line.days != lines[0].days:
            yield hit("23140", record, line.first_day)
        for day, times in line.days:
            if not times:
                yield hit("23130", record, line.first_day + day - 1, day=day)
            if day > length:
                yield hit("23170", record, line.first_day + day - 1, day=day)
        total = sum(times for _, times in line.days)
        if count and line.days and total != count:
            yield hit("23150", record, line.first_day, found=total, expected=count)
    if lines and unit.points is None and not all(is_ward_report(line.code) for line in lines):
        yield hit("33071", lines[-1].record, 6)


def materials(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """特定器材 — a unit code of the table, and a name for the uncoded one."""
    for line in receipt.lines:
        if not isinstance(line, TO):
            continue
        if line.unit_code and not (line.unit_code.isdigit() and 1 <= int(line.unit_code) <= _LAST_UNIT_CODE):
            yield hit("34650", line.record, 8, text=line.unit_code)
        if line.code == UNCODED_MATERIAL and not (line.product_name or line.record.value(10)):
            yield hit("33160", line.record, 11)


def ward_reports(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """病床機能報告 — its codes stand alone in class 90 or 92, with no points, quantity or comment.

    Cite: 病床機能報告用マスター（190610001-190640050）
    """
    for group in receipt.groups:
        lines = [line for unit in group.units for line in unit.lines]
        if not any(is_ward_report(line.code) for line in lines):
            continue
        if not all(is_ward_report(line.code) for line in lines):
            yield hit("23412", lines[0].record, 4)
        for line in lines:
            if not isinstance(line, Line) or not is_ward_report(line.code):
                continue
            if not group.section:
                yield hit("23410", line.record, 2)
            elif group.section not in ("90", "92"):
                yield hit("23411", line.record, 2, text=group.section)
            if line.record.value(6) not in ("", "0"):
                yield hit("23420", line.record, 6, text=line.record.value(6))
            if line.record.value(5) or line.comments:
                yield hit("23430", line.record, 5)


def days_of_person(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """算定日と生年月日・開始日 — nothing is done before birth, nor before the oldest disease starts."""
    header = receipt.header
    month, born = header.service_month, header.born_on
    if month is None:
        return
    starts = [one.since_on for one in receipt.diseases if one.since_on]
    oldest = min(starts, default=None)
    told: set[tuple[str, int]] = set()
    for line in receipt.lines:
        if not isinstance(line, Line):
            continue
        for day, _ in line.days:
            if day > month.last_day:
                continue
            on = month.day(day)
            for code, limit in (("32220", born), ("44550", oldest)):
                if limit is not None and on < limit and (code, day) not in told:
                    told.add((code, day))
                    yield hit(code, line.record, line.first_day + day - 1, day=day, since=limit)


def living_care_meals(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """生活療養 — only for inpatients of 65 and over.

    Cite: 健康保険法 第63条第2項第2号
    """
    header, kind = receipt.header, receipt.type
    month, born = header.service_month, header.born_on
    if kind is None or month is None or born is None:
        return
    is_old = reached_on(born, 65) <= date(month.year, month.month, month.last_day)
    for line in receipt.lines:
        if not isinstance(line, Line) or not is_meal(line.code) or context.book is None:
            continue
        rows = context.book.acts.get(line.code)
        if rows and "生活療養" in rows[0].name and (not kind.is_inpatient or not is_old):
            yield hit("34960", line.record, 4, text=line.code)


RULES = (
    sections,
    payers_and_codes,
    counts,
    materials,
    ward_reports,
    days_of_person,
    living_care_meals,
)
