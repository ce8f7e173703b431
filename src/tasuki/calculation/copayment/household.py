# SPDX-License-Identifier: Apache-2.0
"""世帯合算 — a household's month as its insurer adds it up: who counts, each limit, each yen of the refund, and why.

Information only: nothing of it is taken off at the counter, and what other institutions charged is known to the
insurer alone unless it is given here.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.copayment.insurer_side import (
    HouseholdClass,
    HouseholdRefund,
    Payment,
    household_refund,
    year_refund,
)
from tasuki.calculation.copayment.limits import AgeGroup, LimitUnknown, group_of, high_cost_limit, row_on
from tasuki.chart.coverage import IncomeClass
from tasuki.kernel.because import Because, Verdict, facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasuki.calculation.copayment.limits import Limit

CITE = "健康保険法施行令 第41条・第42条（世帯合算）"
_CITE_YEAR = "健康保険法施行令 第41条の2; 令和8年8月診療分〜の年間上限（厚生労働省 001726232）"
_CITE_HALF = "健康保険法施行令 第42条（75歳到達月の特例）"
_NEW_YEAR_CAPS_SINCE = date(2026, 8, 1)


class HouseholdPart(NamedTuple):
    """世帯の自己負担 — one person's care of a month at one place: the payment, how it is called, and its class.

    ``income_class`` None: not shown. ``has_local`` says that a local programme pays of it.
    """

    payment: Payment
    what: str
    income_class: IncomeClass | None = None
    is_repeated: bool = False
    is_halved: bool = False
    has_local: bool = False


class HouseholdMonth(NamedTuple):
    """世帯の月 — the refund, None where it cannot be known, and every step that led to it."""

    refund: HouseholdRefund | None
    because: tuple[Because, ...]

    @property
    def refund_yen(self) -> int | None:
        """支給見込額 — None where it was not computed."""
        return None if self.refund is None else self.refund.refund_yen


def household_month(parts: Sequence[HouseholdPart], day: date) -> HouseholdMonth:
    """世帯合算 — of people under one insurer in one month.

    First each elder's outpatient care under the personal cap, then the elders together, then everyone; below seventy
    only from 21,000 yen on. Where a class is not shown, differs, or a limit is halved, nothing is computed.

    Cite: 健康保険法施行令 第41条, 第42条
    """
    counted = [part for part in parts if part.payment.is_counted and part.payment.paid_yen]
    because = [*_told(parts)]
    if not counted:
        return HouseholdMonth(None, (*because, Because("copay/household/none", Verdict.DENIED, (), CITE)))
    open_questions = [*_open_questions(counted)]
    if open_questions:
        return HouseholdMonth(None, (*because, *open_questions))
    classes = _classes(counted)
    payments = [part.payment for part in counted]
    try:
        refund = household_refund(payments, classes, day)
        because += _steps(payments, classes, refund, day)
    except LimitUnknown as unknown:
        group = group_of(unknown.income_class).value
        return HouseholdMonth(None, (*because, _advised("class-unknown", group=group)))
    if classes.is_repeated:
        because.append(_advised("repeated"))
    given = facts(refund=refund.refund_yen)
    because.append(Because("copay/household/refund", Verdict.GRANTED, given, CITE))
    return HouseholdMonth(refund, tuple(because))


def year_of(day: date) -> tuple[date, date]:
    """年間上限の期間 — from August to July.

    >>> year_of(date(2026, 7, 31)), year_of(date(2026, 8, 1))[0]
    ((datetime.date(2025, 8, 1), datetime.date(2026, 7, 31)), datetime.date(2026, 8, 1))
    """
    first = day.year if day.month >= 8 else day.year - 1
    return date(first, 8, 1), date(first + 1, 7, 31)


def year_reasons(
    monthly_paid: Sequence[int], income_class: IncomeClass | None, day: date
) -> tuple[Because, ...]:
    """年間上限の説明 — of what one person paid outpatient from August on; information, never taken off.

    Cite: 健康保険法施行令 第41条の2; 令和8年8月診療分〜の年間上限（厚生労働省 001726232）
    """
    if income_class is None:
        return ()
    since, until = year_of(day)
    told = facts(since=since.isoformat(), until=until.isoformat(), income_class=income_class.value)
    found: list[Because] = []
    try:
        row, _ = row_on(day, income_class)
        for rule, is_outpatient in (("year-outpatient", True), ("year", False)):
            result = year_refund(monthly_paid, income_class, day, is_outpatient=is_outpatient)
            if result.cap_yen is not None:
                given = (*told, *facts(paid=result.paid_yen, cap=result.cap_yen, over=result.refund_yen))
                found.append(Because(f"copay/household/{rule}", Verdict.GRANTED, given, _CITE_YEAR))
    except LimitUnknown:
        return ()
    if row.year_small_income_yen is not None and day >= _NEW_YEAR_CAPS_SINCE:
        over = max(0, sum(monthly_paid) - row.year_small_income_yen)
        given = facts(cap=row.year_small_income_yen, over=over)
        found.append(Because("copay/household/year-small", Verdict.ADVISED, given, _CITE_YEAR))
    return tuple(found)


def _told(parts: Sequence[HouseholdPart]) -> Iterator[Because]:
    for part in parts:
        one = part.payment
        given = {"who": one.person, "what": part.what}
        if not one.is_counted:
            judged = one.paid_yen if one.judged_yen is None else one.judged_yen
            more = facts(**given, judged=judged)
            yield Because("copay/household/under-floor", Verdict.DENIED, more, CITE)
            continue
        more = facts(**given, cost=one.cost_yen, paid=one.paid_yen)
        yield Because("copay/household/part", Verdict.GRANTED, more, CITE)
        if part.has_local:
            yield _advised("local", who=one.person, paid=one.paid_yen)


def _open_questions(parts: Sequence[HouseholdPart]) -> Iterator[Because]:
    for person in dict.fromkeys(part.payment.person for part in parts if part.is_halved):
        yield Because("copay/household/halved", Verdict.ADVISED, facts(who=person), _CITE_HALF)
    for group, is_elder in ((AgeGroup.ELDER, True), (AgeGroup.UNDER_70, False)):
        mine = [part.income_class for part in parts if part.payment.is_elder is is_elder]
        known = {each for each in mine if each is not None}
        if mine and not known:
            yield _advised("class-unknown", group=group.value)
        elif len(known) > 1:
            named = "・".join(sorted(each.value for each in known))
            yield _advised("classes-differ", group=group.value, classes=named)


def _classes(parts: Sequence[HouseholdPart]) -> HouseholdClass:
    def of(*, is_elder: bool) -> IncomeClass | None:
        mine = (part.income_class for part in parts if part.payment.is_elder is is_elder)
        return next((each for each in mine if each is not None), None)

    return HouseholdClass(of(is_elder=True), of(is_elder=False), any(part.is_repeated for part in parts))


def _steps(
    payments: Sequence[Payment], classes: HouseholdClass, refund: HouseholdRefund, day: date
) -> Iterator[Because]:
    if classes.elder is not None:
        yield from _personal(payments, classes.elder, refund, day)
    elder_total = sum(yen for yen, one in zip(refund.after_individual, payments, strict=True) if one.is_elder)
    if classes.elder is not None and refund.elder_limit_yen is not None:
        cost = sum(one.cost_yen for one in payments if one.is_elder)
        limit = _household_limit(day, classes.elder, cost, is_repeated=classes.is_repeated)
        given = facts(total=elder_total, **_limit_facts(limit), refund=refund.elder_refund_yen)
        yield Because("copay/household/elder", Verdict.GRANTED, given, limit.cite)
    if classes.under_70 is not None and refund.whole_limit_yen is not None:
        cost = sum(one.cost_yen for one in payments)
        limit = _household_limit(day, classes.under_70, cost, is_repeated=classes.is_repeated)
        left = elder_total - refund.elder_refund_yen
        young = sum(one.paid_yen for one in payments if not one.is_elder)
        given = facts(
            elder=left, young=young, total=left + young, **_limit_facts(limit), refund=refund.whole_refund_yen
        )
        yield Because("copay/household/whole", Verdict.GRANTED, given, limit.cite)


def _personal(
    payments: Sequence[Payment], elder: IncomeClass, refund: HouseholdRefund, day: date
) -> Iterator[Because]:
    for person in dict.fromkeys(one.person for one in payments if one.is_elder and one.is_outpatient):
        mine = [n for n, one in enumerate(payments) if one.person == person and one.is_outpatient]
        paid = sum(payments[n].paid_yen for n in mine)
        limit = high_cost_limit(day, elder, sum(payments[n].cost_yen for n in mine))
        over = paid - sum(refund.after_individual[n] for n in mine)
        rule = "copay/household/personal" if over else "copay/household/personal-within"
        given = facts(who=person, paid=paid, limit=limit.yen, refund=over)
        yield Because(rule, Verdict.GRANTED if over else Verdict.DENIED, given, limit.cite)


def _household_limit(day: date, income_class: IncomeClass, cost: int, *, is_repeated: bool) -> Limit:
    return high_cost_limit(day, income_class, cost, is_outpatient=False, is_repeated=is_repeated)


def _limit_facts(limit: Limit) -> dict[str, object]:
    income_class = "" if limit.income_class is None else limit.income_class.value
    return {
        "limit": limit.yen,
        "income_class": income_class,
        "base": limit.base_yen,
        "cost": limit.cost_yen,
        "threshold": limit.threshold_yen or 0,
    }


def _advised(rule: str, **given: object) -> Because:
    return Because(f"copay/household/{rule}", Verdict.ADVISED, facts(**given), CITE)
