# SPDX-License-Identifier: Apache-2.0
"""生活習慣病管理料（Ⅰ）・（Ⅱ） — who may have it, and what it contains (B001-3, B001-3-3)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import (
    FIRST_CODES,
    OUTPATIENT_FAMILY,
    REVISIT_FAMILY,
    Manner,
    base_taking_additions,
    manner_of,
)
from tasuki.calculation.diseases import under_treatment
from tasuki.calculation.flags import Flag
from tasuki.calculation.management_codes import KEPT_WITH_FIRST, KEPT_WITH_SECOND_R6, KEPT_WITH_SECOND_R8
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.facility.standards import LIFESTYLE_MANAGEMENT
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
R6_END = date(2026, 5, 31)
R8 = date(2026, 6, 1)

LIPIDS, HYPERTENSION, DIABETES = "113041710", "113041810", "113041910"
FIRST_KIND = frozenset((LIPIDS, HYPERTENSION, DIABETES))
SECOND, SECOND_ONLINE = "113707110", "113707210"
SECOND_KIND = frozenset((SECOND, SECOND_ONLINE))
LIFESTYLE_CODES = FIRST_KIND | SECOND_KIND
# ICD-10 of the three diseases, by the code of （Ⅰ） that names them.
ICD10 = {
    LIPIDS: ("E78",),
    HYPERTENSION: ("I10", "I11", "I12", "I13", "I15"),
    DIABETES: ("E10", "E11", "E12", "E13", "E14"),
}
DATA_SUBMISSION = "113042070"
MONTHS_AFTER_FIRST = 6
MANAGEMENT, TESTS, INJECTION, PATHOLOGY = "B", "D", "G", "N"


@rule(
    "B001-3-3/lifestyle",
    title="生活習慣病管理料（Ⅱ）",
    cite="医科点数表 B001-3-3 注1・注8; 通知 B001-3-3 (1)・(2)",
    since=R6,
)
def lifestyle_management(case: Case, draft: Draft) -> Outcome | None:
    """生活習慣病管理料（Ⅱ） — for a main disease of the three, once the plan is agreed and guidance recorded.

    （Ⅰ） is the institution's own choice and never proposed, because it contains the tests of the month.
    """
    base = base_taking_additions(draft, REVISIT_FAMILY, OUTPATIENT_FAMILY)
    manner = manner_of(case, draft.kind)
    if base is None or manner is Manner.TELEPHONE or case.institution.beds >= 200:
        return None
    if not draft.codes().isdisjoint(LIFESTYLE_CODES) or case.billed_this_month(LIFESTYLE_CODES) is not None:
        return None
    disease = next(
        (row for diagnosis, row in under_treatment(case) if diagnosis.is_main and _kind(row.icd10)), None
    )
    if disease is None or _first_kind_before(case) is not None or _first_visit_this_month(case):
        return None
    code = SECOND_ONLINE if manner is Manner.ONLINE else SECOND
    missing = [
        flag.value for flag in (Flag.LIFESTYLE_PLAN_SIGNED, Flag.GUIDANCE_GIVEN) if not case.has_flag(flag)
    ]
    if missing:
        return Advice(code, facts(disease=disease.name, missing_flag=missing[0]))
    return Proposal(code, facts(disease=disease.name))


@rule(
    "B001-3/disease",
    title="生活習慣病管理料の主病",
    cite="医科点数表 B001-3 注1, B001-3-3 注1",
    since=R6,
    stage=Stage.CHECK,
)
def without_disease(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """生活習慣病管理料の主病 — denied without such a disease; one that is not marked as main is asked about."""
    outcomes: list[Outcome] = []
    for code in sorted(draft.codes() & LIFESTYLE_CODES):
        wanted = (code,) if code in FIRST_KIND else tuple(ICD10)
        found = [
            (diagnosis.is_main, row.name)
            for diagnosis, row in under_treatment(case)
            if any(icd.startswith(ICD10[kind]) for kind in wanted for icd in row.icd10)
        ]
        if not found:
            outcomes.append(Denial(code, "", facts(reason="no_disease")))
        elif not any(is_main for is_main, _ in found):
            outcomes.append(Advice(code, facts(disease=found[0][1])))
    return tuple(outcomes) or None


@rule(
    "B001-3/system",
    title="生活習慣病管理料の体制",
    cite="医科点数表 B001-3 注1, B001-3-3 注1; 特掲診療料の施設基準等 第三の四の九",
    since=R6,
    stage=Stage.CHECK,
)
def without_system(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """生活習慣病管理料の体制 — a standard met without notice; whether it is met is asked."""
    standing = draft.codes() & LIFESTYLE_CODES
    if not standing or case.has_standard(LIFESTYLE_MANAGEMENT):
        return None
    missing = case.standard_names((LIFESTYLE_MANAGEMENT,))
    return tuple(Advice(code, facts(missing=missing)) for code in sorted(standing))


@rule(
    "B001-3-3/after_first",
    title="生活習慣病管理料（Ⅰ）から6月以内の（Ⅱ）",
    cite="医科点数表 B001-3-3 注7 (令和6年度は注5)",
    since=R6,
    stage=Stage.CHECK,
)
def second_after_first(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """生活習慣病管理料（Ⅱ） — not within six months counted from the month in which （Ⅰ） was billed."""
    standing = draft.codes() & SECOND_KIND
    earlier = _first_kind_before(case) if standing else None
    if earlier is None:
        return None
    code, last = earlier
    return tuple(Denial(each, code, facts(last_day=last)) for each in sorted(standing))


@rule(
    "B001-3/data_submission",
    title="外来データ提出加算（生活習慣病管理料）",
    cite="医科点数表 B001-3 注4, B001-3-3 注4 (令和6年度)",
    since=R6,
    until=R6_END,
)
def data_submission(case: Case, draft: Draft) -> Proposal | None:
    """外来データ提出加算 — with （Ⅰ） or （Ⅱ） where its standard is notified."""
    base = next((act for act in draft.acts() if act.code in LIFESTYLE_CODES), None)
    if base is None or not case.book.has(DATA_SUBMISSION):
        return None
    asked = [code for code in case.book.act(DATA_SUBMISSION).standards if code not in ("", "0")]
    if not asked or not any(case.has_standard(code) for code in asked):
        return None
    return Proposal(DATA_SUBMISSION, facts(standard=case.standard_names(asked[:1])[0]), onto=base.code)


@rule(
    "B001-3/included",
    title="生活習慣病管理料（Ⅰ）に含まれる費用",
    cite="医科点数表 B001-3 注2; 通知 B001-3 (3)",
    since=R6,
    stage=Stage.CHECK,
)
def included_in_first(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """生活習慣病管理料（Ⅰ）に含まれる費用 — management, tests, injections and pathology of the visit.

    On another day of the month only what was done for the same disease is contained: a human decides.
    """
    chapters = (MANAGEMENT, TESTS, INJECTION, PATHOLOGY)
    return _included(case, draft, FIRST_KIND, chapters, KEPT_WITH_FIRST)


@rule(
    "B001-3-3/included",
    title="生活習慣病管理料（Ⅱ）に含まれる費用",
    cite="医科点数表 B001-3-3 注2 (令和6年度); 通知 B001-3-3 (3)",
    since=R6,
    until=R6_END,
    stage=Stage.CHECK,
)
def included_in_second_r6(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """生活習慣病管理料（Ⅱ）に含まれる費用 — management but for the list of 令和6年度."""
    return _included(case, draft, SECOND_KIND, (MANAGEMENT,), KEPT_WITH_SECOND_R6)


@rule(
    "B001-3-3/included",
    title="生活習慣病管理料（Ⅱ）に含まれる費用",
    cite="医科点数表 B001-3-3 注2; 通知 B001-3-3 (3)",
    since=R8,
    stage=Stage.CHECK,
)
def included_in_second_r8(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """生活習慣病管理料（Ⅱ）に含まれる費用 — management but for the longer list of 令和8年度."""
    return _included(case, draft, SECOND_KIND, (MANAGEMENT,), KEPT_WITH_SECOND_R8)


def _included(
    case: Case, draft: Draft, parents: frozenset[str], chapters: tuple[str, ...], kept: frozenset[str]
) -> tuple[Outcome, ...] | None:
    parent = min(draft.codes() & parents, default=None)
    earlier = case.billed_this_month(parents) if parent is None else None
    if parent is None and earlier is None:
        return None
    outcomes: list[Outcome] = []
    for unit in draft.units:
        if not _is_contained(unit, chapters, kept):
            continue
        if parent is not None:
            outcomes.extend(Denial(line.code, parent, group=unit.group) for line in unit.lines)
        elif earlier is not None:
            outcomes.append(Advice(unit.lines[0].code, facts(lost_to=earlier.code, last_day=earlier.day)))
    if parent is not None:
        outcomes.extend(_billed_before(case, parent, chapters, kept))
    return tuple(outcomes) or None


def _is_contained(unit: DraftUnit, chapters: tuple[str, ...], kept: frozenset[str]) -> bool:
    """An act by its chapter; drugs and materials of an injection or test go with it by their 診療識別."""
    row = unit.lines[0].row
    if isinstance(row, Act):
        return row.chapter in chapters and row.code not in kept and row.code not in LIFESTYLE_CODES
    return unit.section in {"31", "32", "33"} if INJECTION in chapters else False


def _billed_before(
    case: Case, parent: str, chapters: tuple[str, ...], kept: frozenset[str]
) -> Iterator[Advice]:
    """What the month already carries of the contained acts: shown once, with the first of them."""
    for line in case.history.lines:
        is_this_month = (line.day.year, line.day.month) == (case.day.year, case.day.month)
        if not is_this_month or line.day == case.day or not case.book.has(line.code):
            continue
        row = case.book.item(line.code)
        if isinstance(row, Act) and row.chapter in chapters and row.code not in kept | LIFESTYLE_CODES:
            yield Advice(parent, facts(lost_to=row.code, act=row.name, last_day=line.day))
            return


def _kind(icd10: tuple[str, ...]) -> str | None:
    return next(
        (code for code, prefixes in ICD10.items() if any(icd.startswith(prefixes) for icd in icd10)), None
    )


def _first_kind_before(case: Case) -> tuple[str, date] | None:
    since = months_before(case.day, MONTHS_AFTER_FIRST)
    lines = [line for code in FIRST_KIND for line in case.history.of(code) if since <= line.day <= case.day]
    last = max(lines, key=lambda line: line.day, default=None)
    return None if last is None else (last.code, last.day)


def _first_visit_this_month(case: Case) -> bool:
    """通知 (1): not in the month of a first visit; the table of exclusions says the same of an ordered fee."""
    return case.billed_this_month(FIRST_CODES) is not None
