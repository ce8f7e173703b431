# SPDX-License-Identifier: Apache-2.0
"""検査・画像・処置などの理由の文 — sentences of the rules of parts 3, 4 and 9 of chapter 2."""

from __future__ import annotations

_WITHOUT = "{line}は、対象となる検査を行っていないため算定できません"

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("D000/emergency_test", "granted"): "{kind}に院内で緊急の検査を行ったため{line}を算定します",
    ("D000/emergency_test", "advised"): "{kind}の検査です。緊急のために院内で行ったのなら{line}を算定できます",
    ("D000/prompt_test", "granted"): "当日に結果を文書で説明した検査{items}項目のうち{count}項目について{line}を算定します",
    ("D000/prompt_test", "advised"): "当日に結果を文書で説明すれば、検査{items}項目のうち{count}項目について{line}を算定できます",
    ("D007/limited_set", "denied"): "{line}は、{name}のうち{most}項目までのため算定できません（{cite}）",
    ("D026/judgment", "granted"): "{test}を行ったため{line}を算定します",
    ("D026/specimen_management", "granted"): "届出により{line}を算定します",
    ("D026/specimen_management_alone", "denied"): _WITHOUT,
    ("D215/same_method", "denied"): "{line}は、同じ方法（{method}）の{lost_to_name}と同時に行ったため算定できません",
    ("D217/once_a_year", "advised"): "{line}の前回は{last_day}です。1年以内に算定できるのは治療開始から1年以内の患者などに限られます。確かめてください",
    ("D400/blood_drawing", "granted"): "{test}のために採血したため{line}を算定します",
    ("D400/no_blood_test", "denied"): _WITHOUT,
    ("D419/nasal_swab", "granted"): "{test}のために採取したため{line}を算定します",
    ("D419/nasal_swab", "advised"): "{test}の検体を鼻腔・咽頭から採取したのなら{line}を算定できます",
    ("D419/no_swab_test", "denied"): _WITHOUT,
    ("E000/digital_storage", "granted"): "{exposure}の画像を電子化して管理・保存したため{line}を算定します",
    ("E000/emergency_imaging", "granted"): "{kind}に緊急に撮影・診断を行ったため{line}を算定します",
    ("E000/emergency_imaging", "advised"): "{kind}の撮影です。緊急のために院内で行ったのなら{line}を算定できます",
    ("E000/reading_management", "granted"): "届出により、{reading}に{line}を算定します",
    ("E001/second_method", "granted"): "同じ部位（{site}）に{first}を同時に行ったため{line}を算定します",
    ("E001/second_method", "denied"): "{line}は、同じ部位（{site}）に{first}を同時に行ったため、{lost_to_name}に替わります",
    ("E001/second_method", "advised"): "{first}と同じ部位に同時に行ったのなら{line}になります。部位を確かめてください",
    ("J000/both_sides", "denied"): "{line}の点数は両側に対するものです。左右それぞれには算定できません",
    ("J113/both_ears", "granted"): "両耳の耳垢栓塞を除去したため{line}を算定します",
    ("J113/both_ears", "denied"): "{line}は、両耳に行ったため{lost_to_name}に替わります",
    ("J113/both_ears", "advised"): "耳垢栓塞除去（片）が2回あります。両耳なら{line}です。確かめてください",
    ("J000/both_sides", "advised"): "{name}の点数は両側に対するものです。左右それぞれに算定していないか、{line}を確かめてください",
    ("J000/same_site", "denied"): "{line}は、同じ部位（{site}）に行った{lost_to_name}を算定するため算定できません",
    ("J000/same_site", "advised"): "{line}は、{lost_to_name}と同じ部位なら算定できません。部位を確かめてください",
    ("J024/oxygen_correction", "granted"): "{oxygen}を使用したため{line}を適用します",
    ("J095/ent_infant", "granted"): "6歳未満（{age}歳）に耳鼻咽喉科の処置を行ったため{line}を算定します",
    ("E400/infant_film", "granted"): "{age}歳の{site}の単純撮影にフィルムを使ったため{line}を適用します",
    ("E400/infant_film", "advised"): "{age}歳の単純撮影です。胸部又は腹部であれば{line}を適用します。部位を確かめてください",
    ("J095/ent_antibiotic", "granted"): "{age}歳の初診で抗菌薬を使用しない理由を文書で説明したため{line}を算定します",
    ("K000/infant_wound", "advised"): "{age}歳です。6歳未満の創傷は小児創傷処理で算定します。{line}を確かめてください",
    ("table/procedure_hours", "granted"): "{kind}に行った{points}点の診療行為のため{line}を算定します",
    ("table/procedure_hours", "advised"): "{kind}に行った{points}点の診療行為です。{line}を算定できるか確かめてください",
}  # fmt: skip
