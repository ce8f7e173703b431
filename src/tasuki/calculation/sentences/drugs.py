# SPDX-License-Identifier: Apache-2.0
"""投薬・注射の理由の文 — sentences of the rules of parts 5 and 6 of chapter 2."""

from __future__ import annotations

_TIER = "処方の区分「{tier}」（内服薬{kinds}種類）により{line}を算定します"

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("F000/controlled", "granted"): "{drug}を投薬したため{line}を算定します",
    ("F000/dispensing", "granted"): "院内で{kind}を調剤したため{line}を算定します",
    ("F000/gargle_only", "denied"): "{only}だけの投薬のため、{line}は算定できません",
    ("F000/patches", "advised"): "{line}は{sheets}枚です。{most}枚を超える分は、理由を診療録と明細書に記載した場合に限り算定できます",
    ("F100/anticancer", "advised"): "{drug}による治療の開始に当たり文書で説明し同意を得ていれば、{line}を算定できます（月1回）",
    ("F100/generic_use", "granted"): "届出により{line}を算定します",
    ("F100/prescription", "granted"): _TIER,
    ("F200/day_limit", "advised"): "{line}は{days}日分です。処方は{most}日分までです。確かめてください",
    ("F200/many_kinds", "granted"): "内服薬が{kinds}種類のため{line}を適用します",
    ("F200/many_psychotropics", "advised"): "処方の区分が「{tier}」です。{line}を対象の向精神薬に適用するか確かめてください",
    ("F200/nutrition", "advised"): "{drug}は、手術後・経管のとき、又は医師が必要と認めた理由を記載したときだけ算定できます。{line}の理由を確かめてください",
    ("F400/both_places", "advised"): "同じ日（{day}）に院内の投薬と処方箋の交付があります。{line}を院内で投薬した理由を確かめてください",
    ("F400/fewer_psychotropics", "granted"): "抗不安薬等を減らし、症状の変化の確認を指示したため{line}を算定します",
    ("F400/generic_names", "granted"): "後発医薬品のある{with_generics}品目のうち一般名で{named}品目を処方したため{line}を算定します",
    ("F400/generic_names", "advised"): {
        "": "{line}を算定できるか確かめてください",
        "missing": "一般名で{named}品目を処方しています。「{missing}」の基準を満たせば{line}を算定できます",
    },
    ("F400/prescription", "granted"): _TIER,
    ("F400/prescription", "advised"): "処方の区分「{tier}」（内服薬{kinds}種類）に当たる処方箋料を算定するか、{line}を確かめてください",
    ("F400/online", "advised"): "対面診療を経ていない情報通信機器を用いた診療では、{drug}（麻薬・向精神薬）を処方できません。{line}を確かめてください",
    ("F400/refill_limit", "advised"): "{line}は投与量に限度が定められているためリフィル処方箋にできません。確かめてください",
    ("F400/specific_disease", "granted"): "{disease}を主病とする患者に{days}日分を処方したため{line}を算定します",
    ("F400/specific_disease", "advised"): "{disease}の患者に{days}日分を処方しています。主病であれば{line}を算定できます",
    ("F500/technique", "granted"): "薬剤師が常態として勤務する医療機関の院内処方のため{line}を算定します",
    ("G000/biological", "granted"): "{drug}を注射したため{line}を算定します",
    ("G000/narcotic", "granted"): "{drug}を注射したため{line}を算定します",
    ("G000/main_only", "denied"): "{line}は、同じ日（{day}）に行った主たる注射の{lost_to_name}を算定するため算定できません",
    ("G004/drip_by_volume", "granted"): "1日の注射量{ml}mL（基準{least}mL）により{line}を算定します",
    ("G004/drip_by_volume", "denied"): "1日の注射量が{ml}mL（基準{least}mL）のため、{line}は{lost_to_name}に替わります",
    ("G000/biosimilar", "granted"): "バイオ後続品{drug}を説明して注射したため{line}を算定します（初回{first_day}から3月）",
    ("G000/biosimilar", "advised"): "バイオ後続品{drug}の注射です。「{missing_flag}」を記録すれば{line}を算定できます",
    ("G000/chemotherapy", "granted"): "{disease}に{drug}を投与したため{line}を算定します",
    ("G000/chemotherapy", "advised"): "{disease}に{drug}を投与しています。「{missing_flag}」を記録すれば{line}を算定できます",
    ("G000/on_home_visit", "denied"): "{line}は、訪問診療の日に行ったため算定できません（{lost_to_name}の患者）",
    ("G000/precise_drip", "granted"): "{drug}を1時間30mL以下で注入したため{line}を算定します",
    ("G000/precise_drip", "advised"): "{drug}の{line}は、緩徐に注入する必要のある薬剤に限ります（{age}歳）。必要性を確かめてください",
    ("G005/nutrition", "denied"): "{line}は、{lost_to_name}を算定する患者のため算定できません",
}  # fmt: skip
