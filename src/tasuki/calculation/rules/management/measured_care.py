# SPDX-License-Identifier: Apache-2.0
"""特定薬剤治療管理料・悪性腫瘍特異物質治療管理料 — care steered by a measured level, in place of the test (B001 2, 3)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import under_treatment
from tasuki.calculation.flags import Flag
from tasuki.calculation.guided_fees import MALIGNANT
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before
from tasuki.masters.rows import Act, Drug

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
MARKER_SECTION = "D009"
ONE_MARKER, TWO_MARKERS, BLADDER = "113001310", "113002110", "113001210"
MARKER_FEES = (ONE_MARKER, TWO_MARKERS)
FIRST_MONTH_OF_MARKERS = "113001470"
LEVEL, LEVEL_FROM_FOURTH_MONTH = "113000410", "113000510"
LEVELS = (LEVEL, LEVEL_FROM_FOURTH_MONTH)
FIRST_MONTH_OF_LEVEL = "113000770"
# 薬価基準収載医薬品コード: 抗てんかん剤 113; シクロスポリン, タクロリムス, ミコフェノール酸, エベロリムス.
NOT_HALVED = ("113", "3999004", "3999014", "3999017", "3999022")
FULL_MONTHS = 3


@rule(
    "B001/3_tumour_marker",
    title="悪性腫瘍特異物質治療管理料",
    cite="医科点数表 B001 3 ロ・注2・注5; 通知 B001 3 (1)・(2)",
    since=R6,
    sections=(MARKER_SECTION,),
)
def tumour_marker(case: Case, draft: Draft) -> Outcome | tuple[Outcome, ...] | None:
    """悪性腫瘍特異物質治療管理料 — for a confirmed cancer the markers are part of the management, once a month.

    Until the management is recorded, the test stands and the fee is advised.
    """
    disease = next((row for _, row in under_treatment(case) if _is_malignant(row.icd10)), None)
    markers = sorted(
        {act.code for act in draft.acts() if act.section == MARKER_SECTION and not act.is_addition}
    )
    if disease is None or not markers or not draft.codes().isdisjoint((*MARKER_FEES, BLADDER)):
        return None
    code = ONE_MARKER if len(markers) == 1 else TWO_MARKERS
    earlier = case.billed_this_month(MARKER_FEES)
    if earlier is not None:
        return tuple(Denial(each, earlier.code, facts(last_day=earlier.day)) for each in markers)
    if not case.has_flag(Flag.GUIDANCE_GIVEN):
        return Advice(code, facts(disease=disease.name, missing_flag=Flag.GUIDANCE_GIVEN.value))
    because = facts(disease=disease.name, count=len(markers))
    return (Proposal(code, because), *(Denial(each, code) for each in markers))


@rule(
    "B001/3_confirmed_cancer",
    title="悪性腫瘍特異物質治療管理料の対象",
    cite="医科点数表 B001 3 注1・注2; 通知 B001 3 (1)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(*MARKER_FEES, BLADDER),
)
def confirmed_cancer(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """悪性腫瘍特異物質治療管理料の対象 — a cancer that is confirmed, not suspected."""
    if any(_is_malignant(row.icd10) for _, row in under_treatment(case)):
        return None
    standing = sorted(draft.codes().intersection((*MARKER_FEES, BLADDER)))
    return tuple(Denial(code, "", facts(reason="no_disease")) for code in standing)


@rule(
    "B001/3_tumour_marker_first_month",
    title="腫瘍マーカー検査初回月加算",
    cite="医科点数表 B001 3 注3; 通知 B001 3 (4)",
    since=R6,
    codes=MARKER_FEES,
    sections=(MARKER_SECTION,),
)
def first_month_of_markers(case: Case, draft: Draft) -> Proposal | None:
    """腫瘍マーカー検査初回月加算 — in the first month ever, unless markers were billed in the month before."""
    fee = next((code for code in MARKER_FEES if code in draft.codes()), None)
    if fee is None or any(case.history.of(code) for code in MARKER_FEES):
        return None
    since = months_before(case.day, 2)
    for code, lines in case.history.by_code.items():
        if code[:3] != "160" or not case.book.has(code):
            continue
        row = case.book.item(code)
        if not isinstance(row, Act) or row.section != MARKER_SECTION:
            continue
        if any(since <= line.day < case.day.replace(day=1) for line in lines):
            return None
    return Proposal(FIRST_MONTH_OF_MARKERS, onto=fee)


@rule(
    "B001/2_first_month",
    title="特定薬剤治療管理料１（初回月加算）",
    cite="医科点数表 B001 2 注8; 通知 B001 2 (1) セ",
    since=R6,
    codes=(LEVEL,),
)
def first_month_of_level(case: Case, draft: Draft) -> Proposal | None:
    """特定薬剤治療管理料１の初回月加算 — in the first month ever; a change of drug does not begin it again."""
    if LEVEL not in draft.codes() or any(case.history.of(code) for code in LEVELS):
        return None
    return Proposal(FIRST_MONTH_OF_LEVEL, onto=LEVEL)


@rule(
    "B001/2_fourth_month",
    title="特定薬剤治療管理料１（第４月目以降）",
    cite="医科点数表 B001 2 注4; 通知 B001 2 (1) サ",
    since=R6,
    codes=LEVELS,
)
def fourth_month(case: Case, draft: Draft) -> Outcome | None:
    """特定薬剤治療管理料１の逓減 — half from the fourth calendar month on, save for antiepileptics and immunosuppressants.

    The drug is looked for in the visit and the year before; when none is found a human is asked.
    """
    if draft.codes().isdisjoint(LEVELS):
        return None
    first = min((line.day for code in LEVELS for line in case.history.of(code)), default=None)
    is_late = first is not None and first < months_before(case.day, FULL_MONTHS)
    code = LEVEL if LEVEL in draft.codes() else LEVEL_FROM_FOURTH_MONTH
    if not is_late:
        if code == LEVEL:
            return None
        return Proposal(LEVEL, facts(reason="early", first_day=first or case.day), replaces=code)
    is_kept = _takes_not_halved(case)
    if is_kept and code == LEVEL_FROM_FOURTH_MONTH:
        return Proposal(LEVEL, facts(reason="kept"), replaces=code)
    if is_kept or code == LEVEL_FROM_FOURTH_MONTH:
        return None
    if _knows_drugs(case):
        return Proposal(LEVEL_FROM_FOURTH_MONTH, facts(first_day=first), replaces=code)
    return Advice(LEVEL_FROM_FOURTH_MONTH, facts(first_day=first))


def _is_malignant(icd10: tuple[str, ...]) -> bool:
    return any(icd.startswith(MALIGNANT) for icd in icd10 if icd)


def _drugs(case: Case) -> list[Drug]:
    """Drugs of the visit, and those dispensed here within a year; what a pharmacy filled is not in the history."""
    found = [each.row for each in case.prescribed]
    since = months_before(case.day, 12)
    for code, lines in case.history.by_code.items():
        if code[:1] == "6" and case.book.has(code) and any(line.day >= since for line in lines):
            row = case.book.item(code)
            if isinstance(row, Drug):
                found.append(row)
    return found


def _knows_drugs(case: Case) -> bool:
    return bool(_drugs(case))


def _takes_not_halved(case: Case) -> bool:
    return any(row.price_list_code.startswith(NOT_HALVED) for row in _drugs(case))
