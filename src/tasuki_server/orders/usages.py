# SPDX-License-Identifier: Apache-2.0
"""用法 — the phrases offered in the order table; any other text may be typed as well."""

from __future__ import annotations

from typing import NamedTuple

from tasuki.chart.orders import OrderKind
from tasuki.kernel.kana import search_key

_I, _N, _E = OrderKind.INTERNAL, OrderKind.AS_NEEDED, OrderKind.EXTERNAL


class Usage(NamedTuple):
    """用法の候補 — the text printed, how it sounds, and the kind of order it makes.

    ``standard`` is the 標準用法コード that says exactly the same; empty where none is known to.
    """

    text: str
    kana: str
    kind: OrderKind
    standard: str = ""

    @property
    def code(self) -> str:
        """用法の鍵 — names the phrase in a form."""
        return f"usage:{self.text}"


USAGES = (
    Usage("1日1回 朝食後", "アサ 1 チョウショクゴ", _I, "1011000400000000"),
    Usage("1日1回 朝食前", "アサ 1 チョウショクゼン", _I, "1011000100000000"),
    Usage("1日1回 昼食後", "ヒル 1 チュウショクゴ", _I, "1011004000000000"),
    Usage("1日1回 夕食後", "ユウ 1 ユウショクゴ", _I, "1011040000000000"),
    Usage("1日1回 寝る前", "ネルマエ 1 シュウシンマエ", _I, "1011100000000000"),
    Usage("1日1回 起床時", "キショウジ 1", _I, "1011000090000000"),
    Usage("1日2回 朝夕食後", "アサユウ 2 アサユウショクゴ", _I, "1012040400000000"),
    Usage("1日2回 朝夕食前", "アサユウ 2 アサユウショクゼン", _I, "1012010100000000"),
    Usage("1日2回 朝食後・寝る前", "アサネルマエ 2", _I, "1012100400000000"),
    Usage("1日3回 毎食後", "マイショクゴ 3", _I, "1013044400000000"),
    Usage("1日3回 毎食前", "マイショクゼン 3", _I, "1013011100000000"),
    Usage("1日3回 毎食直前", "マイショクチョクゼン 3", _I, "1013022200000000"),
    Usage("1日3回 食間", "ショッカン 3", _I),
    Usage("1日4回 毎食後・寝る前", "マイショクゴ ネルマエ 4", _I, "1014144400000000"),
    Usage("1日4回 6時間ごと", "6ジカンゴト 4", _I, "1024000000000000"),
    Usage("週1回 起床時", "シュウ1 キショウジ", _I),
    Usage("痛い時", "イタイトキ トンヨウ", _N, "1050110000000000"),
    Usage("頭痛時", "ズツウジ トンヨウ", _N, "1050120000000000"),
    Usage("発熱時（38.5℃以上）", "ハツネツジ トンヨウ", _N),
    Usage("吐き気時", "ハキケジ トンヨウ", _N, "1050470000000000"),
    Usage("不眠時", "フミンジ トンヨウ", _N, "1050610000000000"),
    Usage("不安時", "フアンジ トンヨウ", _N, "1050620000000000"),
    Usage("便秘時", "ベンピジ トンヨウ", _N, "1050410000000000"),
    Usage("胸痛時", "キョウツウジ トンヨウ", _N, "1050140000000000"),
    Usage("1日1回 塗布", "トフ 1", _E),
    Usage("1日2回 塗布", "トフ 2", _E),
    Usage("1日数回 塗布", "トフ スウカイ", _E),
    Usage("1日1回 貼付", "チョウフ 1 ハリツケ", _E),
    Usage("1日2回 貼付", "チョウフ 2 ハリツケ", _E),
    Usage("1日3回 両眼 点眼", "テンガン 3", _E),
    Usage("1日4回 両眼 点眼", "テンガン 4", _E),
    Usage("1日2回 点鼻", "テンビ 2", _E),
    Usage("1日2回 吸入", "キュウニュウ 2", _E),
    Usage("1日1回 吸入", "キュウニュウ 1", _E),
    Usage("発作時 吸入", "ホッサジ キュウニュウ", _E),
    Usage("1日3回 うがい", "ウガイ 3", _E),
    Usage("発熱時 挿肛", "ソウコウ ハツネツジ ザヤク", _E),
)
_BY_CODE = {usage.code: usage for usage in USAGES}
_KEYS = tuple((search_key(usage.text), search_key(usage.kana), usage) for usage in USAGES)


def usage_of(code: str) -> Usage | None:
    """用法の候補 — by the key a form sends."""
    return _BY_CODE.get(code)


def standard_code(text: str) -> str:
    """標準用法コード — of a phrase offered here, "" for any other text: a usage is never guessed from words.

    Cite: JAMI 標準用法マスタ 内服及び外用編

    >>> standard_code("1日3回 毎食後"), standard_code("1日3回 毎食後 たっぷりの水で")
    ('1013044400000000', '')
    """
    usage = _BY_CODE.get(f"usage:{text}")
    return usage.standard if usage is not None else ""


def find_usages(text: str, limit: int = 4) -> list[Usage]:
    """用法の検索 — phrases whose text or sound begins with, then contains, what was typed.

    >>> [usage.text for usage in find_usages("まいしょくご", 2)]
    ['1日3回 毎食後', '1日4回 毎食後・寝る前']
    """
    key = search_key(text)
    if not key:
        return []
    first = [usage for name, kana, usage in _KEYS if name.startswith(key) or kana.startswith(key)]
    later = [usage for name, kana, usage in _KEYS if (key in name or key in kana) and usage not in first]
    return [*first, *later][:limit]


def kind_for(text: str, kind: OrderKind) -> OrderKind:
    """用法による種別 — an internal drug taken when needed is 屯服, and back.

    >>> kind_for("痛い時", OrderKind.INTERNAL).value, kind_for("1日3回 毎食後", OrderKind.AS_NEEDED).value
    ('as_needed', 'internal')
    """
    usage = _BY_CODE.get(f"usage:{text}")
    inside = (OrderKind.INTERNAL, OrderKind.AS_NEEDED)
    if usage is None or kind not in inside or usage.kind not in inside:
        return kind
    return usage.kind
