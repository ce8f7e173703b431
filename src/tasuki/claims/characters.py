# SPDX-License-Identifier: Apache-2.0
"""文字コード — what a claim file may hold: JIS X 0201 and JIS X 0208 rows 1-8 and 16-84 in Shift_JIS.

A character outside stays where it is and is reported: a claim never gets another character, nor 〓,
in the place of the one in the person's name.

Cite: 記録条件仕様（医科用） 文字の符号化: シフトJIS、JIS X 0201-1976 及び JIS X 0208-1983
"""

from __future__ import annotations

import re
import unicodedata

import jaconv

from tasuki.kernel.shift_jis import NOT_HALF, NOT_WIDE, OUTSIDE, TO_CP932, byte_length, outside, settle

__all__ = [
    "ADDED_IN_1990",
    "byte_length",
    "encode",
    "is_half",
    "is_wide",
    "outside",
    "settle",
    "to_half",
    "to_wide",
    "without_selectors",
]

# JIS X 0201 has the yen sign where ASCII has the backslash; quotation marks of ASCII have no wide twin in JIS X 0208.
_TO_WIDE = str.maketrans({"\\": "￥", "\u00a5": "￥", '"': "”", "'": "’", " ": "\u3000", "\u00a0": "\u3000"})
_TO_HALF = {**{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}, 0x3000: 0x20}
_MARKED = re.compile("[\u3041-\u30ff][\u3099\u309a]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


# 凜 and 熙 were added to row 84 in 1990; the text names the 1983 edition (docs/reference/unconfirmed.md).
ADDED_IN_1990 = frozenset("凜熙")


def is_wide(text: str) -> bool:
    """漢字モードか — whether every character is full-width of the repertoire.

    >>> is_wide("テスト　１"), is_wide("ﾃｽﾄ"), is_wide("")
    (True, False, True)
    """
    return not NOT_WIDE.search(text.translate(TO_CP932))


def is_half(text: str) -> bool:
    """英数モードか — whether every character is half-width (JIS X 0201).

    >>> is_half("ABC 1"), is_half("Ａ")
    (True, False)
    """
    return not NOT_HALF.search(text)


def to_wide(text: str) -> str:
    r"""全角化 — the text in full-width characters, as 漢字 mode asks; unknown characters stay.

    Combining marks join their letter (か + ゛ is が). Nothing else is normalised: NFC would turn a
    compatibility ideograph of a name into another character.

    >>> to_wide("ｶﾞｰｾﾞ 10cm (右)"), to_wide("O'Neil-1")
    ('ガーゼ　１０ｃｍ　（右）', 'Ｏ’Ｎｅｉｌ－１')
    >>> to_wide("か\u3099"), to_wide("\ufa19") == "\ufa19"
    ('が', True)
    """
    joined = _MARKED.sub(lambda found: unicodedata.normalize("NFC", found.group()), text)
    return settle(jaconv.h2z(joined.translate(_TO_WIDE), kana=True, ascii=True, digit=True))


def without_selectors(text: str) -> str:
    r"""字形選択子の除去 — variation selectors name a glyph, not a character; a claim holds the character.

    >>> without_selectors("葛\U000e0100城")
    '葛城'
    """
    return _SELECTORS.sub("", text)


def encode(text: str) -> bytes:
    """シフトJIS化 — the bytes of a text of the repertoire.

    Raises ``UnicodeEncodeError`` for a character :func:`outside` would name.

    >>> encode("〜").hex(), encode("−").hex(), encode("ｱ").hex()
    ('8160', '817c', 'b1')
    """
    if text.isascii():
        return text.encode("ascii")
    strange = OUTSIDE.search(text.translate(TO_CP932))
    if strange:
        at = strange.start()
        raise UnicodeEncodeError("shift_jis", text, at, at + 1, "outside JIS X 0208 rows 1-8, 16-84")
    return text.translate(TO_CP932).encode("cp932")


def to_half(text: str) -> str:
    """半角化 — letters, digits and blanks in half width, to compare what cards write either way.

    >>> to_half("１２－Ａ　３")
    '12-A 3'
    """
    return text.translate(_TO_HALF)
