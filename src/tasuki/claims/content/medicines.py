# SPDX-License-Identifier: Apache-2.0
"""薬剤の見方 — drugs of a receipt or of a pharmacy as one kind of value, and the judgement of one against diseases.

The order of judgement is that of the payers' check: rows of other sexes and ages drop out, a disease is matched
with its modifiers dropped, a suspicion does not justify a treatment, and a drug without rows is not checked.

Cite: 社会保険診療報酬支払基金 コンピュータチェックに関する公開（チェックマスタ）
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.content.sicknesses import may_hide
from tasuki.claims.indications.rows import NO_DISEASE, drug_keys, is_disease
from tasuki.claims.records import IY, Record
from tasuki.kernel.days import age_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from tasuki.claims.content.sicknesses import Sickness
    from tasuki.claims.indications.rows import Contraindication, DrugIndication, Indications
    from tasuki.claims.receipt import Receipt
    from tasuki.masters.book import Book
    from tasuki.masters.rows import Drug

ORAL_SECTION = "21"  # 内服: the amount is of one day, the count its days


class Person(NamedTuple):
    """患者 — sex and birth, as the limits of a row ask for them."""

    sex: str
    born_on: date | None

    def years_on(self, day: date | None) -> int | None:
        """満年齢 — None when the birth or the day is not known."""
        if self.born_on is None or day is None or day < self.born_on:
            return None
        return age_on(self.born_on, day).years


class Medicine(NamedTuple):
    """薬剤 — one drug given: its row, the day it was first given, and how much of it."""

    code: str
    row: Drug | None
    record: Record
    item: int
    on: date | None
    amount: Decimal | None = None
    times: int | None = None
    is_oral: bool = False

    @property
    def name(self) -> str:
        """薬剤名 — or the code, where the book does not have it."""
        return self.row.name if self.row else self.code


class Judged(NamedTuple):
    """判定 — the kind of what was found, and its facts."""

    kind: str
    medicine: Medicine
    facts: Mapping[str, object]


def drug_row(book: Book | None, code: str) -> Drug | None:
    """医薬品の行 — the latest of a code: an ingredient does not change with its price."""
    rows = book.drugs.get(code) if book is not None else None
    return rows[-1] if rows else None


def medicines_of(receipt: Receipt, book: Book | None) -> Iterator[Medicine]:
    """レセプトの薬剤 — every drug of a receipt, one value for each line."""
    month = receipt.header.service_month
    for group in receipt.groups:
        for unit in group.units:
            for line in unit.lines:
                if not isinstance(line, IY):
                    continue
                days = [day for day, _ in line.days if month and day <= month.last_day]
                on = month.day(min(days)) if month and days else None
                yield Medicine(
                    line.code, drug_row(book, line.code), line.record, 4, on, line.amount, line.count,
                    group.section == ORAL_SECTION,
                )  # fmt: skip


def judge(
    medicine: Medicine, person: Person, found: Sequence[Sickness], tables: Indications
) -> Iterator[Judged]:
    """薬剤の判定 — what is to be said of one drug against the person's diseases."""
    rows = tables.of_drug(medicine.code, medicine.row)
    if rows:
        source = tables.source(medicine.code, rows[0].source)
        yield from _indication(medicine, person, found, rows, source)
    for forbidden in tables.contraindications(medicine.code, medicine.row):
        yield from _contraindicated(medicine, found, forbidden)


def _indication(
    medicine: Medicine,
    person: Person,
    found: Sequence[Sickness],
    rows: Sequence[DrugIndication],
    source: str,
) -> Iterator[Judged]:
    facts: dict[str, object] = {"name": medicine.name, "text": medicine.code, "source": source}
    years = person.years_on(medicine.on)
    fitting = [row for row in rows if row.limits.fits(person.sex, years)]
    if not fitting:
        yield Judged("person", medicine, {**facts, "sex": person.sex, "years": years})
        return
    matched = [
        (row, one)
        for row in fitting
        for one in ((None,) if row.disease in NO_DISEASE else found)
        if one is None or is_disease(row.disease, one.code, one.row)
    ]
    sure = [(row, one) for row, one in matched if one is None or not one.is_suspected]
    if not sure and may_hide(found, [row.disease for row in fitting]):
        return
    if not matched:
        yield Judged("none", medicine, facts)
        return
    if not sure:
        yield Judged("suspected", medicine, {**facts, "disease": matched[0][1].name if matched[0][1] else ""})
        return
    starts = [one.view.since_on if one else None for _, one in sure]
    if medicine.on is not None and all(start is not None and start > medicine.on for start in starts):
        earliest = min(start for start in starts if start is not None)
        yield Judged("later", medicine, {**facts, "since": earliest, "day": medicine.on})
    yield from _amounts(medicine, [row for row, _ in sure], facts)


def _amounts(
    medicine: Medicine, rows: Sequence[DrugIndication], facts: Mapping[str, object]
) -> Iterator[Judged]:
    """用量・日数 — of oral drugs, whose amount is of one day; the widest of the rows that fit counts."""
    if not medicine.is_oral:
        return
    most = [row.most_a_day for row in rows if row.most_a_day is not None and not row.is_adjustable]
    if medicine.amount is not None and len(most) == len(rows) and medicine.amount > max(most):
        yield Judged("dose", medicine, {**facts, "amount": medicine.amount, "most": max(most)})
    days = [row.most_days for row in rows if row.most_days is not None]
    if medicine.times is not None and len(days) == len(rows) and medicine.times > max(days):
        yield Judged("days", medicine, {**facts, "count": medicine.times, "most": max(days)})


def _contraindicated(
    medicine: Medicine, found: Sequence[Sickness], forbidden: Contraindication
) -> Iterator[Judged]:
    for one in found:
        if one.is_suspected or not one.is_continuing:
            continue
        if is_disease(forbidden.disease, one.code, one.row):
            facts = {
                "name": medicine.name,
                "text": medicine.code,
                "disease": one.name,
                "source": forbidden.source,
            }
            yield Judged("contraindicated", medicine, facts)
            return


def forbidden_together(medicines: Iterable[Medicine], tables: Indications) -> Iterator[Judged]:
    """併用禁忌 — every two different drugs whose pair a table forbids, once, at the later one."""
    distinct = list({one.code: one for one in medicines}.values())
    for first, second in combinations(distinct, 2):
        keys = drug_keys(second.code, second.row)
        pair = next((row for row in tables.pairs(first.code, first.row) if row.other in keys), None)
        if pair is not None:
            facts = {"name": second.name, "text": second.code, "other": first.name, "source": pair.source}
            yield Judged("pair", second, facts)
