# SPDX-License-Identifier: Apache-2.0
"""医学管理等の理由の文 — sentences of the rules of part 1 of chapter 2."""

from __future__ import annotations

_SYSTEM = "{line}には「{missing}」の基準があります。満たしているか確かめ、施設の設定に記録してください"

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("B000/specific_disease_management", "granted"): "{disease}に計画的な療養上の管理を行ったため{line}を算定します",
    ("B000/specific_disease_management", "advised"): "{disease}の患者です。「{missing_flag}」を記録すれば{line}を算定できます",
    ("B000/first_month", "denied"): {
        "": "{line}は算定できません",
        "first_visit": "{line}は、初診の日の管理が初診料に含まれるため算定できません",
        "first_month": "{line}は、初診（{first_day}）から1月以内のため算定できません。{allowed_from}から算定できます",
        "discharged": "{line}は、退院した日から1月以内のため算定できません",
    },
    ("B000/disease", "denied"): "{line}は、対象疾患を治療していないため算定できません",
    ("B000/system", "advised"): _SYSTEM,
    ("B001-3-3/lifestyle", "granted"): "{disease}を主病とし、療養計画により総合的な治療管理を行ったため{line}を算定します",
    ("B001-3-3/lifestyle", "advised"): "{disease}が主病の患者です。「{missing_flag}」を記録すれば{line}を算定できます",
    ("B001-3/disease", "denied"): "{line}は、対象疾患を治療していないため算定できません",
    ("B001-3/main_disease", "advised"): "{line}は主病に対して算定します。{disease}が主病か確かめてください",
    ("B001-3/system", "advised"): _SYSTEM,
    ("B001-3-3/after_first", "denied"): "{line}は、{lost_to_name}を算定した{last_day}の月から6月以内のため算定できません",
    ("B001-3/data_submission", "granted"): "「{standard}」の届出により{line}を算定します",
    ("B001-3/included_drugs", "denied"): "{line}は、{lost_to_name}に含まれるため算定できません",
    ("B001-2/included_drugs", "denied"): "{line}は、{lost_to_name}に含まれるため算定できません",
    ("B011/drug_information", "granted"): "薬剤情報を文書で提供したため{line}を算定します",
    ("B011/drug_information", "advised"): "{line}はこの月の{last_day}に算定しています。処方の内容を変更した場合に限り再び算定できます",
    ("B011/notebook_alone", "denied"): "{line}は、薬剤情報提供料を算定しないため算定できません",
}  # fmt: skip
