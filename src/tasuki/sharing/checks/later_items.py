# SPDX-License-Identifier: Apache-2.0
"""後の版の訂正 — codes of the service's list and of corrections that the guide's 1.5.2 tables do not have yet.

Cite: 電子カルテ情報共有サービス 検査項目マスター 2024-09-30; JP-CLINS 1.5.4 退院時サマリーのセクションコードの訂正
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tasuki.sharing.ig.table import ValueSet
from tasuki.sharing.lab_items import JLAC11_SYSTEMS, lab_items

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from tasuki.sharing.ig.table import Profile

_JLAC11_LISTS = "http://jpfhir.jp/fhir/clins/ValueSet/JLAC11/"
_SUMMARY = "http://jpfhir.jp/fhir/eDischargeSummary/"
_SECTIONS = _SUMMARY + "ValueSet/document-section"
_SECTION_CODES = "http://jpfhir.jp/fhir/clins/CodeSystem/document-section"
# 現病歴, 既往歴, 家族歴, 社会歴・生活習慣.
_CORRECTED = {"362": "360", "372": "370", "552": "550", "642": "640"}


def corrected(profile: Profile) -> Profile:
    """プロファイルの訂正 — of the discharge summary, whose section codes were wrong until 1.5.4."""
    if not profile.url.startswith(_SUMMARY):
        return profile
    rows = tuple(
        msgspec.structs.replace(row, fixed=_CORRECTED[row.fixed])
        if row.id.endswith(".code.coding.code") and row.fixed in _CORRECTED
        else row
        for row in profile.rows
    )
    return msgspec.structs.replace(profile, rows=rows)


def add_later_items(
    code_systems: MutableMapping[str, frozenset[str]], value_sets: MutableMapping[str, ValueSet]
) -> None:
    """検査項目の追加 — to systems and lists that are known here; what is not known stays so. The lists of JLAC11 hold
    codes of JLAC10 in 1.5.2: they are forgotten, so that a true code of JLAC11 is not called wrong.
    """
    for system in JLAC11_SYSTEMS:
        code_systems.pop(system, None)
    for url in [each for each in value_sets if each.startswith(_JLAC11_LISTS)]:
        value_sets[url] = ValueSet(is_known=False)
    for item in lab_items():
        if item.system in code_systems:
            code_systems[item.system] |= item.jlac10
        listed = value_sets.get(item.value_set)
        if listed is not None and listed.is_known:
            codes = tuple(sorted({*listed.codes.get(item.system, ()), *item.jlac10}))
            value_sets[item.value_set] = ValueSet({**listed.codes, item.system: codes}, listed.open)
