# SPDX-License-Identifier: Apache-2.0
"""標準コードの候補 — for a name of the clinic, from the lists of the service and the masters, the likeliest first."""

from __future__ import annotations

from typing import NamedTuple

from tasuki.sharing.codes import find_allergens, find_lab_codes
from tasuki.sharing.codes.lab_codes import folded_unit, lab_codes
from tasuki_server.orders.catalogue import day_book, find_diseases, find_drugs
from tasuki_server.reception.clock import today
from tasuki_server.sharing.local_names import LocalName
from tasuki_server.sharing.models import CodeKind

MOST = 8
RECEIPT_DISEASES = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterB-disease"
MEDICINES = "http://jpfhir.jp/fhir/core/CodeSystem/YCM/JP_JfagyMedicationAllergen_CS"


class Choice(NamedTuple):
    """標準コードの候補 — one code that may be chosen; ``about`` says what it is, ``mark`` what does not fit."""

    system: str
    code: str
    display: str
    about: str
    mark: str = ""


def suggest(name: LocalName, text: str = "", limit: int = MOST) -> list[Choice]:
    """候補 — for the name as it is, or for other words someone typed."""
    wanted = text.strip() or name.name
    match name.kind:
        case CodeKind.LAB:
            return [_lab(row, name) for row in find_lab_codes(wanted, name.unit, name.hint, limit)]
        case CodeKind.ALLERGEN:
            return _allergens(name, wanted, limit)
        case _:
            return _diseases(wanted, limit)


def choice_of(name: LocalName, code: str) -> Choice | None:
    """候補の一つ — by its code; None for one that is in no list."""
    match name.kind:
        case CodeKind.LAB:
            display, _, digits = code.partition("|")
            found = [row for row in lab_codes() if row.code == digits and row.display == display]
            return _lab(found[0], name) if found else None
        case CodeKind.ALLERGEN:
            return next(
                (each for each in _allergens(name, code.removeprefix("YCM"), MOST) if each.code == code), None
            )
        case _:
            return next((each for each in _diseases(code, MOST) if each.code == code), None)


def chosen_value(kind: CodeKind, choice: Choice) -> str:
    """候補の値 — as the form sends it back; a code of a test stands under more than one name."""
    return f"{choice.display}|{choice.code}" if kind == CodeKind.LAB else choice.code


def _lab(row, name: LocalName) -> Choice:  # type: ignore[no-untyped-def]
    about = "・".join((row.item, row.unit, row.specimen, row.method))
    mark = ""
    if name.unit and not row.is_coded and folded_unit(row.unit) != folded_unit(name.unit):
        mark = "単位が違う"
    elif name.hint and not row.specimen.startswith(name.hint):
        mark = "材料が違う"
    return Choice(row.system, row.code, row.display, about, mark)


def _allergens(name: LocalName, text: str, limit: int) -> list[Choice]:
    found = [
        Choice(row.system, row.code, row.name, "食物" if row.is_food else "食物・薬以外")
        for row in find_allergens(text, limit)
    ]
    if name.hint == "薬" or not found:
        found = [*_medicines(text, limit), *found]
    return found[:limit]


def _medicines(text: str, limit: int) -> list[Choice]:
    book = day_book(today())
    rows = [book.drug(each.code) for each in find_drugs(text, book, limit)]
    if not rows and len(text) == 12:
        rows = [
            row
            for versions in book.book.drugs.values()
            for row in versions
            if row.price_list_code == text and book.day in row.validity
        ]
    return [
        Choice(MEDICINES, f"YCM{row.price_list_code}", row.name, "医薬品")
        for row in rows
        if len(row.price_list_code) == 12
    ]


def _diseases(text: str, limit: int) -> list[Choice]:
    book = day_book(today())
    found = [each for each in find_diseases(text, book, limit * 2) if len(each.code) == 7]
    return [
        Choice(RECEIPT_DISEASES, each.code, each.name, each.detail or "傷病名マスター")
        for each in found[:limit]
    ]
