# SPDX-License-Identifier: Apache-2.0
"""マスター検索 — by code, kanji, kana, official short name or generic name, folded to one spelling.

The index of a kind is one long string, a line a name: looking for a word is one scan of it, which is
faster than any structure kept in Python for the sizes of these masters.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tasuki.kernel.kana import search_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tasuki.masters.book import Book
    from tasuki.masters.rows import Row

_FIELD, _RECORD = "\n", "\x1e"
# Enough to rank from: a word of one letter is found in most of a master.
_MOST_SCANNED = 400
# 労災 acts share the table with the acts of health insurance, which are meant first.
_LABOUR = "101"


class Kind(StrEnum):
    """マスター種別 — what can be searched."""

    ACT = "act"
    DRUG = "drug"
    MATERIAL = "material"
    DISEASE = "disease"
    MODIFIER = "modifier"
    COMMENT = "comment"
    GENERIC_NAME = "generic"


class Match(IntEnum):
    """一致の仕方 — best first."""

    CODE = 0
    WHOLE = 1
    CODE_PREFIX = 2
    PREFIX = 3
    OTHER_PREFIX = 4  # kana, full, short or generic name begins with it
    CONTAINS = 5


class Hit(NamedTuple):
    """検索結果 — a row, whether it may be used on the day, and how it was found."""

    kind: Kind
    row: Row
    is_usable: bool
    match: Match


class SearchIndex:
    """検索索引 — made once from a Book; each kind is folded when it is first asked for."""

    def __init__(self, book: Book) -> None:
        self._tables: dict[Kind, Mapping[str, tuple[Row, ...]]] = {
            Kind.ACT: book.acts,
            Kind.DRUG: book.drugs,
            Kind.MATERIAL: book.materials,
            Kind.DISEASE: book.diseases,
            Kind.MODIFIER: book.modifiers,
            Kind.COMMENT: book.comments,
            Kind.GENERIC_NAME: book.generic_names,
        }
        self._folded: dict[Kind, _Folded] = {}

    def find(self, text: str, kind: Kind | None, day: date, limit: int = 50) -> list[Hit]:
        """検索 — the rows that hold every word of a text, those usable on the day first.

        Among them the better match comes first: the code itself, the whole name, the beginning, then
        anywhere inside; then the shorter name.
        """
        words = [word for word in (search_key(part) for part in text.split()) if word]
        if not words:
            return []
        found: list[Hit] = []
        for each in (kind,) if kind else tuple(Kind):
            found += self._of(each).find(words, each, day)
        found.sort(key=_order)
        return found[:limit]

    def _of(self, kind: Kind) -> _Folded:
        folded = self._folded.get(kind)
        if folded is None:
            folded = self._folded[kind] = _Folded(self._tables[kind])
        return folded


def _order(hit: Hit) -> tuple[bool, int, bool, int, str]:
    code = hit.row.code
    is_labour = len(code) == 9 and code.startswith(_LABOUR)
    return not hit.is_usable, hit.match, is_labour, len(hit.row.name), code


class _Folded:
    """索引一種 — every code of a kind with its names, folded, in one string."""

    def __init__(self, table: Mapping[str, tuple[Row, ...]]) -> None:
        self._table = table
        self._codes = sorted(table)
        joined = _RECORD.join(_FIELD.join(("", code, *_names(table[code]), "")) for code in self._codes)
        self._text = search_key(joined)
        self._starts = [0]
        at = self._text.find(_RECORD)
        while at >= 0:
            self._starts.append(at + 1)
            at = self._text.find(_RECORD, at + 1)

    def find(self, words: list[str], kind: Kind, day: date) -> list[Hit]:
        rarest = max(words, key=len)
        # Whole names first, then beginnings: whatever the scan leaves out is the worst match.
        records: dict[int, None] = dict.fromkeys(self._holding(_FIELD + rarest + _FIELD))
        records.update(dict.fromkeys(self._holding(_FIELD + rarest)))
        records.update(dict.fromkeys(self._holding(rarest)))
        hits: list[Hit] = []
        for record in records:
            text = self._record(record)
            if not all(word in text for word in words):
                continue
            code = self._codes[record]
            rows = self._table[code]
            usable = next((row for row in rows if day in row.validity), None)
            hits.append(Hit(kind, usable or rows[0], usable is not None, _match(text, words, code)))
        return hits

    def _holding(self, wanted: str) -> list[int]:
        """含む行 — the numbers of the records that hold a text, each once."""
        found: list[int] = []
        at = self._text.find(wanted)
        while at >= 0 and len(found) < _MOST_SCANNED:
            record = bisect_right(self._starts, at) - 1
            found.append(record)
            # One find a record: the next one starts behind it.
            if record + 1 == len(self._starts):
                break
            at = self._text.find(wanted, self._starts[record + 1])
        return found

    def _record(self, record: int) -> str:
        end = self._starts[record + 1] - 1 if record + 1 < len(self._starts) else len(self._text)
        return self._text[self._starts[record] : end]


def _match(text: str, words: list[str], code: str) -> Match:
    first = words[0]
    if len(words) == 1:
        if first == code:
            return Match.CODE
        if f"{_FIELD}{first}{_FIELD}" in text:
            return Match.WHOLE
        if code.startswith(first):
            return Match.CODE_PREFIX
    if text.startswith(f"{_FIELD}{code}{_FIELD}{first}"):
        return Match.PREFIX
    return Match.OTHER_PREFIX if f"{_FIELD}{first}" in text else Match.CONTAINS


def _names(rows: tuple[Row, ...]) -> list[str]:
    """検索される名称 — every name a code has had: short, full, kana, generic."""
    names: dict[str, None] = {}
    for row in rows:
        for field in ("name", "full_name", "short_name", "kana", "generic_name", "ingredient"):
            value = getattr(row, field, "")
            if value:
                names[value.removeprefix("【般】")] = None
    return list(names)
