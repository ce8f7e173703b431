# SPDX-License-Identifier: Apache-2.0
"""精神科専門療法の理由の文 — sentences of the rules of part 8 of chapter 2."""

from __future__ import annotations

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("I002/psychotherapy", "granted"): "{disease}に{minutes}分の診療を行ったため{line}を算定します",
    ("I002/psychotherapy", "advised"): "{disease}の患者です。診療に要した時間（5分超、30分以上、初診は30分超・60分以上）を記録すれば通院精神療法を算定できます",
    ("I002/at_home", "granted"): "{disease}に患家で{minutes}分の診療を行ったため{line}を算定します",
    ("I002/at_home", "advised"): "{disease}の患者です。診療に要した時間（5分超、30分以上、60分以上）を記録すれば在宅精神療法を算定できます",
    ("I002/minutes", "denied"): {
        "": "{line}は、診療時間が足りないため算定できません",
        "first": "{line}は、初診の日の診療が{minutes}分で30分を超えないため算定できません",
        "short": "{line}は、診療が{minutes}分で5分を超えないため算定できません",
        "code": "{line}は、診療が{minutes}分で{least}分に満たないため算定できません",
    },
    ("I002/too_many_drugs", "granted"): "抗うつ薬又は抗精神病薬を{count}種類投与し要件を満たさないため{line}を算定します",
    ("I002/too_many_drugs", "denied"): {
        "": "{line}は、抗うつ薬又は抗精神病薬が{count}種類のため{lost_to_name}になります",
        "online": "{line}は、抗うつ薬又は抗精神病薬を{count}種類投与したため算定できません",
    },
    ("I002/by_others", "advised"): {
        "": "{line}を確かめてください",
        "grace": "精神保健指定医以外の診療です。「{missing}」の届出がなければ100分の60になります（令和8年7月診療分までは、要件に当たる入院料や加算の届出があれば減算の対象外です）",
        "reduced": "精神保健指定医以外の診療です。「{missing}」の届出がなければ100分の60になり、向精神薬の多剤では算定できません。届出を確かめてください",
    },
    ("I002/online_within_year", "denied"): "{line}は、過去1年以内（{first_day}以降）に対面の診療がないため算定できません",
    ("I002/young", "denied"): {
        "": "{line}は、{lost_to_name}に当たるため算定できません",
        "year": "{line}は、精神科を最初に受診した{first_day}から1年を過ぎたため算定できません",
        "hour": "{line}は、最初の受診（{first_day}）から3月以内の60分以上の診療に1回に限り算定します",
    },
    ("I002/support_period", "denied"): "{line}は、初回（{first_day}）の月から2年を過ぎたため算定できません",
    ("I002-2/first_visit", "denied"): "{line}は、初診の日には算定できません",
    ("I002-2/many_drugs", "denied"): "{line}は、1回の処方で抗不安薬・睡眠薬・抗うつ薬・抗精神病薬のいずれかを{count}種類投与したため算定できません",
    ("I002-2/many_drugs", "advised"): "やむを得ず抗うつ薬又は抗精神病薬を{count}種類投与しています。別表第十の二の四の要件を満たさなければ{line}になります。要件を確かめてください",
    ("I000-2/course", "denied"): {
        "": "{line}は算定できません",
        "age": "{line}は、{age}歳で成人でないため算定できません",
        "no_disease": "{line}は、うつ病を治療していないため算定できません",
        "weeks": "{line}は、初回（{first_day}）から8週を過ぎたため算定できません。新たに治療を始めた場合は記録してください",
        "times": "{line}は、一連の30回が済んでいる（{count}回）ため算定できません",
    },
    ("I012/days", "granted"): "この週の{days}日のあとの訪問のため{line}を算定します",
    ("I012/days", "denied"): {
        "": "{line}は、この週に{days}日算定しているため算定できません（週{most}日まで。退院後3月以内は週5日、急性増悪で医師が指示したときは記録してください）",
        "lost_to_name": "{line}は、週{most}日を超えたため{lost_to_name}になります",
    },
    ("I003/minutes", "denied"): "{line}は、診療が{minutes}分で{least}分を超えないため算定できません",
    ("I003-2/series", "denied"): "{line}は、一連の16回が済んでいる（{count}回）ため算定できません",
    ("I003-2/series", "advised"): "{line}は{count}回になります。不眠症と併存症のそれぞれに行った場合に限り、それぞれ16回まで算定できます",
    ("I004/visit", "granted"): "{line}を算定します",
    ("I004/visit", "denied"): "{line}に代えて{lost_to_name}を算定します",
    ("I013/long_acting", "granted"): "{disease}に持続性抗精神病注射薬剤を投与し指導を行ったため{line}を算定します",
    ("I013/long_acting", "advised"): "{disease}に持続性抗精神病注射薬剤を投与しています。「{missing_flag}」を記録すれば{line}を算定できます",
    ("I009/early", "granted"): "最初の算定（{first_day}）から1年以内のため{line}を算定します",
    ("I009/week", "granted"): "3年を超え、この週{count}日目のため{line}を算定します",
    ("I009/week", "denied"): {
        "": "{line}は、週3日を超え3年を過ぎているため{lost_to_name}になります",
        "five": "{line}は、この週の5日が済んでいるため算定できません",
    },
    ("I009/week", "advised"): "最初の算定から1年を過ぎ、この週{count}日目です。{line}は必要性が特に認められる場合に限ります",
}  # fmt: skip
