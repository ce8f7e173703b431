# SPDX-License-Identifier: Apache-2.0
"""負担計算の前提 — what of one visit's coverage every step asks: share, class, halving, sets of payers."""

from __future__ import annotations

import unicodedata
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
from tasuki.calculation.copayment.local_share import why_not_in_kind
from tasuki.calculation.copayment.programmes import BY_LAW_CODE, PartClass, is_before_insurance, rank_of
from tasuki.calculation.copayment.settings import SpecificDiseaseScope
from tasuki.calculation.copayment.share import Share, is_elder, is_limit_halved, share_of
from tasuki.chart.coverage import IncomeClass, InsuranceKind
from tasuki.kernel.because import Because, Verdict, facts

if TYPE_CHECKING:
    from tasuki.calculation.copayment.ledger import CopayVisit, PayerSet
    from tasuki.calculation.copayment.local_programmes import LocalRule
    from tasuki.calculation.copayment.settings import CopaymentSettings
    from tasuki.chart.coverage import Insurance, PublicProgramme

_UNINSURED = frozenset({InsuranceKind.PUBLIC_ONLY})
_SPLIT_OF_GENERAL = date(2022, 10, 1)
PROGRAMMES_RECEIPT = "programmes"
_SPECIFIC_ELDER_YEN = 10_000
# 難病・小児慢性: certificates that may not show a class yet.
_CLASS_MAY_BE_MISSING = frozenset({"52", "54"})


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

    def not_in_kind(self, programme: str) -> str:
        """現物給付でない理由 — why a local programme pays nothing here, as the name of a reason; empty for one that does.

        Such a programme changes neither limit nor receipt: the person pays as without it and is paid back elsewhere.
        """
        rule = self.rule_of(programme)
        if rule is None or self.insurance is None:
            return ""
        return why_not_in_kind(rule, self.insurance, self.visit.person.born, self.visit.day)

    @property
    def specific_disease_yen(self) -> int | None:
        """特定疾病の限度額 — of the certificate; from seventy on 10,000 yen whatever it says.

        Cite: 健康保険法施行令 第42条第9項（20,000円は70歳未満の上位所得者の人工透析）
        """
        shown = None if self.insurance is None else self.insurance.specific_disease_limit_yen
        return min(shown, _SPECIFIC_ELDER_YEN) if shown is not None and self.is_elder else shown

    def ordered(self, payer_set: PayerSet) -> PayerSet:
        """法定順 — the programmes of a set as the law orders them, whatever order they were given in."""
        order = self.settings.programme_order
        return tuple(sorted(payer_set, key=lambda key: (rank_of(self.programmes[key].law_code, order), key)))

    def key_of(self, payer_set: PayerSet) -> SetKey:
        """組合せの鍵 — the receipt a set of this visit belongs to.

        A programme that comes before insurance is billed alone; programmes without an insurer share a
        receipt; another insurer in the month opens another receipt. One that does not pay in kind is no payer.
        """
        ordered = tuple(key for key in self.ordered(payer_set) if not self.not_in_kind(key))
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
    """レセプトの単位 — the identity of an insurer's receipt: kind, insurer, and whether the person is a dependant.

    A new symbol or number of the same insurer (再交付, 任意継続) opens no other: the receipt bears the newest.

    Cite: 診療報酬請求書等の記載要領（保険者番号又は本人・家族等の種別の変更は別の明細書、記号・番号の変更は変更後を記載）
    """
    number = unicodedata.normalize("NFKC", insurance.insurer_number).strip()
    return "/".join((insurance.kind.value, number, "家族" if insurance.is_dependant else "本人"))


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
    context = Context(
        visit, settings, visit_number, insurance, share, elder,
        is_limit_halved(insurance, born, day),
        _card_class(insurance, share.percent if share else 0, day, elder=elder),
        programmes,
        list(share.reasons) if share else [],
    )  # fmt: skip
    if context.specific_disease_yen != insurance.specific_disease_limit_yen:
        told = facts(shown=insurance.specific_disease_limit_yen, limit=context.specific_disease_yen)
        context.because.append(
            Because("copay/specific-disease-elder", Verdict.ADVISED, told, "健康保険法施行令 第42条第9項")
        )
    return context


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

    Where a certificate of 52 or 54 shows none and nothing else does, it is 区分ウ under seventy.

    Cite: 健康保険法施行令 第42条（特定給付対象療養）; 昭和48年保発第42号; 平成28年2月2日保医発0202第1号
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
        if card.law_code in _CLASS_MAY_BE_MISSING and context.card_class is None:
            return general, PartClass.GENERAL
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
        and context.specific_disease_yen is None
        and income_class in (IncomeClass.GENERAL, IncomeClass.GENERAL_2)
    ):
        limit = transition_limit(day, cost_yen, is_halved=halved) or limit
    special_yen = context.specific_disease_yen
    if special_yen is not None and _is_under_specific_limit(context, national=national):
        special = specific_disease_limit(special_yen, is_halved=halved)
        limit = special if limit is None or special.yen <= limit.yen else limit
    return limit


def _is_under_specific_limit(context: Context, *, national: bool) -> bool:
    if national or not context.has_national_programme():
        return True
    return context.settings.specific_disease_scope is SpecificDiseaseScope.BOTH_PARTS
