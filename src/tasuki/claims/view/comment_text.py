# SPDX-License-Identifier: Apache-2.0
"""コメント文 — a comment code and its text as the sentence that is printed.

Cite: コメントマスター パターン 10, 20, 30, 31, 40, 42, 50-53, 80, 90; マスターファイル仕様説明書 R6 別紙6-1, 6-2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.characters import to_half
from tasuki.claims.item_values import parse_day
from tasuki.kernel.eras import era_text

if TYPE_CHECKING:
    from tasuki.claims.view.naming import Naming

_NAME_ONLY = "20"
_SLOTS = "40"
_DATE = "50"
_TIME = "51"
_MINUTES = "52"
_DAY_AND_TIME = "53"
_ITEM_CODE = "31"
_DATE_AND_NUMBER = "80"
_MODIFIERS = "90"


def comment_text(code: str, text: str, naming: Naming) -> str:
    """コメント文 — the master's words with the text in its place."""
    row = naming.comment(code)
    pattern = row.pattern if row is not None else code[1:3]
    name = row.name if row is not None and pattern != "10" else ""
    if pattern == _NAME_ONLY:
        return name or text
    if pattern == _SLOTS and row is not None:
        return _filled(row.name, row.slots, text)
    if pattern == _MODIFIERS:
        words = (text[at : at + 4] for at in range(0, len(text), 4))
        return _joined(name, "".join(naming.modifier(to_half(word)) for word in words))
    if pattern == _ITEM_CODE:
        return _joined(name, naming.item(to_half(text)))
    if pattern == _DATE:
        return _joined(name, _day(text))
    if pattern == _DATE_AND_NUMBER:
        return _joined(name, f"{_day(text[:7])}　検査値：{_unfilled(text[7:])}")
    if pattern == _TIME and len(text) == 4:
        return _joined(name, _clock(text))
    if pattern == _MINUTES:
        return _joined(name, f"{_unfilled(text)}分")
    if pattern == _DAY_AND_TIME and len(text) == 6:
        return _joined(name, f"{_unfilled(text[:2])}日{_clock(text[2:])}")
    return _joined(name, text)


def _joined(name: str, text: str) -> str:
    """Names of pattern 30 bring the ； that the others lack."""
    return f"{name.removesuffix('；')}；{text}" if name and text else name or text


def _clock(text: str) -> str:
    return f"{_unfilled(text[:2])}時{_unfilled(text[2:])}分"


def _unfilled(text: str) -> str:
    """The zeros that fill a number's places are not printed; one before a point or at the end is."""
    shown = text.lstrip("０")
    return shown if shown and not shown.startswith("．") else f"０{shown}"


def _day(text: str) -> str:
    day = parse_day(to_half(text))
    return era_text(day) if day is not None else text


def _filled(name: str, slots: tuple[tuple[int, int], ...], text: str) -> str:
    """The digits in the gaps of the words; the zeros that fill a gap are left blank."""
    letters = list(name)
    at = 0
    for position, length in slots:
        part = text[at : at + length]
        part = _unfilled(part).rjust(len(part), "　") if part.isdecimal() else part
        letters[position - 1 : position - 1 + len(part)] = list(part)
        at += length
    return "".join(letters)
