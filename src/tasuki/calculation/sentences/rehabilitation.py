# SPDX-License-Identifier: Apache-2.0
"""リハビリテーションの理由の文 — sentences of the rules of part 7 of chapter 2."""

from __future__ import annotations

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("H000/units_a_day", "granted"): "1日{limit}単位までのため、{line}は{left}単位を算定します",
    ("H000/units_a_day", "denied"): {
        "": "{line}は、この日の疾患別リハビリテーションが{used}単位に達しているため算定できません（1日{limit}単位まで）",
        "left": "{line}は、1日{limit}単位を超える分は算定できません。{left}単位に替わります",
    },
    ("H000/units_a_day", "advised"): "{line}を合わせると1日{limit}単位を超えます。{left}単位に直してください（発症・手術・急性増悪から60日以内の脳血管疾患等の患者は9単位まで）",
    ("H000/after_standard_days", "granted"): "月13単位までのため、{line}は残りの{left}単位を算定します",
    ("H000/after_standard_days", "denied"): {
        "": "{line}は算定できません",
        "left": "{line}は、起算日（{first_day}）から{limit}日を超え、月13単位を超える分は算定できません。{left}単位に替わります",
        "month": "{line}は、起算日（{first_day}）から{limit}日を超え、この月の13単位が済んでいるため算定できません",
        "long_term_care": "{line}は、起算日（{first_day}）から{limit}日を超えた要介護・要支援の方には算定できません。介護保険のリハビリテーションになります",
    },
    ("H000/after_standard_days", "advised"): {
        "": "{line}の日数を確かめてください",
        "no_start": "{line}の起算日（発症・手術・急性増悪・診断の日）を記録してください。{limit}日を超えると月13単位までになります",
        "unknown_units": "{line}は起算日（{first_day}）から{limit}日を超えています。この月の前回までの単位数を確かめ、13単位までにしてください",
        "month": "{line}は起算日（{first_day}）から{limit}日を超えています。月13単位のうち残りは{left}単位です。単位を直してください",
    },
    ("H000/one_category", "advised"): "疾患別リハビリテーション料を{count}区分行っています。病態の異なる疾患をそれぞれ対象とする場合に限り{line}も算定できます。対象疾患を確かめてください",
    ("H000/outside_ward", "denied"): "{line}は、入院中の患者、又は退院した脳卒中（H001）・大腿骨頚部骨折（H002）の患者に限るため算定できません",
    ("H000/outside_ward", "advised"): "{line}は、退院した患者に限り算定できます。「{missing_flag}」と、地域連携診療計画加算の算定を確かめてください",
    ("H000/initial", "denied"): "{line}は、起算日（{first_day}）から{limit}日を過ぎたため算定できません",
    ("H004/times", "denied"): "{line}は、治療開始日（{first_day}）から3月を過ぎ、この月に{used}回算定しているため算定できません（月{limit}回まで）",
    ("H004/times", "advised"): "{line}はこの月に{used}回算定しています。治療開始日から3月以内なら毎日、その後は月{limit}回までです。治療開始日を記録してください",
    ("H004/stroke", "denied"): {
        "": "{line}は、脳卒中の発症（{first_day}）から{limit}日を過ぎたため算定できません",
        "no_disease": "{line}は、脳卒中の患者に限るため算定できません",
    },
    ("H004/stroke", "advised"): "{line}は、脳卒中の発症から14日以内に限り算定できます。発症日を記録してください",
    ("H005/one_training", "denied"): "{line}は、同じ日に{lost_to_name}を行ったため算定できません（主たるもののみ）",
    ("H006/discharge", "granted"): "退院日から1月以内のため{line}を算定します",
    ("H006/discharge", "denied"): "{line}は、退院日から1月以内のため{lost_to_name}になります",
    ("H006/discharge", "advised"): "{line}は、退院日から1月以内に算定します。「{missing_flag}」を確かめてください（1月を超え3月以内は140点）",
    ("H007/units_a_day", "denied"): "{line}は、この日に{used}単位行っているため算定できません（1日{limit}単位まで）",
    ("H007/units_a_day", "advised"): "{line}を合わせると1日{limit}単位を超えます。{left}単位に直してください",
    ("H007/beside", "denied"): "{line}は、{lost_to_name}を算定するため算定できません",
    ("H008/beside", "advised"): "{line}は、脳血管疾患等・廃用症候群・障害児（者）リハビリテーション料を算定する患者に限ります。対象か確かめてください",
    ("H003-2/second_time", "denied"): "{line}の「初回の場合」は、{last_day}に算定しているため算定できません。2回目以降の{points}点のコードを使ってください",
    ("H000/data_submission", "granted"): "「{standard}」の届出により{line}を算定します",
    ("B001-2-7/basic_fee", "denied"): "{line}は、{lost_to_name}の期間のリハビリテーションのため算定できません",
}  # fmt: skip
