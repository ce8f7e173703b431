# SPDX-License-Identifier: Apache-2.0
"""未コード化特定器材 — a material without a code of its own: its name, amount and purchase price are written by hand.

Cite: オンライン又は光ディスク等による請求に係る記録条件仕様 TO 特定器材レコード（未コード化特定器材 777770000）
"""

from __future__ import annotations

from tasuki.chart.orders import Item
from tasuki.kernel.validity import Validity
from tasuki.masters.book import DayBook
from tasuki.masters.rows import UNCODED_MATERIAL, Act, Drug, Material

NAME = "未コード化特定器材"
PURCHASED = "2"


def item_row(book: DayBook, item: Item) -> Act | Drug | Material:
    """項目の行 — of the master, or of a material named by hand; raises ``UnknownCode`` or ``EndedCode``."""
    return uncoded_row(book, item.comment) if item.code == UNCODED_MATERIAL else book.item(item.code)


def uncoded_row(book: DayBook, name: str = "") -> Material:
    """未コード化特定器材の行 — as ordered on a day."""
    return Material(
        code=UNCODED_MATERIAL,
        name=name.strip() or NAME,
        validity=Validity(book.day, book.day),
        price_kind=PURCHASED,
    )
