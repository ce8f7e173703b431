# SPDX-License-Identifier: Apache-2.0
"""公費の優先順 — which programme stands first on a receipt with several.

Cite: 診療報酬請求書等の記載要領 別添1 別表 公費負担医療の法別番号と優先順位（◆ the place of 52 and 54 before 51 and 38)
"""

from __future__ import annotations

_ORDER = (
    "13", "14", "18", "29", "30", "10", "11", "20", "21", "15", "16", "24", "22", "28", "17", "79", "19", "23",
    "52", "54", "51", "38", "53", "66", "62", "25", "12",
)  # fmt: skip
_RANKS = {law: at for at, law in enumerate(_ORDER)}

# 戦傷病者療養給付・更生, 新感染症・一類, 医療観察: paid whole before any insurer, on a receipt of their own.
SINGLE_ONLY = frozenset({"13", "14", "18", "29", "30"})


def rank(law_code: str) -> int:
    """優先順位 — of a 法別番号; programmes of prefectures and towns come after all of the State's.

    >>> [rank(law) for law in ("13", "12", "80")] == sorted(rank(law) for law in ("80", "12", "13"))
    True
    """
    return _RANKS.get(law_code, len(_ORDER))
