# SPDX-License-Identifier: Apache-2.0
"""コメントの数字 — how many digits the coded comments of days, times and minutes take, and how a text becomes them."""

from __future__ import annotations

from datetime import date

from tasuki.kernel.eras import era_of

_DATE, _TIME, _MINUTES, _DAY_AND_TIME, _DATE_AND_VALUE = "850", "851", "852", "853", "880"
_DAY_LENGTH, _MINUTES_LENGTH, _VALUE_LENGTH = 7, 5, 8
# A value may hold a point, which counts as one of its places.
DIGIT_COUNTS = {
    _DATE: _DAY_LENGTH,
    _TIME: 4,
    _MINUTES: _MINUTES_LENGTH,
    _DAY_AND_TIME: 6,
    _DATE_AND_VALUE: _DAY_LENGTH + _VALUE_LENGTH,
}


def recorded_digits(code: str, text: str) -> str:
    """コメントの数字 — the text of a comment as its pattern records it; other text and other patterns as they are.

    A day is written with its era as GYYMMDD, minutes fill five places, and a value after a day eight.

    Cite: マスターファイル仕様説明書 R6 別紙6-1 コメントパターン 50, 52, 80

    >>> [recorded_digits("850100186", "2020-09-11"), recorded_digits("852100004", "75")]
    ['5020911', '00075']
    >>> recorded_digits("880100013", "2022-11-01 10.5")
    '5041101000010.5'
    """
    pattern = code[:3]
    if pattern == _DATE:
        return _era_digits(text)
    if pattern == _MINUTES and text.isdecimal():
        return text.zfill(_MINUTES_LENGTH)
    if pattern == _DATE_AND_VALUE:
        day, _, value = text.partition(" ")
        return f"{_era_digits(day)}{value.strip().zfill(_VALUE_LENGTH)}" if value.strip() else text
    return text


def _era_digits(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    number, _, year = era_of(day)
    return f"{number}{year:02}{day:%m%d}"
