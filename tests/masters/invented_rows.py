# SPDX-License-Identifier: Apache-2.0
"""Invented lines in the official layouts: made here, with codes no official table uses."""

from __future__ import annotations

ACT_DEFAULTS = {
    1: "0", 2: "S", 3: "199990010", 4: "4", 5: "架空行為", 6: "4", 7: "ｶｸｳｺｳｲ", 8: "0", 11: "3", 12: "100.00", 13: "0",
    14: "0", 15: "600", 30: "0", 31: "0", 32: "99999999", 33: "0", 34: "0.00", 35: "0", 36: "0", 58: "0.00",
    66: "600", 68: "1", 69: "1", 85: "D", 87: "20240601", 88: "99999999", 92: "007", 93: "00", 113: "架空の行為",
}  # fmt: skip
DRUG_DEFAULTS = {
    1: "0", 2: "Y", 3: "699990010", 5: "架空錠５ｍｇ", 7: "ｶｸｳｼﾞｮｳ", 8: "16", 10: "錠", 11: "1", 12: "20.00", 17: "0",
    21: "0", 25: "0.00", 28: "1", 30: "20240401", 31: "99999999", 32: "9999001F1018", 34: "0", 35: "架空錠５ｍｇ",
}  # fmt: skip
DISEASE_DEFAULTS = {
    1: "0", 2: "B", 3: "9990001", 4: "9990001", 6: "架空病", 8: "架空病", 10: "カクウビョウ", 19: "00", 20: "0",
    21: "05", 24: "99999999", 43: "00",
}  # fmt: skip
COMMENT_DEFAULTS = {
    1: "0", 2: "C", 3: "8", 4: "20", 5: "999001", 6: "4", 7: "架空の注記", 9: "ｶｸｳ", 20: "0", 21: "20240601",
    22: "99999999", 23: "820999001",
}  # fmt: skip


def line(width: int, defaults: dict[int, str], columns: dict[int, str]) -> str:
    """A line of a width: defaults, then the columns given (1-based), the rest empty."""
    cells = {**defaults, **columns}
    return ",".join(f'"{cells.get(column, "")}"' for column in range(1, width + 1)) + "\r\n"


def act(columns: dict[int, str] | None = None) -> str:
    """A full row of 医科診療行為マスター."""
    return line(150, ACT_DEFAULTS, columns or {})


def act_change(code: str, columns: dict[int, str], change: str = "5") -> str:
    """A row of a difference: only the key and what changed."""
    return line(150, {}, {1: change, 2: "S", 3: code, **columns})


def drug(columns: dict[int, str] | None = None, width: int = 42) -> str:
    """A full row of 医薬品マスター."""
    return line(width, DRUG_DEFAULTS, columns or {})


def disease(columns: dict[int, str] | None = None) -> str:
    """A full row of 傷病名マスター."""
    return line(46, DISEASE_DEFAULTS, columns or {})


def comment(columns: dict[int, str] | None = None) -> str:
    """A full row of コメントマスター."""
    return line(30, COMMENT_DEFAULTS, columns or {})


def encoded(*lines: str) -> bytes:
    """Lines as the official files are encoded."""
    return "".join(lines).encode("cp932")
