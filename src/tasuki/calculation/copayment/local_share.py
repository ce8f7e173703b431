# SPDX-License-Identifier: Apache-2.0
"""地方公費の負担計算 — one handler per kind of step; what a local rule leaves to the patient at a visit."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.copayment.ledger import LocalMonth, OccasionPaid
from tasuki.calculation.copayment.local_programmes import (
    AgeBoundary,
    Free,
    InKindUnder,
    InsurerGroup,
    MonthCap,
    Occasion,
    OccasionCap,
    PercentOfCost,
    ProgrammePaysUpTo,
    RefundOnly,
    ShareOfRemainder,
    ShareRounding,
)
from tasuki.chart.coverage import InsuranceKind
from tasuki.kernel.days import reached_on
from tasuki.kernel.points import half_up, to_ten_yen

if TYPE_CHECKING:
    from tasuki.calculation.copayment.ledger import Amount, CopayVisit
    from tasuki.calculation.copayment.local_programmes import AgeRange, LocalRule, Step
    from tasuki.chart.coverage import Insurance


class LocalVisit(NamedTuple):
    """地方公費への残額 — what one visit brings to a local rule, and what the month knows already."""

    visit: CopayVisit
    visit_number: int
    rule: LocalRule
    month: LocalMonth
    base_yen: Amount
    cost_yen: int
    is_at_limit: bool  # the share already stands at the high-cost limit


class LocalOutcome(NamedTuple):
    """地方公費の結果 — the patient's part of this visit and how it must be collected.

    ``collect_yen`` stands when the rule itself says the exact yen; else the visit is rounded, and never
    above ``room_yen`` (None: no cap of yen). ``occasions`` are the caps the visit fell under.
    """

    patient_yen: Amount
    collect_yen: int | None = None
    room_yen: Amount | None = None
    occasions: tuple[tuple[object, ...], ...] = ()
    is_whole_month: bool = False
    is_reduced: bool = False


def local_share(local: LocalVisit) -> LocalOutcome:
    """地方公費の自己負担 — the steps of the rule in order on what the earlier payers left.

    Cite: 各都道府県・市町村の医療費助成要綱
    """
    outcome = LocalOutcome(max(0, local.base_yen))
    for index, step in enumerate(local.rule.steps):
        outcome = _take(step, index, local, outcome)
        if outcome.is_whole_month:
            break
    return outcome


def _take(step: Step, index: int, local: LocalVisit, before: LocalOutcome) -> LocalOutcome:
    match step:
        case Free():
            return LocalOutcome(0, is_reduced=True)
        case PercentOfCost(percent=percent):
            return _lowered(before, Fraction(local.cost_yen * percent, 100))
        case ShareOfRemainder(share=share, rounding=rounding):
            return _lowered(before, _rounded(before.patient_yen * share, rounding))
        case ProgrammePaysUpTo(yen=yen):
            paid = local.month.base_yen - local.month.patient_yen
            return _lowered(before, before.patient_yen - min(before.patient_yen, max(0, yen - paid)))
        case OccasionCap():
            return _under_occasion(step, index, local, before)
        case MonthCap(yen=yen):
            return _under_month(yen, local, before)
        case InKindUnder():
            return _while_in_kind(step, local, before)
        case RefundOnly():
            return before


def _lowered(before: LocalOutcome, yen: Amount) -> LocalOutcome:
    if yen >= before.patient_yen:
        return before
    return before._replace(patient_yen=yen, collect_yen=None, is_reduced=True)


def _rounded(yen: Amount, rounding: ShareRounding) -> int:
    if rounding is ShareRounding.UP:
        return ceil(yen)
    if rounding is ShareRounding.DOWN:
        return floor(yen)
    return half_up(Fraction(yen))


def _under_occasion(step: OccasionCap, index: int, local: LocalVisit, before: LocalOutcome) -> LocalOutcome:
    visit = local.visit
    is_out = (step.counted_days_only and not visit.is_counted_day) or (
        step.first_visits_only and not visit.is_first_visit
    )
    if is_out:
        return LocalOutcome(0, is_reduced=True)
    key = (index, *_occasion_of(step.occasion, local))
    same = next((paid for paid in local.month.occasions if paid.key == key), None)
    if same is None and step.times_per_month is not None:
        used = sum(paid.key[0] == index for paid in local.month.occasions)
        if used >= step.times_per_month:
            return LocalOutcome(0, is_reduced=True)
    room = max(0, step.yen - (same.patient_yen if same else 0))
    occasions = (*before.occasions, key)
    if before.patient_yen < room:
        return before._replace(occasions=occasions)
    collect = max(0, step.yen - (same.collected_yen if same else 0))
    return before._replace(patient_yen=room, collect_yen=collect, occasions=occasions, is_reduced=True)


def _occasion_of(occasion: Occasion, local: LocalVisit) -> tuple[object, ...]:
    visit = local.visit
    if occasion is Occasion.DAY:
        return (visit.day,)
    if occasion is Occasion.DEPARTMENT_DAY:
        return (visit.day, visit.department)
    return (local.visit_number,)


def _under_month(yen: int, local: LocalVisit, before: LocalOutcome) -> LocalOutcome:
    room = max(0, yen - local.month.patient_yen)
    if before.patient_yen < room:
        return before._replace(room_yen=room - before.patient_yen)
    collect = max(0, yen - local.month.collected_yen) if room else 0
    return before._replace(patient_yen=room, collect_yen=collect, room_yen=0, is_reduced=True)


def _while_in_kind(step: InKindUnder, local: LocalVisit, before: LocalOutcome) -> LocalOutcome:
    total = local.month.base_yen + local.base_yen
    is_over = (step.yen is not None and total >= step.yen) or (step.ends_at_high_cost and local.is_at_limit)
    if not is_over:
        return before
    # Each visit of the month is rounded by itself, as it would have been without the programme.
    rounded = local.month.rounded_base_yen + to_ten_yen(max(0, local.base_yen))
    collect = rounded - local.month.collected_yen
    return before._replace(
        patient_yen=total - local.month.patient_yen, collect_yen=collect, is_whole_month=True
    )


def add_local(local: LocalVisit, outcome: LocalOutcome, collect_yen: int) -> LocalMonth:
    """地方公費の月計 — the sums after a visit; an occasion counts when something was paid on it."""
    month = local.month
    occasions = list(month.occasions)
    for key in outcome.occasions if outcome.patient_yen > 0 else ():
        index = next((n for n, paid in enumerate(occasions) if paid.key == key), None)
        if index is None:
            occasions.append(OccasionPaid(key, outcome.patient_yen, collect_yen))
        else:
            old = occasions[index]
            occasions[index] = OccasionPaid(
                key, old.patient_yen + outcome.patient_yen, old.collected_yen + collect_yen
            )
    return LocalMonth(
        base_yen=month.base_yen + local.base_yen,
        rounded_base_yen=month.rounded_base_yen + to_ten_yen(max(0, local.base_yen)),
        patient_yen=month.patient_yen + outcome.patient_yen,
        collected_yen=month.collected_yen + collect_yen,
        occasions=tuple(occasions),
    )


def insurer_groups(insurance: Insurance | None, prefecture: str) -> frozenset[InsurerGroup]:
    """保険者の別 — the groups an insurer belongs to, seen from the prefecture of a local rule.

    A six-digit 国保 number carries its prefecture in front; 3 in the third place marks a 国保組合.

    Cite: 保険者番号等の設定について（昭和51年保発第45号）
    """
    if insurance is None:
        return frozenset()
    if insurance.kind is InsuranceKind.EMPLOYEES:
        return frozenset({InsurerGroup.EMPLOYEES})
    number = insurance.insurer_number.strip()
    if insurance.kind is InsuranceKind.LATE_ELDERLY:
        groups, home = {InsurerGroup.LATE_ELDERLY}, number[2:4]
    else:
        plain = number[-6:]
        is_association = len(plain) == 6 and plain[2] == "3"
        groups, home = {InsurerGroup.ASSOCIATION if is_association else InsurerGroup.MUNICIPAL}, plain[:2]
    if prefecture and home and home != prefecture and InsurerGroup.ASSOCIATION not in groups:
        groups.add(InsurerGroup.OTHER_PREFECTURE)
    return frozenset(groups)


def why_not_in_kind(rule: LocalRule, insurance: Insurance, born: date, day: date) -> str:
    """現物給付でない理由 — the name of the reason, empty for a rule that pays at this visit."""
    if any(isinstance(step, RefundOnly) for step in rule.steps):
        return "copay/local/refund"
    if not is_for_insurer(rule, insurance):
        return "copay/local/insurer"
    if rule.ages is not None and not is_in_ages(rule.ages, born, day):
        return "copay/local/age"
    return ""


def is_for_insurer(rule: LocalRule, insurance: Insurance | None) -> bool:
    """保険者の適否 — whether the rule works in kind for this insurer; OTHER_PREFECTURE must be named."""
    if rule.insurers is None:
        return True
    groups = insurer_groups(insurance, rule.prefecture)
    if InsurerGroup.OTHER_PREFECTURE in groups:
        return InsurerGroup.OTHER_PREFECTURE in rule.insurers
    return bool(groups & rule.insurers)


def is_in_ages(ages: AgeRange, born: date, day: date) -> bool:
    """年齢の適否 — whether a day lies in the ages of a rule, by the boundary it names.

    By birthdays and months the last age is whole. By school years it ends on the first 31 March on or after the
    day that age is reached, as ordinances say it (満18歳に達する日以後の最初の3月31日).
    """
    if day < _starts(ages, born, ages.since_years):
        return False
    if ages.until_years is None:
        return True
    after = ages.until_years + (ages.boundary is not AgeBoundary.SCHOOL_YEAR)
    return day < _starts(ages, born, after)


def _starts(ages: AgeRange, born: date, years: int) -> date:
    if years == 0:
        return born
    reached = reached_on(born, years)
    birthday = date.fromordinal(reached.toordinal() + 1)
    if ages.boundary is AgeBoundary.BIRTHDAY:
        return birthday
    if ages.boundary is AgeBoundary.NEXT_MONTH:
        return date(birthday.year + birthday.month // 12, birthday.month % 12 + 1, 1)
    april = date(reached.year, 4, 1)
    return april if reached < april else date(reached.year + 1, 4, 1)
