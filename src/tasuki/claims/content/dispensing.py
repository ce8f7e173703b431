# SPDX-License-Identifier: Apache-2.0
"""突合の点検 — what pharmacies dispensed on our prescriptions, against the prescriptions and the receipt's diseases.

Cite: 突合点検・縦覧点検（社会保険診療報酬支払基金、平成24年3月審査分から）
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.content.given import person_of
from tasuki.claims.content.medicines import (
    Medicine,
    Person,
    drug_row,
    forbidden_together,
    judge,
    medicines_of,
)
from tasuki.claims.content.pharmacy import ORAL
from tasuki.claims.content.sicknesses import sicknesses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasuki.claims.content.pharmacy import Dispensed, Prescribed
    from tasuki.claims.receipt import Receipt
    from tasuki.masters.book import Book
    from tasuki.masters.rows import Drug

_CODES = {
    "none": "P04", "suspected": "P05", "dose": "P06", "days": "P07", "contraindicated": "P08", "pair": "P09",
    "person": "P10", "later": "P11",
}  # fmt: skip
_INGREDIENT, _STRENGTH = 7, 9  # characters of a 薬価基準収載医薬品コード


def as_prescribed(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """処方どおりの調剤 — every dispensed drug stands on a prescription of its day, in its amount and days.

    Another product of the same ingredient is the same drug; its amount is compared when its strength is the same.
    """
    content = context.content
    if content is None or content.prescribed is None:
        return
    record = receipt.header.record
    prescribed = content.prescribed.get(receipt.header.chart_number)
    if prescribed is None:
        return  # whether anything was prescribed is not known
    for drug in _dispensed(receipt, context):
        row = drug_row(context.book, drug.drug_code)
        facts: dict[str, object] = {"name": row.name if row else drug.drug_code, "text": drug.drug_code}
        same_day = [one for one in prescribed if drug.prescribed_on in (None, one.on)]
        fitting = _nearest(same_day, drug.drug_code, row, context.book)
        if not fitting:
            yield hit("P01", record, 0, day=drug.prescribed_on or "", **facts)
            continue
        counts = {one.count for one in fitting}
        if drug.count is not None and None not in counts and drug.count not in counts:
            expected = "・".join(str(count) for count in sorted(c for c in counts if c is not None))
            yield hit("P02", record, 0, found=drug.count, expected=expected, **facts)
        yield from _amount(fitting, drug, row, receipt, context, facts)


def _nearest(
    prescribed: Sequence[Prescribed], dispensed: str, row: Drug | None, book: Book | None
) -> list[Prescribed]:
    """The prescribed drugs that a dispensed one answers: itself, else another product of its strength, else of its ingredient."""
    itself = [one for one in prescribed if one.drug_code == dispensed]
    alike = [one for one in prescribed if _is_same_strength(one.drug_code, dispensed, row, book)]
    return itself or alike or [one for one in prescribed if _is_same(one.drug_code, dispensed, row, book)]


def _amount(
    fitting: Sequence[Prescribed],
    drug: Dispensed,
    row: Drug | None,
    receipt: Receipt,
    context: Context,
    facts: dict[str, object],
) -> Iterator[Hit]:
    alike = [one for one in fitting if _is_same_strength(one.drug_code, drug.drug_code, row, context.book)]
    amounts = {one.amount for one in alike}
    if drug.amount is None or not amounts or None in amounts or drug.amount in amounts:
        return
    expected = "・".join(str(amount) for amount in sorted(a for a in amounts if a is not None))
    yield hit("P03", receipt.header.record, 0, found=drug.amount, expected=expected, **facts)


def indicated(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """調剤薬の適応 — the checks of drugs, for those dispensed outside, against this receipt's diseases."""
    tables = context.content.indications if context.content else None
    if tables is None:
        return
    record = receipt.header.record
    outside = [
        Medicine(
            one.drug_code, drug_row(context.book, one.drug_code), record, 0,
            one.prescribed_on or one.dispensed_on, one.amount, one.count, one.form == ORAL,
        )
        for one in _dispensed(receipt, context)
    ]  # fmt: skip
    if not outside:
        return
    found = sicknesses(receipt, context)
    person = Person(receipt.header.sex, receipt.header.born_on)
    told: set[tuple[str, str]] = set()
    for medicine in outside:
        for one in judge(medicine, person, found, tables):
            if (one.kind, medicine.code) not in told:
                told.add((one.kind, medicine.code))
                yield hit(_CODES[one.kind], record, 0, **one.facts)
    codes = {one.code for one in outside}
    for one in forbidden_together((*medicines_of(receipt, context.book), *outside), tables):
        if one.medicine.code in codes:
            yield hit(_CODES[one.kind], record, 0, **one.facts)


def _dispensed(receipt: Receipt, context: Context) -> Sequence[Dispensed]:
    """調剤薬 — of the same person on prescriptions of this month.

    A prescription of the last month's end may be dispensed in this one: its day decides.
    """
    key, month = person_of(receipt), receipt.header.service_month
    if context.content is None or key is None or month is None:
        return ()
    return tuple(
        one
        for one in context.content.dispensed.get(key, ())
        if one.prescribed_on is None
        or (one.prescribed_on.year, one.prescribed_on.month) == (month.year, month.month)
    )


def _is_same(prescribed: str, dispensed: str, row: Drug | None, book: Book | None) -> bool:
    return prescribed == dispensed or _shares(prescribed, row, book, _INGREDIENT)


def _is_same_strength(prescribed: str, dispensed: str, row: Drug | None, book: Book | None) -> bool:
    return prescribed == dispensed or _shares(prescribed, row, book, _STRENGTH)


def _shares(prescribed: str, row: Drug | None, book: Book | None, length: int) -> bool:
    ours = drug_row(book, prescribed)
    heads = {each.price_list_code[:length] for each in (ours, row) if each and each.price_list_code}
    return ours is not None and row is not None and len(heads) == 1


RULES = (as_prescribed, indicated)
