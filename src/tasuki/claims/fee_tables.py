# SPDX-License-Identifier: Apache-2.0
"""点数表 — which fee table a claim file is of, and the official names of the items of its records.

医科 has a full layout (:mod:`tasuki.claims.layout`). For 歯科 and 調剤 the names and places of items are
known; of DPC and 訪問看護 only what they share with 医科. A record without names is kept as it was read.

Cite: 記録条件仕様（歯科用）・（調剤用）令和8年6月版の項目名
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

from tasuki.claims.dental_items import DENTAL_ITEMS
from tasuki.claims.dispensing_items import DISPENSING_ITEMS
from tasuki.claims.layout import LAYOUTS
from tasuki.claims.records import IR

if TYPE_CHECKING:
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import Record

ItemNames = Mapping[str, tuple[str, ...]]


class FeeTable(Enum):
    """点数表 — 医科, DPC, 歯科, 調剤, 訪問看護."""

    MEDICAL = "medical"
    DPC = "dpc"
    DENTAL = "dental"
    DISPENSING = "dispensing"
    NURSING = "nursing"


_BY_HEAD = {"UK": FeeTable.DENTAL, "YK": FeeTable.DISPENSING, "HM": FeeTable.NURSING}
_BY_CODE = {"3": FeeTable.DENTAL, "4": FeeTable.DISPENSING, "6": FeeTable.NURSING}
_MEDICAL = {layout.record_id: tuple(field.term for field in layout.fields) for layout in LAYOUTS.values()}
# 記号 of the patient in the institution and 検索番号, by item of RE; unknown for DPC and 訪問看護.
_CHART_ITEM = {FeeTable.MEDICAL: 14, FeeTable.DENTAL: 16, FeeTable.DISPENSING: 36}
_SEARCH_ITEM = {FeeTable.MEDICAL: 19, FeeTable.DENTAL: 20, FeeTable.DISPENSING: 38}
_NAMES: dict[FeeTable, ItemNames] = {
    FeeTable.MEDICAL: _MEDICAL,
    FeeTable.DPC: {
        "IR": _MEDICAL["IR"], "RE": _MEDICAL["RE"][:7], "GO": _MEDICAL["GO"],
    },
    FeeTable.DENTAL: DENTAL_ITEMS,
    FeeTable.DISPENSING: DISPENSING_ITEMS,
    FeeTable.NURSING: {"RE": _MEDICAL["RE"][:7]},
}  # fmt: skip


def fee_table_of(before: tuple[Record, ...], receipt: Receipt | None = None) -> FeeTable:
    """点数表の判定 — from the records ahead of the receipts; DPC from a receipt's 診断群分類 (BU)."""
    if before and before[0].id in _BY_HEAD:
        return _BY_HEAD[before[0].id]
    head = next((IR(record) for record in before if record.id == "IR"), None)
    if head is not None and head.fee_table in _BY_CODE:
        return _BY_CODE[head.fee_table]
    return FeeTable.DPC if receipt is not None and receipt.of("BU") else FeeTable.MEDICAL


def item_name(table: FeeTable, record_id: str, number: int) -> str:
    """項目名 — official name of an item by its number from 1, "" where it is not known.

    >>> item_name(FeeTable.DENTAL, "SS", 77), item_name(FeeTable.DISPENSING, "KI", 6)
    ('点数', '調剤基本料点数')
    >>> item_name(FeeTable.DPC, "BU", 2)
    ''
    """
    names = _NAMES[table].get(record_id, ())
    return names[number - 1] if number <= len(names) else ""


def has_names(table: FeeTable, record_id: str) -> bool:
    """項目名の有無 — whether the items of a record are known in a fee table."""
    return record_id in _NAMES[table]


def chart_number(table: FeeTable, receipt: Receipt) -> str:
    """カルテ番号等 — the institution's own number of the patient, "" where its place is not known."""
    number = _CHART_ITEM.get(table)
    return receipt.header.record.value(number) if number else ""


def search_number(table: FeeTable, receipt: Receipt) -> str:
    """検索番号 — of a returned receipt, "" where its place is not known."""
    number = _SEARCH_ITEM.get(table)
    return receipt.header.record.value(number) if number else ""
