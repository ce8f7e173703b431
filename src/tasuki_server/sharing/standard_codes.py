# SPDX-License-Identifier: Apache-2.0
"""コード対応表の用意 — what the masters tell of the day, and what the clinic chose, as the builders take it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from tasuki.masters.book import Book
from tasuki.masters.rows import Disease, Drug
from tasuki.sharing.build import names
from tasuki.sharing.build.codes import CodeKind as LibraryKind
from tasuki.sharing.build.codes import CodeMap, Mapping, StandardCode
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
    diseases = (row for versions in book.diseases.values() for row in versions if day in row.validity)
    drugs = (row for versions in book.drugs.values() for row in versions if day in row.validity)
    found = [_disease(row) for row in diseases] + [_drug(row) for row in drugs if row.price_list_code]
    return CodeMap(each for each in found if each.codes)


def _disease(row: Disease) -> Mapping:
    """未コード化傷病名 has a number in the master too, which says nothing: it goes without."""
    given = [(names.DISEASE_RECEIPT, row.code), *((names.ICD10, each) for each in row.icd10)]
    if row.code != UNCODED_DISEASE:
        given += [(names.DISEASE_NUMBER, row.management_number), (names.DISEASE_EXCHANGE, row.exchange_code)]
    codes = tuple(StandardCode(system, code, row.name) for system, code in given if code)
    return Mapping(LibraryKind.DISEASE, row.code, codes, row.name, "傷病名マスター")


def _drug(row: Drug) -> Mapping:
    codes = [StandardCode(names.YJ, row.price_list_code, row.name)]
    if row.generic_code:
        codes.append(StandardCode(names.GENERAL_NAME, row.generic_code, row.generic_name))
    return Mapping(LibraryKind.DRUG, row.code, tuple(codes), row.name, "医薬品マスター")


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
