# SPDX-License-Identifier: Apache-2.0
"""受診で聞くこと — which numbers and days a visit's bill depends on, so that a screen asks for no others."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from tasuki.calculation.rules.home.self_injection import is_listed
from tasuki.calculation.rules.psychiatry.psychotherapy import PSYCHIATRY
from tasuki.calculation.rules.rehabilitation.units_and_days import DAYS
from tasuki.chart.orders import Order
from tasuki.masters.book import DayBook
from tasuki.masters.rows import Act, Drug


class Question(StrEnum):
    """聞くこと — what is asked of a human beside the orders."""

    MINUTES = "minutes"  # 診療に要した時間
    HOME = "home"  # 在宅の診療
    SELF_CARE = "self_care"  # 自己管理
    START = "start"  # 起算日


# 区分 whose points or conditions follow from what is asked.
BY_SECTION = {
    **dict.fromkeys(("I002", "I003", "I003-2", "I004"), Question.MINUTES),
    **dict.fromkeys(("C000", "C001", "C001-2", "C002", "C002-2", "C003"), Question.HOME),
    **dict.fromkeys(("C101", "C150", "C151", "C152-2", "C153", "C107-2"), Question.SELF_CARE),
    **dict.fromkeys(DAYS, Question.START),
}


def visit_questions(department: str, orders: Iterable[Order], book: DayBook) -> frozenset[Question]:
    """受診で聞くこと — by the fees ordered, the drugs a patient injects, and psychiatry, whose fee goes by time.

    Cite: 医科点数表 I002 注2, C001 注1, C101 注1, H000 注1
    """
    asked = {each for order in orders for each in order_questions(order, book)}
    if department == PSYCHIATRY:
        asked.add(Question.MINUTES)
    return frozenset(asked)


def order_questions(order: Order, book: DayBook) -> frozenset[Question]:
    """オーダで聞くこと — of one order; a code the day does not know asks nothing."""
    rows = [book.item(item.code) for item in order.items if book.has(item.code)]
    asked = {BY_SECTION[row.section] for row in rows if isinstance(row, Act) and row.section in BY_SECTION}
    if any(isinstance(row, Drug) and is_listed(row) for row in rows):
        asked.add(Question.SELF_CARE)
    return frozenset(asked)
