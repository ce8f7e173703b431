# SPDX-License-Identifier: Apache-2.0
"""健診項目表 — the 322 items of 特定健診 (第4期, V4.0), their methods and lists of answers, as facts.

Made by ``tools/make_checkup_items.py``.

Cite: XML用特定健診項目情報 第4期; 健診結果報告書 1.5.0 CodeSystem 1.2.392.200119.6.1005・1007・2001 …
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# 区分 of the items: 質問票, 生活機能基本チェックリスト, 後期質問票.
QUESTION_CATEGORIES = ("500", "600", "900")
# Code systems of categories in FHIR, as the official examples use them.
FHIR_CATEGORIES = {
    "10": "body-measurement",
    "20": "exam",
    "30": "vital-signs",
    "40": "laboratory",
    "50": "laboratory",
    "60": "laboratory",
    "70": "laboratory",
    "80": "laboratory",
    "200": "exam",
    "400": "exam",
    "500": "social-history",
    "600": "social-history",
    "900": "social-history",
}
SURVEYED = ("9N501000000000011", "9N506000000000011")
# 一連検査グループ: the item that names the group in the list → code of the group in FHIR and its name.
SERIES = {
    "2A020161001930149": ("2A020", "貧血検査"),
    "9A110161000000049": ("9A110", "心電図検査"),
    "9E100161000000049": ("9E100", "眼底検査"),
    "3C015161002399949": ("3C015", "血清クレアチニン検査"),
    "9N211161100000049": ("9N206", "胸部X線直接・一般健診"),
    "9N226161100000049": ("9N221", "胸部X線間接・一般健診"),
    "9N251161100000049": ("9N252", "胸部CT直接・一般健診"),
    "9N256161100000049": ("9N256", "上部消化管検査"),
    "9N261161100000049": ("", "上部消化管Ｘ線検査（間接撮影）"),
    "9N556000000000011": ("", "生活機能評価"),
}
# Doctors' names that are carried as the recorder of another item, not as a result of their own.
RECORDERS = {
    "9N516000000000049": "9N511000000000049",
    "9N526000000000049": "9N521000000000049",
    "9N536000000000049": "9N531000000000049",
    "9N546000000000049": "9N541000000000049",
}
_FORM = re.compile(r"N+(?:\.N+)?")


class ItemFact(NamedTuple):
    """健診項目 — one line of the table."""

    code: str
    name: str
    category: str
    need: str
    type: str
    form: str
    shown_unit: str
    unit: str
    method: str
    choices: str
    series: str
    relation: str
    depends_on: str

    @property
    def is_question(self) -> bool:
        """問診 — whether it is asked and not measured."""
        return self.category in QUESTION_CATEGORIES

    @property
    def decimals(self) -> int:
        """小数の桁数 — of the form (NNN.N: 1)."""
        return len(self.form.partition(".")[2]) if _FORM.fullmatch(self.form) else 0

    @property
    def most_characters(self) -> int:
        """最大文字数 — of a text in bytes of two for each full-width letter; 0 for others."""
        return int(self.form) if self.type == "ST" and self.form.isdigit() else 0

    @property
    def fhir_category(self) -> str:
        """FHIRの区分 — as the official examples give it; empty when they give none."""
        return "survey" if self.code in SURVEYED else FHIR_CATEGORIES.get(self.category, "")


def _rows(name: str) -> list[list[str]]:
    text = (files("tasuki.sharing.checkups") / "tables" / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]


@cache
def item_facts() -> Mapping[str, ItemFact]:
    """健診項目表 — by code of 17 digits."""
    return MappingProxyType({row[0]: ItemFact(*row) for row in _rows("items.tsv")})


@cache
def method_names() -> Mapping[str, str]:
    """検査方法 — names by code of ten digits (1.2.392.200119.6.1007)."""
    return MappingProxyType(dict(_rows("methods.tsv")))


@cache
def choice_names() -> Mapping[str, Mapping[str, str]]:
    """選択肢 — by OID of the list, names by code."""
    found: dict[str, dict[str, str]] = {}
    for system, code, name in _rows("choices.tsv"):
        found.setdefault(system, {})[code] = name
    return MappingProxyType({system: MappingProxyType(codes) for system, codes in found.items()})
