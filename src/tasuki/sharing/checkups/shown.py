# SPDX-License-Identifier: Apache-2.0
"""健診項目の表記 — a result as a person reads it, whatever wire it came by.

Cite: 特定健診情報ファイル仕様説明書 V08（以上・以下、未実施、測定不可能）
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.sharing.checkups.fhir_observations import shown_unit
from tasuki.sharing.checkups.items import choice_names, item_facts
from tasuki.sharing.checkups.values import Absence, ChosenValue, MeasuredValue

if TYPE_CHECKING:
    from tasuki.sharing.checkups.values import CheckupItem

_BEYOND = {"H": "以上", "L": "以下"}


def item_name(item: CheckupItem) -> str:
    """健診項目の名称 — as written, else that of the table, else its code."""
    fact = item_facts().get(item.code)
    return item.name or (fact.name if fact is not None else item.code)


def value_text(item: CheckupItem) -> str:
    """健診項目の値 — with its unit; why there is none where there is none.

    >>> from decimal import Decimal
    >>> from tasuki.sharing.checkups.values import CheckupItem
    >>> value_text(CheckupItem("9A751000000000001", value=MeasuredValue(Decimal("149"), "mm[Hg]")))
    '149 mmHg'
    >>> value_text(CheckupItem("1A010000000191111", absence=Absence.NOT_DONE))
    '未実施'
    """
    if item.absence is not Absence.NONE:
        return item.absence.value
    value = item.value
    if isinstance(value, MeasuredValue):
        unit = shown_unit(item, value.shown_unit, value.unit)
        return f"{value.number:f} {unit}".strip() + _BEYOND.get(item.beyond, "")
    if isinstance(value, ChosenValue):
        return value.name or choice_names().get(value.system, {}).get(value.code, value.code)
    return value or ""
