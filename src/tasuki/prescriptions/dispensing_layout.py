# SPDX-License-Identifier: Apache-2.0
"""電子処方箋 調剤情報の様式 — CJ1: the records of a notebook, in UTF-8, with the cover, the prescription and 疑義照会 beside them.

Known from one published document alone: the items of 6, 7 and 511 are named by what stood in them, and a record that it
did not have is taken from the notebook. See docs/reference/unconfirmed.md.

Cite: 電子処方箋管理サービス 記録条件仕様（調剤編） CJ1
"""

from __future__ import annotations

from types import MappingProxyType

from tasuki.prescriptions.layout import Format, Repeat, layout
from tasuki.prescriptions.notebook_layout import NOTEBOOK

_SHARED = NOTEBOOK.layouts
# The notebook of Ver.2.6 says the generic name beside the drug; the document published is of an earlier one.
_DRUG_ITEMS = 7

_LAYOUTS = {
    **_SHARED,
    "6": layout(
        "6",
        "資格情報",
        "O",
        Repeat.ONCE,
        ("insurance_kind", "保険種別", "9", 1, "O", "1|2|3|4|5|6|7"),
        ("insurer_number", "保険者番号", "X", 14, "O", ""),
        ("symbol", "被保険者証記号", "N", 40, "O", ""),
        ("number", "被保険者証番号", "N", 40, "O", ""),
        ("branch", "被保険者証枝番", "X", 2, "O", ""),
    ),
    "7": layout(
        "7",
        "処方箋ID",
        "O",
        Repeat.ONCE,
        ("prescription_id", "処方箋ID", "X", 36, "R", ""),
        ("more", "処方箋ID（追加項目）", "N", 0, "O", ""),
    ),
    "201": _SHARED["201"]._replace(fields=_SHARED["201"].fields[:_DRUG_ITEMS]),
    "511": layout(
        "511",
        "疑義照会",
        "O",
        Repeat.MANY,
        ("kind", "疑義照会区分", "9", 3, "O", ""),
        ("text", "疑義照会内容", "N", 0, "R", ""),
    ),
}

DISPENSED = Format(
    "CJ",
    "電子処方箋 調剤情報",
    "CJ",
    "1",
    "utf-8",
    "\n",
    False,
    MappingProxyType(_LAYOUTS),
)
