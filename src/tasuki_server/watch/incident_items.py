# SPDX-License-Identifier: Apache-2.0
"""報告の項目 — what the reports to the authorities ask, and by when.

The items and days of the report of a leak are those of the law; the items for the ministry are our reading of what it
asks for and not confirmed by a form of theirs (docs/reference/unconfirmed.md).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from tasuki.kernel.days import is_holiday


class ReportItem(NamedTuple):
    """報告の項目 — a key, its title as the form says, and a hint."""

    key: str
    title: str
    hint: str


# Cite: 個人情報の保護に関する法律施行規則 第8条第1項各号
LEAK_ITEMS = (
    ReportItem("overview", "概要", "いつ、どこで、何が起きたか"),
    ReportItem(
        "data", "漏えい等が発生し、又は発生したおそれがある個人データの項目", "氏名、生年月日、病名など"
    ),
    ReportItem(
        "people",
        "漏えい等が発生し、又は発生したおそれがある個人データに係る本人の数",
        "人数。分からないときは、その旨",
    ),
    ReportItem("cause", "原因", "操作の誤り、盗難、不正アクセスなど"),
    ReportItem("harm", "二次被害又はそのおそれの有無及びその内容", "悪用の有無"),
    ReportItem("persons", "本人への対応の実施状況", "知らせた日と方法"),
    ReportItem("public", "公表の実施状況", "公表した日と方法、しないときは理由"),
    ReportItem("prevent", "再発防止のための措置", "済んだことと、これからのこと"),
    ReportItem("other", "その他参考となる事項", "警察・ほかの機関への連絡など"),
)
# 厚生労働省への連絡: not confirmed by a form.
MINISTRY_ITEMS = (
    ReportItem("contact", "医療機関の名称・所在地・連絡先・担当者", ""),
    ReportItem("care", "診療への影響", "止まった業務、外来・救急の制限、代わりの手段"),
    ReportItem("systems", "影響を受けたシステム・機器", "電子カルテ、レセコン、画像など"),
    ReportItem("detected", "検知の日時ときっかけ", ""),
    ReportItem("method", "攻撃の種類と侵入経路", "身代金要求、VPN機器、メールなど。分からないときは、その旨"),
    ReportItem("backup", "バックアップの状態", "無事か、復元できるか"),
    ReportItem("vendor", "保守業者・専門業者への連絡", ""),
    ReportItem("recovery", "復旧の見込み", ""),
)


class Dues(NamedTuple):
    """報告の期限 — ``first_by`` is what "promptly" is held to mean; ``final_by`` binds."""

    first_from: date
    first_by: date
    final_by: date
    final_days: int


def dues_of(known_on: date, *, is_wilful: bool) -> Dues:
    """漏えい等報告の期限 — 速報は概ね3〜5日以内、確報は30日以内（不正の目的によるおそれがあれば60日以内）。

    The day of knowing is the first day; a final day without office hours moves to the next with.

    Cite: 個人情報の保護に関する法律施行規則 第8条、個人情報保護法ガイドライン（通則編）3-5-3-3・3-5-3-4

    >>> dues_of(date(2026, 6, 1), is_wilful=False)[1:3]
    (datetime.date(2026, 6, 5), datetime.date(2026, 6, 30))
    >>> dues_of(date(2026, 11, 2), is_wilful=True).final_by
    datetime.date(2027, 1, 4)
    """
    days = 60 if is_wilful else 30
    final = known_on + timedelta(days=days - 1)
    while not _is_office_day(final):
        final += timedelta(days=1)
    return Dues(known_on + timedelta(days=2), known_on + timedelta(days=4), final, days)


def _is_office_day(day: date) -> bool:
    """行政機関の開庁日 — neither weekend nor holiday, nor 12月29日から1月3日.

    Cite: 行政機関の休日に関する法律 第1条
    """
    return day.weekday() < 5 and not is_holiday(day)
