# SPDX-License-Identifier: Apache-2.0
"""処方と調剤の突合 — what was really dispensed beside what was ordered, drug by drug."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from tasuki.prescriptions.contents import CodeKind, DrugContents, PrescriptionContents, RpContents
from tasuki.prescriptions.documents import read_registration_document
from tasuki.prescriptions.reader import read_prescription
from tasuki.prescriptions.records import Document

_QUANTITIES = {"1": "日分", "2": "回分"}
_RULED = ("1", "2")


class GivenDrug(NamedTuple):
    """調剤された薬 — as the pharmacy's records say; ``rp`` and the day's amount are theirs."""

    rp: str
    name: str
    code: str
    amount: str
    unit: str
    quantity: str
    notes: tuple[str, ...]


class ComparedDrug(NamedTuple):
    """処方と調剤の一行 — what was ordered, what was given for it, and how it differs, in Japanese; "" where it does not."""

    rp: int
    ordered: str
    given: str
    difference: str
    notes: tuple[str, ...] = ()


def compared(contents: PrescriptionContents, data: bytes) -> list[ComparedDrug]:
    """処方と調剤の突合 — in the order of the prescription, then what was given beside it. Raises ``BadInput``."""
    left = given_drugs(data)
    ordered = [(rp, each, drug) for rp, each in enumerate(contents.rps, 1) for drug in each.drugs]
    matches: dict[int, GivenDrug] = {}
    for is_same in _TESTS:
        for place, (rp, _, drug) in enumerate(ordered):
            found = (
                next((each for each in left if is_same(rp, drug, each)), None)
                if place not in matches
                else None
            )
            if found is not None:
                matches[place] = found
                left.remove(found)
    rows = [_row(rp, each, drug, matches.get(place)) for place, (rp, each, drug) in enumerate(ordered)]
    return [*rows, *(ComparedDrug(0, "", _given_text(each), "処方にない薬", each.notes) for each in left)]


def given_drugs(data: bytes) -> list[GivenDrug]:
    """調剤された薬 — of the pharmacy's records, in or without their signed document. Raises ``BadInput``."""
    document = _records(data)
    usages = {record.item(1): record for record in document.of("301")}
    notes: dict[str, list[str]] = {}
    for record in document.of("281"):
        notes.setdefault(record.item(1), []).append(document.item(record, "text"))
    found = []
    for record in document.of("201"):
        rp = record.item(1)
        usage = usages.get(rp)
        quantity = document.item(usage, "quantity") if usage else ""
        unit = document.item(usage, "quantity_unit") if usage else ""
        found.append(
            GivenDrug(
                rp,
                document.item(record, "drug_name"),
                document.item(record, "drug_code"),
                document.item(record, "amount"),
                document.item(record, "unit"),
                f"{quantity}{unit}",
                tuple(notes.get(rp, ())),
            )
        )
    return found


def ordered_text(rp: RpContents, drug: DrugContents) -> str:
    """処方の一行 — name, amount, and for how long."""
    amount = f"{_plain_number(drug.amount)}{drug.unit}"
    unit = _QUANTITIES.get(rp.form.value)
    return f"{drug.name} {amount}" + (f" {_quantity(rp)}{unit}" if unit else "")


def _quantity(rp: RpContents) -> int:
    """Of a split prescription what this part gives."""
    return rp.quantity if rp.split_quantity is None else rp.split_quantity


def _records(data: bytes) -> Document:
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        data = read_registration_document(data).dispensing_data
    return read_prescription(data)


# By code, then by name, then by the RP: a changed generic keeps its RP.
_TESTS: tuple[Callable[[int, DrugContents, GivenDrug], bool], ...] = (
    lambda rp, drug, each: bool(drug.code) and each.code == drug.code,
    lambda rp, drug, each: _plain(each.name) == _plain(drug.name),
    lambda rp, drug, each: each.rp == str(rp),
)


def _row(rp: int, each: RpContents, drug: DrugContents, match: GivenDrug | None) -> ComparedDrug:
    ordered = ordered_text(each, drug)
    if match is None:
        return ComparedDrug(rp, ordered, "", "調剤の記録にありません")
    said = []
    is_same = _plain(match.name) == _plain(drug.name) or (bool(drug.code) and match.code == drug.code)
    if not is_same:
        said.append("一般名から銘柄へ" if drug.code_kind is CodeKind.GENERIC else "別の銘柄に変更")
    if _number(match.amount) not in (None, drug.amount):
        said.append(f"量 {_plain_number(drug.amount)}→{match.amount}")
    days = "".join(character for character in match.quantity if character.isdecimal())
    if each.form.value in _RULED and days and int(days) != _quantity(each):
        said.append(f"数量 {_quantity(each)}→{days}")
    return ComparedDrug(rp, ordered, _given_text(match), "、".join(said), match.notes)


def _given_text(drug: GivenDrug) -> str:
    return f"{drug.name} {drug.amount}{drug.unit} {drug.quantity}".strip()


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).removeprefix("【般】")


def _plain_number(amount: Decimal | None) -> str:
    return f"{amount.normalize():f}" if amount is not None else "―"


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
