# SPDX-License-Identifier: Apache-2.0
"""リハビリテーションの理由の文 — sentences of the rules of part 7 of chapter 2."""

from __future__ import annotations

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    ("H000/units_a_day", "denied"): "{line}は、この日の疾患別リハビリテーションが{used}単位に達しているため算定できません（1日{limit}単位まで）",
    ("H000/units_a_day", "advised"): "{line}を合わせると1日{limit}単位を超えます。{left}単位に直してください（厚生労働大臣が定める患者は9単位まで）",
    ("H000/after_standard_days", "denied"): {
        "": "{line}は算定できません",
        "month": "{line}は、起算日（{first_day}）から{limit}日を超え、この月の13単位が済んでいるため算定できません",
        "long_term_care": "{line}は、起算日（{first_day}）から{limit}日を超えた要介護・要支援の方には算定できません。介護保険のリハビリテーションになります",
    },
    ("H000/after_standard_days", "advised"): {
        "": "{line}の日数を確かめてください",
        "no_start": "{line}の起算日（発症・手術・急性増悪・診断の日）を記録してください。{limit}日を超えると月13単位までになります",
        "unknown_units": "{line}は起算日（{first_day}）から{limit}日を超えています。この月の前回までの単位数を確かめ、13単位までにしてください",
        "month": "{line}は起算日（{first_day}）から{limit}日を超えています。月13単位のうち残りは{left}単位です。単位を直してください",
    },
    ("H003-2/second_time", "denied"): "{line}の「初回の場合」は、{last_day}に算定しているため算定できません。2回目以降の{points}点のコードを使ってください",
    ("H000/data_submission", "granted"): "「{standard}」の届出により{line}を算定します",
    ("B001-2-7/basic_fee", "denied"): "{line}は、{lost_to_name}の期間のリハビリテーションのため算定できません",
}  # fmt: skip
