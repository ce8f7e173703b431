# SPDX-License-Identifier: Apache-2.0
"""一般名処方マスタ — the workbook of standard generic names: code, wording, which addition it opens.

Cite: 厚生労働省 一般名処方マスタ (令和7年8月14日適用)
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from tasuki.kernel.validity import Validity
from tasuki.masters.official.fields import BadField
from tasuki.masters.rows import GenericName

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from tasuki.masters.official.fields import Fields

HEADER = ("区分", "一般名コード", "一般名処方の標準的な記載", "成分名", "規格", "一般名処方加算対象")
_ADDITION = {"": "0", "加算1": "1", "加算1,2": "2"}


def generic_name_of(cells: Fields, applied_on: date) -> GenericName:
    """一般名 — one row of the sheet 全体. Raises :class:`BadField`."""
    code, text = cells[1], cells[2]
    if len(code) != 12:
        raise BadField(2, code, "code of 12")
    if not text.startswith("【般】"):
        raise BadField(3, text, "【般】")
    addition = unicodedata.normalize("NFKC", cells[5]).replace(" ", "").replace("、", ",")
    if addition not in _ADDITION:
        raise BadField(6, cells[5], "加算")
    try:
        lowest = Decimal(cells[7]) if cells[7] else None
    except InvalidOperation:
        raise BadField(8, cells[7], "number") from None
    return GenericName(
        code=code,
        name=text,
        validity=Validity(applied_on),
        ingredient=cells[3],
        specification=cells[4],
        addition=_ADDITION[addition],
        lowest_price=lowest,
    )


def rows_below(header: tuple[str, ...], rows: list[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """見出し以下の行 — numbered rows below the header of a sheet; blank rows are passed over."""
    start = next((at for at, row in enumerate(rows) if tuple(row[: len(header)]) == header), None)
    if start is None:
        return
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        if any(row):
            yield number, row
