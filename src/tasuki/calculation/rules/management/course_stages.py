# SPDX-License-Identifier: Apache-2.0
"""管理料の段階 — puts the code of the right step in the place of the one that was ordered (B001, B001-3-2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import FIRST_FAMILY, OUTPATIENT_FAMILY, REVISIT_FAMILY
from tasuki.calculation.course_fees import COURSES, Course, Step
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.management.comprehensive_codes import is_comprehensive
from tasuki.kernel.because import facts
from tasuki.kernel.days import age_on, month_of, months_after

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.chart.visit import PastLine
    from tasuki.masters.rows import Drug

R6 = date(2024, 6, 1)
# 舌下免疫療法薬: 標準化スギ花粉エキス, ダニエキス (薬価基準収載医薬品コード).
SUBLINGUAL = ("4490028", "4490030", "4490031", "4490035")
IMMUNOTHERAPY_FIRST, IMMUNOTHERAPY_LATER = "113036810", "113036910"
NICOTINE_FIRST, NICOTINE_FIFTH, NICOTINE_SERIES = "113008310", "113008510", "113031710"
NICOTINE_MIDDLE = ("113008410", "113031610")  # 対面, 情報通信機器
NICOTINE = (NICOTINE_FIRST, *NICOTINE_MIDDLE, NICOTINE_FIFTH)
NICOTINE_TIMES = 5
NICOTINE_WEEKS = 12
NICOTINE_AGAIN_MONTHS = 12
COUNSELLING_YEARS = 4
# 小児特定疾患カウンセリング料 イ: 初回; 1年以内 1・2回目; 2年以内 1・2回目; 4年以内. Face to face, then online.
COUNSELLING = (
    ("113702610", "113702710", "113702810", "113702910", "113703010", "113703110"),
    ("113703210", "113703310", "113703410", "113703510", "113703610", "113703710"),
)
COUNSELLING_CODES = tuple(code for codes in COUNSELLING for code in codes)


def is_sublingual(row: Drug) -> bool:
    """舌下免疫療法薬か — by the ingredient."""
    return row.price_list_code.startswith(SUBLINGUAL)


def _register(course: Course) -> None:
    """段階の登録 — one rule for each course."""

    @rule(f"B001/{course.key}", title=f"{course.name}の段階", cite=course.cite, since=R6, codes=course.codes)
    def stage(case: Case, draft: Draft) -> Proposal | None:
        past = sorted(line.day for code in course.codes for line in case.history.of(code))
        is_taken_over = (
            not past and course.step is Step.MONTH and case.has_flag(Flag.CONTINUED_FROM_ELSEWHERE)
        )
        is_later = is_taken_over or (bool(past) and _has_moved_on(course, past[0], case.day))
        ordered = next((code for code in course.codes if code in draft.codes()), None)
        if ordered is None:
            return None
        family = course.first if ordered in course.first else course.later
        right = (course.later if is_later else course.first)[family.index(ordered)]
        if right == ordered:
            return None
        first_day = past[0] if past else case.day
        reason = "taken_over" if is_taken_over else "later" if is_later else "first"
        return Proposal(right, facts(reason=reason, first_day=first_day), replaces=ordered)


def _has_moved_on(course: Course, first: date, day: date) -> bool:
    if course.step is Step.MONTH:
        return month_of(first) != month_of(day)
    if course.step is Step.YEAR:
        return age_on(first, day).years >= 1
    return True


for _course in COURSES:
    _register(_course)


@rule(
    "B001/35_continued",
    title="アレルギー性鼻炎免疫療法治療管理料（継続）",
    cite="医科点数表 B001 35; 疑義解釈その1 (令和4年3月31日) 医科 問144",
    since=R6,
    families=(FIRST_FAMILY, REVISIT_FAMILY, OUTPATIENT_FAMILY),
    drugs=is_sublingual,
)
def immunotherapy(case: Case, draft: Draft) -> Outcome | None:
    """アレルギー性鼻炎免疫療法治療管理料 — with a sublingual allergen: begun once explained in writing, then each month."""
    if not any(is_sublingual(each.row) for each in case.prescribed):
        return None
    both = (IMMUNOTHERAPY_FIRST, IMMUNOTHERAPY_LATER)
    if not draft.codes().isdisjoint(both) or is_comprehensive(case, draft):
        return None
    if case.billed_this_month(both) is not None:
        return None
    if any(case.history.of(code) for code in both):
        return Proposal(IMMUNOTHERAPY_LATER)
    if case.has_flag(Flag.CONTINUED_FROM_ELSEWHERE):
        return Proposal(IMMUNOTHERAPY_LATER, facts(reason="taken_over"))
    if not case.has_flag(Flag.GUIDANCE_GIVEN):
        return Advice(IMMUNOTHERAPY_FIRST, facts(missing_flag=Flag.GUIDANCE_GIVEN.value))
    return Proposal(IMMUNOTHERAPY_FIRST, facts(reason="first"))


@rule(
    "B001-3-2/nicotine",
    title="ニコチン依存症管理料の回数",
    cite="医科点数表 B001-3-2 1・注1; 通知 B001-3-2 (1)〜(5)",
    since=R6,
    codes=(*NICOTINE, NICOTINE_SERIES),
)
def nicotine(case: Case, draft: Draft) -> Outcome | None:
    """ニコチン依存症管理料 — the first, the second to fourth and the fifth time of one course of five.

    A course begins again only when a year has passed since the first time of the last one.
    """
    begun = [line for code in (NICOTINE_FIRST, NICOTINE_SERIES) for line in case.history.of(code)]
    start = max((line.day for line in begun), default=None)
    is_open = start is not None and case.day <= months_after(start, NICOTINE_AGAIN_MONTHS)
    ordered = next((code for code in (*NICOTINE, NICOTINE_SERIES) if code in draft.codes()), None)
    if ordered is None:
        return None
    if ordered == NICOTINE_SERIES or not is_open:
        if is_open:
            return Denial(ordered, "", facts(reason="series", first_day=start))
        if ordered in (NICOTINE_FIRST, NICOTINE_SERIES):
            return None
        return Proposal(NICOTINE_FIRST, facts(reason="first"), replaces=ordered)
    assert start is not None
    if any(line.day == start and line.code == NICOTINE_SERIES for line in begun):
        return Denial(ordered, NICOTINE_SERIES, facts(first_day=start))
    times = 1 + sum(line.count for code in NICOTINE for line in case.history.of(code) if line.day >= start)
    if times > NICOTINE_TIMES:
        return Denial(ordered, "", facts(reason="sixth", first_day=start))
    if times == NICOTINE_TIMES:
        right = NICOTINE_FIFTH
    else:
        right = ordered if ordered in NICOTINE_MIDDLE else NICOTINE_MIDDLE[0]
    return None if right == ordered else Proposal(right, facts(reason="times", times=times), replaces=ordered)


@rule(
    "B001-3-2/weeks",
    title="ニコチン依存症管理料の12週間",
    cite="通知 B001-3-2 (1)",
    since=R6,
    stage=Stage.CHECK,
    codes=(*NICOTINE_MIDDLE, NICOTINE_FIFTH),
)
def nicotine_weeks(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """ニコチン依存症管理料の12週間 — the five times are of twelve weeks from the first; a later one is asked about."""
    first = max((line.day for line in case.history.of(NICOTINE_FIRST)), default=None)
    if first is None or case.day <= first + timedelta(weeks=NICOTINE_WEEKS):
        return None
    standing = sorted(draft.codes().intersection((*NICOTINE_MIDDLE, NICOTINE_FIFTH)))
    return tuple(Advice(code, facts(first_day=first, weeks=NICOTINE_WEEKS)) for code in standing) or None


@rule(
    "B001/4_counselling",
    title="小児特定疾患カウンセリング料の段階",
    cite="医科点数表 B001 4 イ・注1; 通知 B001 4 (6)・(7); 疑義解釈その7 (令和8年5月29日) 医科 問19",
    since=R6,
    codes=COUNSELLING_CODES,
)
def counselling(case: Case, draft: Draft) -> Outcome | None:
    """小児特定疾患カウンセリング料 — by the years since the fee was first billed, whenever the first visit was."""
    ordered = next((code for code in COUNSELLING_CODES if code in draft.codes()), None)
    if ordered is None:
        return None
    codes = next(each for each in COUNSELLING if ordered in each)
    past: list[PastLine] = [line for code in COUNSELLING_CODES for line in case.history.of(code)]
    if not past:
        right = codes[0]
        return None if ordered == right else Proposal(right, facts(reason="first"), replaces=ordered)
    first = min(line.day for line in past)
    years = age_on(first, case.day).years
    this_month = sum(line.count for line in past if month_of(line.day) == month_of(case.day))
    if years >= COUNSELLING_YEARS:
        return Denial(ordered, "", facts(reason="ended", first_day=first))
    if this_month >= (2 if years < 2 else 1):
        return Denial(ordered, "", facts(reason="month", first_day=first))
    place = 5 if years >= 2 else (3 if years >= 1 else 1) + this_month
    right = codes[place]
    return (
        None
        if right == ordered
        else Proposal(right, facts(reason="later", first_day=first), replaces=ordered)
    )


@rule(
    "B001-2-3/first_visit",
    title="乳幼児育児栄養指導料",
    cite="医科点数表 B001-2-3 注1; 通知 B001-2-3 (1)",
    since=R6,
    stage=Stage.CONDITION,
    codes=("111000470", "113037110"),
)
def infant_nutrition(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """乳幼児育児栄養指導料 — only at a first visit that bills 初診料, not in a second department."""
    if draft.is_first and draft.base is not None and draft.base.addition_group == FIRST_FAMILY:
        return None
    standing = sorted(draft.codes() & {"111000470", "113037110"})
    return tuple(Denial(code, "", facts(age=case.age.years)) for code in standing)
