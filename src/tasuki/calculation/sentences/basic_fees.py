# SPDX-License-Identifier: Apache-2.0
"""基本診療料の理由の文 — sentences of the rules of chapter 1 and of part 14 (その他)."""

from __future__ import annotations

_NOTIFIED = "「{standard}」の届出により{line}を算定します"
_MISSING = "{line}は、「{missing}」のいずれかの基準を満たせば算定できます"
_ONCE_A_MONTH = "{line}は月1回までです。同じ月の{last_day}に{lost_to_name}を算定しているため算定できません"
_WITH_CONTROL = "外来感染対策向上加算と併せて{line}を算定します"
_NO_OPENING = "{line}は、初診料・再診料などを算定しないため算定できません"

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("A001/related_diseases", "advised"): "{disease}の診察が、同じ日に他の診療科で診察した疾病と関連のあるものなら、{line}は算定できません。確かめてください",
    ("A000/first_visit", "granted"): "初診（{manner}）のため{line}を算定します",
    ("A000/first_visit", "denied"): "同じ日に同じ診療科の初診料を算定しているため、{line}は1回です",
    ("A000/second_department", "granted"): "同じ日に別の診療科を初診として受診したため{line}を算定します",
    ("A000/second_department", "denied"): "{line}は2つ目の診療科に限られます。{lost_to_name}をすでに算定しています",
    ("A001/revisit", "granted"): "再診（{manner}、{place}）のため{line}を算定します",
    ("A001/telephone", "granted"): "治療上の意見を求められて指示したため{line}を算定します",
    ("A001/telephone", "denied"): "一般病床200床以上の病院の再診は{lost_to_name}のため、{line}は算定できません",
    ("A001/second_department", "granted"): "同じ日に別の診療科を再診として受診したため{line}を算定します",
    ("A001/second_department", "denied"): "{line}は2つ目の診療科に限られます。{lost_to_name}をすでに算定しています",
    ("A002/outpatient_fee", "granted"): "一般病床200床以上の病院の再診（{manner}、{place}）のため{line}を算定します",
    ("A002/second_department", "granted"): "同じ日に別の診療科を再診として受診したため{line}を算定します",
    ("A002/second_department", "denied"): "{line}は2つ目の診療科に限られます。{lost_to_name}をすでに算定しています",
    ("A000/infant", "granted"): "6歳未満（{age}歳）のため{line}を算定します",
    ("A001/infant", "granted"): "6歳未満（{age}歳）のため{line}を算定します",
    ("A002/infant", "granted"): "6歳未満（{age}歳）のため{line}を算定します",
    ("A000/out_of_hours", "granted"): "受付{clock}は{kind}のため{line}を算定します",
    ("A001/out_of_hours", "granted"): "受付{clock}は{kind}のため{line}を算定します",
    ("A002/out_of_hours", "granted"): "受付{clock}は{kind}のため{line}を算定します",
    ("A000/early_or_late", "granted"): "受付{clock}は診療時間内の{hours}のため{line}を算定します",
    ("A000/early_or_late", "advised"): "{line}は、表示する診療時間が週{hours_asked}時間以上であれば算定できます",
    ("A001/early_or_late", "granted"): "受付{clock}は診療時間内の{hours}のため{line}を算定します",
    ("A001/early_or_late", "advised"): "{line}は、表示する診療時間が週{hours_asked}時間以上であれば算定できます",
    ("A000/functional_enhancement", "granted"): "初診のため{line}を算定します",
    ("A000/infection_control", "granted"): "この月で初めてのため{line}を算定します",
    ("A000/infection_control", "denied"): _ONCE_A_MONTH,
    ("A000/infection_control_fever", "granted"): "発熱その他感染症を疑わせる症状の患者のため{line}を算定します",
    ("A000/infection_control_fever", "denied"): _ONCE_A_MONTH,
    ("A000/infection_control_fever", "advised"): "この月の外来感染対策向上加算は{last_day}に算定しています。{line}だけを算定できるか確かめてください",
    ("A000/infection_control_cooperation", "granted"): _WITH_CONTROL,
    ("A000/infection_control_cooperation", "denied"): _ONCE_A_MONTH,
    ("A000/infection_control_surveillance", "granted"): _WITH_CONTROL,
    ("A000/infection_control_surveillance", "denied"): _ONCE_A_MONTH,
    ("A000/infection_control_antibiotics", "granted"): _WITH_CONTROL,
    ("A000/infection_control_antibiotics", "denied"): _ONCE_A_MONTH,
    ("A000/medical_information", "granted"): "初診のため{line}を算定します（マイナ保険証による情報取得：{has_card}）",
    ("A000/medical_information", "advised"): _MISSING,
    ("A001/medical_information", "granted"): "再診のため{line}を算定します（マイナ保険証による情報取得：{has_card}）",
    ("A001/medical_information", "advised"): _MISSING,
    ("A000/digital_promotion", "granted"): {"": "初診のため{line}を算定します", "standard": _NOTIFIED},
    ("A000/digital_promotion", "advised"): _MISSING,
    ("A000/digital_cooperation", "granted"): _NOTIFIED,
    ("A000/digital_cooperation", "denied"): _ONCE_A_MONTH,
    ("A000/digital_cooperation", "advised"): _MISSING,
    ("A001/digital_cooperation", "granted"): _NOTIFIED,
    ("A001/digital_cooperation", "denied"): _ONCE_A_MONTH,
    ("A001/digital_cooperation", "advised"): _MISSING,
    ("A001/outpatient_management", "granted"): "処置などを行わずに計画的な医学管理を行った再診のため{line}を算定します",
    ("A001/outpatient_management", "denied"): {
        "": "{line}は算定できません",
        "outpatient_management_declined": "{line}は、算定しないと記録されています",
        "family_came": "{line}は、本人を診察せず看護に当たっている者から症状を聞いた再診のため算定できません",
    },
    ("A001/outpatient_management_unbilled", "advised"): "{act}は算定できませんが、行っています。処置等を行わずに管理した場合に限る{line}を算定できるか確かめてください",
    ("A001/outpatient_management_blocked", "denied"): {
        "": "{line}は、{act}を行ったため算定できません",
        "other_department": "{line}は、同じ日に他の診療科で{act}を行ったため算定できません",
    },
    ("A001/after_hours_response", "granted"): _NOTIFIED,
    ("A001/after_hours_response", "advised"): _MISSING,
    ("A001/detailed_statement", "granted"): "明細書を無償で交付する診療所の再診のため{line}を算定します",
    ("A001/detailed_statement", "denied"): "{line}は、電子的診療情報連携体制整備加算を届け出た医療機関では算定できません",
    ("A001/detailed_statement", "advised"): "{line}は、明細書の無償交付などの基準を満たせば算定できます",
    ("O001/base_up", "granted"): "{opening}のため{line}を算定します",
    ("O001/base_up", "advised"): {
        "": "{line}に代わる注5の点数のコードが未確認です。確かめてください",
        "last_day": "同じ日の別の診察ですでに算定しています。2つ目の診療科でない診察でも{line}を算定するか確かめてください",
    },
    ("O001/opening_fell", "denied"): {
        "": _NO_OPENING,
        "no_first": "{line}は、外来・在宅ベースアップ評価料（Ⅰ）を算定しないため算定できません",
    },
    ("O002/base_up_second", "granted"): _NOTIFIED,
    ("O100/price_response", "granted"): "{opening}のため{line}を算定します",
    ("O100/price_response", "advised"): "同じ日にすでに物価対応料を算定しています。{line}を再び算定できるか確かめてください",
    ("O100/opening_fell", "denied"): _NO_OPENING,
}  # fmt: skip
