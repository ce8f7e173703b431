# SPDX-License-Identifier: Apache-2.0
"""閲覧の判断の文 — why a kind of record is open or closed, in words, and where that comes from."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

JAPAN = timezone(timedelta(hours=9))
OPEN_REASONS = {
    "reader": "{at}に顔認証付きカードリーダーで{kind}の閲覧に同意しています。",
    "oral": "{at}に紹介元で、この{kind}を紹介先が読むことに口頭で同意しています。",
    "portal": "{at}に本人の閲覧画面で{kind}の閲覧に同意しています。",
    "proxy": "{at}に代理人（{proxy}）が{kind}の閲覧に同意しています。",
    "emergency": "{at}に救急時の閲覧として開かれました（理由: {reason}）。",
}
CLOSED_REASONS = {
    "never": "{kind}の閲覧に、本人の同意がありません。カードリーダーか本人の閲覧画面で同意を得てください。",
    "not-yet": "{kind}の閲覧の同意は{at}からです。",
    "ended": "{kind}を閲覧できる期間は終わっています。あらためて同意を得てください。",
    "withdrawn": "{kind}の閲覧の同意は撤回されています。あらためて同意を得るまで読めません。",
}
_SERVICE = "電子カルテ情報共有サービス"
SOURCES = {
    "reader": f"{_SERVICE}（顔認証付きカードリーダーでの同意）",
    "oral": f"{_SERVICE} 文書送付サービス（紹介元での口頭の同意）",
    "portal": f"{_SERVICE}（マイナポータルでの同意）",
    "proxy": f"{_SERVICE}（代理人の同意）",
    "emergency": "個人情報保護法 第27条第1項第2号",
    **dict.fromkeys(("never", "not-yet", "ended", "withdrawn"), "個人情報保護法 第27条第1項"),
}


def told_time(at: datetime) -> str:
    """日時の表記 — in Japan.

    >>> told_time(datetime(2026, 11, 30, 1, 5, tzinfo=timezone.utc))
    '2026年11月30日 10:05'
    """
    day = at.astimezone(JAPAN)
    return f"{day.year}年{day.month}月{day.day}日 {day:%H:%M}"
