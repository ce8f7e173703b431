# SPDX-License-Identifier: Apache-2.0
"""スターターセットの資料 — how much it holds, chapter by chapter, on both sides of the revision."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

from tasuki.masters.book import Book
from tasuki.masters.rows import Act, PointsKind
from tasuki.masters.starter import load_starter, starter_tables

LAST_OF_R6, FIRST_OF_R8 = date(2026, 5, 31), date(2026, 6, 1)
_MARKS = {PointsKind.YEN: "円", PointsKind.ADD_PERCENT: "%加", PointsKind.SUBTRACT_PERCENT: "%減"}
_TABLES = {
    "acts": "診療行為",
    "drugs": "医薬品",
    "materials": "特定器材",
    "diseases": "傷病名",
    "modifiers": "修飾語",
    "comments": "コメント",
    "exclusions": "背反",
    "inclusion_parents": "包括する行為",
    "inclusion_members": "被包括行為",
    "limits": "算定回数",
    "standards": "施設基準コード",
}


def starter_lines() -> list[str]:
    """スターターセット — counts of each table, then of the acts of each chapter."""
    tables, book = starter_tables(), load_starter()
    lines = ["| 表 | 行 | コード |", "|---|---|---|"]
    for name, label in _TABLES.items():
        rows = getattr(tables, name)
        lines.append(f"| {label} | {len(rows)} | {len({getattr(row, 'code', row) for row in rows})} |")
    lines += ["", *_changes(book)]
    return [*lines, "", "## 章ごとの診療行為", "", *_chapters(book)]


def _chapters(book: Book) -> list[str]:
    """章 — how many acts of each chapter have a fee on both sides of the revision; coverage.md has the sections."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for code, found in book.acts.items():
        chapter = counts[found[0].chapter]
        before, after = _on(book, code, LAST_OF_R6), _on(book, code, FIRST_OF_R8)
        chapter["all"] += 1
        chapter["R6"] += before is not None
        chapter["R8"] += after is not None
        chapter["changed"] += before is not None and after is not None and _fee(before) != _fee(after)
    lines = ["| 章 | 診療行為 | 令和6年度 | 令和8年度 | 点数が変わる |", "|---|---|---|---|---|"]
    for letter in sorted(counts):
        row = counts[letter]
        lines.append(f"| {letter} | {row['all']} | {row['R6']} | {row['R8']} | {row['changed']} |")
    return lines


def _changes(book: Book) -> list[str]:
    counts = {"same": 0, "changed": 0, "begun": 0, "ended": 0}
    for code in book.acts:
        before, after = _on(book, code, LAST_OF_R6), _on(book, code, FIRST_OF_R8)
        if before and after:
            counts["same" if _fee(before) == _fee(after) else "changed"] += 1
        elif after:
            counts["begun"] += 1
        elif before:
            counts["ended"] += 1
    return [
        f"令和8年6月1日の前後: 点数同じ {counts['same']}、変わる {counts['changed']}、新しい {counts['begun']}、"
        f"令和8年度の点数がない {counts['ended']}（廃止、または未確認: unconfirmed.md）。"
    ]


def _on(book: Book, code: str, day: date) -> Act | None:
    return next((row for row in book.acts[code] if day in row.validity), None)


def _fee(row: Act | None) -> str:
    if row is None:
        return "—"
    step = f"（きざみ {row.step.points:f}）" if row.step else ""
    return f"{row.points:f}{_MARKS.get(row.points_kind, '')}{step}"
