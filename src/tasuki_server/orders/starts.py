# SPDX-License-Identifier: Apache-2.0
"""起算日 — the day from which the standard days of rehabilitation count, and the last one recorded.

Cite: 医科点数表 H000〜H003 注1 (発症・手術・急性増悪・最初に診断された日・治療開始日)
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tasuki.calculation.visit_questions import Question, order_questions
from tasuki.chart.orders import Order
from tasuki.masters.book import DayBook
from tasuki_server.orders.unreadable import UnreadableText
from tasuki_server.patients.birth_text import read_day


def asks_start(order: Order, book: DayBook) -> bool:
    """起算日の要否 — of an order of 疾患別リハビリテーション."""
    return Question.START in order_questions(order, book)


def read_start(text: str, day: date) -> date | None:
    """起算日の読取り — None for an empty text; raises :class:`UnreadableText` for no day, or one after the visit."""
    if not text.strip():
        return None
    began = read_day(text)
    if began is None or began > day:
        raise UnreadableText("起算日は、受診の日までの日付で入れてください（例 2026-06-01、R8.6.1）。")
    return began


def last_starts(earlier: Iterable[tuple[Order, date]], book: DayBook) -> dict[str, date]:
    """前回の起算日 — by 区分, of signed orders given newest first."""
    found: dict[str, date] = {}
    for order, _ in earlier:
        if order.began_on is not None:
            for section in sections_of(order, book):
                found.setdefault(section, order.began_on)
    return found


def sections_of(order: Order, book: DayBook) -> set[str]:
    """オーダの区分 — of its acts."""
    rows = (book.item(item.code) for item in order.items if book.has(item.code))
    return {row.section for row in rows if hasattr(row, "section")}
