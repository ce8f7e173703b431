# SPDX-License-Identifier: Apache-2.0
"""負担計算の前提 — what of one visit's coverage every step asks: share, class, halving, sets of payers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.copayment.ledger import SetKey, SetMonth
from tasuki.calculation.copayment.limits import (
    Limit,
    high_cost_limit,
    specific_disease_limit,
    transition_limit,
)
from tasuki.calculation.copayment.programmes import BY_LAW_CODE, PartClass, is_before_insurance, rank_of
from tasuki.calculation.copayment.settings import SpecificDiseaseScope
from tasuki.calculation.copayment.share import Share, is_elder, is_limit_halved, share_of
from tasuki.chart.coverage import IncomeClass, InsuranceKind

if TYPE_CHECKING:
    from tasuki.calculation.copayment.ledger import CopayVisit, PayerSet
    from tasuki.calculation.copayment.local_programmes import LocalRule
    from tasuki.calculation.copayment.settings import CopaymentSettings
    from tasuki.chart.coverage import Insurance, PublicProgramme
    from tasuki.kernel.because import Because

_UNINSURED = frozenset({InsuranceKind.PUBLIC_ONLY})
_SPLIT_OF_GENERAL = date(2022, 10, 1)
PROGRAMMES_RECEIPT = "programmes"


@dataclass(frozen=True, slots=True)
class Context:
    """負担計算の前提 — one visit with its settings, read once; ``because`` collects the reasons in order."""

    visit: CopayVisit
    settings: CopaymentSettings
    visit_number: int
    insurance: Insurance | None
    share: Share | None
    is_elder: bool
    is_halved: bool
    card_class: IncomeClass | None
    programmes: dict[str, PublicProgramme]
    because: list[Because] = field(default_factory=list)

    def rule_of(self, programme: str) -> LocalRule | None:
        """地方公費の規則 — of a programme of the visit, None for a national one."""
        card = self.programmes[programme]
        return None if card.law_code in BY_LAW_CODE else self.settings.local_rules[card.local_rule]

    def ordered(self, payer_set: PayerSet) -> PayerSet:
        """法定順 — the programmes of a set as the law orders them, whatever order they were given in."""
        order = self.settings.programme_order
        return tuple(sorted(payer_set, key=lambda key: (rank_of(self.programmes[key].law_code, order), key)))

    def key_of(self, payer_set: PayerSet) -> SetKey:
        """組合せの鍵 — the receipt a set of this visit belongs to.

        A programme that comes before insurance is billed alone; programmes without an insurer share a
        receipt; another insurer or another card number in the month opens another receipt.
        """
        ordered = self.ordered(payer_set)
        for key in ordered:
            if is_before_insurance(self.programmes[key].law_code):
                return SetKey(f"{PROGRAMMES_RECEIPT}:{key}", ordered)
        if self.insurance is None:
            return SetKey(PROGRAMMES_RECEIPT, ordered)
        return SetKey(receipt_of(self.insurance), ordered)

    def new_month(self, key: SetKey) -> SetMonth:
        """組合せの月計 — empty sums for a set first seen at this visit."""
        is_insured = self.insurance is not None and not key.receipt.startswith(PROGRAMMES_RECEIPT)
        group = key.receipt
        if is_insured and self.insurance is not None and self.insurance.kind is InsuranceKind.LATE_ELDERLY:
            # 後期 keeps one limit when the person moves to another prefecture within the month.
            group = InsuranceKind.LATE_ELDERLY.value
        law_codes = tuple(self.programmes[k].law_code for k in key.programmes)
        return SetMonth(law_codes, is_insured, group, remainders=(0,) * len(law_codes))

    def has_national_programme(self) -> bool:
        """国の公費の有無 — whether any card of the visit is a national programme."""
        return any(card.law_code in BY_LAW_CODE for card in self.programmes.values())


def receipt_of(insurance: Insurance) -> str:
    """レセプトの単位 — the identity of an insurer's receipt: kind, insurer, symbol and number."""
    return "/".join(
        (insurance.kind.value, insurance.insurer_number.strip(), insurance.symbol, insurance.number)
    )


def context_of(visit: CopayVisit, settings: CopaymentSettings, visit_number: int) -> Context:
    """負担計算の前提 — read from a checked visit."""
    insurance = visit.coverage.insurance
    if insurance is not None and insurance.kind in _UNINSURED:
        insurance = None
    born, day = visit.person.born, visit.day
    programmes = {card.key: card for card in visit.coverage.programmes}
    if insurance is None:
        return Context(visit, settings, visit_number, None, None, False, False, None, programmes)
    share = None if insurance.kind is InsuranceKind.WORK_ACCIDENT else share_of(insurance, born, day)
    elder = is_elder(insurance, born, day)
    return Context(
        visit, settings, visit_number, insurance, share, elder,
        is_limit_halved(insurance, born, day),
        _card_class(insurance, share.percent if share else 0, day, elder=elder),
        programmes,
        list(share.reasons) if share else [],
    )  # fmt: skip


def _card_class(insurance: Insurance, percent: int, day: date, *, elder: bool) -> IncomeClass | None:
    """The class for care of the insurer alone.

    At seventy and over 一般 and 現役Ⅲ need no certificate: the card's share tells them.
    """
    shown = insurance.income_class
    if not elder or shown not in (None, IncomeClass.GENERAL):
        return shown
    if shown is None and percent == 30:
        return IncomeClass.ACTIVE_3
    if insurance.kind is InsuranceKind.LATE_ELDERLY and day >= _SPLIT_OF_GENERAL:
        return IncomeClass.GENERAL_2 if percent == 20 else IncomeClass.GENERAL_1
    return IncomeClass.GENERAL


def part_class(context: Context, key: SetKey) -> tuple[IncomeClass | None, PartClass]:
    """組合せの所得区分 — which class limits a set, and whose it is.

    The first programme in legal order that has a class decides; a national one before a local one.

    Cite: 健康保険法施行令 第42条（特定給付対象療養）; 昭和48年保発第42号
    """
    general = IncomeClass.GENERAL if context.is_elder else IncomeClass.U
    low = IncomeClass.LOW_1 if context.is_elder else IncomeClass.O
    for programme in key.programmes:
        card = context.programmes[programme]
        national = BY_LAW_CODE.get(card.law_code)
        rule = None if national else context.rule_of(programme)
        kind = national.part_class if national else rule.part_class if rule else PartClass.OWN
        if kind is PartClass.GENERAL:
            return general, kind
        if kind is PartClass.LOW:
            return low, kind
        if card.income_class is not None:
            return card.income_class, kind
    return context.card_class, PartClass.OWN


def part_limit(context: Context, key: SetKey, cost_yen: int) -> Limit | None:
    """組合せの限度額 — for one set's cost of the month; None when the class is not known.

    多数回 counts for the insurer alone, not for care under a national programme (inpatients only there).
    """
    insurance = context.insurance
    if insurance is None or context.share is None:
        return None
    day, halved = context.visit.day, context.is_halved
    income_class, whose = part_class(context, key)
    national = any(context.programmes[p].law_code in BY_LAW_CODE for p in key.programmes)
    limit = None
    if income_class is not None:
        repeated = insurance.is_repeated_high_cost and whose is PartClass.OWN and not national
        limit = high_cost_limit(day, income_class, cost_yen, is_repeated=repeated, is_halved=halved)
    if (
        not key.programmes
        and insurance.kind is InsuranceKind.LATE_ELDERLY
        and context.share.percent == 20
        and insurance.specific_disease_limit_yen is None
        and income_class in (IncomeClass.GENERAL, IncomeClass.GENERAL_2)
    ):
        limit = transition_limit(day, cost_yen, is_halved=halved) or limit
    if insurance.specific_disease_limit_yen is not None and _is_under_specific_limit(
        context, national=national
    ):
        special = specific_disease_limit(insurance.specific_disease_limit_yen, is_halved=halved)
        limit = special if limit is None or special.yen <= limit.yen else limit
    return limit


def _is_under_specific_limit(context: Context, *, national: bool) -> bool:
    if national or not context.has_national_programme():
        return True
    return context.settings.specific_disease_scope is SpecificDiseaseScope.BOTH_PARTS
