# SPDX-License-Identifier: Apache-2.0
"""支払者の文 — reasons and findings of payers other than health insurance, in Japanese."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.chart.coverage import InsuranceKind
from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from tasuki.kernel.because import Because

PAYER_NAMES = {
    InsuranceKind.EMPLOYEES: "社保",
    InsuranceKind.NATIONAL: "国保",
    InsuranceKind.LATE_ELDERLY: "後期高齢",
    InsuranceKind.PUBLIC_ONLY: "公費単独",
    InsuranceKind.WORK_ACCIDENT: "労災",
    InsuranceKind.TRAFFIC_ACCIDENT: "自賠責",
    InsuranceKind.PRIVATE: "自費",
    InsuranceKind.CHECKUP: "健診",
}
REASONS = {
    "payers/amount": "{payer}: {points}点×{price}円{raised}＝{points_yen}円{acts}{taxed}、計{total}円。",
    "payers/payer-pays": "{payer}の請求先に請求し、窓口負担はない。",
    "payers/patient-pays": "{payer}の全額{patient}円を窓口で受け取る。",
    "payers/price-list": "料金表「{name}」{yen}円（{taxed}）{count}。",
    "payers/price-list/shared": "料金表「{name}」{yen}円のうち{billed}円は{billed_to}に請求し、患者は{patient}円。",
}

register(
    {
        "payers.unknown": "受診の支払者にない「{payer}」が指定されています。支払者を選び直してください。",
        "payers.no_terms": "{payer}の1点の金額が決められていません（相手先: {contract}）。設定「{setting}」に契約の金額を入れてください。推測では計算しません。",
        "payers.by_price_list": "{payer}のオーダと診察は点数では請求しません。料金表または自費の欄で会計してください（点数で請求するには設定「{setting}」に1点の金額を入れます）。",
        "payers.work_accident_act": "{code}は労災の項目です。労災のほかの支払者では算定できません。",
        "payers.first_under_other": "{day}に{payer}で診療しています。その治療の期間中は医療保険の初診料を算定できません（{cite}）。治療が続いていれば再診にしてください。",
    }
)


def explain_payer(because: Because) -> str:
    """支払者の理由 — one reason of a payer's amount as a Japanese sentence with its source."""
    given = dict(because.facts)
    words: dict[str, object] = {name: _word(value) for name, value in given.items()}
    if "payer" in given:
        words["payer"] = PAYER_NAMES[InsuranceKind(str(given["payer"]))]
    if because.rule_id == "payers/amount":
        words["raised"] = "" if given["technique"] == 100 else f"（技術料は{given['technique']}%）"
        raised = "" if given["technique"] == 100 else f"（診察・指導・救急は{given['technique']}%）"
        words["acts"] = f"＋円で定めた項目{_word(given['act_yen'])}円{raised}" if given["act_yen"] else ""
        words["taxed"] = (
            f"＋消費税{given['tax']}%{_word(given['tax_yen'])}円" if given["tax"] else "（非課税）"
        )
    return f"{REASONS[because.rule_id].format_map(words)}（{because.cite}）"


def payer_name(kind: InsuranceKind | str) -> str:
    """支払者の呼び名 — as screens and bills show a kind of payer."""
    return PAYER_NAMES[InsuranceKind(kind)]


def _word(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
