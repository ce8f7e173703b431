# SPDX-License-Identifier: Apache-2.0
"""部位の点検 — the side a film was taken of, against the side of the disease there.

Cite: 診療報酬明細書の記載要領 別表Ⅰ E002 撮影（撮影部位の選択式コメント）
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.checks.diseases import book_of_month
from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.content.sicknesses import sicknesses
from tasuki.claims.records import CO, Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.content.sicknesses import Sickness
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import Record
    from tasuki.masters.book import Book

_SITE_COMMENT = "撮影部位"
_BLANK = "＿；"  # where the comment's text says the side
_RIGHT, _LEFT, _BOTH = "右", "左", "両"


def sides(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """左右の不一致 — every disease of the filmed part is marked with the other side alone."""
    book = book_of_month(receipt, context)
    if context.content is None or book is None:
        return
    found = sicknesses(receipt, context)
    for record, item, code, text in _comments(receipt):
        rows = book.book.comments.get(code, ())
        name = rows[0].name if rows else ""
        if not name.startswith(_SITE_COMMENT) or not name.endswith(_BLANK):
            continue
        part = name.rpartition("：")[2].removesuffix(_BLANK)
        side = _side(text)
        here = [_side_of(one, book.book) for one in found if _is_there(one, part, book.book)]
        if (
            side in (_RIGHT, _LEFT)
            and here
            and all(each in (_RIGHT, _LEFT) and each != side for each in here)
        ):
            yield hit("D13", record, item, part=part, side=side, other=here[0])


def _comments(receipt: Receipt) -> Iterator[tuple[Record, int, str, str]]:
    for line in receipt.lines:
        if isinstance(line, CO):
            yield line.record, 4, line.code, line.text
        elif isinstance(line, Line):
            for code, text in line.comments:
                yield line.record, line.first_comment, code, text


def _names(one: Sickness, book: Book) -> tuple[str, ...]:
    rows = [book.modifiers.get(code, ()) for code in one.view.modifiers]
    return tuple(found[0].name for found in rows if found)


def _is_there(one: Sickness, part: str, book: Book) -> bool:
    return any(part in text for text in (one.name, *_names(one, book)))


def _side_of(one: Sickness, book: Book) -> str:
    return _side("".join((*_names(one, book), one.name if one.is_uncoded else "")))


def _side(text: str) -> str:
    """左右 — both when either both are named or 両 is, "" when none is."""
    if _BOTH in text or (_RIGHT in text and _LEFT in text):
        return _BOTH
    return next((side for side in (_RIGHT, _LEFT) if side in text), "")


RULES = (sides,)
