# SPDX-License-Identifier: Apache-2.0
"""項目の点検 — item counts, modes, lengths and characters of every record, from the layout alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims import characters
from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.layout import DAY_FIELDS, LAYOUTS, MONTH_FIELDS, NUMBER_FIELDS, Field, Layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import Record

_MODES = {"N": "半角の数字", "A": "半角", "K": "全角", "T": "全角だけまたは半角だけ"}


def item_faults(record: Record) -> Iterator[Hit]:
    """項目の誤り — of one record; a record without a layout has none."""
    layout = LAYOUTS.get(record.values[0])
    if layout is None:
        return
    if len(record.values) != layout.size:
        yield hit("25420", record, found=len(record.values), expected=layout.size)
    for field, text in _filled(layout, record):
        yield from _faults(record, field, text)


def receipt_items(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """項目の点検 — of every record of a receipt outside its history block."""
    for record in receipt.records:
        yield from item_faults(record)


def _filled(layout: Layout, record: Record) -> Iterator[tuple[Field, str]]:
    for field, text in zip(layout.fields[1:], record.values[1:], strict=False):
        if text:
            yield field, text


def _faults(record: Record, field: Field, text: str) -> Iterator[Hit]:
    strange = characters.outside(text)
    if strange:
        yield hit("25441", record, field.number, term=field.term, characters=strange)
    elif not _fits_mode(field, text):
        yield hit("25430", record, field.number, term=field.term, mode=_MODES[field.mode], text=text)
    length = characters.byte_length(text)
    if length > field.limit:
        yield hit("25390", record, field.number, term=field.term, bytes=length, limit=field.limit)
    elif field.is_fixed and length < field.limit and not _is_old_date(field, text):
        yield hit("25530", record, field.number, term=field.term, bytes=length, limit=field.limit)


def _fits_mode(field: Field, text: str) -> bool:
    if field.mode == "N":
        if field.name in NUMBER_FIELDS:
            text = text.replace(".", "", 1)
        return text.isascii() and text.isdigit()
    if field.mode == "A":
        return characters.is_half(text)
    if field.mode == "K":
        return characters.is_wide(text)
    return characters.is_wide(text) or characters.is_half(text)


def _is_old_date(field: Field, text: str) -> bool:
    # Files made before the 2020 change write months and days with an era, one digit shorter.
    return field.name in DAY_FIELDS | MONTH_FIELDS and len(text) == field.limit - 1


RULES = (receipt_items,)
