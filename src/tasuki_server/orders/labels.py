# SPDX-License-Identifier: Apache-2.0
"""オーダの表記 — the Japanese words of order screens."""

from __future__ import annotations

from tasuki.chart.orders import Dispensing, OrderKind
from tasuki_server.orders import messages as _messages  # noqa: F401  (registers the sentences)

KIND_LABELS = {
    OrderKind.ACT: "行為",
    OrderKind.INTERNAL: "内服",
    OrderKind.AS_NEEDED: "屯服",
    OrderKind.EXTERNAL: "外用",
    OrderKind.INJECTION: "注射",
}
COUNT_UNITS = {
    OrderKind.ACT: "回",
    OrderKind.INTERNAL: "日分",
    OrderKind.AS_NEEDED: "回分",
    OrderKind.EXTERNAL: "調剤",
    OrderKind.INJECTION: "回",
}
DISPENSING_LABELS = {Dispensing.OUTSIDE: "院外", Dispensing.IN_HOUSE: "院内"}

# 章の表記: the first letter of 区分番号 → what the row is called in lists.
CHAPTER_LABELS = {
    "A": "基本",
    "B": "管理・指導",
    "C": "在宅",
    "D": "検査",
    "E": "画像",
    "F": "投薬",
    "G": "注射",
    "H": "リハビリ",
    "I": "精神",
    "J": "処置",
    "K": "手術",
    "L": "麻酔",
    "M": "放射線",
    "N": "病理",
    "O": "その他",
}
FORM_LABELS = {"1": "内用薬", "3": "その他の薬", "4": "注射薬", "6": "外用薬", "8": "歯科用薬"}
