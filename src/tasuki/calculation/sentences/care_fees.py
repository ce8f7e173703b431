# SPDX-License-Identifier: Apache-2.0
"""包括的な診療料・文書・化学療法の理由の文 — sentences of the rules of B001-2-9, B001-2-12, B001-3, B005-12 and B009."""

from __future__ import annotations

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("B001-3/fulfilled", "advised"): "「{standard}」の届出があります。{line}に{points}点を加算できますが、コードが未確認のため算定していません。マスターを取り込んで選び直してください",
    ("B001-3/glucose_guidance", "denied"): {
        "": "{line}は算定できません",
        "no_disease": "{line}は、糖尿病を主病としないため算定できません",
        "type_one": "{line}は、２型糖尿病に限るため算定できません",
        "insulin": "{line}は、インスリン製剤を使用しているため算定できません",
    },
    ("B001-3/glucose_guidance", "advised"): "{line}は、当月又は前月のHbA1cが8.4％以上（NGSP）の患者に月20回以上測定させた場合に算定します。検査値と記録を確かめてください",
    ("B001-3/linked_care", "denied"): {
        "": "{line}は算定できません",
        "no_disease": "{line}は、糖尿病を主病としないため算定できません",
        "year": "{line}は、この年の{last_day}に算定しているため算定できません（年1回）",
    },
    ("B001-3/linked_care", "advised"): {
        "": "{line}は、文書で紹介した次の診療で受診を確かめた日に算定します。前の診療情報提供料の記録がありません。確かめてください",
        "twelve_months": "{line}は年1回です。{last_day}に算定してから12月たっていません。「年1回」を暦年で数えてよいか確かめてください",
    },
    ("B001-3-3/self_injection", "denied"): "{line}は、糖尿病が主病で{lost_to_name}を算定するため算定できません",
    ("B001-3-3/self_injection", "advised"): "{line}と{lost_to_name}があります。自己注射の薬がインスリン製剤・GLP-1受容体アゴニスト等なら{line}は算定できません。薬を確かめてください",
    ("B001-2-9/community_care", "granted"): "{disease}の患者に、同意を得て担当医が療養上必要な指導と診療を行ったため{line}を算定します",
    ("B001-2-9/community_care", "advised"): {
        "": "{disease}の患者です。「{missing_flag}」を記録すれば{line}を算定できます",
        "dementia": "{disease}の患者は「認知症を有する患者等」の{points}点です。コードが未確認のため算定していません。マスターを取り込んで選び直してください（{line}ではありません）",
    },
    ("B001-2-9/patients", "denied"): {
        "": "{line}は算定できません",
        "first_visit": "{line}は、初診の日には算定できません",
        "home": "{line}は、往診・訪問診療の日には算定できません",
        "no_disease": "{line}は、対象となる疾患や状態でないため算定できません",
    },
    ("B001-2-12/times", "granted"): "この月の抗悪性腫瘍剤の投与が{times}回目のため{line}を算定します",
    ("B001-2-12/times", "denied"): "{line}は、この月の{times}回目のため{lost_to_name}になります",
    ("B001-2-12/still_added", "granted"): "包括された初・再診料の加算に代えて{line}を算定します",
    ("B001-2-12/still_added", "denied"): "{line}は、{lost_to_name}として算定します",
    ("B000/noted_pairs", "denied"): "{line}は、{lost_to_name}と別に算定できません（{cite}）",
    ("B000/noted_pairs", "advised"): {
        "": "{line}は、{cite}による文書の提供に係るものなら算定できません。確かめてください",
        "earlier": "{name}は{line}と別に算定できません（{cite}）が、すでに算定しています。確かめてください",
    },
    ("B001-2-12/basic_fee", "denied"): "{line}は、{lost_to_name}を算定するため算定できません",
    ("B001-2-12/disease", "denied"): "{line}は、悪性腫瘍を主病としないため算定できません",
    ("B001-2-12/other_day", "denied"): "{line}は、抗悪性腫瘍剤を投与した日（{lost_to_name}）には算定できません",
    ("B001-2-12/additions", "denied"): "{line}は、{lost_to_name}の日には算定できません。診療料１のイの3回目までの日に算定します",
    ("B001-2-12/guidance", "denied"): "{line}は、{lost_to_name}を算定する患者のため、別の日でも算定できません",
    ("B009/alone", "denied"): "{line}は、診療情報提供料（Ⅰ）を算定しないため算定できません",
    ("B009/discharged", "advised"): "{line}は、退院した月か翌月の紹介に算定します。退院日を確かめてください",
    ("B009/dementia", "denied"): "{line}は、認知症と診断されていないため算定できません",
    ("B009/dementia", "advised"): {
        "": "{line}は、認知症の疑いの鑑別を専門医療機関に求めたときに算定します。病名を確かめてください",
        "diagnosed": "認知症と診断されています。{line}は疑いの患者の紹介に算定します。症状の増悪なら認知症専門医療機関連携加算か確かめてください",
    },
    ("B009/psychiatrist", "denied"): "{line}は、精神科からの紹介には算定できません",
    ("B009/psychiatrist", "advised"): "{line}は、うつ病等を疑い、精神科の受診日（1月以内）を予約して紹介したときに算定します。病名を確かめてください",
    ("B009/hepatitis", "denied"): "{line}は、ウイルス性肝炎を治療していないため算定できません",
    ("B005-12/department", "denied"): "{line}は、精神科・心療内科の医師の紹介には算定できません",
    ("B005-13/department", "denied"): "{line}は、精神科・心療内科の医師の診療に限り算定できます",
    ("B005-12/period", "denied"): "{line}は、初回（{first_day}）の月から1年を過ぎたため算定できません",
    ("B005-12/letter", "denied"): "{line}は、{lost_to_name}の初回の文書のため算定できません",
}  # fmt: skip
