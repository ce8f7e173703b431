# SPDX-License-Identifier: Apache-2.0
"""成分の量と続いた日数 — oral drugs of one ingredient added up, and drugs that go on and on over the months.

Cite: 社会保険診療報酬支払基金 コンピュータチェックに関する公開（チェックマスタ 投与量グループ・漫然投与グループ）
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.content.given import person_of
from tasuki.claims.content.medicines import ORAL_SECTION, Person, drug_row
from tasuki.claims.content.pharmacy import ORAL
from tasuki.claims.content.sicknesses import sicknesses
from tasuki.claims.indications.rows import NO_DISEASE, is_disease
from tasuki.claims.records import IY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasuki.claims.content.sicknesses import Sickness
    from tasuki.claims.indications.rows import DoseGroup, Indications
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import Record


class Supply(NamedTuple):
    """服用期間 — an oral drug from a day on for some days, so much a day; of the receipt at hand or from elsewhere."""

    code: str
    since: date
    days: int
    amount: Decimal | None
    record: Record | None
    is_outside: bool = False

    @property
    def until(self) -> date:
        """終わり — the day after the last."""
        return self.since + timedelta(days=self.days)


def _handed_out(receipt: Receipt, *, is_here: bool) -> Iterator[Supply]:
    """院内の薬 — of a receipt; its record is the place of a finding where the receipt is the one at hand."""
    month = receipt.header.service_month
    if month is None:
        return
    for group in receipt.groups:
        if group.section != ORAL_SECTION:
            continue
        for unit in group.units:
            for line in unit.lines:
                if not isinstance(line, IY):
                    continue
                for day, days in line.days:
                    if days and day <= month.last_day:
                        record = line.record if is_here else None
                        yield Supply(line.code, month.day(day), days, line.amount, record)


def _dispensed(receipt: Receipt, context: Context, *, is_past: bool) -> Iterator[Supply]:
    """院外の薬 — dispensed to the person, of prescriptions of this month, or of all until its end."""
    key, month = person_of(receipt), receipt.header.service_month
    if context.content is None or key is None or month is None:
        return
    first, last = month.day(1), month.day(month.last_day)
    for one in context.content.dispensed.get(key, ()):
        since = one.prescribed_on or one.dispensed_on
        if one.form != ORAL or since is None or not one.count:
            continue
        if since <= last and (is_past or since >= first):
            yield Supply(one.drug_code, since, one.count, one.amount, receipt.header.record, is_outside=True)


def amounts(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """投与量グループの合計 — two drugs or more of one ingredient, taken on one day, beyond the most of a day."""
    tables = context.content.indications if context.content else None
    if tables is None:
        return
    taken = [*_handed_out(receipt, is_here=True), *_dispensed(receipt, context, is_past=False)]
    taken = [one for one in taken if tables.groups(one.code)]
    if len({one.code for one in taken}) < 2:
        return
    found = sicknesses(receipt, context)
    person = Person(receipt.header.sex, receipt.header.born_on)
    told: set[str] = set()
    for one in sorted(taken, key=lambda each: (each.since, each.code)):
        for group, rows in _groups(one, person, found, tables).items():
            together = [
                (each, _groups(each, person, found, tables).get(group, []))
                for each in taken
                if each.since <= one.since < each.until and each.amount is not None
            ]
            parts = [(each, fitting) for each, fitting in together if fitting]
            if group in told or len({each.code for each, _ in parts}) < 2:
                continue
            total = sum(
                (each.amount * fitting[0].strength for each, fitting in parts if each.amount is not None),
                Decimal(0),
            )
            most = max(row.most_a_day for _, fitting in parts for row in fitting)
            if total > most:
                told.add(group)
                yield _told(parts, group, total, most, rows[0].source, context)


def _told(
    parts: Sequence[tuple[Supply, list[DoseGroup]]],
    group: str,
    total: Decimal,
    most: Decimal,
    source: str,
    context: Context,
) -> Hit:
    codes = list(dict.fromkeys(each.code for each, _ in parts))
    names = [row.name if (row := drug_row(context.book, code)) else code for code in codes]
    is_outside = any(each.is_outside for each, _ in parts)
    record = next(each.record for each, _ in reversed(parts) if each.record is not None)
    return hit(
        "P12" if is_outside else "I13", record, 0 if is_outside else 4, group=group, name="・".join(names),
        amount=total.normalize(), most=most.normalize(), source=source,
    )  # fmt: skip


def _groups(
    one: Supply, person: Person, found: Sequence[Sickness], tables: Indications
) -> dict[str, list[DoseGroup]]:
    """The rows of a drug that hold for the person, by group."""
    years = person.years_on(one.since)
    fitting: dict[str, list[DoseGroup]] = defaultdict(list)
    for row in tables.groups(one.code):
        is_meant = row.disease in NO_DISEASE or any(
            is_disease(row.disease, each.code, each.row) for each in found if not each.is_suspected
        )
        if is_meant and row.limits.fits(person.sex, years):
            fitting[row.group].append(row)
    return fitting


def long_uses(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """漫然投与 — drugs of a group taken for more days in a row than the table thinks of, earlier months counted."""
    content = context.content
    tables = content.indications if content else None
    if content is None or tables is None:
        return
    here = [*_handed_out(receipt, is_here=True), *_dispensed(receipt, context, is_past=False)]
    groups = {row.group: (row, one) for one in here for row in tables.long_uses(one.code)}
    if not groups:
        return
    before = [one for past in content.past_of(receipt) for one in _handed_out(past, is_here=False)]
    outside = _dispensed(receipt, context, is_past=True)
    taken = sorted({*here, *before, *outside}, key=lambda one: (one.since, one.code))
    for group, (row, last) in groups.items():
        mine = [one for one in taken if any(each.group == group for each in tables.long_uses(one.code))]
        since, days = _in_a_row(mine, row.reset_days)
        if days > row.most_days:
            name = found.name if (found := drug_row(context.book, last.code)) else last.code
            yield hit(
                "H04", last.record or receipt.header.record, 0 if last.is_outside else 4, name=name, text=last.code,
                group=group, since=since, count=days, most=row.most_days, source=row.source,
            )  # fmt: skip


def _in_a_row(supplies: Sequence[Supply], reset_days: int) -> tuple[date, int]:
    """The first day and the number of days taken of the last row of supplies without a longer pause."""
    since, until, days = supplies[0].since, supplies[0].since, 0
    for one in supplies:
        if days and (one.since - until).days > reset_days:
            since, until, days = one.since, one.since, 0
        days += max(0, (one.until - max(one.since, until)).days)
        until = max(until, one.until)
    return since, days


RULES = (amounts, long_uses)
