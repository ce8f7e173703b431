# SPDX-License-Identifier: Apache-2.0
"""検体採取 — drawing blood and swabbing, as the tests of the visit need it (医科点数表 D400, D419)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

VENOUS, CAPILLARY, ARTERIAL, SWAB = "160095710", "160095810", "160101210", "160208510"
DRAWINGS = frozenset({VENOUS, CAPILLARY, ARTERIAL})
BLOOD_SPECIMEN = "160154010"  # 検体検査コメント〈血液〉

# 区分番号 whose tests are made on blood unless their name says another specimen.
_BLOOD_SECTIONS = frozenset({"D005", "D006", "D007", "D008", "D009", "D010", "D011", "D013", "D014", "D015"})
_OTHER_SPECIMENS = (
    "尿",
    "便",
    "髄液",
    "胸水",
    "腹水",
    "涙液",
    "乳頭",
    "頸管",
    "腟",
    "膣",
    "穿刺液",
    "喀痰",
    "唾液",
    "気管",
    "骨髄",
    "羊水",
    "鼻",
    "咽頭",
)
# 感染症免疫学的検査 (D012) mixes antibodies in blood with antigens in swabs, urine and stool.
_BLOOD_MARKS_IN_D012 = (
    "抗体",
    "ＳＴＳ",
    "ＡＳＯ",
    "ＡＳＫ",
    "梅毒",
    "グルカン",
    "カンジダ抗原",
    "クリプトコックス抗原",
    "アスペルギルス抗原",
    "エンドトキシン",
    "ＨＩＶ",
)

# Antigen tests whose kits take a swab of nose or throat.
SWAB_TESTS = frozenset({
    "160044110",  # A群β溶連菌迅速試験定性
    "160169450",  # インフルエンザウイルス抗原定性
    "160229850",  # SARS-CoV-2抗原定性
    "160230050",  # SARS-CoV-2・インフルエンザウイルス抗原同時検出定性
    "160148810",  # アデノウイルス抗原定性（糞便を除く）
    "160117610",  # RSウイルス抗原定性
    "160202550",  # ヒトメタニューモウイルス抗原定性
    "160202050",  # マイコプラズマ抗原定性（免疫クロマト法）
})  # fmt: skip
# Tests that take a swab or another specimen (saliva, sputum, eye).
MAYBE_SWAB_TESTS = frozenset({"160229550", "160229750", "160058210", "160144410"})


def is_blood_test(row: Act) -> bool:
    """血液を検体とする検査か — by section and name, because the master has no column for the specimen."""
    if row.section == "D012":
        if not any(mark in row.name for mark in _BLOOD_MARKS_IN_D012):
            return False
    elif row.section not in _BLOOD_SECTIONS or row.judgment_kind != "1":
        return False
    return not any(mark in row.name for mark in _OTHER_SPECIMENS)


@rule(
    "D400/blood_drawing",
    title="血液採取（静脈）",
    cite="医科点数表 D400 注1・注3",
    since=date(2024, 6, 1),
    sections=(*_BLOOD_SECTIONS, "D012"),
)
def blood_drawing(case: Case, draft: Draft) -> Proposal | None:
    """血液採取（静脈） — once a day with a blood test, unless another way of drawing was ordered."""
    if draft.codes() & DRAWINGS or case.billed_today(DRAWINGS) is not None:
        return None
    test = next((act for act in draft.acts() if is_blood_test(act)), None)
    return Proposal(VENOUS, facts(test=test.name)) if test is not None else None


@rule(
    "D400/no_blood_test",
    title="血液採取の要件",
    cite="医科点数表 第3部検査 通則1",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    codes=(VENOUS,),
)
def no_blood_test(_case: Case, draft: Draft) -> Denial | None:
    """血液採取（静脈） — what we proposed falls again when every blood test fell."""
    if not _is_ours(draft, VENOUS) or any(is_blood_test(act) for act in draft.acts()):
        return None
    return Denial(VENOUS, "")


@rule(
    "D419/nasal_swab",
    title="鼻腔・咽頭拭い液採取",
    cite="医科点数表 D419の6; 第3部検査 通則1",
    since=date(2024, 6, 1),
    codes=SWAB_TESTS | MAYBE_SWAB_TESTS,
)
def nasal_swab(case: Case, draft: Draft) -> Outcome | None:
    """鼻腔・咽頭拭い液採取 — once a day with a test on a swab; advised where the specimen may be another."""
    if SWAB in draft.codes() or case.billed_today((SWAB,)) is not None:
        return None
    names = {act.code: act.name for act in draft.acts()}
    sure = sorted(SWAB_TESTS & names.keys())
    if sure:
        return Proposal(SWAB, facts(test=names[sure[0]]))
    unsure = sorted(MAYBE_SWAB_TESTS & names.keys())
    return Advice(SWAB, facts(test=names[unsure[0]])) if unsure else None


@rule(
    "D419/no_swab_test",
    title="鼻腔・咽頭拭い液採取の要件",
    cite="医科点数表 第3部検査 通則1",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    codes=(SWAB,),
)
def no_swab_test(_case: Case, draft: Draft) -> Denial | None:
    """鼻腔・咽頭拭い液採取 — what we proposed falls again when the test fell."""
    if not _is_ours(draft, SWAB) or draft.codes() & SWAB_TESTS:
        return None
    return Denial(SWAB, "")


def _is_ours(draft: Draft, code: str) -> bool:
    return any(
        line.code == code and line.because and line.because[0].rule_id.startswith("D4")
        for line in draft.lines()
    )
