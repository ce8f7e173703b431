# SPDX-License-Identifier: Apache-2.0
"""外来腫瘍化学療法診療料 — by the times of the month, not on one day with the care without a drug (B001-2-12)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.base_fee import BASE_CODES, FIRST_FAMILY, OUTPATIENT_FAMILY, REVISIT_FAMILY
from tasuki.calculation.diseases import under_treatment
from tasuki.calculation.guided_fees import MALIGNANT
from tasuki.calculation.rule import Denial, Proposal, Stage, rule
from tasuki.calculation.rules.management.comprehensive_additions import moved
from tasuki.calculation.time_additions import CODES, TimeAddition, Ward
from tasuki.kernel.because import facts
from tasuki.kernel.days import month_of

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
R6_END = date(2026, 5, 31)
MOST_AT_FULL = 3


class ChemotherapyTier(NamedTuple):
    """外来腫瘍化学療法診療料の区分 — the codes to the third time, from the fourth, and for other care."""

    first: str
    later: str
    other: str


TIERS = (
    ChemotherapyTier("113704610", "113704510", "113038110"),
    ChemotherapyTier("113704810", "113704710", "113038310"),
    ChemotherapyTier("113705010", "113704910", "113705110"),
)
WITH_DRUG = frozenset(code for tier in TIERS for code in (tier.first, tier.later))
OTHER_CARE = frozenset(tier.other for tier in TIERS)
FEES = WITH_DRUG | OTHER_CARE
COORDINATION, PHARMACIST = "113041570", "113705970"
GUIDANCE_ON_DRUGS = ("113015410", "113035510")
# Of all ages and of infants: 時間外, 休日, 深夜, 特例; in open hours of paediatrics: 夜間, 休日, 深夜. Last 乳幼児加算.
_OWN = {
    FIRST_FAMILY: (
        "113038570 113038670 113038770 113038970", "113038870 113043670 113043770 113039070",
        "113039170 113039270 113039370", ("111000370", "113038470"),
    ),
    REVISIT_FAMILY: (
        "113039570 113039670 113039770 113039970", "113039870 113043870 113043970 113040070",
        "113040170 113040270 113040370", ("112000970", "113039470"),
    ),
    OUTPATIENT_FAMILY: (
        "113040570 113040670 113040770 113040970", "113040870 113044070 113044170 113041070",
        "113041170 113041270 113041370", ("112006270", "113040470"),
    ),
}  # fmt: skip
ADDITIONS_WITH_FEE = {
    CODES[family][kind, ward]: code
    for family, (*by_ward, _) in _OWN.items()
    for ward, codes in zip(Ward, by_ward, strict=True)
    for kind, code in zip(TimeAddition, codes.split(), strict=False)
} | {before: after for *_, (before, after) in _OWN.values()}


@rule(
    "B001-2-12/times",
    title="外来腫瘍化学療法診療料の回数",
    cite="医科点数表 B001-2-12 1〜3のイ・注2・注3 (令和6年度); 通知 B001-2-12 (2)",
    since=R6,
    until=R6_END,
    codes=tuple(WITH_DRUG),
)
def times(case: Case, draft: Draft) -> Proposal | None:
    """外来腫瘍化学療法診療料の回数 — to the third day with a drug in the calendar month, and from the fourth."""
    for tier in TIERS:
        ordered = next((code for code in (tier.first, tier.later) if code in draft.codes()), None)
        if ordered is None:
            continue
        lines = [line for code in (tier.first, tier.later) for line in case.history.of(code)]
        days = {line.day for line in lines if month_of(line.day) == month_of(case.day)} - {case.day}
        right = tier.first if len(days) < MOST_AT_FULL else tier.later
        if right != ordered:
            return Proposal(right, facts(times=len(days) + 1), replaces=ordered)
    return None


@rule(
    "B001-2-12/still_added",
    title="外来腫瘍化学療法診療料の加算",
    cite="医科点数表 B001-2-12 注1, 第1部 通則3〜6",
    since=R6,
    codes=tuple(FEES),
)
def with_fee(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """外来腫瘍化学療法診療料の加算 — hours, infants and 感染対策 under the codes of the fee."""
    fee = min(draft.codes() & FEES, default=None)
    return None if fee is None else moved(draft, ADDITIONS_WITH_FEE, fee)


@rule(
    "B001-2-12/basic_fee",
    title="外来腫瘍化学療法診療料と初・再診料",
    cite="医科点数表 B001-2-12 注1",
    since=R6,
    stage=Stage.CONDITION,
    codes=tuple(FEES),
)
def without_basic_fee(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """外来腫瘍化学療法診療料と初・再診料 — the basic fee of the visit is not billed beside it."""
    fee = min(draft.codes() & FEES, default="")
    if not fee:
        return None
    return tuple(Denial(code, fee) for code in sorted(draft.codes() & BASE_CODES)) or None


@rule(
    "B001-2-12/disease",
    title="外来腫瘍化学療法診療料の対象疾患",
    cite="医科点数表 B001-2-12 注1; 通知 B001-2-12 (1)",
    since=R6,
    stage=Stage.CONDITION,
    codes=tuple(FEES),
)
def without_cancer(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """外来腫瘍化学療法診療料の対象疾患 — a malignant tumour as the main disease."""
    is_right = any(
        diagnosis.is_main and any(icd.startswith(MALIGNANT) for icd in row.icd10 if icd)
        for diagnosis, row in under_treatment(case)
    )
    return None if is_right else tuple(Denial(code, "") for code in sorted(draft.codes() & FEES))


@rule(
    "B001-2-12/other_day",
    title="抗悪性腫瘍剤の投与以外の治療管理の日",
    cite="医科点数表 B001-2-12 注4・注5",
    since=R6,
    stage=Stage.CONDITION,
    codes=tuple(OTHER_CARE),
)
def other_day(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """ロの治療管理 — on a day other than one with a drug."""
    with_drug = min(draft.codes() & WITH_DRUG, default="")
    if not with_drug:
        billed = case.billed_today(WITH_DRUG)
        with_drug = "" if billed is None else billed.code
    if not with_drug:
        return None
    return tuple(Denial(code, with_drug) for code in sorted(draft.codes() & OTHER_CARE))


@rule(
    "B001-2-12/additions",
    title="連携充実加算・がん薬物療法体制充実加算",
    cite="医科点数表 B001-2-12 注8・注9; 通知 B001-2-12 (10)・(11)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(COORDINATION, PHARMACIST),
)
def additions(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """連携充実加算等 — only on a day with the fee of 診療料１ to the third time, not with ロ."""
    other = min(draft.codes() & OTHER_CARE, default="")
    if not other or TIERS[0].first in draft.codes():
        return None
    return tuple(Denial(code, other) for code in (COORDINATION, PHARMACIST) if code in draft.codes())


@rule(
    "B001-2-12/guidance",
    title="外来腫瘍化学療法診療料とがん患者指導管理料ハ",
    cite="医科点数表 B001-2-12 注1; 疑義解釈その3 (令和4年4月11日) 医科 問5",
    since=R6,
    stage=Stage.CONDITION,
    codes=GUIDANCE_ON_DRUGS,
)
def guidance(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """がん患者指導管理料ハ — not for a patient with the fee, on other days of the month either."""
    fee = min(draft.codes() & FEES, default="")
    if not fee:
        billed = case.billed_this_month(FEES)
        fee = "" if billed is None else billed.code
    if not fee:
        return None
    return tuple(Denial(code, fee) for code in GUIDANCE_ON_DRUGS if code in draft.codes()) or None
