# SPDX-License-Identifier: Apache-2.0
"""調剤料・薬剤料の逓減・薬剤情報提供料 — what dispensing in the house brings (医科点数表 F000, F200, F500, B011-3)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation import places
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.drugs.prescription_fees import (
    OUTSIDE_FEES,
    Tier,
    in_house,
    is_charged_in_house,
    is_gargle_only,
)
from tasuki.chart.orders import Dispensing, OrderKind
from tasuki.facility.standards import FULL_TIME_PHARMACIST
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.masters.rows import Drug

INTERNAL_FEE, EXTERNAL_FEE = "120000710", "120001010"
CONTROLLED = "120002030"  # 調剤・処方料（麻薬等）
CONTROLLED_KINDS = frozenset({"1", "2", "3", "5"})  # 麻薬 毒薬 覚醒剤原料 向精神薬
TECHNIQUE = "120001810"
MANY_KINDS_REDUCTION, PSYCHOTROPICS_REDUCTION = "630010002", "630010005"
DRUG_INFORMATION, NOTEBOOK = "120002370", "113701310"


def is_controlled(row: Drug) -> bool:
    """麻薬等か — narcotic, poison, stimulant material or psychotropic (医薬品マスター col 14)."""
    return row.controlled in CONTROLLED_KINDS


@rule(
    "F000/dispensing",
    title="調剤料",
    cite="医科点数表 F000の1 イ・ロ; 通知 F000(1)",
    since=date(2024, 6, 1),
    orders=(Dispensing.IN_HOUSE,),
)
def dispensing(case: Case, draft: Draft) -> tuple[Proposal, ...] | None:
    """調剤料 — once a prescription for drugs taken inside, once for those used outside the body."""
    if not is_charged_in_house(case):
        return None
    kinds = {order.kind for order in case.visit.orders if order.id in _ours(case, draft)}
    proposals = []
    if kinds & {OrderKind.INTERNAL, OrderKind.AS_NEEDED}:
        proposals.append(Proposal(INTERNAL_FEE, facts(kind="内服薬・屯服薬")))
    if OrderKind.EXTERNAL in kinds:
        proposals.append(Proposal(EXTERNAL_FEE, facts(kind="外用薬")))
    return tuple(proposals) or None


@rule(
    "F000/controlled",
    title="麻薬等加算",
    cite="医科点数表 F000 注, F100 注2; 通知 F000(4)・(5), F100(7)",
    since=date(2024, 6, 1),
    orders=(Dispensing.IN_HOUSE,),
    drugs=is_controlled,
)
def controlled(case: Case, draft: Draft) -> Proposal | None:
    """麻薬等加算 — one point each to 調剤料 and 処方料 for narcotic, psychotropic, stimulant material or poison."""
    if not is_charged_in_house(case):
        return None
    found = in_house(case, draft)
    drugs = [drug.row for drug in found.drugs if is_controlled(drug.row)] if found else []
    return Proposal(CONTROLLED, facts(drug=drugs[0].name)) if drugs else None


@rule(
    "F500/technique",
    title="調剤技術基本料",
    cite="医科点数表 F500の2 注1・注2; 通知 F500(1)・(2)",
    since=date(2024, 6, 1),
    orders=(Dispensing.IN_HOUSE,),
    at=places.has_any((FULL_TIME_PHARMACIST,)),
)
def technique(case: Case, draft: Draft) -> Proposal | None:
    """調剤技術基本料 — once a month where a pharmacist works full time, in no month with a prescription outside."""
    if not is_charged_in_house(case):
        return None
    if case.billed_this_month((TECHNIQUE, *sorted(OUTSIDE_FEES))) is not None:
        return None
    return Proposal(TECHNIQUE, facts())


@rule(
    "F200/many_kinds",
    title="薬剤料の逓減（7種類以上の内服薬）",
    cite="医科点数表 F200 注3; 通知 F200(6)",
    since=date(2024, 6, 1),
    orders=(Dispensing.IN_HOUSE,),
)
def many_kinds(case: Case, draft: Draft) -> Proposal | None:
    """薬剤料の逓減 — nine tenths of all internal drugs dispensed here when seven kinds or more are given."""
    found = in_house(case, draft)
    if found is None or found.tier is not Tier.MANY_KINDS:
        return None
    return Proposal(MANY_KINDS_REDUCTION, facts(kinds=found.kinds))


@rule(
    "F200/many_psychotropics",
    title="薬剤料の逓減（向精神薬多剤投与）",
    cite="医科点数表 F200 注2",
    since=date(2024, 6, 1),
    orders=(Dispensing.IN_HOUSE,),
)
def many_psychotropics(case: Case, draft: Draft) -> Advice | None:
    """薬剤料の逓減 — eight tenths of the psychotropics alone: how they part from others of one 剤 is asked."""
    found = in_house(case, draft)
    if found is None or Tier.PSYCHOTROPICS not in (found.tier, found.instead):
        return None
    return Advice(PSYCHOTROPICS_REDUCTION, facts(tier=Tier.PSYCHOTROPICS.value))


@rule(
    "F000/gargle_only",
    title="うがい薬のみの投薬",
    cite="医科点数表 第5部投薬 通則4; 通知 第5部 通則9",
    since=date(2024, 6, 1),
    orders=(Dispensing.IN_HOUSE,),
)
def gargle_only(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """うがい薬のみの投薬 — no fee and no drug points, unless it is recorded as treatment."""
    found = in_house(case, draft)
    if found is None or not is_gargle_only(case, found.drugs):
        return None
    return tuple(
        Denial(drug.row.code, "", facts(only="うがい薬"), group=drug.order.id) for drug in found.drugs
    )


@rule(
    "B011/drug_information",
    title="薬剤情報提供料",
    cite="医科点数表 B011-3 注1〜注3",
    since=date(2024, 6, 1),
    orders=(Dispensing.IN_HOUSE,),
    needs=(Flag.DRUG_INFORMATION_GIVEN,),
)
def drug_information(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """薬剤情報提供料 — with the written information about drugs dispensed here, once a month or when they changed."""
    if not is_charged_in_house(case):
        return None
    past = case.billed_this_month((DRUG_INFORMATION,))
    if past is not None and not case.has_flag(Flag.PRESCRIPTION_CHANGED):
        return (Advice(DRUG_INFORMATION, facts(last_day=past.day)),)
    given = Proposal(DRUG_INFORMATION, facts())
    return (given, Proposal(NOTEBOOK, facts())) if case.has_flag(Flag.NOTEBOOK_RECORDED) else (given,)


@rule(
    "B011/notebook_alone",
    title="手帳記載加算の要件",
    cite="医科点数表 B011-3 注2",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    codes=(NOTEBOOK,),
)
def notebook_alone(_case: Case, draft: Draft) -> Denial | None:
    """手帳記載加算 — falls with 薬剤情報提供料."""
    if NOTEBOOK not in draft.codes() or DRUG_INFORMATION in draft.codes():
        return None
    return Denial(NOTEBOOK, DRUG_INFORMATION)


def _ours(case: Case, draft: Draft) -> frozenset[str]:
    found = in_house(case, draft)
    return frozenset(drug.order.id for drug in found.drugs) if found else frozenset()
