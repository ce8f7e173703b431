# SPDX-License-Identifier: Apache-2.0
"""検索キー — one folded spelling for search; the record itself is kept as given."""

from __future__ import annotations

import re
import unicodedata

import jaconv

# 異体字セレクタ: they choose a shape of the character before them and say nothing else.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_SOUNDS = str.maketrans({"ヴ": "ブ", "ヂ": "ジ", "ヅ": "ズ", "ヲ": "オ", "ヱ": "エ", "ヰ": "イ"})
# Pairs of one character written two ways in names.
_VARIANTS = str.maketrans("髙﨑嶋德濵邉邊澤齋齊斎廣眞惠槇", "高崎島徳浜辺辺沢斉斉斉広真恵槙")


def search_key(text: str) -> str:
    """検索キー — hiragana, half width, small kana, old characters and selectors folded together.

    >>> search_key("ｳﾞｧﾝ ﾀﾞｲｸ") == search_key("ばんだいく") or search_key("ヴァン")
    'ブアン'
    >>> search_key("髙橋") == search_key("高橋"), search_key("Ａ-１") == search_key("a-1")
    (True, True)
    """
    text = unicodedata.normalize("NFKC", text)
    text = _SELECTORS.sub("", text)
    text = jaconv.hira2kata(text).upper().replace(" ", "").translate(_SMALL).translate(_SOUNDS)
    return text.translate(_VARIANTS)
