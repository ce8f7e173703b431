# SPDX-License-Identifier: Apache-2.0
"""検査・病理診断の理由の文 — sentences of the rules of chapter 2 parts 3 and 13."""

from __future__ import annotations

_MAIN_ONE = "{line}は、{lost_to_name}と併せて行ったため、主たるもののみの算定となり算定できません"
_NOT_WITH = "{line}は、{lost_to_name}を算定するため算定できません"

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("D000/same_item", "denied"): "{line}は、同じ項目を{lost_to_name}でも測定したため、主たる検査のみの算定となり算定できません",
    ("D000/both_sides", "denied"): "{line}の点数は両側に対するものです。左右それぞれには算定できません",
    ("D000/ordered_twice", "advised"): "{line}が{count}回入力されています。同じ検体の重複でないか、別に採取した検体なら採取の時刻を入れて、確かめてください",
    ("D000/disease_condition", "advised"): "{line}の対象は{wanted}です（{cite}）。該当する傷病名（疑いを含む）がありません。傷病名を入れるか、確かめてください",
    ("D000/unbillable_with", "denied"): "{line}は、{disease}と診断されているため算定できません（{cite}）",
    ("D000/age_condition", "denied"): "{line}の対象は{wanted}のため、{age}歳では算定できません（{cite}）",
    ("D000/age_condition", "advised"): "{line}の対象は{wanted}の患者などです（{age}歳、{cite}）。ほかの対象に当たるか確かめてください",
    ("D009/suspected_cancer", "advised"): {
        "": "{line}の対象か確かめてください",
        "none": "{line}は悪性腫瘍が強く疑われる患者に算定します。疑いの傷病名がありません。傷病名を入れるか、確かめてください",
        "certain": "悪性腫瘍の診断が確定しています。{line}は、計画的な治療管理を始めていれば悪性腫瘍特異物質治療管理料で算定します。確かめてください",
    },
    ("D009/once_until_diagnosis", "advised"): {
        "": "{line}は診断の確定又は転帰の決定までに1回です。{last_day}に算定しています。算定できるか確かめてください",
        "psa": "{line}は{last_day}に算定しています（1年間に{count}回）。4.0ng/mL以上で診断がつかないときに限り、3月に1回、3回までです。検査値を記載し、確かめてください",
    },
    ("D012/most_viruses", "denied"): "{line}は、同じ検体について{most}項目を限度とするため算定できません",
    ("D200/main_of_day", "denied"): "{line}は、同じ日に{lost_to_name}を行ったため、主たるもののみの算定となり算定できません（{cite}）",
    ("D250/stabilometer", "advised"): "{line}は、{test}を行った上で必要と認めたときに算定します。{test}の算定がありません。確かめてください",
    ("D018/same_organism", "advised"): "{line}は、同じ起因菌を調べる目的で{lost_to_name}と別の部位から採ったものなら算定できません。確かめてください",
    ("D023/prompt_nucleic", "granted"): "当日に結果を文書で説明した{test}に{line}を算定します",
    ("D023/prompt_nucleic", "advised"): "{test}の結果を当日に文書で説明すれば{line}を算定できます",
    ("D023/multiplex_notified", "denied"): "{line}は、令和8年8月診療分から施設基準「{missing}」の届出がなければ算定できません",
    ("D026/report_additions", "advised"): "{test}の結果を専門の医師が文書で報告すれば{line}を算定できます（月1回）",
    ("D006-4/congenital_deafness", "advised"): "難聴に対する{line}は、先天性の難聴が疑われる場合に限ります。対象の遺伝子疾患を確かめてください",
    ("D211/loads_of_day", "denied"): "{line}は、負荷の回数や種類にかかわらず{lost_to_name}の所定点数のみを算定します",
    ("D211/loads_of_day", "advised"): "{line}と、同じ日にすでに算定した負荷心肺機能検査は、一方だけを算定します。どちらを算定するか確かめてください",
    ("D214/highest_count", "denied"): "{line}は、同時に記録した{lost_to_name}の検査数によるため算定できません",
    ("D275-2/year_after_operation", "denied"): "{line}は、緑内障濾過手術（{last_day}）から1年を過ぎたため算定できません",
    ("D275-2/year_after_operation", "advised"): "{line}は、緑内障濾過手術から1年以内の患者に算定します。手術の記録がありません。確かめてください",
    ("D215/home_visit", "advised"): "訪問診療の日です。{test}を患家等で行ったのなら、{line}で算定します（月1回）",
    ("D261/with_corrected_vision", "advised"): {
        "": "屈折検査と{line}を併せて算定できるのは、屈折異常の疑いで初めて検査したとき、眼鏡処方箋を交付したときなどです。確かめてください",
        "again": "屈折検査を{last_day}にも算定しています。{line}を併せて算定できるのは、眼鏡処方箋を交付したときなどです。確かめてください",
    },
    ("D282-3/contact_lens_visit", "advised"): "コンタクトレンズの装用のため{last_day}にも受診しています。{line}でなく再診料で算定します。確かめてください",
    ("D283/one_a_day", "denied"): "{line}は、同じ日に{lost_to_name}を行ったため、主たるもの1種類のみの算定となり算定できません",
    ("D287/month_cap", "advised"): "内分泌負荷試験は1月に{cap}点までですが、合計{points}点です。{line}の点数を確かめてください",
    ("D295/neighbours", "denied"): "{line}は、近接する部位の{lost_to_name}を続けて行ったため、主たる検査のみの算定となり算定できません",
    ("D295/pictures_from_elsewhere", "denied"): "{line}は、初診料を算定した日に限るため算定できません",
    ("D296-3/hours", "granted"): "{kind}に緊急に行ったため{line}を算定します",
    ("D296-3/hours", "advised"): "{kind}の検査です。緊急に行ったのなら{line}を算定できます",
    ("D296-3/hours", "denied"): _NOT_WITH,
    ("N000/three_organs", "denied"): "{line}は、{most}臓器を限度とするため算定できません",
    ("N000/three_organs", "advised"): "{line}は合わせて{count}臓器です。{most}臓器を限度とします。臓器数を確かめてください",
    ("N002/receptors", "granted"): "同じ月に{test}も行ったため{line}を算定します",
    ("N002/receptors", "advised"): "同じ月に{test}を算定しています。{line}を主たる標本作製に加算できます。確かめてください",
    ("N002/receptors", "denied"): _MAIN_ONE,
    ("N006/judgment", "granted"): "{test}を行ったため{line}を算定します",
    ("N006/judgment", "advised"): "{test}を病理診断を専ら担当する医師が診断したのなら、病理判断料に代えて{line}を算定できます",
}  # fmt: skip
