# SPDX-License-Identifier: Apache-2.0
"""精神科専門療法の理由の文 — sentences of the rules of part 8 of chapter 2."""

from __future__ import annotations

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("I002/psychotherapy", "granted"): "{disease}に{minutes}分の診療を行ったため{line}を算定します",
    ("I002/psychotherapy", "advised"): "{disease}の患者です。診療に要した時間（5分超、30分以上、初診は30分超・60分以上）を記録すれば通院精神療法を算定できます",
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
