# SPDX-License-Identifier: Apache-2.0
"""オーダの候補 — one search over acts, drugs, materials, sets and 用法, as they stand on the day of the visit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.kana import search_key
from tasuki.masters.book import Book, DayBook, OutOfBook
from tasuki.masters.rows import UNCODED_MATERIAL, Act, Comment, Disease, Drug, Material, Modifier
from tasuki_server.masters_source import current_book
from tasuki_server.orders.comments import MODIFIERS
from tasuki_server.orders.labels import CHAPTER_LABELS, FORM_LABELS
from tasuki_server.orders.models import OrderSet
from tasuki_server.orders.uncoded import NAME as UNCODED_NAME
from tasuki_server.orders.usages import find_usages

LIMIT = 12


@dataclass(frozen=True, slots=True)
class Candidate:
    """候補 — one line of the list under the box; ``code`` is what the form sends back."""

    code: str
    name: str
    kind: str
    detail: str = ""
    mark: str = ""


def day_book(day: date) -> DayBook:
    """診療日の点数表 — raises :class:`BadInput` for a day no loaded revision covers."""
    try:
        return current_book().at(day)
    except OutOfBook as error:
        where = Where(record="診療日", field=day.isoformat())
        raise BadInput([Finding("TS-ORD-002", Severity.BLOCK, where, "orders.out_of_book")]) from error


def find_orderables(
    text: str, book: DayBook, sets: Sequence[OrderSet], limit: int = LIMIT
) -> list[Candidate]:
    """オーダの検索 — sets by their short code first, then 用法, then the master by code, start and part."""
    key = search_key(text)
    if not key:
        return []
    found = [_of_set(each) for each in _matching_sets(key, sets)]
    rows = _ranked(_entries(book.book), key, book.day, limit)
    candidates = [_of_row(row) for row in rows]
    if key == UNCODED_MATERIAL or (len(key) > 1 and search_key(UNCODED_NAME).startswith(key)):
        candidates.append(Candidate(UNCODED_MATERIAL, UNCODED_NAME, "材料", "購入価格"))
    usages = [Candidate(usage.code, usage.text, "用法") for usage in find_usages(text)]
    found += [*usages, *candidates]
    return [*found, *find_comments(text, book, limit - len(found))][:limit]


def find_comments(text: str, book: DayBook, limit: int = LIMIT) -> list[Candidate]:
    """コメントの検索 — by code and words; a comment joins the order above."""
    key = search_key(text)
    if not key or limit <= 0:
        return []
    rows = _ranked(_comment_entries(book.book), key, book.day, limit)
    return [Candidate(row.code, row.name or "フリーコメント", "コメント") for row in rows]


def find_diseases(text: str, book: DayBook, limit: int = LIMIT) -> list[Candidate]:
    """病名の検索 — diseases and modifiers; a modifier is told by its kind."""
    key = search_key(text)
    if not key:
        return []
    rows = _ranked(_disease_entries(book.book), key, book.day, limit)
    return [_of_disease(row) for row in rows]


def find_drugs(text: str, book: DayBook, limit: int = LIMIT) -> list[Candidate]:
    """医薬品の検索 — for the allergy form."""
    key = search_key(text)
    if not key:
        return []
    entries = [entry for entry in _entries(book.book) if isinstance(entry[2], Drug)]
    return [_of_row(row) for row in _ranked(entries, key, book.day, limit)]


Row = Act | Comment | Drug | Material | Disease | Modifier
Entry = tuple[tuple[str, ...], str, Row]


@lru_cache(maxsize=2)
def _entries(book: Book) -> tuple[Entry, ...]:
    rows: list[Row] = []
    for table in (book.acts, book.drugs, book.materials):
        for versions in table.values():
            rows.extend(versions)
    return tuple(_entry(row) for row in rows if not _is_automatic(row))


@lru_cache(maxsize=2)
def _disease_entries(book: Book) -> tuple[Entry, ...]:
    rows: list[Row] = [row for versions in book.diseases.values() for row in versions]
    rows += [row for versions in book.modifiers.values() for row in versions]
    return tuple(_entry(row) for row in rows)


@lru_cache(maxsize=2)
def _comment_entries(book: Book) -> tuple[Entry, ...]:
    rows = [row for versions in book.comments.values() for row in versions if row.pattern != MODIFIERS]
    return tuple((*_entry(row)[:1], "", row) for row in rows)


def _is_automatic(row: Row) -> bool:
    """自動算定か — 初・再診料, 判断料, 投薬の技術料 and the like are never typed: the calculation proposes them."""
    if not isinstance(row, Act):
        return False
    is_base = row.section in ("A000", "A001", "A002")
    return is_base or row.chapter in ("F", "O") or row.judgment_kind == "2"


def _entry(row: Row) -> Entry:
    names = {search_key(row.name), search_key(row.kana)}
    full = getattr(row, "full_name", "") or getattr(row, "generic_name", "")
    if full:
        names.add(search_key(full))
    section = getattr(row, "section", "")
    return tuple(name for name in names if name), section.upper(), row


def _ranked(entries: Iterable[Entry], key: str, day: date, limit: int) -> list[Row]:
    best: list[tuple[int, int, str, Row]] = []
    for names, section, row in entries:
        if row.code == key or (section and section == key):
            rank = 0
        elif any(name.startswith(key) for name in names):
            rank = 1
        elif any(key in name for name in names) or (key.isdecimal() and row.code.startswith(key)):
            rank = 2
        else:
            continue
        if day in row.validity:
            best.append((rank, len(row.name), row.code, row))
    best.sort(key=lambda each: each[:3])
    return [row for *_, row in best[:limit]]


def _matching_sets(key: str, sets: Sequence[OrderSet]) -> list[OrderSet]:
    exact = [each for each in sets if search_key(each.quick_code) == key]
    rest = [each for each in sets if each not in exact]
    started = [each for each in rest if search_key(each.quick_code).startswith(key) or key in each.name_key]
    return [*exact, *started]


def _of_set(row: OrderSet) -> Candidate:
    return Candidate(f"set:{row.record_id}", row.name, "セット", f"{len(row.orders)}件", row.quick_code)


def _of_row(row: Row) -> Candidate:
    if isinstance(row, Drug):
        price = f"{row.price.normalize():f}円/{row.unit_name}"
        return Candidate(
            row.code, row.name, FORM_LABELS.get(row.form, "薬"), price, "後発" if row.is_generic else ""
        )
    if isinstance(row, Act):
        label = "加算" if row.is_addition else CHAPTER_LABELS.get(row.chapter, "行為")
        unit = "点" if row.points_kind in (3, 8) else "円" if row.points_kind in (1, 4) else "％"
        return Candidate(row.code, row.name, label, f"{row.points.normalize():f}{unit}", row.section)
    detail = f"{row.price.normalize():f}円/{row.unit_name}" if isinstance(row, Material) else ""
    return Candidate(row.code, row.name, "材料", detail)


def _of_disease(row: Row) -> Candidate:
    if isinstance(row, Modifier):
        return Candidate(row.code, row.name, "接尾語" if row.is_suffix else "接頭語")
    icd = "・".join(getattr(row, "icd10", ())[:1])
    return Candidate(row.code, row.name, "病名", icd)
