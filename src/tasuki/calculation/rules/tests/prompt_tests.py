# SPDX-License-Identifier: Apache-2.0
"""外来迅速検体検査・時間外緊急院内検査 — additions for tests answered at once (医科点数表 第3部第1節第1款 通則)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Proposal, rule
from tasuki.calculation.rules.standing_acts import each_act
from tasuki.calculation.time_additions import TimeAddition, act_time_kind, is_plainly_in_hours
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.masters.rows import Act

PROMPT, EMERGENCY = "160177770", "160000210"
MOST_ITEMS = 5

# 特掲診療料の施設基準等 別表第九の二, by the codes of the master; the same list in 令和6年度 and 令和8年度.
PROMPT_TESTS = frozenset({
    "160000310",  # 尿中一般物質定性半定量検査
    "160005010",  # 尿沈渣（鏡検法）
    "160006810",  # 糞便中ヘモグロビン
    "160007610",  # 赤血球沈降速度（ESR）
    "160008010",  # 末梢血液一般検査
    "160010010",  # HbA1c
    "160012010",  # PT
    "160014510", "160191810", "160191910",  # FDP定性・半定量・定量
    "160114010",  # Dダイマー
    "160017010",  # 総ビリルビン
    "160017410",  # 総蛋白
    "160018910",  # アルブミン
    "160019010",  # 尿素窒素
    "160019210",  # クレアチニン
    "160019310",  # 尿酸
    "160020010",  # ALP
    "160020210",  # ChE
    "160020410",  # γ-GT
    "160020910",  # 中性脂肪
    "160021110",  # ナトリウム及びクロール
    "160021410",  # カリウム
    "160021510",  # カルシウム
    "160019410",  # グルコース
    "160019510",  # LD
    "160020610",  # CK
    "160023410",  # HDL-コレステロール
    "160022410",  # 総コレステロール
    "160022510",  # AST
    "160022610",  # ALT
    "160167250",  # LDL-コレステロール
    "160151050",  # グリコアルブミン
    "160031710",  # TSH
    "160033310",  # FT4
    "160033210",  # FT3
    "160036510",  # CEA
    "160036710",  # AFP
    "160037510",  # PSA
    "160037210",  # CA19-9
    "160054710",  # CRP
    "160057710",  # 細菌顕微鏡検査（その他のもの）
})  # fmt: skip


@rule(
    "D000/prompt_test",
    title="外来迅速検体検査加算",
    cite="医科点数表 第3部第1節第1款 通則3; 特掲診療料の施設基準等 別表第九の二",
    since=date(2024, 6, 1),
    codes=PROMPT_TESTS,
)
def prompt_test(case: Case, draft: Draft) -> Outcome | None:
    """外来迅速検体検査加算 — 10 points an item, at most five a day, when the result was explained in writing.

    Items of a まるめ count one by one. Not on a day of 時間外緊急院内検査加算.
    """
    if not draft.codes().isdisjoint((PROMPT, EMERGENCY)) or case.billed_today((EMERGENCY,)) is not None:
        return None
    if case.has_flag(Flag.EMERGENCY_TEST) and _urgent_hours(case, draft) is not None:
        return None
    items = sum(unit.times for unit in draft.units for line in unit.lines if line.code in PROMPT_TESTS)
    used = sum(line.count for line in case.today if line.code == PROMPT)
    count = min(items, MOST_ITEMS - used)
    if count <= 0:
        return None
    if not case.has_flag(Flag.RESULTS_EXPLAINED_SAME_DAY):
        return Advice(PROMPT, facts(items=items, count=count))
    return Proposal(PROMPT, facts(items=items, count=count), amount=Decimal(count))


@rule(
    "D000/emergency_test",
    title="時間外緊急院内検査加算",
    cite="医科点数表 第3部第1節第1款 通則1",
    since=date(2024, 6, 1),
    chapters="D",
)
def emergency_test(case: Case, draft: Draft) -> Outcome | None:
    """時間外緊急院内検査加算 — 200 points a day for urgent tests in the house outside the displayed hours.

    That the patient could not wait is the doctor's word: without it the addition is only shown.
    """
    if EMERGENCY in draft.codes() or case.billed_today((EMERGENCY, PROMPT)) is not None:
        return None
    kind = _urgent_hours(case, draft)
    if kind is None:
        return None
    known = facts(kind=kind.value)
    if not case.has_flag(Flag.EMERGENCY_TEST):
        return Advice(EMERGENCY, known)
    return Proposal(EMERGENCY, known)


def _urgent_hours(case: Case, draft: Draft) -> TimeAddition | None:
    """The kind of hours in which a test of the visit began, None when all began inside the hours."""
    if is_plainly_in_hours(case):
        return None
    kinds = (act_time_kind(case, unit.order_id) for row, unit in each_act(draft) if _is_specimen_test(row))
    return next((kind for kind in kinds if kind is not None), None)


def _is_specimen_test(row: Act) -> bool:
    return row.chapter == "D" and row.section[1:2] == "0" and not row.is_addition and row.points > 0
