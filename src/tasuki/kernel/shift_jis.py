# SPDX-License-Identifier: Apache-2.0
"""シフトJIS — JIS X 0201 and JIS X 0208 rows 1-8 and 16-84, the characters every file of the field may hold.

Cite: 記録条件仕様（医科用） 文字の符号化: シフトJIS、JIS X 0201-1976 及び JIS X 0208-1983
"""

from __future__ import annotations

import re

# Characters that two encoders write as one code point each: both mean the same cell of JIS X 0208.
TO_CP932 = str.maketrans(
    {
        "\u301c": "\uff5e",  # wave dash, 0x8160
        "\u2212": "\uff0d",  # minus sign, 0x817C
        "\u2016": "\u2225",  # double vertical line, 0x8161
        "\u2014": "\u2015",  # dash, 0x815C
        "\u00a2": "\uffe0",  # cent, 0x8191
        "\u00a3": "\uffe1",  # pound, 0x8192
        "\u00ac": "\uffe2",  # not, 0x81CA
    }
)


def _repertoire() -> frozenset[str]:
    found: set[str] = set()
    for row in (*range(1, 9), *range(16, 85)):
        for cell in range(1, 95):
            lead, odd = divmod(row - 1, 2)
            first = lead + (0x81 if row <= 62 else 0xC1)
            second = cell + 0x9E if odd else cell + (0x3F if cell < 64 else 0x40)
            try:
                found.add(bytes((first, second)).decode("cp932"))
            except UnicodeDecodeError:
                continue
    return frozenset(found)


WIDE = _repertoire()
HALF = frozenset(chr(c) for c in range(0x20, 0x7F)) | frozenset(chr(c) for c in range(0xFF61, 0xFFA0))


def _class_of(characters: frozenset[str]) -> str:
    return "".join(re.escape(c) for c in sorted(characters))


OUTSIDE = re.compile(f"[^{_class_of(WIDE | HALF)}]")
NOT_WIDE = re.compile(f"[^{_class_of(WIDE)}]")
NOT_HALF = re.compile(f"[^{_class_of(HALF)}]")


def settle(text: str) -> str:
    """同一文字の統一 — one code point for each cell of JIS X 0208 (波ダッシュ, 負符号 and their kind).

    >>> settle("10〜20") == settle("10～20")
    True
    """
    return text if text.isascii() else text.translate(TO_CP932)


def outside(text: str) -> str:
    """外字 — the characters of a text outside the repertoire, in order, each once.

    >>> outside("髙橋　①郎"), outside("高橋ｱ〜")
    ('髙①', '')
    """
    if text.isascii() and text.isprintable():
        return ""
    return "".join(dict.fromkeys(OUTSIDE.findall(text.translate(TO_CP932))))


def byte_length(text: str) -> int:
    """バイト数 — of a text in Shift_JIS; a character outside counts as one full-width character.

    >>> byte_length("テスト１"), byte_length("AB1"), byte_length("ｱｲ"), byte_length("髙")
    (8, 3, 2, 2)
    """
    if text.isascii():
        return len(text)
    return sum(1 if c in HALF else 2 for c in text)
