# SPDX-License-Identifier: Apache-2.0
"""医学管理等の理由の文 — sentences of the rules of part 1 of chapter 2."""

from __future__ import annotations

from tasuki.calculation.course_fees import COURSES
from tasuki.calculation.guided_fees import GUIDED_FEES

_SYSTEM = "{line}には「{missing}」の基準があります。満たしているか確かめ、施設の設定に記録してください"

_EARLY = {
    "": "{line}は算定できません",
    "first_visit": "{line}は、初診の日の指導が初診料に含まれるため算定できません",
    "first_month": "{line}は、初診（{first_day}）から間がないため算定できません。{allowed_from}から算定できます",
    "discharged": "{line}は、退院した日から1月以内のため算定できません",
}
_NO_DISEASE = "{line}は、対象疾患を治療していないため算定できません"
_CHECK_DISEASE = {
    "": "{line}の対象となる疾患や状態か確かめてください",
    "no_disease": "病名からは{line}の対象か分かりません。対象となる疾患や状態（指定難病、障害児など）か確かめてください",
    "short": "{disease}が3か月以上続いているか、1年に3回以上繰り返したときに{line}を算定できます。経過を確かめてください",
}

_GUIDED: dict[tuple[str, str], str | dict[str, str]] = {
    key: text
    for fee in GUIDED_FEES
    for key, text in (
        ((f"B001/{fee.key}", "granted"), "{disease}に計画的な指導管理を行ったため{line}を算定します"),
        (
            (f"B001/{fee.key}", "advised"),
            "{disease}の患者です。「{missing_flag}」を記録すれば{line}を算定できます",
        ),
        ((f"B001/{fee.key}_first_month", "denied"), _EARLY),
        ((f"B001/{fee.key}_disease", "denied"), _NO_DISEASE),
        ((f"B001/{fee.key}_disease", "advised"), _CHECK_DISEASE),
        ((f"B001/{fee.key}_system", "advised"), _SYSTEM),
    )
}

_COURSES: dict[tuple[str, str], str | dict[str, str]] = {
    (f"B001/{course.key}", verdict): texts
    for course in COURSES
    for verdict, texts in (
        (
            "granted",
            {
                "": "{line}を算定します",
                "later": "{first_day}に始めたため{line}を算定します",
                "first": "初めての算定のため{line}を算定します",
                "taken_over": "他の医療機関で始めた治療を引き継いだため{line}を算定します",
            },
        ),
        ("denied", "{line}は段階に合わないため、{lost_to_name}を算定します"),
    )
}

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("C010/first_month", "denied"): _EARLY,
    **_GUIDED,
    **_COURSES,
    ("B001/35_continued", "granted"): {
        "": "アレルゲン免疫療法を続けているため{line}を算定します",
        "first": "アレルゲン免疫療法を文書で説明して始めたため{line}を算定します",
        "taken_over": "他の医療機関で始めたアレルゲン免疫療法を引き継いだため{line}を算定します",
    },
    ("B001/35_continued", "advised"): "舌下免疫療法の薬を処方しています。「{missing_flag}」を記録すれば{line}を算定できます",
    ("B001-3-2/nicotine", "granted"): {
        "": "{line}を算定します",
        "first": "一連の初回のため{line}を算定します",
        "times": "一連の{times}回目のため{line}を算定します",
    },
    ("B001-3-2/nicotine", "denied"): {
        "": "{line}は、回数に合わないため{lost_to_name}を算定します",
        "series": "{line}は、前の一連の初回（{first_day}）から1年を超えていないため算定できません",
        "sixth": "{line}は、{first_day}に始めた一連の5回が済んでいるため算定できません",
    },
    ("B001/4_counselling", "granted"): {
        "": "{line}を算定します",
        "first": "初めてのカウンセリングのため{line}を算定します",
        "later": "初回を算定した{first_day}からの期間により{line}を算定します",
    },
    ("B001/4_counselling", "denied"): {
        "": "{line}は、期間に合わないため{lost_to_name}を算定します",
        "ended": "{line}は、初回を算定した{first_day}から4年を過ぎたため算定できません",
        "month": "{line}は、この月の回数が済んでいるため算定できません",
    },
    ("B001-2-3/first_visit", "denied"): "{line}は、初診料を算定する初診の日に限り算定できます",
    ("B001/3_tumour_marker", "granted"): "{disease}の腫瘍マーカー検査（{count}項目）に基づき計画的な治療管理を行ったため{line}を算定します",
    ("B001/3_tumour_marker", "advised"): "{disease}と確定しています。検査の結果に基づく治療管理の要点を診療録に書き「{missing_flag}」を記録すれば、検査料に代えて{line}を算定します",
    ("B001/3_tumour_marker", "denied"): "{line}は、{lost_to_name}に含まれるため算定できません",
    ("B001/3_confirmed_cancer", "denied"): "{line}は、悪性腫瘍の確定診断がないため算定できません",
    ("B001/3_tumour_marker_first_month", "granted"): "悪性腫瘍特異物質治療管理の初回の月のため{line}を算定します",
    ("B001/2_first_month", "granted"): "特定薬剤治療管理の初回の月のため{line}を算定します",
    ("B001/2_fourth_month", "granted"): {
        "": "初回（{first_day}）から4月目以降のため{line}を算定します",
        "early": "4月目になっていないため{line}を算定します",
        "kept": "抗てんかん剤・免疫抑制剤を投与しているため、4月目以降も{line}を算定します",
    },
    ("B001/2_fourth_month", "denied"): "{line}に代えて{lost_to_name}を算定します",
    ("B001/2_fourth_month", "advised"): "初回（{first_day}）から4月目以降です。抗てんかん剤・免疫抑制剤でなければ{line}を算定します。投与している薬を確かめてください",
    ("B000/specific_disease_management", "granted"): "{disease}に計画的な療養上の管理を行ったため{line}を算定します",
    ("B000/specific_disease_management", "advised"): {
        "": "{disease}の患者です。「{missing_flag}」を記録すれば{line}を算定できます",
        "not_main": "{disease}の患者ですが、主病はほかの傷病です。{disease}が主病であれば{line}を算定できます",
    },
    ("B000/main_disease", "advised"): "{line}は主病に対して算定します。{disease}が主病か確かめてください",
    ("B000/first_month", "denied"): {
        "": "{line}は算定できません",
        "first_visit": "{line}は、初診の日の管理が初診料に含まれるため算定できません",
        "first_month": "{line}は、初診（{first_day}）から1月以内のため算定できません。{allowed_from}から算定できます",
        "discharged": "{line}は、退院した日から1月以内のため算定できません",
    },
    ("B001/5_with_family", "denied"): "{line}は、患者を伴わず家族だけが来院したため算定できません",
    ("B001/22_narcotic", "denied"): "{line}は、麻薬を処方した日に算定します。この受診に麻薬の処方がありません",
    ("B001/22_narcotic", "advised"): "{line}は、がん性疼痛に麻薬を投与する患者に算定します。がんの病名を確かめてください",
    ("B001-3-2/weeks", "advised"): "初回（{first_day}）から{weeks}週間を過ぎています。{line}を算定できるか確かめてください",
    ("B013/again", "advised"): "{last_day}に交付しています。同じ施術の再交付なら{until}まで{line}を算定できません（変形徒手矯正術を除く）。確かめてください",
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
    ("B001-2/paediatric_outpatient", "granted"): "{age}歳の小児の診療のため{line}を算定します",
    ("B001-2/paediatric_outpatient", "advised"): {
        "": "小児科を標榜しています。6歳未満は原則として{line}で算定します。「{missing}」を施設の設定に記録してください",
        "month": "同じ月の{last_day}に{line}を算定しています。院外処方箋を交付した月は「処方箋を交付」の点数になります。請求を直してください",
        "emergency": "{last_day}に院外処方箋を交付した月のため「処方箋を交付」で算定します。夜間緊急などやむを得ない院内投薬なら、理由を記載して{line}を算定できます",
        "online": "情報通信機器を用いた診療です。小児科外来診療料は算定できませんが、{line}については定めがありません。算定できるか確かめてください",
        "no_drugs": "薬のない日です。院内処方を行う医院なら{line}を算定できます。院内処方の有無を施設の設定に記録してください",
    },
    ("B001-2/excluded_children", "denied"): {
        "": "{line}は、{lost_to_name}の対象となる患者（当日）のため算定できません",
        "not_paediatrics": "{line}は、小児科を標榜していないため算定できません",
        "age": "{line}は、{age}歳のため算定できません",
    },
    ("B001-2/not_face_to_face", "denied"): {
        "": "{line}は、対面の診療に限るため算定できません",
        "telephone": "{line}は、電話等による再診のため算定できません",
        "online": "{line}は、情報通信機器を用いた診療のため算定できません。初診料又は再診料で算定します",
    },
    ("B001-2/not_face_to_face", "advised"): "情報通信機器を用いた診療で{line}を算定できるかの定めがありません。確かめてください",
    ("B001-2-11/after_six", "denied"): "{line}は、{age}歳で6歳前の算定がないため算定できません",
    ("A000/online_controlled_drugs", "advised"): "対面の診療を経ていない患者に、情報通信機器を用いた診療で{drug}を処方することはできません。処方を確かめてください",
    ("A001/community_care", "granted"): "{disease}の患者に、同意を得て担当医が療養上必要な指導と診療を行ったため{line}を算定します",
    ("A001/community_care", "advised"): {
        "": "{disease}の患者です。「{missing_flag}」を記録すれば{line}を算定できます",
        "drugs": "この月に内服薬が5種類を超える、又は向精神薬が3種類を超えるため、認知症の区分は使えません。{line}を算定できるか確かめてください",
    },
    ("A001/community_care_patients", "denied"): {
        "": "{line}は、対象となる疾患がないため算定できません",
        "first_visit": "{line}は、初診の日には算定できません",
        "home": "{line}は、往診・訪問診療の日には算定できません",
        "drugs": "{line}は、この月に内服薬が5種類を超えるか向精神薬が3種類を超えるため算定できません",
    },
    ("B001-2/stewardship", "granted"): "{disease}に抗菌薬を使用せず文書で説明したため{line}を算定します",
    ("B001-2/still_added", "granted"): "包括された初・再診料の加算に代えて{line}を算定します",
    ("B001-2/still_added", "denied"): "{line}は、{lost_to_name}として算定します",
    ("B001-2-9/still_added", "denied"): "{line}は、{lost_to_name}として算定します",
    ("B001-2-9/still_added", "granted"): "包括された再診料の加算に代えて{line}を算定します",
    ("B001-2/included_drugs", "denied"): "{line}は、{lost_to_name}に含まれるため算定できません",
    ("B011/drug_information", "granted"): "薬剤情報を文書で提供したため{line}を算定します",
    ("B011/drug_information", "advised"): "{line}はこの月の{last_day}に算定しています。処方の内容を変更した場合に限り再び算定できます",
    ("B011/notebook_alone", "denied"): "{line}は、薬剤情報提供料を算定しないため算定できません",
}  # fmt: skip
