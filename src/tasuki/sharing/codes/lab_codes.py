# SPDX-License-Identifier: Apache-2.0
"""検査項目の候補 — shared items for a laboratory's own name, by folded name, unit and specimen; the usual ones first.

Cite: 臨床検査項目基本コードセット（電子カルテ情報共有サービス）2024-09-30, 救急時に有用な検査・生活習慣病関連の検査 43項目, 感染症 5項目
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from tasuki.kernel.kana import search_key
from tasuki.sharing.lab_items import LabItem, item_of

# 略称・別名: how laboratories and forms write an item; the names of the list itself need not stand here.
_ALIASES = {
    "AST": "GOT", "ALT": "GPT", "GGT": "γ-GTP γGTP γ-GT γGT GTP", "LD": "LDH", "CK": "CPK", "Cre": "クレアチニン CRE CREA CRTN",
    "UA": "尿酸", "BUN": "UN 尿素窒素", "BG": "血糖 GLU グルコース", "FBG": "空腹時血糖", "CBG": "随時血糖", "HbA1c-NGSP": "HbA1c ヘモグロビンA1c A1c",
    "TG": "中性脂肪 トリグリセリド", "T-CHO": "総コレステロール TC TCHO", "HDL-C": "HDL HDLコレステロール", "LDL-C": "LDL LDLコレステロール",
    "TP": "総蛋白 総タンパク", "ALB": "アルブミン", "ALP": "アルカリフォスファターゼ", "ChE": "CHE コリンエステラーゼ", "AMY": "アミラーゼ", "Na": "ナトリウム", "K": "カリウム",
    "Cl": "クロール", "Ca": "カルシウム", "T-Bil": "総ビリルビン TB", "D-Bil": "直接ビリルビン DB", "WBC": "白血球 白血球数", "RBC": "赤血球 赤血球数", "Hb": "ヘモグロビン 血色素 血色素量 HGB",
    "PLT": "血小板 血小板数", "CRP": "C反応性蛋白", "U-TP": "尿蛋白", "U-Glu": "尿糖", "U-Bld": "尿潜血", "PT-INR": "INR", "BNP": "脳性Na利尿ペプチド",
    "HBs抗原(定性)": "HBs抗原 HBsAg", "HCV抗体(定性)": "HCV抗体 HCV", "梅毒TP抗体(定性)": "TP抗体 TPHA", "梅毒STS(定性)": "STS RPR",
}  # fmt: skip
_NOISE = re.compile(r"[\s・\-‐−ー()（）\[\]/]")


class LabCode(NamedTuple):
    """標準検査コード — one JLAC10 code of a shared item; ``product_count`` is how many products of the list bear it."""

    shared: LabItem
    code: str
    unit: str
    specimen: str
    method: str
    is_coded: bool
    product_count: int

    @property
    def display(self) -> str:
        """識別名 — the official name of the item."""
        return self.shared.display

    @property
    def item(self) -> str:
        """項目名 — what is measured."""
        return self.shared.name

    @property
    def system(self) -> str:
        """コード体系 — of the list it stands in."""
        return self.shared.system


def find_lab_codes(text: str, unit: str = "", specimen: str = "", limit: int = 12) -> tuple[LabCode, ...]:
    """検査項目の候補 — one for each item, unit, specimen and method that may be meant, the likeliest first.

    >>> [(each.display, each.unit) for each in find_lab_codes("クレアチニン", "mg/dL", "血清", 1)]
    [('Cre', 'mg/dL')]
    >>> find_lab_codes("")
    ()
    """
    wanted = folded(text)
    if not wanted:
        return ()
    ranked = []
    for row in lab_codes():
        rank = _rank(wanted, _names(row))
        if row.code == text.strip():
            rank = 0
        if rank is None:
            continue
        other_unit = bool(unit) and folded_unit(row.unit) != folded_unit(unit)
        other_specimen = bool(specimen) and not row.specimen.startswith(specimen)
        ranked.append((rank, other_unit, other_specimen, -row.product_count, row.code, row))
    ranked.sort(key=lambda each: each[:-1])
    best: dict[tuple[str, str], LabCode] = {}
    for *_, row in ranked:
        best.setdefault((row.display, row.code), row)
    return tuple(best.values())[:limit]


def lab_code(display: str, code: str) -> LabCode | None:
    """標準検査コード — by its name and code, None where the list does not have it."""
    return next((row for row in lab_codes() if row.code == code and row.display == display), None)


@cache
def lab_codes() -> tuple[LabCode, ...]:
    """標準検査コードの表 — read once; the item follows from the code."""
    lines = (files("tasuki.sharing") / "data" / "lab_codes.tsv").read_text("utf-8").splitlines()[1:]
    return tuple(_code(*line.split("\t")) for line in lines)


def _code(code: str, unit: str, specimen: str, method: str, is_coded: str, products: str) -> LabCode:
    shared = item_of(code)
    assert shared is not None, code
    return LabCode(shared, code, unit, specimen, method, is_coded == "1", int(products))


def folded(text: str) -> str:
    """畳んだ項目名 — width, kana, case, hyphens and brackets do not matter.

    >>> folded("γ－ＧＴＰ") == folded("γ-gtp")
    True
    """
    return _NOISE.sub("", search_key(text))


def folded_unit(text: str) -> str:
    """畳んだ単位 — spellings of one unit.

    >>> folded_unit("ｍｇ／ｄｌ") == folded_unit("mg/dL"), folded_unit("IU/L") == folded_unit("U/L")
    (True, True)
    """
    return search_key(text).replace("IU/", "U/").replace("･", "・").replace("^", "*")


@cache
def _names_of(display: str, item: str) -> tuple[str, ...]:
    without = re.sub(r"[(（].*", "", item)
    inside = re.findall(r"[(（]([^)）]+)[)）]", item)
    given = (display, item, without, *inside, *_ALIASES.get(display, "").split())
    return tuple(dict.fromkeys(folded(each) for each in given if each))


def _names(row: LabCode) -> tuple[str, ...]:
    return _names_of(row.display, row.item)


def _rank(wanted: str, names: tuple[str, ...]) -> int | None:
    if wanted in names:
        return 0
    if any(name.startswith(wanted) or wanted.startswith(name) for name in names if len(name) > 1):
        return 1
    if len(wanted) > 1 and any(wanted in name for name in names):
        return 2
    return None
