# SPDX-License-Identifier: Apache-2.0
"""共有する検査項目 — the 43 items useful in emergencies and for lifestyle diseases, and the five infections.

The names (FHIR識別名) stand as JP-CLINS 1.10.0 spells them; the JLAC10 codes are those of the service's list of
2024-09-30, which is younger than the code systems of the 1.5.2 package.

Cite: JP-CLINS 1.10.0 救急時に有用な検査・生活習慣病関連の検査項目、感染症検査項目; 電子カルテ情報共有サービス 検査項目マスター 2024-09-30
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

_CLINS = "http://jpfhir.jp/fhir/clins/"
CORE_LAB = _CLINS + "CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS"
INFECTION_LAB = _CLINS + "CodeSystem/JLAC10/JP_CLINS_ObsLabResult_InfectionLabo_CS"
JLAC11_SYSTEMS = (CORE_LAB.replace("JLAC10", "JLAC11"), INFECTION_LAB.replace("JLAC10", "JLAC11"))


class LabItem(NamedTuple):
    """検査項目 — one shared item: its official name, what is measured, in what unit, by which JLAC10 codes.

    ``list`` is the name of its list of codes, ``form`` is number, code or both; ``group`` names the infection, empty for the 43.
    """

    no: str
    list: str
    display: str
    name: str
    group: str
    form: str
    unit: str
    jlac10: frozenset[str]

    @property
    def is_infection(self) -> bool:
        """感染症か — of the five infections."""
        return bool(self.group)

    @property
    def system(self) -> str:
        """コード体系 — of its JLAC10 codes."""
        return INFECTION_LAB if self.group else CORE_LAB

    @property
    def value_set(self) -> str:
        """値セット — the guide's list of its JLAC10 codes."""
        part = "InfectionLabo" if self.group else "CoreLabo"
        return f"{_CLINS}ValueSet/JLAC10/JP_CLINS_ObsLabResult_{part}_{self.list}_VS"


@cache
def lab_items() -> tuple[LabItem, ...]:
    """共有する検査項目の一覧 — in the order of the official lists."""
    text = (files("tasuki.sharing") / "data" / "lab_items.tsv").read_text("utf-8")
    return tuple(_item(*line.split("\t")) for line in text.splitlines()[1:])


def _item(
    no: str, part: str, display: str, name: str, group: str, form: str, unit: str, codes: str
) -> LabItem:
    return LabItem(no, part, display, name, group, form, unit, frozenset(codes.split()))


@cache
def _by_code() -> dict[str, LabItem]:
    return {code: item for item in lab_items() for code in item.jlac10}


def item_of(jlac10: str) -> LabItem | None:
    """JLAC10からの項目 — no code belongs to two: 血糖 and 中性脂肪 have other codes when the patient fasted.

    >>> item_of("3A010000002327101").display
    'TP'
    """
    return _by_code().get(jlac10)


def item_named(display: str) -> LabItem | None:
    """識別名からの項目 — by the official name, character for character."""
    return next((item for item in lab_items() if item.display == display), None)
