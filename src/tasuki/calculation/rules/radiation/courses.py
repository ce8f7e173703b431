# SPDX-License-Identifier: Apache-2.0
"""一連の放射線治療 — its plans, and what is billed for the whole course since 2026-06 (M000, M001)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.diseases import is_under_treatment
from tasuki.calculation.rule import Advice, rule
from tasuki.calculation.rules.standing_acts import done, is_member
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

PLANS = frozenset(("M000",))
TIMES, TIMES_FOR_CERVIX = 2, 4
CERVIX = ("C53",)
# How far back a human is reminded of plans; the notice speaks of a course, which no record tells.
MONTHS_LOOKED_BACK = 6
# An irradiation before the revision and so shortly before the visit is taken as the same course.
MONTHS_OF_A_COURSE = 3
ADDED_LATER = "外来放射線治療加算"


class WholeCourse(NamedTuple):
    """一連につき算定する照射 — a disease and the code of each time, in whose place the course is billed.

    ``apart`` are words of a site that is irradiated beside the course and billed each time.
    """

    icd10: str
    codes: frozenset[str]
    name: str
    points: int
    apart: tuple[str, ...] = ()


COURSES = (
    WholeCourse(
        "C50", frozenset(("180020710",)), "乳癌に対する全乳房照射", 41500, ("腫瘍床", "鎖骨上", "対側")
    ),
    WholeCourse("C61", frozenset(("180031910",)), "前立腺癌に対する前立腺照射", 96500),
)
R8 = date(2026, 6, 1)


@rule(
    "M001/whole_course",
    title="一連につき算定する体外照射",
    cite="医科点数表(令和8年度) M001 注3・注6; 疑義解釈その2 (令和8年4月1日) 医科 問99〜問101; "
    "疑義解釈その5 (令和8年5月8日) 医科 問18",
    since=R8,
    codes=frozenset().union(*(each.codes for each in COURSES)),
)
def whole_course(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """一連の体外照射 — breast and prostate are billed once a course: one ordered each time is shown.

    A course begun before the revision goes on each time. Whether the whole breast was irradiated is not told
    by the order, and the master loaded may lack the code of the course, so that nothing is replaced.
    """
    since = months_before(case.day, MONTHS_OF_A_COURSE)
    if any(_is_irradiation(case, line.code) for line in case.history.lines if since <= line.day < R8):
        return None
    advice = []
    for course in COURSES:
        if not is_under_treatment(case, (course.icd10,)):
            continue
        for each in done(draft, course.codes):
            if not any(word in each.unit.site for word in course.apart):
                advice.append(Advice(each.row.code, facts(name=course.name, points=course.points)))
    return tuple(advice) or None


def _is_irradiation(case: Case, code: str) -> bool:
    row = case.book.item(code) if code.startswith("180") and case.book.has(code) else None
    return isinstance(row, Act) and is_member(row, ("M001",))


@rule(
    "M000/twice_a_course",
    title="放射線治療管理料の回数",
    cite="医科点数表 M000 注1; 通知 M000(1)",
    since=date(2024, 6, 1),
    sections=PLANS,
)
def twice_a_course(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """放射線治療管理料 — twice a course, four times for cancer of the cervix: one more is shown to a human.

    Where a course ends is not recorded, so plans of the last six months are named.
    """
    found = [each for each in done(draft, PLANS) if ADDED_LATER not in each.row.name]
    since = months_before(case.day, MONTHS_LOOKED_BACK)
    earlier = sum(
        line.count
        for code, lines in case.history.by_code.items()
        if _is_plan(case, code)
        for line in lines
        if line.day >= since
    )
    most = TIMES_FOR_CERVIX if is_under_treatment(case, CERVIX) else TIMES
    beyond = found[max(0, most - earlier) :]
    known = facts(most=most, count=earlier + len(found))
    return tuple(Advice(code, known) for code in sorted({each.row.code for each in beyond})) or None


def _is_plan(case: Case, code: str) -> bool:
    row = case.book.item(code) if case.book.has(code) else None
    return isinstance(row, Act) and is_member(row, PLANS) and ADDED_LATER not in row.name
