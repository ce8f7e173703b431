# SPDX-License-Identifier: Apache-2.0
"""処方データからの点検 — the drugs of a prescription's records as the checks read them (records 101, 111, 201)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tasuki.chart.orders import OrderKind
from tasuki.prescriptions.contents import CodeKind, DosageForm
from tasuki.prescriptions.orders import rp_orders
from tasuki.prescriptions.safety.from_chart import drug_of, medicine_place, times_a_day
from tasuki.prescriptions.safety.person import Medicine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from tasuki.masters.book import DayBook
    from tasuki.prescriptions.records import Document

_KINDS: dict[str, OrderKind] = {
    DosageForm.INTERNAL: OrderKind.INTERNAL,
    DosageForm.AS_NEEDED: OrderKind.AS_NEEDED,
    DosageForm.INJECTION: OrderKind.INJECTION,
}
# 厚労省コード, YJ and 一般名コード begin with the same characters.
_BY_INGREDIENT = frozenset((CodeKind.PRICE_LIST, CodeKind.YJ, CodeKind.GENERIC))


def medicines_of_document(
    document: Document, day: date, book: DayBook | None = None, institution: str = ""
) -> Iterator[Medicine]:
    """処方データの薬 — of a prescription given on a day; ``book`` finds the ingredient of レセプト電算コード.

    The places of those of another ``institution`` are left out: they are no part of what is checked.
    """
    for rp in rp_orders(document):
        if rp.dosage_form == DosageForm.MATERIAL:
            continue
        kind = _KINDS.get(rp.dosage_form, OrderKind.EXTERNAL)
        is_internal = kind is OrderKind.INTERNAL and rp.quantity is not None
        for index, drug in enumerate(rp.drugs):
            code = drug.code if drug.code_kind == CodeKind.CLAIM else ""
            row = drug_of(book, code) if book is not None and code else None
            found = row.price_list_code or row.generic_code if row else ""
            yield Medicine(
                code=code,
                name=drug.name,
                ingredient=drug.code if drug.code_kind in _BY_INGREDIENT else found,
                since=day,
                until=day + timedelta(days=max(rp.quantity or 1, 1) - 1) if is_internal else None,
                place="" if institution else medicine_place(rp.rp, index),
                kind=kind,
                amount=drug.amount,
                unit=drug.unit,
                times_a_day=times_a_day(rp.usage_name) if is_internal else None,
                institution=institution,
            )
