# SPDX-License-Identifier: Apache-2.0
"""適応の点検 — drugs and acts of a receipt against its diseases: advice of risk, never a refusal.

Cite: 社会保険診療報酬支払基金 コンピュータチェックに関する公開（チェックマスタ）
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.content.medicines import Person, forbidden_together, judge, medicines_of
from tasuki.claims.content.sicknesses import may_hide, sicknesses
from tasuki.claims.indications.rows import BOTH_SETTINGS, NO_DISEASE, is_disease
from tasuki.claims.records import SI

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from tasuki.claims.content.sicknesses import Sickness
    from tasuki.claims.indications.rows import ActIndication
    from tasuki.claims.receipt import Receipt

_CODES = {
    "none": "I01", "suspected": "I03", "dose": "I05", "days": "I06", "contraindicated": "I07", "pair": "I08",
    "person": "I09", "later": "I11",
}  # fmt: skip
# 検査 and 画像診断: a suspicion is what they are done for.
_TESTS = ("D", "E")


def drugs(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """薬剤の適応 — disease, sex and age, dose, days, contraindicated disease and forbidden pairs of every drug."""
    tables = context.content.indications if context.content else None
    if tables is None:
        return
    found = sicknesses(receipt, context)
    person = Person(receipt.header.sex, receipt.header.born_on)
    medicines = list(medicines_of(receipt, context.book))
    told: set[tuple[str, str]] = set()
    for medicine in medicines:
        for one in judge(medicine, person, found, tables):
            if (one.kind, medicine.code) not in told:
                told.add((one.kind, medicine.code))
                yield hit(_CODES[one.kind], medicine.record, medicine.item, **one.facts)
    for one in forbidden_together(medicines, tables):
        yield hit(_CODES[one.kind], one.medicine.record, one.medicine.item, **one.facts)


def acts(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """診療行為の適応 — disease, sex, age and setting of every act; a suspicion is enough for tests."""
    tables = context.content.indications if context.content else None
    if tables is None:
        return
    found = sicknesses(receipt, context)
    person = Person(receipt.header.sex, receipt.header.born_on)
    month, kind = receipt.header.service_month, receipt.type
    setting = "1" if kind is not None and kind.is_inpatient else "2"
    told: set[str] = set()
    for line in receipt.lines:
        rows = tables.of_act(line.code) if isinstance(line, SI) else ()
        if not isinstance(line, SI) or not rows or line.code in told:
            continue
        told.add(line.code)
        days = [day for day, _ in line.days if month and day <= month.last_day]
        on = month.day(min(days)) if month and days else None
        act = context.book.acts.get(line.code) if context.book else None
        name, is_test = (act[0].name, act[0].chapter in _TESTS) if act else (line.code, False)
        fitting = [
            row
            for row in rows
            if row.limits.fits(person.sex, person.years_on(on)) and row.setting in (BOTH_SETTINGS, setting)
        ]
        for code, facts in _act(fitting, found, on, is_test=is_test):
            yield hit(
                code,
                line.record,
                4,
                name=name,
                text=line.code,
                source=tables.source(line.code, rows[0].source),
                **facts,
            )


def _act(
    rows: Sequence[ActIndication], found: Sequence[Sickness], on: date | None, *, is_test: bool
) -> Iterator[tuple[str, dict[str, object]]]:
    if not rows:
        yield "I10", {}
        return
    if any(row.disease in NO_DISEASE for row in rows):
        return
    matched = [(row, one) for row in rows for one in found if is_disease(row.disease, one.code, one.row)]
    enough = [
        one for row, one in matched if not one.is_suspected or is_test or row.is_suspicion_enough
    ]  # fmt: skip
    if not enough and may_hide(found, [row.disease for row in rows]):
        return
    if not matched:
        yield "I02", {}
        return
    if not enough:
        yield "I04", {"disease": matched[0][1].name}
        return
    starts = [one.view.since_on for one in enough]
    if on is not None and all(start is not None and start > on for start in starts):
        yield "I12", {"since": min(start for start in starts if start is not None), "day": on}


RULES = (drugs, acts)
