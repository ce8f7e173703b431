# SPDX-License-Identifier: Apache-2.0
"""腫瘍マーカー — once until the diagnosis, and inside 悪性腫瘍特異物質治療管理料 after it (医科点数表 D009)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import is_charted, is_under_treatment
from tasuki.calculation.rule import Advice, Stage, rule
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

MARKERS = "D009"
_CANCER = tuple(f"C{number:02}" for number in range(98))
_SUSPECTED_OR_CANCER = (*_CANCER, *(f"D0{number}" for number in range(10)), "D37", "D38", "D39", "D4")
# What the 通知 lets be measured without a cancer: the marker, and the diseases it is measured for.
ALLOWED = {
    "160037710": ("K85", "K86"),  # エラスターゼ１: 膵炎
    "160036710": ("K74", "B18", "K703"),  # AFP: 肝硬変, 慢性肝炎
    "160117110": ("K74", "B18", "K703"),
    "160193310": ("K74", "B18", "K703"),  # PIVKA-Ⅱ
    "160038010": ("N80",),
    "160150350": ("N80",),  # CA125, CA602: 子宮内膜症
    "160036510": ("D126",),  # CEA: 家族性大腸腺腫症
}
PSA = "160037510"


@rule(
    "D009/suspected_cancer",
    title="腫瘍マーカーの対象",
    cite="医科点数表 D009 注1; 通知 D009(1)",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    sections=(MARKERS,),
)
def suspected_cancer(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """腫瘍マーカー — for those strongly suspected of a cancer; after the diagnosis the management fee holds it.

    A human is asked when no cancer is charted, and when one is certain and under treatment.
    """
    found = []
    for code in sorted({act.code for act in draft.acts() if act.section == MARKERS and not act.is_addition}):
        if is_charted(case, ALLOWED.get(code, ("-",))):
            continue
        if is_under_treatment(case, _CANCER):
            found.append(Advice(code, facts(reason="certain")))
        elif not is_charted(case, _SUSPECTED_OR_CANCER):
            found.append(Advice(code, facts(reason="none")))
    return tuple(found) or None


@rule(
    "D009/once_until_diagnosis",
    title="腫瘍マーカーの回数",
    cite="通知 D009(1)・(4)",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    sections=(MARKERS,),
)
def once_until_diagnosis(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """腫瘍マーカー — once until the diagnosis or the outcome; PSA of 4.0 and more once in three months, three times."""
    since = months_before(case.day, 12)
    found = []
    for code in sorted({act.code for act in draft.acts() if act.section == MARKERS and not act.is_addition}):
        past = [line.day for line in case.history.of(code) if since <= line.day < case.day]
        if past and not is_charted(case, ALLOWED.get(code, ("-",))):
            reason = "psa" if code == PSA else ""
            found.append(Advice(code, facts(last_day=max(past), count=len(past), reason=reason)))
    return tuple(found) or None
