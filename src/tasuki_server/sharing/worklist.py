# SPDX-License-Identifier: Apache-2.0
"""コード対応の作業リスト — every local name the charts hold without a standard code, how often, and what was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Count, Max

from tasuki.kernel.kana import search_key
from tasuki.masters.book import Book
from tasuki_server.chart.models import DiagnosisRecord
from tasuki_server.masters_source import current_book
from tasuki_server.patients.models import AllergyRecord
from tasuki_server.sharing.local_codes import mappings
from tasuki_server.sharing.local_names import (
    UNCODED_DISEASE,
    LocalName,
    allergen_name,
    disease_name,
    lab_name,
)
from tasuki_server.sharing.models import CodeKind, LabResult, LocalCode

FILTERS = (("open", "未対応"), ("chosen", "対応済"), ("none", "標準コードなし"), ("all", "すべて"))
SORTS = (("count", "件数の多い順"), ("name", "名称順"), ("new", "新しい順"))


class Entry(NamedTuple):
    """作業リストの行 — one local name with how many records bear it, the last one, and its mapping."""

    name: LocalName
    count: int
    last_at: datetime
    mapping: LocalCode | None

    @property
    def state(self) -> str:
        """対応の状態 — a word of :data:`FILTERS`."""
        if self.mapping is None:
            return "open"
        return "none" if self.mapping.is_none else "chosen"


def worklist() -> list[Entry]:
    """作業リスト — of the institution; a name written in several ways is one line, under its newest spelling."""
    chosen = mappings()
    met: dict[tuple[str, str], Entry] = {}
    for name, count, last_at in _met():
        key = (str(name.kind), name.key)
        before = met.get(key)
        if before is None:
            met[key] = Entry(name, count, last_at, chosen.get(key))
            continue
        newest = name if last_at > before.last_at else before.name
        met[key] = before._replace(
            name=newest, count=before.count + count, last_at=max(last_at, before.last_at)
        )
    return list(met.values())


def narrowed(entries: Iterable[Entry], kind: str, state: str, q: str, sort: str) -> list[Entry]:
    """絞込みと並べ替え — by kind, state and words of the name or the chosen code."""
    key = search_key(q)
    found = [
        each
        for each in entries
        if (not kind or each.name.kind == kind)
        and (state == "all" or each.state == state)
        and (not key or key in _words(each))
    ]
    order = {
        "name": lambda each: (search_key(each.name.name), each.name.key),
        "new": lambda each: (-each.last_at.timestamp(), each.name.key),
    }.get(sort, lambda each: (-each.count, each.name.key))
    return sorted(found, key=order)


def find_entry(kind: str, key: str) -> Entry | None:
    """作業リストの一行 — by kind and key, None for a name that no chart holds."""
    return next((each for each in worklist() if each.name.kind == kind and each.name.key == key), None)


def _words(each: Entry) -> str:
    mapping = each.mapping
    given = (each.name.name, each.name.detail, *((mapping.code, mapping.display) if mapping else ()))
    return search_key(" ".join(given))


def _met() -> Iterator[tuple[LocalName, int, datetime]]:
    results = LabResult.objects.current().values("name", "unit", "specimen")  # type: ignore[attr-defined]
    for row in results.annotate(count=Count("id"), last_at=Max("made_at")).order_by():
        yield lab_name(row["name"], row["unit"], row["specimen"]), row["count"], row["last_at"]
    allergies = AllergyRecord.objects.current().exclude(kind="drug", drug_code__gt="")  # type: ignore[attr-defined]
    for row in (
        allergies.values("kind", "substance").annotate(count=Count("id"), last_at=Max("made_at")).order_by()
    ):
        yield allergen_name(row["kind"], row["substance"]), row["count"], row["last_at"]
    diseases = DiagnosisRecord.objects.current()  # type: ignore[attr-defined]
    numbered = _numbered()
    for row in diseases.values("code", "name").annotate(count=Count("id"), last_at=Max("made_at")).order_by():
        if row["code"] not in numbered:
            name = row["name"] if row["code"] == UNCODED_DISEASE else _base_name(row["code"], row["name"])
            yield disease_name(row["code"], name), row["count"], row["last_at"]


def _numbered() -> frozenset[str]:
    """Codes of diseases that the master gives a 病名管理番号."""
    return _numbered_in(current_book())


@lru_cache(maxsize=2)
def _numbered_in(book: Book) -> frozenset[str]:
    rows = (row for versions in book.diseases.values() for row in versions)
    return frozenset(row.code for row in rows if row.management_number and row.code != UNCODED_DISEASE)


def _base_name(code: str, name: str) -> str:
    """The name of the master, without what one chart put before and after it."""
    versions = current_book().diseases.get(code)
    return versions[-1].name if versions else name


__all__ = ["FILTERS", "SORTS", "CodeKind", "Entry", "find_entry", "narrowed", "worklist"]
