# SPDX-License-Identifier: Apache-2.0
"""処方 — the drugs a visit prescribes, in the house and outside, and how they are counted."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

from tasuki.calculation.psychotropics import has_many_psychotropics, may_have_many_psychotropics
from tasuki.chart.orders import Dispensing, Order, OrderKind
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.masters.rows import Drug

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.chart.orders import Item

DRUG_KINDS = frozenset({OrderKind.INTERNAL, OrderKind.AS_NEEDED, OrderKind.EXTERNAL})
_OUTSIDE, _IN_HOUSE, _INTERNAL = Dispensing.OUTSIDE, Dispensing.IN_HOUSE, OrderKind.INTERNAL
TEMPORARY_DAYS = 14
CHEAP_UNIT_YEN = 205
INJECTION_FORM = "4"  # 医薬品マスター col 28
MANY_KINDS = 7
POWDER_UNITS = frozenset({"ｇ", "g"})


class PrescribedDrug(Struct, frozen=True, gc=False):
    """処方薬 — one drug of a prescription with the order and item it stands in."""

    order: Order
    item: Item
    row: Drug

    @property
    def is_outside(self) -> bool:
        """院外か — whether it is on a prescription for a pharmacy."""
        return self.order.dispensing is _OUTSIDE


def prescribed_drugs(case: Case) -> tuple[PrescribedDrug, ...]:
    """処方薬 — of the visit in the order of entry; codes no table knows are left to the finding of 読込."""
    found = []
    row_of = case.book.item
    for order in case.visit.orders:
        if order.kind not in DRUG_KINDS:
            continue
        for item in order.items:
            try:
                row = row_of(item.code)
            except (UnknownCode, EndedCode):
                continue
            if type(row) is Drug:
                found.append(PrescribedDrug(order, item, row))
    return tuple(found)


class KindCount(Struct, frozen=True, gc=False):
    """内服薬の種類数 — ``regular`` leaves out what is marked temporary; ``if_short_is_temporary`` everything short."""

    regular: int
    if_short_is_temporary: int

    @property
    def is_many(self) -> bool:
        """7種類以上か — by what is marked."""
        return self.regular >= MANY_KINDS

    @property
    def is_unsure(self) -> bool:
        """要確認か — whether marking the short orders as temporary would change the answer."""
        return self.is_many and self.if_short_is_temporary < MANY_KINDS


class CountedDrugs(Struct, frozen=True, gc=False):
    """処方の内容 — the drugs of one place of dispensing, with what decides the tier of their fee."""

    drugs: tuple[PrescribedDrug, ...]
    kinds: KindCount
    has_many_psychotropics: bool
    may_have_many_psychotropics: bool


def counted_drugs(case: Case, *, is_outside: bool) -> CountedDrugs | None:
    """処方の内容 — of the drugs dispensed here or prescribed outside, None when there are none.

    Drugs for injection at home that are handed out here are billed under 在宅医療 and bring no fee of 投薬.

    Cite: 医科点数表 C200; 疑義解釈その2 (令和8年4月1日) 医科 問65・問66
    """
    if (_OUTSIDE if is_outside else _IN_HOUSE) not in case.order_marks:
        return None
    drugs = case.prescribed
    if not is_outside or _IN_HOUSE in case.order_marks:
        drugs = tuple(
            [
                drug
                for drug in drugs
                if (drug.order.dispensing is _OUTSIDE) is is_outside
                and (is_outside or drug.row.form != INJECTION_FORM)
            ]
        )
    if not drugs:
        return None
    rows = [drug.row for drug in drugs]
    may_have_many = may_have_many_psychotropics(rows)
    return CountedDrugs(
        drugs, count_kinds(case, drugs), may_have_many and has_many_psychotropics(rows), may_have_many
    )


def count_kinds(case: Case, drugs: tuple[PrescribedDrug, ...]) -> KindCount:
    """内服薬の種類数 — of one prescription.

    One 剤 of 205 yen or less a day is one kind; otherwise each brand is, powders mixed in one 剤 together.
    A temporary order of two weeks or less is not counted.

    Cite: 医科点数表 F200 注3; 通知 F200(6)ア〜エ, F400(12) (一般名処方は最も低い薬価とみなす)
    """
    regular = short = 0
    for members in _doses([drug for drug in drugs if drug.order.kind is _INTERNAL]):
        first = members[0].order
        is_short = first.count <= TEMPORARY_DAYS
        if first.is_temporary and is_short:
            continue
        kinds = _kinds_of_dose(case, members)
        regular += kinds
        short += 0 if is_short else kinds
    return KindCount(regular, short)


def _doses(drugs: list[PrescribedDrug]) -> list[list[PrescribedDrug]]:
    """By 1剤, in the order of entry; most prescriptions are one order."""
    if not drugs:
        return []
    if drugs[0].order is drugs[-1].order:
        return [drugs]
    doses: dict[tuple[object, ...], list[PrescribedDrug]] = defaultdict(list)
    for drug in drugs:
        doses[dose_key(drug.order)].append(drug)
    return list(doses.values())


def dose_key(order: Order) -> tuple[object, ...]:
    """1剤の区分 — orders of the same time, number of doses and days are one 剤; without a usage each by itself."""
    usage = order.usage
    if usage and not usage.isalnum():
        usage = "".join(usage.split())
    return (usage or order.id, order.count, order.is_temporary, order.dispensing, order.programme_ids)


def _kinds_of_dose(case: Case, members: list[PrescribedDrug]) -> int:
    if len(members) == 1:
        return 1
    # By the day of the visit, which the premises are of, and by that of the book.
    prices = case.premises.kept_on(case.book.day).setdefault(_PRICES, {})
    yen = _NO_YEN
    for drug in members:
        item, row = drug.item, drug.row
        if item.amount:
            asked = (row.code, item.is_generic_name)
            price = prices.get(asked)
            if price is None:
                price = prices[asked] = _price(case, row, is_generic_name=item.is_generic_name)
            yen += price * item.amount
    if yen <= CHEAP_UNIT_YEN:
        return 1
    brands = {drug.row.code for drug in members}
    powders = [drug for drug in members if drug.row.unit_name in POWDER_UNITS]
    if not powders:
        return len(brands)
    powders_by_order: dict[str, set[str]] = defaultdict(set)
    for drug in powders:
        powders_by_order[drug.order.id].add(drug.row.code)
    mixed = sum(len(codes) - 1 for codes in powders_by_order.values())
    return max(1, len(brands) - mixed)


def _price(case: Case, row: Drug, *, is_generic_name: bool) -> Decimal:
    """A drug prescribed by its general name counts at the lowest price of its kind on the day of the visit."""
    if not is_generic_name or not row.generic_code:
        return row.price
    listed = case.book.book.generic_names.get(row.generic_code, ())
    prices = [name.lowest_price for name in listed if case.day in name.validity and name.lowest_price]
    return min([row.price, *prices])


_PRICES = "prices of drugs by their general names"
_NO_YEN = Decimal(0)
