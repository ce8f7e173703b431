# SPDX-License-Identifier: Apache-2.0
"""請求用の氏名 — the spelling a claim file can hold; the record keeps the person's own characters.

A character outside JIS level 1 and 2 is written by its usual form where there is one; where there is none the whole
name is written in katakana.

Cite: 記録条件仕様（医科用） レセプト共通レコード 氏名
"""

from __future__ import annotations

import jaconv

from tasuki.claims.characters import is_wide

# Unicode's variants of characters that JIS X 0208 has; both are common in family registers.
_USUAL = str.maketrans(
    {
        "髙": "高",
        "﨑": "崎",
        "𠮷": "吉",
        "濵": "浜",
        "德": "徳",
        "栁": "柳",
        "桒": "桑",
        "槗": "橋",
        "𣘺": "橋",
        "瀨": "瀬",
    }
)
_SELECTORS = dict.fromkeys((*range(65024, 65040), *range(917760, 918000)))


def claim_name(name: str, kana: str, given: str = "") -> str:
    """請求用の氏名 — as given on the patient's page, else the name itself where the file can hold it.

    >>> claim_name("髙橋　𠮷之助", "タカハシ　ヨシノスケ"), claim_name("葛󠄀城 花", "カツラギ ハナ")
    ('高橋　吉之助', '葛城 花')
    >>> claim_name("㐂山 花", "キヤマ ハナ")
    'キヤマ　ハナ'
    >>> claim_name("㐂山 花", "キヤマ ハナ", "喜山　花")
    '喜山　花'
    """
    if given:
        return given
    bare = name.translate(_SELECTORS)
    plain = "".join(c if is_wide(c) else c.translate(_USUAL) for c in bare)
    if is_wide("".join(plain.split())):
        return plain
    return jaconv.h2z("　".join(kana.split()), kana=True)
