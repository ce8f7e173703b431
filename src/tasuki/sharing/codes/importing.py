# SPDX-License-Identifier: Apache-2.0
"""標準コード表の取込み — from the official lists to the two tables kept here: one line each code, nothing else taken over.

Cite: 臨床検査項目基本コードセット（電子カルテ情報共有サービス）2024-09-30; J-FAGYアレルゲンマスター 2025-04-01
"""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LAB_COLUMNS = ("display", "list", "item", "is_coded", "unit", "specimen", "method", "code", "products")
ALLERGEN_COLUMNS = ("code", "name", "kana")
_LISTS = {"検査": "core", "感染症": "infection"}
# 依頼項目: a request for the item, which has no result of its own.
_REQUEST = "依頼"


def lab_lines(text: str) -> Iterator[str]:
    """検査項目表の行 — one for each name, unit, specimen, method and JLAC10 code, with how many products bear it."""
    counted: Counter[tuple[str, ...]] = Counter()
    for row in csv.DictReader(text.splitlines(), delimiter="\t"):
        code = row["JLAC10コード"].strip()
        if len(code) != 17 or row["単位"] == _REQUEST or _is_over(row["適用終了日"]):
            continue
        counted[
            row["FHIR識別名(v1.10に正規化)"],
            _LISTS[row["データ区分（感染症/検査）"]],
            row["FHIR項目名称"],
            "1" if row["データタイプ"].startswith("コード") else "0",
            row["単位"],
            row["材料(JLAC10)"],
            row["検査方法(JLAC10-測定法)"],
            code,
        ] += 1
    return _lines(LAB_COLUMNS, ((*key, str(counted[key])) for key in sorted(counted)))


def allergen_lines(text: str) -> Iterator[str]:
    """アレルゲン表の行 — codes in force; headings (three characters) and dummies are left out."""
    found = [
        (row["JFAGYCODE"], row["JPTERM"], row["JPKANA"])
        for row in csv.DictReader(text.splitlines())
        if len(row["JFAGYCODE"]) == 12 and row["JFAGYCODE"][:2] == "J9" and row["ENDDATE"] == "99999999"
    ]
    return _lines(ALLERGEN_COLUMNS, sorted(found))


def _lines(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield "\t".join(columns)
    for row in rows:
        yield "\t".join(cell.replace("\t", " ").strip() for cell in row)


def _is_over(day: str) -> bool:
    return day.strip() not in ("", "99999999")
