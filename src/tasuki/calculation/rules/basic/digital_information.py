# SPDX-License-Identifier: Apache-2.0
"""医療情報取得加算・医療DX推進体制整備加算 (令和6年度) and 電子的診療情報連携体制整備加算 (令和8年度)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import (
    FIRST_FAMILY,
    IN_PERSON,
    REVISIT_FAMILY,
    Manner,
    base_taking_additions,
    standing_base,
)
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, rule, usual_proposal
from tasuki.facility.standards import MEDICAL_INFORMATION, R6_DIGITAL, R8_DIGITAL
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
R6_END = date(2026, 5, 31)
R8 = date(2026, 6, 1)

INFORMATION_AT_FIRST = "111703270"
INFORMATION_AT_REVISIT = "112708970"
INFORMATION_WITHOUT_CARD_AT_FIRST = "111703170"
INFORMATION_WITHOUT_CARD_AT_REVISIT = "112708870"
# Tier 1 … 6 as numbered from April 2025. The last three codes were tiers 1 … 3 from October 2024, and the
# last one the only one before: a code keeps its number when its name and points change.
R6_TIERS = ("111703670", "111703770", "111703870", "111703470", "111703570", "111703370")
R8_TIERS = ("111704070", "111704170", "111704270")
R8_AT_REVISIT = "112709570"
_R8_CODES = frozenset((*R8_TIERS, R8_AT_REVISIT))


@rule(
    "A000/medical_information",
    title="医療情報取得加算（初診）",
    cite="医科点数表 A000 注15; 通知 A000 (30) (令和6年度)",
    since=date(2024, 12, 1),
    until=R6_END,
    families=(FIRST_FAMILY,),
)
def information_at_first_visit(case: Case, draft: Draft) -> Outcome | None:
    """医療情報取得加算（初診） — one point a month, with the card or without it from December 2024."""
    return _information(case, draft, FIRST_FAMILY, INFORMATION_AT_FIRST)


@rule(
    "A000/medical_information",
    title="医療情報取得加算1・2（初診）",
    cite="医科点数表 A000 注15; 通知 A000 (30) (令和6年度)",
    since=R6,
    until=date(2024, 11, 30),
    families=(FIRST_FAMILY,),
)
def information_at_first_visit_2024(case: Case, draft: Draft) -> Outcome | None:
    """医療情報取得加算1・2 — the larger without the card, the smaller with it, until November 2024."""
    has_card = case.has_flag(Flag.MYNA_CARD_USED)
    code = INFORMATION_AT_FIRST if has_card else INFORMATION_WITHOUT_CARD_AT_FIRST
    return _information(case, draft, FIRST_FAMILY, code)


@rule(
    "A001/medical_information",
    title="医療情報取得加算（再診）",
    cite="医科点数表 A001 注19; 通知 A001 (15) (令和6年度)",
    since=date(2024, 12, 1),
    until=R6_END,
    families=(REVISIT_FAMILY,),
)
def information_at_revisit(case: Case, draft: Draft) -> Outcome | None:
    """医療情報取得加算（再診） — one point in three months, never by telephone."""
    return _information(case, draft, REVISIT_FAMILY, INFORMATION_AT_REVISIT)


@rule(
    "A001/medical_information",
    title="医療情報取得加算3・4（再診）",
    cite="医科点数表 A001 注19; 通知 A001 (15) (令和6年度)",
    since=R6,
    until=date(2024, 11, 30),
    families=(REVISIT_FAMILY,),
)
def information_at_revisit_2024(case: Case, draft: Draft) -> Outcome | None:
    """医療情報取得加算3・4 — two points without the card, one with it, until November 2024."""
    has_card = case.has_flag(Flag.MYNA_CARD_USED)
    code = INFORMATION_AT_REVISIT if has_card else INFORMATION_WITHOUT_CARD_AT_REVISIT
    return _information(case, draft, REVISIT_FAMILY, code)


@rule(
    "A000/digital_promotion",
    title="医療DX推進体制整備加算1〜6",
    cite="医科点数表 A000 注16; 通知 A000 (31) (令和6年度、令和7年4月1日改定)",
    since=date(2025, 4, 1),
    until=R6_END,
    families=(FIRST_FAMILY,),
)
def digital_promotion(case: Case, draft: Draft) -> Outcome | None:
    """医療DX推進体制整備加算 — the tier the institution reached, of six; once a month at a first visit."""
    return _promotion(case, draft, R6_TIERS)


@rule(
    "A000/digital_promotion",
    title="医療DX推進体制整備加算1〜3",
    cite="医科点数表 A000 注16; 通知 A000 (31) (令和6年度、令和6年10月1日改定)",
    since=date(2024, 10, 1),
    until=date(2025, 3, 31),
    families=(FIRST_FAMILY,),
)
def digital_promotion_2024_10(case: Case, draft: Draft) -> Outcome | None:
    """医療DX推進体制整備加算 — one of three tiers from October 2024."""
    return _promotion(case, draft, R6_TIERS[3:])


@rule(
    "A000/digital_promotion",
    title="医療DX推進体制整備加算",
    cite="医科点数表 A000 注16; 通知 A000 (31) (令和6年度)",
    since=R6,
    until=date(2024, 9, 30),
    families=(FIRST_FAMILY,),
)
def digital_promotion_2024_06(_case: Case, draft: Draft) -> Outcome | None:
    """医療DX推進体制整備加算 — without tiers until September 2024; the standard is the row's own condition."""
    base = base_taking_additions(draft, FIRST_FAMILY)
    return None if base is None else Proposal(R6_TIERS[-1], onto=base.code)


@rule(
    "A000/digital_cooperation",
    title="電子的診療情報連携体制整備加算（初診）",
    cite="医科点数表 A000 注16; 通知 A000 (30); 疑義解釈その4 (令和8年4月21日) 医科 問4",
    since=R8,
    families=(FIRST_FAMILY,),
)
def digital_cooperation_at_first_visit(case: Case, draft: Draft) -> Outcome:
    """電子的診療情報連携体制整備加算（初診） — the notified tier, once a month over first visits and revisits."""
    held = case.premises.first_notified(R8_DIGITAL)
    if held is not None:
        return _once_a_month(case, draft, R8_TIERS[R8_DIGITAL.index(held)], held)
    return Advice(R8_TIERS[-1], facts(missing=case.standard_names(R8_DIGITAL)))


@rule(
    "A001/digital_cooperation",
    title="電子的診療情報連携体制整備加算（再診）",
    cite="医科点数表 A001 注19; 通知 A001 (15); 疑義解釈その4 (令和8年4月21日) 医科 問4",
    since=R8,
    families=(REVISIT_FAMILY,),
    kinds=IN_PERSON,
)
def digital_cooperation_at_revisit(case: Case, draft: Draft) -> Outcome:
    """電子的診療情報連携体制整備加算（再診） — under any tier notified for first visits, never by telephone."""
    held = case.premises.first_notified(R8_DIGITAL)
    if held is not None:
        return _once_a_month(case, draft, R8_AT_REVISIT, held)
    return Advice(R8_AT_REVISIT, facts(missing=case.standard_names(R8_DIGITAL)))


def _promotion(case: Case, draft: Draft, codes: tuple[str, ...]) -> Outcome | None:
    base = base_taking_additions(draft, FIRST_FAMILY)
    if base is None:
        return None
    tiers = R6_DIGITAL[: len(codes)]
    for code, standard in zip(codes, tiers, strict=True):
        if case.has_standard(standard):
            return Proposal(code, facts(standard=case.standard_names((standard,))[0]), onto=base.code)
    return Advice(codes[-1], facts(missing=case.standard_names(tiers)))


def _information(case: Case, draft: Draft, family: str, code: str) -> Outcome | None:
    base = base_taking_additions(draft, family)
    if base is None or draft.manner is Manner.TELEPHONE:
        return None
    if not case.has_standard(MEDICAL_INFORMATION):
        return Advice(code, facts(missing=case.standard_names((MEDICAL_INFORMATION,))))
    return Proposal(code, facts(has_card=case.has_flag(Flag.MYNA_CARD_USED)), onto=base.code)


def _once_a_month(case: Case, draft: Draft, code: str, standard: str) -> Outcome:
    earlier = case.billed_this_month(_R8_CODES)
    if earlier is not None:
        return Denial(code, earlier.code, facts(last_day=earlier.day))
    name = case.standard_names((standard,))[0]
    return usual_proposal(code, standing_base(draft).code, (("standard", name),))
