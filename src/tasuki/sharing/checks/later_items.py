# SPDX-License-Identifier: Apache-2.0
"""後の版の検査項目 — codes of shared laboratory items that the service's list has and the guide's 1.5.2 tables lack.

Cite: 電子カルテ情報共有サービス 検査項目マスター 2024-09-30
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.sharing.ig.table import ValueSet
from tasuki.sharing.lab_items import lab_items

if TYPE_CHECKING:
    from collections.abc import MutableMapping


def add_later_items(
    code_systems: MutableMapping[str, frozenset[str]], value_sets: MutableMapping[str, ValueSet]
) -> None:
    """検査項目の追加 — to systems and lists that are known here; what is not known stays so."""
    for item in lab_items():
        if item.system in code_systems:
            code_systems[item.system] |= item.jlac10
        listed = value_sets.get(item.value_set)
        if listed is not None and listed.is_known:
            codes = tuple(sorted({*listed.codes.get(item.system, ()), *item.jlac10}))
            value_sets[item.value_set] = ValueSet({**listed.codes, item.system: codes}, listed.open)
