# SPDX-License-Identifier: Apache-2.0
"""疾患別の指導管理料 — the fees of B001 that a disease opens and a first visit closes, as one dated table.

Their notes say the same few things: which disease, which department, how long after a first visit or a
discharge, and what stands instead when the care is given online. What differs stands in a row.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Start(StrEnum):
    """算定開始 — from when on a fee may be billed after the first visit."""

    A_MONTH_AFTER = "a_month_after"  # 初診の日から1月を経過した日
    NEXT_MONTH = "next_month"  # 初診の日の属する月の翌月1日


class GuidedFee(NamedTuple):
    """指導管理料 — one fee: its codes, what opens it, and from when it counts.

    ``key`` begins with the number under B001. ``marks`` are 特定疾患等対象区分 of the disease master (col 21),
    ``icd10`` prefixes where the note names diseases in words; ``is_exact`` says that nothing but these
    diseases opens it. ``departments`` are 診療科コード whose doctor must give the care. ``lasting_months`` is how
    long the disease must have lasted. ``below`` and ``from_age`` narrow one disease by age.
    """

    key: str
    name: str
    code: str
    online: str
    cite: str
    notice: str
    start: Start
    marks: frozenset[str] = frozenset()
    icd10: tuple[str, ...] = ()
    is_intractable: bool = False
    departments: frozenset[str] = frozenset()
    is_main_only: bool = False
    is_exact: bool = True
    lasting_months: int = 0
    adults_only_icd10: tuple[str, ...] = ()  # 16歳以上に限る疾患


PAEDIATRICS = frozenset({"09"})
DERMATOLOGY = frozenset({"18", "19"})
EAR_NOSE_THROAT = frozenset({"27"})
# 精神科, 神経科, 神経内科, 小児科, 脳神経外科, 心療内科.
EPILEPSY_DEPARTMENTS = frozenset({"02", "03", "04", "09", "14", "33"})
MALIGNANT = tuple(f"C{number:02}" for number in range(98))
# 通知 B001 5 (2) in the order of its words.
PAEDIATRIC_DISEASES = (
    "G80", "Q20", "Q21", "Q22", "Q23", "Q24", "Q25", "Q26", "Q27", "Q28", "N04",
    *(f"Q{number}" for number in range(90, 100)), "I254", "E75", "E78", "N00", "N01", "N03", "N05",
    "D55", "D56", "D57", "D58", "D59", "D60", "D61", "D66", "D67", "D68", "D693", "Q65", "Q66", "Q05",
    "Q77", "Q78", "Q71", "Q72", "Q73", "P14", "Q743",
)  # fmt: skip
ADULT_AGE = 16  # アトピー性皮膚炎 for 皮膚科特定疾患指導管理料（Ⅱ）

GUIDED_FEES: tuple[GuidedFee, ...] = (
    GuidedFee(
        "5_paediatric", "小児科療養指導料", "113002210", "113029510", "医科点数表 B001 5 注1・注2・注3・注6",
        "通知 B001 5 (2)・(4)", Start.NEXT_MONTH, icd10=PAEDIATRIC_DISEASES, departments=PAEDIATRICS,
        is_main_only=True, is_exact=False,
    ),
    GuidedFee(
        "6_epilepsy", "てんかん指導料", "113002850", "113029610", "医科点数表 B001 6 注1〜注3・注6",
        "通知 B001 6 (1)・(2)", Start.A_MONTH_AFTER, marks=frozenset({"07", "08"}),
        departments=EPILEPSY_DEPARTMENTS,
    ),
    GuidedFee(
        "7_intractable", "難病外来指導管理料", "113002910", "113029710", "医科点数表 B001 7 注1・注3・注4・注7",
        "通知 B001 7 (2)・(3)", Start.A_MONTH_AFTER, is_intractable=True, is_main_only=True,
        is_exact=False,
    ),
    GuidedFee(
        "8_skin_first", "皮膚科特定疾患指導管理料（１）", "113000910", "113034510", "医科点数表 B001 8 注1〜注4",
        "通知 B001 8 (1)〜(4)", Start.A_MONTH_AFTER, marks=frozenset({"03"}), departments=DERMATOLOGY,
    ),
    GuidedFee(
        "8_skin_second", "皮膚科特定疾患指導管理料（２）", "113002310", "113034610", "医科点数表 B001 8 注1〜注4",
        "通知 B001 8 (1)〜(4)", Start.A_MONTH_AFTER, marks=frozenset({"04"}), departments=DERMATOLOGY,
        adults_only_icd10=("L20",),
    ),
    GuidedFee(
        "18_childhood_cancer", "小児悪性腫瘍患者指導管理料", "113006610", "113035110",
        "医科点数表 B001 18 注1〜注3・注5", "通知 B001 18", Start.NEXT_MONTH, icd10=MALIGNANT,
        departments=PAEDIATRICS, is_main_only=True,
    ),
    GuidedFee(
        "21_ear_nose_throat", "耳鼻咽喉科特定疾患指導管理料", "113010110", "", "医科点数表 B001 21 注1〜注3",
        "通知 B001 21", Start.A_MONTH_AFTER, icd10=("H65",), departments=EAR_NOSE_THROAT, lasting_months=3,
    ),
)  # fmt: skip
