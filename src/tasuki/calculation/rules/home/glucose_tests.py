# SPDX-License-Identifier: Apache-2.0
"""血糖自己測定器加算 — by the number of tests of a month and the kind of diabetes (C150), and the needle beside it (C153)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import under_treatment
from tasuki.calculation.flags import Fact
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.home.self_injection import SELF_INJECTION, supplied_ingredients
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
# least tests → code of others, code of 1型・小児低血糖症等; the last two only for the latter.
STEPS: tuple[tuple[int, str, str], ...] = (
    (20, "114005910", "114009910"),
    (30, "114046010", "114046110"),
    (40, "114006010", "114010010"),
    (60, "114007410", "114010110"),
    (90, "", "114010210"),
    (120, "", "114015610"),
)
SCANNED = "114050210"
CODES = frozenset(code for _, *codes in STEPS for code in codes if code)
CHILD_HYPOGLYCAEMIA = "114017110"
PREGNANCY = frozenset(("114021110", "114050010"))
MANAGEMENT = SELF_INJECTION | PREGNANCY | {CHILD_HYPOGLYCAEMIA}
INSULIN = ("2492", "39695")
GLP_1 = frozenset(("2499410", "2499411", "2499415", "2499416", "2499418", "2499422"))
TYPE_ONE = ("E10", "E891")
HAEMOPHILIA = ("D66", "D67", "D680", "D681")
NEEDLE_MANY, NEEDLE = "114010970", "114011070"
OFTEN = 112  # four a day through four weeks


@rule(
    "C150/tests",
    title="血糖自己測定器加算の回数",
    cite="医科点数表 C150 注1・注2; 通知 C150 (1)",
    since=R6,
    needs=(Fact.SELF_CARE,),
)
def tests(case: Case, draft: Draft) -> Outcome | tuple[Outcome, ...] | None:
    """血糖自己測定器加算 — the step the month's tests reach, for the months whose material is handed out."""
    care = case.visit.self_care
    if care is None or care.glucose_tests_a_month is None or SCANNED in draft.codes():
        return None
    standing = sorted(draft.codes() & CODES)
    if not standing and (not _is_managed(case, draft) or case.billed_this_month(CODES) is not None):
        return None
    right = _code(case, draft, care.glucose_tests_a_month)
    known = facts(tests=care.glucose_tests_a_month, months=care.months_supplied)
    if right is None:
        least = STEPS[0][0]
        return tuple(Denial(code, "", (*known, ("least", least))) for code in standing) or None
    if right in standing:
        return None
    if standing:
        return Proposal(right, known, replaces=standing[0])
    return Proposal(right, known, times=care.months_supplied)


def _is_managed(case: Case, draft: Draft) -> bool:
    return not draft.codes().isdisjoint(MANAGEMENT) or case.billed_this_month(MANAGEMENT) is not None


def _code(case: Case, draft: Draft, tests_a_month: int) -> str | None:
    is_one = is_type_one(case) or not draft.codes().isdisjoint(PREGNANCY | {CHILD_HYPOGLYCAEMIA})
    codes = [one if is_one else other for least, other, one in STEPS if tests_a_month >= least]
    return next((code for code in reversed(codes) if code), None)


def is_type_one(case: Case) -> bool:
    """1型糖尿病・膵全摘後か — by ICD-10 of a disease under treatment."""
    return any(icd.startswith(TYPE_ONE) for _, row in under_treatment(case) for icd in row.icd10)


@rule(
    "C150/scanned",
    title="間歇スキャン式持続血糖測定器によるものの対象",
    cite="医科点数表 C150 の7 注3; 通知 C150 (4)〜(6)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C150",),
)
def scanned(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """間歇スキャン式 — for insulin once a day or more: not with GLP-1 alone, and with no step of tests beside it."""
    if SCANNED not in draft.codes():
        return None
    denials = [Denial(code, SCANNED) for code in sorted(draft.codes() & CODES)]
    supplied = supplied_ingredients(case)
    if supplied & GLP_1 and not any(each.startswith(INSULIN) for each in supplied):
        denials.append(Denial(SCANNED, "", facts(reason="glp_1")))
    return tuple(denials) or None


@rule(
    "C150/without_management",
    title="血糖自己測定器加算の対象",
    cite="医科点数表 C150 注1〜注3; 通知 C150 (1)",
    since=R6,
    stage=Stage.CHECK,
    sections=("C150",),
)
def without_management(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """血糖自己測定器加算 — where no fee of self-injection stands in the month, whether one is meant is asked."""
    standing = sorted(draft.codes() & (CODES | {SCANNED}))
    if not standing or _is_managed(case, draft):
        return None
    return tuple(Advice(code, facts(reason="no_management")) for code in standing)


@rule(
    "C153/type",
    title="注入器用注射針加算の区分",
    cite="医科点数表 C153 の1・2; 通知 C153 (2)",
    since=R6,
    stage=Stage.CHECK,
    sections=("C153",),
)
def needle(case: Case, draft: Draft) -> Advice | None:
    """注入器用注射針加算 — the higher one needs type 1, haemophilia, or about four injections a day."""
    if NEEDLE_MANY not in draft.codes():
        return None
    is_haemophilia = any(icd.startswith(HAEMOPHILIA) for _, row in under_treatment(case) for icd in row.icd10)
    care = case.visit.self_care
    injections = 0 if care is None or care.injections_a_month is None else care.injections_a_month
    if is_type_one(case) or is_haemophilia or injections >= OFTEN:
        return None
    return Advice(NEEDLE_MANY, facts(lower=case.name_of(NEEDLE), injections=injections))
