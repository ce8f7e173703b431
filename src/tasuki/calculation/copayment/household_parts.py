# SPDX-License-Identifier: Apache-2.0
"""世帯の自己負担の拾い出し — what of one person's charged month an insurer adds up, by insurer."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.copayment.context import context_of, receipt_of
from tasuki.calculation.copayment.household import HouseholdPart
from tasuki.calculation.copayment.insurer_side import Payment
from tasuki.calculation.copayment.parts import after_national, half_up_amount, has_national
from tasuki.chart.coverage import InsuranceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasuki.calculation.copayment.ledger import MonthLedger, SetKey, SetMonth
    from tasuki.chart.coverage import Insurance

_LATE_ELDERLY_DIGITS = 4  # 法別39＋都道府県: one 広域連合
_OUTPATIENT = "外来"


class HouseholdKey(NamedTuple):
    """合算の単位 — the insurer, and the number of the insured that a family shares; "" for 後期高齢."""

    kind: InsuranceKind
    insurer_number: str
    symbol: str = ""
    number: str = ""


def household_key(insurance: Insurance) -> HouseholdKey | None:
    """合算の単位 — None for what is no health insurance, or a card without insurer and number.

    Payments add up within one insurer only: 社保 by the insured and dependants, 国保 by the household's number,
    後期高齢 by the 広域連合 (its members of one household have a number each).

    Cite: 健康保険法施行令 第41条; 国民健康保険法施行令 第29条の2; 高齢者の医療の確保に関する法律施行令 第14条
    """
    number, insurer = _plain(insurance.number), _plain(insurance.insurer_number)
    if insurance.kind is InsuranceKind.LATE_ELDERLY:
        return HouseholdKey(insurance.kind, insurer[:_LATE_ELDERLY_DIGITS]) if insurer else None
    if insurance.kind not in (InsuranceKind.EMPLOYEES, InsuranceKind.NATIONAL) or not (insurer and number):
        return None
    return HouseholdKey(insurance.kind, insurer, _plain(insurance.symbol), number)


def household_parts(ledger: MonthLedger, person: str) -> Mapping[HouseholdKey, tuple[HouseholdPart, ...]]:
    """世帯の自己負担 — of one person's outpatient month, by insurer; ``person`` is how the page calls them.

    Care with no programme is one payment. Under a national programme what the patient still pays counts, asked for
    21,000 yen before the programme. A local programme's relief does not lessen what the insurer counts.

    Cite: 健康保険法施行令 第41条第1項・第2項（特定給付対象療養）
    """
    found: dict[HouseholdKey, tuple[HouseholdPart, ...]] = {}
    for receipt in dict.fromkeys(key.receipt for key, month in ledger.sets.items() if month.is_insured):
        insurance = _insurance_of(ledger, receipt)
        unit = None if insurance is None else household_key(insurance)
        if unit is None:
            continue
        sets = {key: month for key, month in ledger.sets.items() if key.receipt == receipt and month.points}
        found[unit] = (*found.get(unit, ()), *_parts(ledger, receipt, sets, person))
    return found


def _parts(
    ledger: MonthLedger, receipt: str, sets: Mapping[SetKey, SetMonth], person: str
) -> list[HouseholdPart]:
    visit = next(e.visit for e in reversed(ledger.entries) if _receipt(e.visit.coverage.insurance) == receipt)
    context = context_of(visit, ledger.settings, len(ledger.entries))
    insurance = visit.coverage.insurance
    assert insurance is not None

    def part(
        cost: int, paid: int, what: str, *, judged: int | None = None, local: bool = False
    ) -> HouseholdPart:
        payment = Payment(person, cost, paid, context.is_elder, is_outpatient=True, judged_yen=judged)
        return HouseholdPart(
            payment,
            what,
            context.card_class,
            insurance.is_repeated_high_cost,
            is_halved=context.is_halved,
            has_local=local,
        )

    parts: list[HouseholdPart] = []
    plain = [month for month in sets.values() if not has_national(month)]
    if plain:
        paid = sum(half_up_amount(_before_local(month)) for month in plain)
        has_local = any(month.law_codes for month in plain)
        parts.append(part(sum(month.cost_yen for month in plain), paid, _OUTPATIENT, local=has_local))
    for month in sets.values():
        if has_national(month):
            paid = half_up_amount(after_national(month))
            judged = half_up_amount(month.within_limit_yen)
            what = f"{_OUTPATIENT}（公費{'・'.join(month.law_codes)}）"
            parts.append(part(month.cost_yen, paid, what, judged=judged))
    return parts


def _before_local(month: SetMonth) -> int:
    return half_up_amount(month.within_limit_yen) - month.refund_yen


def _insurance_of(ledger: MonthLedger, receipt: str) -> Insurance | None:
    cards = (entry.visit.coverage.insurance for entry in reversed(ledger.entries))
    return next((card for card in cards if _receipt(card) == receipt), None)


def _receipt(insurance: Insurance | None) -> str:
    return "" if insurance is None else receipt_of(insurance)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
