# SPDX-License-Identifier: Apache-2.0
"""コード対応表の用意 — what the masters tell of the day, and what the clinic chose, as the builders take it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tasuki.masters.book import DayBook
from tasuki.sharing.build import CodeKind as LibraryKind
from tasuki.sharing.build import CodeMap, ConditionFacts, Mapping, StandardCode, from_book, names
from tasuki_server.orders.catalogue import day_book
from tasuki_server.sharing.local_codes import DISEASE_NUMBERS
from tasuki_server.sharing.local_names import UNCODED_DISEASE, LocalName
from tasuki_server.sharing.models import CodeKind, LocalCode

_CHOSEN = "自院のコード対応"


def codes_for(facts: Sequence[Any], day: date, chosen: dict[tuple[str, str], LocalCode]) -> CodeMap:
    """コード対応表 — of what these facts name: from the masters of the day, with the clinic's own choices over them."""
    book = day_book(day)
    own = [_mapping(row) for row in chosen.values() if row.code]
    numbers = [_numbered(each, book) for each in facts if isinstance(each, ConditionFacts)]
    return from_book(book, facts).with_([each for each in (*numbers, *own) if each is not None])


def _numbered(facts: ConditionFacts, book: DayBook) -> Mapping | None:
    """病名管理番号 come with the disease master; 未コード化傷病名 has one there too, which says nothing."""
    versions = book.book.diseases.get(facts.diagnosis.code, ())
    row = next((each for each in versions if book.day in each.validity), None)
    if row is None or not row.management_number or row.code == UNCODED_DISEASE:
        return None
    number = StandardCode(names.DISEASE_NUMBER, row.management_number, row.name)
    return Mapping(LibraryKind.DISEASE, row.code, (number,), row.name, "傷病名マスター", book.day)


def _mapping(row: LocalCode) -> Mapping | None:
    codes = (StandardCode(row.system, row.code, row.display),)
    dated = row.made_at.date()
    if row.kind == CodeKind.LAB:
        local = LocalName(CodeKind.LAB, row.key, row.name).local_code
        return Mapping(LibraryKind.LAB, local, codes, row.name, _CHOSEN, dated)
    if row.kind == CodeKind.ALLERGEN:
        return Mapping(LibraryKind.ALLERGEN, row.code, codes, row.name, _CHOSEN, dated)
    kind, _, code = row.key.partition("|")
    if kind == "c" and row.system == DISEASE_NUMBERS:
        return Mapping(LibraryKind.DISEASE, code, codes, row.name, _CHOSEN, dated)
    return None
