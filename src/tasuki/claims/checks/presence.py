# SPDX-License-Identifier: Apache-2.0
"""レコードの有無の点検 — which records a receipt must and may have, and the history block at its end."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.codes import NARRATIVE_KINDS, PAYERS, SHIHARAI_KIKIN
from tasuki.claims.item_values import Month
from tasuki.claims.receipt_type import Group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt

_DAILY_SHEET_ENDED = Month(2012, 4)


def required_records(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """必須レコード — one HO at most, 1 to 99 SY, at least one of SI, IY and TO, no abolished record."""
    header = receipt.header
    if len(receipt.of("HO")) > 1:
        yield hit("25470", receipt.of("HO")[1])
    if not receipt.diseases:
        yield hit("25540", header.record)
    elif len(receipt.diseases) > 99:
        yield hit("22020", receipt.diseases[99].record, count=len(receipt.diseases))
    if not any(line.record.values[0] != "CO" for line in receipt.lines):
        yield hit("25550", header.record)
    month = header.service_month
    for record in receipt.of("NI"):
        if month is None or month >= _DAILY_SHEET_ENDED:
            yield hit("23200", record)
    for record in receipt.of("RO"):
        yield hit("23300", record)


def payers_of_type(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """種別と負担者 — the type must exist, be claimable here, and agree with the number of HO and KO."""
    header = receipt.header
    kind = receipt.type
    payer = PAYERS.get(context.payer, "この審査支払機関")
    if kind is None or (context.payer == SHIHARAI_KIKIN and kind.group in _KOKUHO_ONLY):
        yield hit("21500", header.record, 3, text=header.receipt_type, payer=payer)
        return
    insurers, programmes = len(receipt.of("HO")), len(receipt.of("KO"))
    if insurers > 1:
        return
    if insurers != kind.has_insurer or programmes != kind.programme_count:
        yield hit(
            "25521",
            header.record,
            3,
            text=header.receipt_type,
            insurers=insurers,
            programmes=programmes,
        )


_KOKUHO_ONLY = frozenset({Group.LATE_ELDERLY, Group.RETIRED})


def narratives(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """症状詳記 — the first has a class, every class is known, 999 at most."""
    found = receipt.narratives
    if len(found) > 999:
        yield hit("23820", found[999].record, count=len(found))
    if found and not found[0].kind:
        yield hit("23830", found[0].record, 2)
    for one in found:
        if one.kind and one.kind not in NARRATIVE_KINDS:
            yield hit("23840", one.record, 2, text=one.kind)


def history_block(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """履歴請求データ — unbroken, at the tail, ended by RC, with the 検索番号 that the receipt repeats."""
    rows = receipt.history
    if not rows:
        return
    for earlier, later in pairwise(receipt.records):
        if earlier.is_history and not later.is_history:
            yield hit("21111", later)
            break
    last = rows[-1]
    if last.value(4) != "RC":
        yield hit("21150", last)
    else:
        if len(last.values) != 5:
            yield hit("21120", last, found=len(last.values))
        value = last.value(5)
        if len(value) > 100 or not (value.isascii() and value.isalnum()):
            yield hit("21160", last, 5)
    for row in rows:
        if not _is_digits(row.value(2), 5):
            yield hit("21130", row, 2, text=row.value(2))
        if not _is_digits(row.value(3), 3):
            yield hit("21140", row, 3, text=row.value(3))
    first = next((row for row in rows if row.value(4) == "MN"), None)
    number = _search_number(first.values[4:]) if first else ""
    if receipt.header.search_number != number:
        yield hit("21200", receipt.header.record, 19, text=receipt.header.search_number, history=number)


def _search_number(items: tuple[str, ...]) -> str:
    # 検索番号 is the one item of an MN row with 17 to 30 digits.
    return next((text for text in items if 17 <= len(text) <= 30 and text.isascii() and text.isdigit()), "")


def _is_digits(text: str, longest: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= longest


RULES = (required_records, payers_of_type, narratives, history_block)
