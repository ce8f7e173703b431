# SPDX-License-Identifier: Apache-2.0
"""コード対応表の用意 — what the masters tell of the day, and what the clinic chose, as the builders take it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from tasuki.masters.book import Book
from tasuki.sharing.build import CodeKind as LibraryKind
from tasuki.sharing.build import CodeMap, Mapping, StandardCode, from_book
from tasuki_server.masters_source import current_book
from tasuki_server.sharing.local_codes import DISEASE_NUMBERS
from tasuki_server.sharing.local_names import UNCODED_DISEASE, LocalName
from tasuki_server.sharing.models import CodeKind, LocalCode

_CHOSEN = "自院のコード対応"


def codes_on(day: date, chosen: dict[tuple[str, str], LocalCode]) -> CodeMap:
    """その日のコード対応表 — of the masters, with the clinic's own choices over them."""
    own = [_mapping(row) for row in chosen.values() if row.code]
    return _of_masters(current_book(), day).with_([each for each in own if each is not None])


@lru_cache(maxsize=2)
def _of_masters(book: Book, day: date) -> CodeMap:
    """病名管理番号 come with the disease master; 未コード化傷病名 has one there too, which says nothing."""
    numbers = [
        Mapping(
            LibraryKind.DISEASE,
            row.code,
            (StandardCode(DISEASE_NUMBERS, row.management_number, row.name),),
            row.name,
            "傷病名マスター",
        )
        for versions in book.diseases.values()
        for row in versions
        if day in row.validity and row.management_number and row.code != UNCODED_DISEASE
    ]
    return from_book(book, day).with_(numbers)


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
