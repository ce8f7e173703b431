# SPDX-License-Identifier: Apache-2.0
"""オーダのコメント — coded comments of an order, and what has to be written after each.

The pattern of a comment says what follows it: 10 and 30 words, 31 an act's code, 40 as many digits as its text has
gaps, 42 a number, 50 a day, 51 to 53 times, 80 a day and a value; 20 nothing.

Cite: コメントマスター パターン (マスターファイル仕様説明書 R6 別紙6-1)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tasuki.chart.orders import Item, Order
from tasuki.masters.book import DayBook, EndedCode, UnknownCode
from tasuki.masters.rows import Act, Comment
from tasuki_server.orders.basket import Basket, comment_field
from tasuki_server.orders.unreadable import UnreadableText
from tasuki_server.patients.birth_text import read_day

FREE, FIXED, WORDS, CODE, GAPS, NUMBER, DAY = "10", "20", "30", "31", "40", "42", "50"
TIME, MINUTES, DAY_AND_TIME, DAY_AND_VALUE = "51", "52", "53", "80"
MODIFIERS = "90"
# Parts whose acts are done at a place of the body; 超音波検査 is told apart by organ.
_CHAPTERS_WITH_SITES = frozenset("EJKL")
_SECTIONS_WITH_SITES = frozenset({"D215", "G010", "G010-2", "D405"})
_SHAPES = {
    TIME: (re.compile(r"([01]\d|2[0-3])[0-5]\d"), "時刻を0930のように4桁で入れてください。"),
    MINUTES: (re.compile(r"\d{1,5}"), "分を5桁までの数字で入れてください。"),
    DAY_AND_TIME: (
        re.compile(r"(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d"),
        "日と時刻を150930のように6桁で入れてください。",
    ),
}
_VALUE = re.compile(r"\d+(\.\d+)?")
_MOST_OF_VALUE = 8
_HINTS = {
    FREE: "内容",
    WORDS: "内容",
    CODE: "診療行為コード9桁",
    NUMBER: "数値",
    DAY: "2026-06-01 / R8.6.1",
    TIME: "時刻 例: 0930",
    MINUTES: "分",
    DAY_AND_TIME: "日・時刻 例: 150930",
    DAY_AND_VALUE: "2026-06-01 10.5",
}


@dataclass(frozen=True, slots=True)
class CommentCell:
    """表のコメント — one comment of an order with the field it may ask for."""

    index: int
    code: str
    name: str
    text: str
    asks_text: bool
    hint: str
    field_id: str


def is_comment(code: str) -> bool:
    """コメントか — codes of comments begin with 8."""
    return code[:1] == "8" and len(code) == 9


def asks_text(comment: Comment) -> bool:
    """文の要否 — whether something has to be written after it."""
    return comment.pattern != FIXED


def read_text(comment: Comment, text: str) -> str:
    """コメント文の読取り — as the order keeps it: digits in half width, a day as ISO, words trimmed.

    Raises :class:`UnreadableText` with a Japanese sentence that says what to write.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if not folded or comment.pattern == FIXED:
        return ""
    if comment.pattern in (FREE, WORDS):
        return text.strip()[:200]
    if comment.pattern == DAY:
        day = read_day(folded)
        if day is None:
            raise UnreadableText("年月日を 2026-06-01 や R8.6.1 のように入れてください。")
        return day.isoformat()
    if comment.pattern == NUMBER:
        if not _VALUE.fullmatch(folded):
            raise UnreadableText("数値を入れてください。")
        return folded
    if comment.pattern == DAY_AND_VALUE:
        return _day_and_value(folded)
    if comment.pattern in _SHAPES:
        shape, sentence = _SHAPES[comment.pattern]
        if not shape.fullmatch(folded):
            raise UnreadableText(sentence)
        return folded
    if not folded.isdecimal():
        raise UnreadableText("数字だけで入れてください。")
    wanted = 9 if comment.pattern == CODE else sum(length for _, length in comment.slots)
    if comment.pattern in (CODE, GAPS) and wanted and len(folded) != wanted:
        raise UnreadableText(f"数字{wanted}桁で入れてください。")
    return folded


def _day_and_value(folded: str) -> str:
    """年月日と値 — a day as ISO, a blank, and a number of eight places at most, its point among them."""
    words = folded.split()
    day = read_day("".join(words[:-1]))
    value = words[-1]
    if day is None or not _VALUE.fullmatch(value) or len(value) > _MOST_OF_VALUE:
        raise UnreadableText("年月日と値を「2026-06-01 10.5」のように、間を空けて入れてください。")
    return f"{day.isoformat()} {value}"


def comment_cells(order: Order, book: DayBook) -> tuple[CommentCell, ...]:
    """表のコメント — of one order; one the master does not know keeps its code as its name."""
    cells = []
    for index, (code, text) in enumerate(order.comments):
        row = _row(book, code)
        if row is None:
            cells.append(CommentCell(index, code, code, text, False, "", ""))
        else:
            name = row.name or "フリーコメント"
            field_id = comment_field(order.id, index)
            cells.append(CommentCell(index, code, name, text, asks_text(row), _hint(row), field_id))
    return tuple(cells)


def lacking_comments(order: Order, book: DayBook) -> Iterator[tuple[int, str]]:
    """書きかけのコメント — the place and a sentence for each that lacks its text or cannot be used on the day."""
    for index, (code, text) in enumerate(order.comments):
        row = _row(book, code)
        if row is None:
            yield index, f"コメント {code} はこの日に使えません。外してください。"
        elif asks_text(row) and not text:
            yield index, f"コメント「{row.name or 'フリーコメント'}」の内容を入れてください。"


def with_comment(basket: Basket, order_id: str, code: str) -> Basket:
    """コメントの追加 — to one order, without its text yet."""
    return basket.with_order(order_id, lambda o: replace(o, comments=(*o.comments, (code, ""))))


def order_for(basket: Basket, code: str, book: DayBook) -> str:
    """コメントの付く先 — the last order whose acts 別表Ⅰ asks this comment of, else the last order.

    Raises ``IndexError`` for an empty basket.
    """
    for line in reversed(basket.lines):
        wanted = {
            each.comment_code for item in line.order.items for each in book.required_comments(item.code)
        }
        if code in wanted:
            return line.order.id
    return basket.lines[-1].order.id


def change_comment(basket: Basket, order_id: str, index: int, text: str, book: DayBook) -> Basket:
    """コメントの変更 — the text of one; raises :class:`UnreadableText`, ``IndexError`` when it is gone."""

    def changed(order: Order) -> Order:
        kept = list(order.comments)
        code, _ = kept[index]
        row = book.comment(code)
        kept[index] = (code, read_text(row, text))
        return replace(order, comments=tuple(kept))

    return basket.with_order(order_id, changed)


def remove_comment(basket: Basket, order_id: str, index: int) -> Basket:
    """コメントの削除 — one of an order; raises ``IndexError`` when it is gone."""

    def changed(order: Order) -> Order:
        kept = list(order.comments)
        del kept[index]
        return replace(order, comments=tuple(kept))

    return basket.with_order(order_id, changed)


def wanted_comments(order: Order, book: DayBook, limit: int = 8) -> list[Comment]:
    """記載事項の候補 — comments that 別表Ⅰ names for the acts of an order and that it does not carry yet.

    Cite: 診療報酬請求書等の記載要領 別表Ⅰ (コメント関連テーブル)
    """
    present = {code for code, _ in order.comments}
    found: dict[str, Comment] = {}
    for item in order.items:
        for wanted in book.required_comments(item.code):
            row = _row(book, wanted.comment_code)
            if row is not None and row.code not in present:
                found.setdefault(row.code, row)
    return list(found.values())[:limit]


def asks_site(order: Order, book: DayBook) -> bool:
    """部位の要否 — whether the place on the body matters for what may be billed beside it."""
    return any(
        act.chapter in _CHAPTERS_WITH_SITES or act.section in _SECTIONS_WITH_SITES
        for act in _acts(order.items, book)
    )


def _acts(items: Iterable[Item], book: DayBook) -> Iterator[Act]:
    for item in items:
        try:
            row = book.item(item.code)
        except (EndedCode, UnknownCode):
            continue
        if isinstance(row, Act):
            yield row


def _hint(row: Comment) -> str:
    if row.pattern == GAPS:
        return f"数字{sum(length for _, length in row.slots)}桁"
    return _HINTS.get(row.pattern, "")


def _row(book: DayBook, code: str) -> Comment | None:
    try:
        return book.comment(code)
    except (EndedCode, UnknownCode):
        return None
