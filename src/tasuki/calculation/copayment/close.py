# SPDX-License-Identifier: Apache-2.0
"""月次締め — the receipts of a month from its ledger: what HO and KO say, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasuki.calculation.copayment.context import PROGRAMMES_RECEIPT, context_of, receipt_of
from tasuki.calculation.copayment.limits import row_on
from tasuki.calculation.copayment.marks import benefit_percent, burden_class, counter_kind, marks_of
from tasuki.calculation.copayment.parts import half_up_amount
from tasuki.calculation.copayment.programmes import BY_LAW_CODE, rank_of
from tasuki.calculation.copayment.receipt_month import MonthResult, ProgrammeMonth, ReceiptMonth
from tasuki.calculation.copayment.settings import ReceiptAmount, SpecificDiseaseScope, TuberculosisAmount
from tasuki.chart.coverage import InsuranceKind
from tasuki.kernel.because import Because, Verdict, facts
from tasuki.kernel.points import to_ten_yen

if TYPE_CHECKING:
    from tasuki.calculation.copayment.context import Context
    from tasuki.calculation.copayment.ledger import Amount, MonthLedger, SetKey, SetMonth
    from tasuki.chart.coverage import PublicProgramme, ReductionKind

_TUBERCULOSIS = "10"
_CITE_RECEIPT = "診療報酬請求書等の記載要領 療養の給付欄"


def close_month(ledger: MonthLedger) -> MonthResult:
    """月次締め — one :class:`ReceiptMonth` per receipt of the month, in order of their first visit.

    Cite: 診療報酬請求書等の記載要領; 記録条件仕様（医科用）保険者レコード・公費レコード
    """
    grouped: dict[str, dict[SetKey, SetMonth]] = {}
    for key, month in ledger.sets.items():
        grouped.setdefault(key.receipt, {})[key] = month
    receipts = tuple(_receipt(ledger, receipt, sets) for receipt, sets in grouped.items())
    return MonthResult(ledger.month, receipts, ledger.collected_yen)


def _receipt(ledger: MonthLedger, receipt: str, sets: dict[SetKey, SetMonth]) -> ReceiptMonth:
    context = _context(ledger, receipt)
    is_insured = any(month.is_insured for month in sets.values())
    if not is_insured:
        context = _uninsured(context)
    points = sum(month.points for month in sets.values())
    limited = is_insured and any(month.is_limited for month in sets.values())
    because: list[Because] = []
    share = sum(_share_amount(ledger, month) for month in sets.values()) if is_insured else 0
    if is_insured:
        because.append(
            Because(
                "copay/receipt/insurer", Verdict.GRANTED if limited else Verdict.DENIED,
                facts(share=share, limited=limited), _CITE_RECEIPT,
            )
        )  # fmt: skip
        because += _advice(context, sets)
    cards = _cards(ledger, receipt)
    programmes = tuple(
        _programme(ledger, card, sets, points, limited=limited)
        for card in sorted(
            cards, key=lambda card: (rank_of(card.law_code, ledger.settings.programme_order), card.key)
        )
    )
    if any(one.law_code == _TUBERCULOSIS and one.amount_yen is not None for one in programmes):
        because.append(Because("copay/receipt/tuberculosis", Verdict.ADVISED, facts(), _CITE_RECEIPT))
    days = sorted(set().union(*(month.days for month in sets.values())))
    counted = set().union(*(month.counted_days for month in sets.values()))
    return ReceiptMonth(
        receipt=receipt,
        coverage=context.visit.coverage,
        is_insured=is_insured,
        points=points,
        day_count=len(counted),
        days=tuple(days),
        share_percent=context.share.percent if context.share else None,
        benefit_percent=benefit_percent(context),
        share_yen=share,
        amount_yen=share if limited else None,
        high_cost_yen=half_up_amount(
            sum(m.share_yen - m.within_limit_yen + m.refund_yen for m in sets.values())
        ),
        aggregated_yen=sum(month.refund_yen for month in sets.values()),
        programmes=programmes,
        patient_yen=half_up_amount(sum(month.patient_yen for month in sets.values())),
        collected_yen=sum(month.collected_yen for month in sets.values()),
        marks=marks_of(context, sets),
        counter_kind=counter_kind(context, sets),
        burden_class=burden_class(context, sets),
        reduction=_reduction(context),
        because=tuple(because),
    )


def _context(ledger: MonthLedger, receipt: str) -> Context:
    """The receipt's last visit, whose coverage speaks for the month."""
    for number, entry in reversed(list(enumerate(ledger.entries))):
        if any(part.receipt == receipt for part in entry.charge.parts):
            context = context_of(entry.visit, ledger.settings, number)
            own = context.insurance
            if receipt.startswith(PROGRAMMES_RECEIPT) or (own is not None and receipt_of(own) == receipt):
                return context
    raise LookupError(receipt)


def _uninsured(context: Context) -> Context:
    return replace(context, insurance=None, share=None, card_class=None)


def _cards(ledger: MonthLedger, receipt: str) -> tuple[PublicProgramme, ...]:
    """The programmes of a receipt, each by its newest card of the month."""
    found: dict[str, PublicProgramme] = {}
    for entry in ledger.entries:
        used = {p for part in entry.charge.parts if part.receipt == receipt for p in part.payer_set}
        found |= {card.key: card for card in entry.visit.coverage.programmes if card.key in used}
    return tuple(found.values())


def _share_amount(ledger: MonthLedger, month: SetMonth) -> int:
    share = half_up_amount(month.within_limit_yen) - month.refund_yen
    if ledger.settings.receipt_amount is ReceiptAmount.TEN_YEN_UNLESS_LIMITED and not month.is_limited:
        return to_ten_yen(share)
    return share


def _programme(
    ledger: MonthLedger,
    card: PublicProgramme,
    sets: dict[SetKey, SetMonth],
    receipt_points: int,
    *,
    limited: bool,
) -> ProgrammeMonth:
    mine = {key: month for key, month in sets.items() if card.key in key.programmes}
    points = sum(month.points for month in mine.values())
    patient: Amount = 0
    pays: Amount = 0
    for key, month in mine.items():
        index = key.programmes.index(card.key)
        before = month.remainders[index - 1] if index else month.within_limit_yen - month.refund_yen
        patient += month.remainders[index]
        pays += before - month.remainders[index]
    benefit = None
    is_insured = all(month.is_insured for month in mine.values())
    if limited and is_insured and points != receipt_points:
        benefit = sum(_share_amount(ledger, month) for month in mine.values())
    return ProgrammeMonth(
        programme=card.key,
        law_code=card.law_code,
        points=points,
        day_count=len(set().union(*(month.counted_days for month in mine.values()))),
        amount_yen=_stated(ledger, card, half_up_amount(patient), sets),
        benefit_share_yen=benefit,
        patient_yen=half_up_amount(patient),
        pays_yen=half_up_amount(pays),
        is_on_receipt=card.law_code in BY_LAW_CODE
        or ledger.settings.local_rules[card.local_rule].is_on_receipt,
    )


def _stated(
    ledger: MonthLedger, card: PublicProgramme, patient: int, sets: dict[SetKey, SetMonth]
) -> int | None:
    """KO 公費負担金額 — stated where the certificate carries an amount (0 included), else empty."""
    if card.law_code == _TUBERCULOSIS:
        choice = ledger.settings.tuberculosis_amount
        if choice is TuberculosisAmount.EMPTY:
            return None
        if choice is TuberculosisAmount.PROGRAMME_PART:
            return patient
        return half_up_amount(sum(month.patient_yen for month in sets.values()))
    if card.law_code in BY_LAW_CODE:
        return None if card.month_cap_yen is None else patient
    rule = ledger.settings.local_rules[card.local_rule]
    return patient if patient or rule.is_zero_recorded else None


def _reduction(context: Context) -> ReductionKind | None:
    insurance = context.insurance
    if insurance is None or insurance.share_reduction is None:
        return None
    return insurance.share_reduction.kind


def _advice(context: Context, sets: dict[SetKey, SetMonth]) -> list[Because]:
    """What a human should know: the caps of the year, and where payers are known to differ."""
    advice: list[Because] = []
    insurance = context.insurance
    if insurance is None:
        return advice
    if context.card_class is not None:
        row, cite = row_on(context.visit.day, context.card_class)
        if row.year_yen is not None or row.year_outpatient_yen is not None:
            advice.append(
                Because(
                    "copay/year-cap", Verdict.ADVISED,
                    facts(year=row.year_yen or 0, outpatient=row.year_outpatient_yen or 0,
                          small=row.year_small_income_yen or 0, income_class=context.card_class.value),
                    cite,
                )
            )  # fmt: skip
    is_mixed = (
        insurance.specific_disease_limit_yen is not None
        and context.has_national_programme()
        and any(not key.programmes for key in sets)
    )
    if is_mixed and insurance.kind is not InsuranceKind.EMPLOYEES:
        scope = context.settings.specific_disease_scope
        if scope is SpecificDiseaseScope.BOTH_PARTS:
            advice.append(Because("copay/specific-disease-scope", Verdict.ADVISED, facts(), _CITE_RECEIPT))
    return advice
