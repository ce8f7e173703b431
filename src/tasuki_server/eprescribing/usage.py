# SPDX-License-Identifier: Apache-2.0
"""用法コード — the sixteen digits of the phrases the order table offers; any other text is sent as text.

Cite: JAMI 標準用法マスタ 内服及び外用編 標準用法コード; 電子処方箋 用法マスタ（自由記載のコード）
"""

from __future__ import annotations

import unicodedata
from types import MappingProxyType

# Only phrases whose digits follow from the published structure; what a type does not publish is left to the text.
USAGE_CODES = MappingProxyType(
    {
        "1日1回 朝食後": "1011000400000000",
        "1日1回 朝食前": "1011000100000000",
        "1日1回 昼食後": "1011004000000000",
        "1日1回 夕食後": "1011040000000000",
        "1日1回 寝る前": "1011100000000000",
        "1日1回 起床時": "1011000090000000",
        "1日2回 朝夕食後": "1012040400000000",
        "1日2回 朝夕食前": "1012010100000000",
        "1日2回 朝食後・寝る前": "1012100400000000",
        "1日3回 毎食後": "1013044400000000",
        "1日3回 毎食前": "1013011100000000",
        "1日3回 毎食直前": "1013022200000000",
        "1日4回 毎食後・寝る前": "1014144400000000",
        "1日4回 6時間ごと": "1024000000000000",
    }
)


def usage_code_of(text: str) -> str:
    """用法コード — of a phrase in any width and spacing, "" where it has none.

    >>> usage_code_of("1日3回 毎食後"), usage_code_of("１日３回毎食後"), usage_code_of("医師の指示どおり")
    ('1013044400000000', '1013044400000000', '')
    """
    return _PLAIN.get(_plain(text), "")


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


_PLAIN = {_plain(text): code for text, code in USAGE_CODES.items()}
