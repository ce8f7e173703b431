# SPDX-License-Identifier: Apache-2.0
"""表の理由の文 — sentences of what the official tables say, and of how the visit was classed."""

from __future__ import annotations

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("order", "granted"): "入力された{line}です",
    ("table/setting", "denied"): "{line}は入院の患者に限られるため算定できません",
    ("table/facility_kind", "denied"): "{line}は、この種別の医療機関では算定できません",
    ("table/payer", "denied"): "{line}は労災診療費の診療行為のため、労災保険と労災に準拠する自賠責のほかでは算定できません",
    ("table/beds", "denied"): "{line}は、病床数（許可病床{beds}床、うち一般病床{general_beds}床）が区分に合わないため算定できません",
    ("table/age", "denied"): "{line}は、年齢（{age}歳）が対象外のため算定できません",
    ("table/elderly", "denied"): "{line}は、この保険では算定できません",
    ("table/standard", "denied"): "{line}は、施設基準「{missing}」の届出がないため算定できません",
    ("table/standard", "advised"): "{line}は、施設基準「{missing}」の届出があれば算定できます",
    ("table/limit", "denied"): {
        "": "{line}は{unit}{count}回までのため算定できません",
        "last_day": "{line}は{unit}{count}回までのため算定できません（前回{last_day}）",
    },
    ("table/limit", "advised"): {
        "": "{line}は{unit}{count}回までですが特例があります。算定できるか確かめてください",
        "last_day": "{line}は{unit}{count}回まで（前回{last_day}）ですが特例があります。算定できるか確かめてください",
    },
    ("table/exclusion", "denied"): {
        "": "{line}は、{lost_to_name}と{window}に算定できないため、算定できません",
        "is_past": "{line}は、{window}に{lost_to_name}をすでに算定しているため算定できません",
    },
    ("table/exclusion", "advised"): "{line}と{other_name}を併せて算定できるのは特例に当たる場合です。確かめてください",
    ("table/excluded_before", "advised"): "{line}を算定すると、すでに算定した{other_name}は算定できなくなります。確かめてください",
    ("table/inclusion", "denied"): {
        "": "{line}は{lost_to_name}に含まれるため算定できません",
        "is_past": "{line}は、{unit}算定した{lost_to_name}に含まれるため算定できません",
    },
    ("table/inclusion", "advised"): "{line}は、{lost_to_name}に含まれる場合があります。確かめてください",
    ("table/included_before", "advised"): "{line}に含まれる{lost_to_name}を、同じ月の{last_day}に算定しています。確かめてください",
    ("table/orphan", "denied"): "{line}は、加算する元の診療行為が算定されていないため算定できません",
    ("table/judgment", "denied"): "{line}は、対象となる検査が算定されていないため算定できません",
    ("table/step", "denied"): "{line}は、数量（{amount}）が算定できる下限に達していないため算定できません",
    ("table/bundle", "granted"): "{line}は、{name}の{count}項目をまとめた点数で算定します",
    ("table/age_addition", "granted"): "年齢（{age}歳）により{line}を算定します",
    ("table/repeated", "granted"): "同じ月の{last_day}にも{test}を行っているため{line}を適用します",
    ("table/repeated", "advised"): "同じ月の{last_day}に{test}を行っています。{line}を適用するか確かめてください",
    ("visit_kind/recorded", "granted"): {
        "": "記録された判断（{kind}）によります",
        "reason": "記録された判断（{kind}）によります：{reason}",
    },
    ("visit_kind/ordered", "granted"): "入力された基本診療料によります",
    ("visit_kind/no_history", "granted"): "この医療機関での受診歴がないため初診です",
    ("visit_kind/same_day", "granted"): "同じ日にすでに基本診療料を算定しているため再診です",
    ("visit_kind/other_department", "advised"): "同じ日に別の診療科で基本診療料を算定しているため再診（2つ目の診療科）としました。新たな傷病の初診なら初診と記録してください",
    ("visit_kind/home_visit", "granted"): "訪問診療のため、初・再診料を算定しません",
    ("visit_kind/under_treatment", "granted"): {
        "": "治療中の疾患があるため再診です（前回{last_day}）",
        "disease": "{disease}を治療中のため再診です（前回{last_day}）",
    },
    ("visit_kind/month_passed", "advised"): "{disease}を治療中とみて再診としました。前回{last_day}から1月以上たっています。患者が任意に中止した急性の疾患なら初診と記録してください",
    ("visit_kind/all_ended", "granted"): "前回{last_day}までの傷病がすべて終わっているため初診です",
    ("visit_kind/no_disease_recent", "advised"): "傷病名がまだありません。前回{last_day}から1月以内のため再診としました。確かめてください",
    ("visit_kind/no_disease_long_ago", "advised"): "傷病名がまだありません。前回{last_day}から1月以上たっているため初診としました。確かめてください",
}  # fmt: skip
