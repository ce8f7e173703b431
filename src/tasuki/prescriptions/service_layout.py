# SPDX-License-Identifier: Apache-2.0
"""電子処方箋 記録条件仕様の様式 — SJ1: the records of the two-dimensional symbol with what the service has beside them.

Only what is known in public: usage by the master of the service (種別 3), and the clinical information sent along (301,
302), the items of which are partly unknown and then kept as they come. See docs/reference/unconfirmed.md.

Cite: 電子処方箋管理サービス 記録条件仕様（処方編） SJ1
"""

from __future__ import annotations

from types import MappingProxyType

from tasuki.prescriptions.layout import Format, Repeat, layout
from tasuki.prescriptions.outside_layout import OUTSIDE

_SHARED = OUTSIDE.layouts
_LAYOUTS = {
    **_SHARED,
    # 麻薬施用: written under this number by an implementation in public, under 61 by the symbol's rules.
    "60": _SHARED["61"]._replace(number="60"),
    "301": layout(
        "301",
        "提供診療情報",
        "O",
        Repeat.MANY,
        ("order", "提供診療情報連番", "9", 3, "R", ""),
        ("drug_name", "薬品名称", "N", 0, "O", ""),
        ("text", "コメント", "N", 0, "O", ""),
    ),
    "302": layout("302", "検査値データ等", "O", Repeat.MANY),
}
# Records whose items are not published; they are kept and not judged.
OPEN_RECORDS = frozenset({"302"})

SERVICE = Format(
    "SJ",
    "電子処方箋 記録条件仕様",
    "SJ",
    "1",
    "utf-8",
    "\n",
    False,
    MappingProxyType(_LAYOUTS),
)
