# SPDX-License-Identifier: Apache-2.0
"""支払者の確認 — a visit that health insurance does not pay is billed by other rules, which a human must know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.chart.coverage import InsuranceKind
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from tasuki.calculation.draft import Draft

OTHERS = {InsuranceKind.WORK_ACCIDENT: "労災保険", InsuranceKind.TRAFFIC_ACCIDENT: "自賠責保険"}

register(
    {
        "calculation.other_payer": "{payer}の受診です。健康保険の点数を示します。単価と独自の算定項目は含まれません。",
    }
)


def check_payer(draft: Draft) -> Draft:
    """支払者の確認 — points are those of health insurance; their yen and further items are not.

    Cite: 労災診療費算定基準; 自動車損害賠償保障法 第16条
    """
    insurance = draft.case.visit.coverage.insurance
    payer = None if insurance is None else OTHERS.get(insurance.kind)
    if payer is None:
        return draft
    where = Where(field="insurance.kind")
    finding = Finding("CAL-0114", Severity.CONFIRM, where, "calculation.other_payer", {"payer": payer})
    return draft.with_findings((finding,))
