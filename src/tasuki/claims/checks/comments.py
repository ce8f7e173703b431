# SPDX-License-Identifier: Apache-2.0
"""コメントの点検 — texts that a comment's pattern asks for, in CO and beside the lines.

The first three digits of a code are its pattern: 810 free text, 820 none, 830 text, 840 and 842 digits,
831 a code of nine digits, 850-853 dates and times, 880 a date and a value, 890 modifiers.

Cite: コメントマスター パターン; マスターファイル仕様説明書 R6 別紙6-1; 記録条件仕様 別添 コメントの記録
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.comment_digits import DIGIT_COUNTS
from tasuki.claims.records import CO, Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import Record

_TEXT_NEEDED = ("810", "830", "831", "840", "842", "850", "851", "852", "853", "880")
_DIGITS = ("840", "842", "850", "851", "852", "853", "880")
_MODIFIERS = "890"
_WIDE_DIGITS = re.compile("[０-９]+")
_WIDE_NUMBER = re.compile("[０-９．]+")
_WITH_POINT = ("842", "880")


class _Codes(NamedTuple):
    missing: str
    not_digits: str
    wrong_count: str
    not_fours: str
    unknown_modifier: str


_OWN_LINE = _Codes("34380", "34390", "34400", "23800", "33930")
_INLINE = _Codes("34410", "34440", "34470", "23860", "34590")


def comments(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """コメント — of every CO record and of the three places of SI, IY and TO."""
    for line in receipt.lines:
        if isinstance(line, CO):
            yield from _comment(line.record, line.code, line.text, 5, _OWN_LINE, context)
        elif isinstance(line, Line):
            for at, (code, text) in enumerate(_places(line)):
                item = line.first_comment + at * 2 + 1
                if text and not code:
                    yield hit("23880", line.record, item, text=text)
                if code:
                    yield from _inline(line.record, code, text, item, context)


def _places(line: Line) -> tuple[tuple[str, str], ...]:
    value = line.record.value
    return tuple((value(n), value(n + 1)) for n in range(line.first_comment, line.first_comment + 6, 2))


def _inline(record: Record, code: str, text: str, item: int, context: Context) -> Iterator[Hit]:
    if not code.startswith("8"):
        yield hit("23070", record, item - 1, text=code)
        return
    if context.book is not None and code not in context.book.comments:
        yield hit("34500", record, item - 1, text=code)
    if code.startswith(_MODIFIERS) and len(text) // 4 > 5:
        yield hit("23870", record, item, count=len(text) // 4)
    yield from _comment(record, code, text, item, _INLINE, context)


def _comment(
    record: Record, code: str, text: str, item: int, codes: _Codes, context: Context
) -> Iterator[Hit]:
    if code.startswith(_MODIFIERS):
        yield from _modifiers(record, text, item, codes, context)
    elif code.startswith(_TEXT_NEEDED) and not text:
        yield hit(codes.missing, record, item, text=code)
    elif code.startswith(_DIGITS) and text:
        pattern = _WIDE_NUMBER if code.startswith(_WITH_POINT) else _WIDE_DIGITS
        if not pattern.fullmatch(text):
            yield hit(codes.not_digits, record, item, text=code, found=text)
        else:
            yield from _digit_count(record, code, text, item, codes, context)


def _modifiers(record: Record, text: str, item: int, codes: _Codes, context: Context) -> Iterator[Hit]:
    if len(text) % 4:
        yield hit(codes.not_fours, record, item, text=text)
        return
    for start in range(0, len(text), 4):
        modifier = "".join(str(int(c)) if c.isdigit() else c for c in text[start : start + 4])
        if context.book is not None and modifier not in context.book.modifiers:
            yield hit(codes.unknown_modifier, record, item, text=modifier)


def _digit_count(
    record: Record, code: str, text: str, item: int, codes: _Codes, context: Context
) -> Iterator[Hit]:
    # 840 has the digit count of its slots in the master, days and times that of their pattern.
    asked = DIGIT_COUNTS.get(code[:3], 0)
    if code.startswith("840") and context.book is not None and (rows := context.book.comments.get(code)):
        asked = sum(length for _, length in rows[0].slots)
    if asked and len(text) != asked:
        yield hit(codes.wrong_count, record, item, text=code, expected=asked, found=len(text))


RULES = (comments,)
