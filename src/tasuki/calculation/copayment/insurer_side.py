# SPDX-License-Identifier: Apache-2.0
"""保険者の高額療養費 — household aggregation and the caps of the year, paid back on claim, never at the counter."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.copayment.aggregation import AGGREGATION_FLOOR_YEN
from tasuki.calculation.copayment.limits import high_cost_limit, row_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tasuki.chart.coverage import IncomeClass


class Payment(NamedTuple):
    """自己負担 — what one person paid one institution in a month, in- or outpatient, after limits there.

    ``judged_yen`` is what the 21,000 yen are asked of where a national programme pays part: the share before it.
    """

    person: str
    cost_yen: int
    paid_yen: int
    is_elder: bool
    is_outpatient: bool
    judged_yen: int | None = None

    @property
    def is_counted(self) -> bool:
        """合算対象 — at seventy and over everything, below it from 21,000 yen on.

        Cite: 健康保険法施行令 第41条第1項・第2項
        """
        judged = self.paid_yen if self.judged_yen is None else self.judged_yen
        return self.is_elder or judged >= AGGREGATION_FLOOR_YEN


class HouseholdClass(NamedTuple):
    """世帯の所得区分 — the classes that limit a household: of its elders, and of the whole."""

    elder: IncomeClass | None = None
    under_70: IncomeClass | None = None
    is_repeated: bool = False


class HouseholdRefund(NamedTuple):
    """世帯合算の結果 — payments after each elder's outpatient cap, the limits, and the refunds.

    ``refund_yen`` is everything the insurer pays back: per person, the elders' household, the whole.
    """

    after_individual: tuple[int, ...]
    individual_refund_yen: int
    elder_limit_yen: int | None
    elder_refund_yen: int
    whole_limit_yen: int | None
    whole_refund_yen: int

    @property
    def refund_yen(self) -> int:
        """支給額 — everything paid back for the month."""
        return self.individual_refund_yen + self.elder_refund_yen + self.whole_refund_yen


def household_refund(payments: Sequence[Payment], classes: HouseholdClass, day: date) -> HouseholdRefund:
    """世帯合算 — first each elder's outpatient cap, then the elders' household, then the whole household.

    Under seventy only payments of 21,000 yen or more count; at seventy and over all do.

    Cite: 健康保険法施行令 第41条
    """
    paid = [payment.paid_yen for payment in payments]
    elder_limit = None
    if classes.elder is not None:
        paid = _under_personal_caps(payments, classes.elder, day)
    individual = sum(payment.paid_yen for payment in payments) - sum(paid)
    elder_refund = 0
    elder_total = sum(yen for yen, one in zip(paid, payments, strict=True) if one.is_elder)
    if classes.elder is not None and elder_total:
        cost = sum(one.cost_yen for one in payments if one.is_elder)
        elder_limit = high_cost_limit(
            day, classes.elder, cost, is_outpatient=False, is_repeated=classes.is_repeated
        ).yen
        elder_refund = max(0, elder_total - elder_limit)
    whole_limit, whole_refund = None, 0
    young = [one for one in payments if not one.is_elder and one.is_counted]
    if classes.under_70 is not None and young:
        cost = sum(one.cost_yen for one in payments if one.is_elder) + sum(one.cost_yen for one in young)
        whole_limit = high_cost_limit(
            day, classes.under_70, cost, is_outpatient=False, is_repeated=classes.is_repeated
        ).yen
        total = elder_total - elder_refund + sum(one.paid_yen for one in young)
        whole_refund = max(0, total - whole_limit)
    return HouseholdRefund(tuple(paid), individual, elder_limit, elder_refund, whole_limit, whole_refund)


def _under_personal_caps(payments: Sequence[Payment], elder_class: IncomeClass, day: date) -> list[int]:
    """Each elder's outpatient payments together under the personal cap, taken off the last ones first."""
    paid = [payment.paid_yen for payment in payments]
    for person in dict.fromkeys(one.person for one in payments if one.is_elder and one.is_outpatient):
        mine = [n for n, one in enumerate(payments) if one.person == person and one.is_outpatient]
        cost = sum(payments[n].cost_yen for n in mine)
        over = sum(paid[n] for n in mine) - high_cost_limit(day, elder_class, cost).yen
        for n in reversed(mine):
            taken = min(paid[n], max(0, over))
            paid[n] -= taken
            over -= taken
    return paid


class YearRefund(NamedTuple):
    """年間上限の結果 — what was paid from August to July, the cap, and what the insurer pays back."""

    paid_yen: int
    cap_yen: int | None
    refund_yen: int


def year_refund(
    monthly_paid: Sequence[int],
    income_class: IncomeClass,
    day: date,
    *,
    is_outpatient: bool = False,
    has_small_income: bool = False,
) -> YearRefund:
    """年間上限 — of the year from August to July, paid back on claim.

    ``has_small_income`` is the lower cap of 一般 and エ whose income was confirmed to be small.

    Cite: 健康保険法施行令 第41条の2; 令和8年8月診療分〜の年間上限（厚生労働省 001726232）
    """
    row, _ = row_on(day, income_class)
    cap = row.year_outpatient_yen if is_outpatient else row.year_yen
    if has_small_income and not is_outpatient and row.year_small_income_yen is not None:
        cap = row.year_small_income_yen
    paid = sum(monthly_paid)
    return YearRefund(paid, cap, max(0, paid - cap) if cap is not None else 0)
