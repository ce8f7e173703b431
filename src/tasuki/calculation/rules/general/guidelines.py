# SPDX-License-Identifier: Apache-2.0
"""関連学会の指針 — acts that the notice allows only by a guideline which 疑義解釈 names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.diseases import is_charted
from tasuki.calculation.rule import Advice, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft


class Guideline(NamedTuple):
    """指針 — codes of acts, the guideline's name, and the ICD-10 blocks for which alone it is asked."""

    codes: frozenset[str]
    name: str
    icd10: tuple[str, ...] = ()


GUIDELINES = (
    # 疑義解釈その2 問86・問97・問107〜問110
    Guideline(
        frozenset(("180047810", "180056410")),
        "不眠症に対する認知行動療法マニュアル（日本睡眠学会教育委員会）",
        ("F51", "G470"),
    ),
    Guideline(
        frozenset(("180031910",)),
        "放射線治療計画ガイドライン・遠隔放射線治療計画ガイドライン（日本放射線腫瘍学会）、"
        "強度変調放射線治療における物理技術ガイドライン",
    ),
    Guideline(frozenset(("160242670",)), "TVC NIRSカテーテルの適正使用指針"),
    Guideline(
        frozenset(("140039210",)), "敗血症に対する血球細胞除去用浄化器の適正使用について", ("A40", "A41")
    ),
    Guideline(
        frozenset(("150453350",)),
        "Extra-vascular ICD（EV-ICD）の適応・施設要件・術者要件に関するステートメント",
    ),
    # 疑義解釈その6 問20
    Guideline(
        frozenset(("140061610",)), "日本救急医学会急性期DIC診断基準（4点以上。JAAM-2 DIC診断基準では3点以上）"
    ),
    # 疑義解釈その8 問20
    Guideline(
        frozenset(("150360610",)),
        "慢性硬膜下血腫に対する中硬膜動脈塞栓術（MMAE）の適正使用に関するステートメント等",
        ("I620", "S065"),
    ),
)


@rule(
    "table/guideline",
    title="関連学会の指針による診療行為",
    cite="通知 D206, I003-2 (11), J041, J041-2, K599(6), K615(2); 特掲診療料の施設基準 M001 3; "
    "疑義解釈その2 (令和8年4月1日) 医科 問86・問97・問107〜問110; "
    "疑義解釈その6 (令和8年5月22日) 医科 問20; 疑義解釈その8 (令和8年6月17日) 医科 問20",
    since=date(2026, 6, 1),
    codes=frozenset().union(*(each.codes for each in GUIDELINES)),
)
def guideline(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """関連学会の指針 — named with the act, because only its doctor knows that it was followed."""
    advice = [
        Advice(code, facts(name=each.name))
        for each in GUIDELINES
        if not each.icd10 or is_charted(case, each.icd10)
        for code in sorted(each.codes & draft.codes())
    ]
    return tuple(advice) or None
