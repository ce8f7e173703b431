# SPDX-License-Identifier: Apache-2.0
"""画像診断の理由の文 — sentences of the rules of chapter 2 part 4."""

from __future__ import annotations

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("E200/contrast_or_injection", "denied"): "{line}は、造影剤の注入のための注射で、{lost_to_name}を算定するため算定できません",
    ("E200/contrast_or_injection", "advised"): "{line}が造影剤の注入のためなら、造影剤使用加算との主たるもののみを算定します。確かめてください",
    ("E200/at_one_time", "denied"): "{line}は、同時に行った{lost_to_name}が主たる撮影となるため算定できません",
    ("E000/nothing_pictured", "denied"): "{line}は、対象となる撮影・診断を算定していないため算定できません",
    ("E001/films_apart", "advised"): "{site}の同じ方法の撮影が分かれて入っています。同時に撮影した同一の部位（健側の対照を含む）なら枚数をまとめ、2枚目から半分にします。{line}を確かめてください",
    ("E003/drip_billed", "denied"): "{line}は、同じ日に{lost_to_name}を算定するため算定できません",
    ("E101-3/after_ct", "granted"): "同じ月の{last_day}にCT撮影を行っているため、{line}で算定します",
    ("E101-3/after_ct", "denied"): "{line}は、同じ月の{last_day}にCT撮影を行っているため、{lost_to_name}に替わります",
    ("E200/after_pet", "granted"): "同じ月の{last_day}にPETとの複合撮影を行っているため、{test}に{line}を適用します",
    ("E200/head_injury", "advised"): "{test}を頭部外傷に対して行ったのなら、{line}で算定し、頭部外傷撮影加算を加えます。理由を記載し、確かめてください",
    ("E200/colon_suspected", "denied"): "{line}は、大腸の悪性腫瘍が疑われる患者に限り、確定した患者には算定できません",
    ("E200/colon_and_contrast", "advised"): "大腸CT撮影のための{line}は大腸CT撮影加算に含まれます。転移巣の検索や他の部位の検査のための造影か確かめてください",
    ("E203/scans_from_elsewhere", "denied"): "{line}は、初診料を算定した日に限るため算定できません",
}  # fmt: skip
