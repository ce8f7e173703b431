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

# Characters that two encoders write as one code point each: both mean the same cell of JIS X 0208.
_TO_CP932 = str.maketrans(
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
# JIS X 0201 has the yen sign where ASCII has the backslash; quotation marks of ASCII have no wide twin in JIS X 0208.
_TO_WIDE = str.maketrans({"\\": "￥", "\u00a5": "￥", '"': "”", "'": "’", " ": "\u3000", "\u00a0": "\u3000"})
_TO_HALF = {**{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}, 0x3000: 0x20}
_MARKED = re.compile("[\u3041-\u30ff][\u3099\u309a]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


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


_WIDE = _repertoire()
# 凜 and 熙 were added to row 84 in 1990; the text names the 1983 edition (docs/reference/unconfirmed.md).
ADDED_IN_1990 = frozenset("凜熙")
_HALF = frozenset(chr(c) for c in range(0x20, 0x7F)) | frozenset(chr(c) for c in range(0xFF61, 0xFFA0))


def _class_of(characters: frozenset[str]) -> str:
    return "".join(re.escape(c) for c in sorted(characters))


_OUTSIDE = re.compile(f"[^{_class_of(_WIDE | _HALF)}]")
_NOT_WIDE = re.compile(f"[^{_class_of(_WIDE)}]")
_NOT_HALF = re.compile(f"[^{_class_of(_HALF)}]")


def settle(text: str) -> str:
    """同一文字の統一 — one code point for each cell of JIS X 0208 (波ダッシュ, 負符号 and their kind).

    >>> settle("10〜20") == settle("10～20")
    True
    """
    return text if text.isascii() else text.translate(_TO_CP932)


def outside(text: str) -> str:
    """外字 — the characters of a text that a claim file cannot hold, in order, each once.

    >>> outside("髙橋　①郎"), outside("高橋ｱ〜")
    ('髙①', '')
    """
    if text.isascii() and text.isprintable():
        return ""
    return "".join(dict.fromkeys(_OUTSIDE.findall(text.translate(_TO_CP932))))


def is_wide(text: str) -> bool:
    """漢字モードか — whether every character is full-width of the repertoire.

    >>> is_wide("テスト　１"), is_wide("ﾃｽﾄ"), is_wide("")
    (True, False, True)
    """
    return not _NOT_WIDE.search(text.translate(_TO_CP932))


def is_half(text: str) -> bool:
    """英数モードか — whether every character is half-width (JIS X 0201).

    >>> is_half("ABC 1"), is_half("Ａ")
    (True, False)
    """
    return not _NOT_HALF.search(text)


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
    strange = _OUTSIDE.search(text.translate(_TO_CP932))
    if strange:
        at = strange.start()
        raise UnicodeEncodeError("shift_jis", text, at, at + 1, "outside JIS X 0208 rows 1-8, 16-84")
    return text.translate(_TO_CP932).encode("cp932")


def byte_length(text: str) -> int:
    """バイト数 — of a text in Shift_JIS; a character outside counts as one full-width character.

    >>> byte_length("テスト１"), byte_length("AB1"), byte_length("ｱｲ"), byte_length("髙")
    (8, 3, 2, 2)
    """
    if text.isascii():
        return len(text)
    return sum(1 if c in _HALF else 2 for c in text)


def to_half(text: str) -> str:
    """半角化 — letters, digits and blanks in half width, to compare what cards write either way.

    >>> to_half("１２－Ａ　３")
    '12-A 3'
    """
    return text.translate(_TO_HALF)
