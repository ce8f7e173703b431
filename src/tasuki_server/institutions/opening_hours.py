# SPDX-License-Identifier: Apache-2.0
"""診療時間の文 — the opening hours of a weekday as a person writes them, and back.

Hours decide 時間外, 休日 and 夜間・早朝等, so what cannot be read is refused, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

WEEKDAYS = ("月", "火", "水", "木", "金", "土", "日")
_PERIOD = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


def read_hours(weekday: int, text: str) -> list[dict[str, object]]:
    """診療時間の読取り — periods of one weekday, in order; an empty text is a closed day.

    Raises ``ValueError`` with a Japanese sentence.

    >>> read_hours(0, "９：００～１２：３０、14:30-18:00")[1]
    {'weekday': 0, 'since': '14:30', 'until': '18:00'}
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    for mark in "~〜–−ー":
        folded = folded.replace(mark, "-")
    found: list[dict[str, object]] = []
    before = -1
    for part in (each for each in re.split(r"[\s,、・/]+", folded) if each):
        match = _PERIOD.fullmatch(part)
        if match is None:
            raise ValueError(f"「{part}」を時間帯として読めません。9:00-12:30 のように入れてください。")
        hour, minute, last_hour, last_minute = (int(each) for each in match.groups())
        since, until = hour * 60 + minute, last_hour * 60 + last_minute
        if max(hour, last_hour) > 23 or max(minute, last_minute) > 59:
            raise ValueError(f"「{part}」は時刻として正しくありません。")
        if until <= since:
            raise ValueError(f"「{part}」は終わりが始まりより前です。")
        if since < before:
            raise ValueError(f"「{part}」は前の時間帯と重なっています。")
        before = until
        found.append(
            {
                "weekday": weekday,
                "since": f"{hour:02}:{minute:02}",
                "until": f"{last_hour:02}:{last_minute:02}",
            }
        )
    return found


def write_hours(hours: Iterable[Mapping[str, object]], weekday: int) -> str:
    """診療時間の表記 — the periods of one weekday.

    >>> write_hours(read_hours(2, "9:00-12:00"), 2)
    '09:00-12:00'
    """
    periods = [each for each in hours if each["weekday"] == weekday]
    return " ".join(f"{each['since']}-{each['until']}" for each in periods)
