# SPDX-License-Identifier: Apache-2.0
"""処方の内容 — the drugs of a prescription by RP, each with the records that speak of it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tasuki.prescriptions.records import Document, Record

_BESIDE_DRUG = ("211", "221", "231", "241", "281")


class DrugOrder(NamedTuple):
    """処方薬 — code, name and amount as recorded, and the records beside it (単位変換 to 薬品補足)."""

    order: str
    code_kind: str
    code: str
    name: str
    amount: Decimal | None
    unit: str
    beside: tuple[Record, ...]


class RpOrder(NamedTuple):
    """剤 — the drugs taken together, how, and for how many days or times; ``quantity`` is None when it is no number.

    ``split_quantity`` is what this part of a split prescription gives of it, and ``total_quantity`` what all give
    together (分割指示調剤数量); None where it is whole.
    """

    rp: str
    dosage_form: str
    quantity: int | None
    usage_code: str
    usage_name: str
    notes: tuple[str, ...]
    drugs: tuple[DrugOrder, ...]
    split_quantity: int | None = None
    total_quantity: int | None = None

    @property
    def whole_quantity(self) -> int | None:
        """総調剤数量 — of all parts together, as the part tells it; else the quantity itself."""
        return self.quantity if self.total_quantity is None else self.total_quantity

    @property
    def given_quantity(self) -> int | None:
        """今回の調剤数量 — what is to be dispensed on this prescription: of a part its own, else the whole."""
        return self.quantity if self.split_quantity is None else self.split_quantity


def rp_orders(document: Document) -> tuple[RpOrder, ...]:
    """剤の一覧 — of a prescription (not of a notebook), in the order of the data."""
    drugs: dict[str, list[DrugOrder]] = {}
    beside: dict[tuple[str, str], list[Record]] = {}
    notes: dict[str, list[str]] = {}
    usage: dict[str, Record] = {}
    parts: dict[str, Record] = {}
    for record in document.records:
        if record.number in _BESIDE_DRUG:
            beside.setdefault((record.item(1), record.item(2)), []).append(record)
        elif record.number == "181":
            notes.setdefault(record.item(1), []).append(document.item(record, "text"))
        elif record.number == "102":
            parts.setdefault(record.item(1), record)
        elif record.number == "111":
            usage.setdefault(record.item(1), record)
    for record in document.of("201"):
        key = (record.item(1), record.item(2))
        drugs.setdefault(key[0], []).append(
            DrugOrder(
                key[1],
                document.item(record, "code_kind"),
                document.item(record, "drug_code"),
                document.item(record, "drug_name"),
                _amount(document.item(record, "amount")),
                document.item(record, "unit"),
                tuple(beside.get(key, ())),
            )
        )
    found = []
    for record in document.of("101"):
        rp = record.item(1)
        said = usage.get(rp)
        part = parts.get(rp)
        found.append(
            RpOrder(
                rp,
                document.item(record, "dosage_form"),
                _whole(document.item(record, "quantity")),
                document.item(said, "usage_code") if said else "",
                document.item(said, "usage_name") if said else "",
                tuple(notes.get(rp, ())),
                tuple(drugs.get(rp, ())),
                _whole(document.item(part, "split_quantity")) if part else None,
                _whole(document.item(part, "total_quantity")) if part else None,
            )
        )
    return tuple(found)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


def _amount(text: str) -> Decimal | None:
    if not text.isascii() or not text.replace(".", "", 1).isdecimal():
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
