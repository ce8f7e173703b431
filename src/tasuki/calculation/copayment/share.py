# SPDX-License-Identifier: Apache-2.0
"""負担割合 — what part of the cost the person bears, by the eligibility answer or by age."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tasuki.chart.coverage import IncomeClass, InsuranceKind
from tasuki.kernel.because import Because, Verdict, facts
from tasuki.kernel.days import is_preschool, reached_on

if TYPE_CHECKING:
    from tasuki.chart.coverage import Insurance

_ACTIVE = frozenset({IncomeClass.ACTIVE_1, IncomeClass.ACTIVE_2, IncomeClass.ACTIVE_3})
_TEN_PERCENT = frozenset({IncomeClass.GENERAL_1, IncomeClass.LOW_1, IncomeClass.LOW_2})
_BORN_TEN_PERCENT_UNTIL = date(1944, 4, 1)
# Until then 一般 of 後期 was one class, at ten percent.
_SPLIT_OF_GENERAL = date(2022, 10, 1)
_CITE = "健康保険法 第74条; 国民健康保険法 第42条"
_CITE_JOIN = "高齢者の医療の確保に関する法律 第50条"
_CITE_LATE = "高齢者の医療の確保に関する法律 第67条"


class Share(NamedTuple):
    """負担割合 — percent of the cost, why, and what does not fit the birthday."""

    percent: int
    reasons: tuple[Because, ...]


class ShareUnknown(LookupError):
    """負担割合不明 — neither the eligibility answer nor the class says which share of 後期 it is."""


def preschool_until(born: date) -> date:
    """未就学の終期 — the last day at twenty percent.

    Cite: 健康保険法 第74条第1項; 記録条件仕様 別表5

    >>> preschool_until(date(2020, 4, 1)), preschool_until(date(2020, 4, 2))
    (datetime.date(2026, 3, 31), datetime.date(2027, 3, 31))
    """
    reached = reached_on(born, 6)
    end = date(reached.year, 3, 31)
    return end if reached <= end else date(reached.year + 1, 3, 31)


def elder_from(born: date) -> date:
    """高齢受給者の始期 — the first of the month after the one in which seventy is reached.

    Born on the first of a month: reached on the eve, so that very month.

    Cite: 健康保険法 第74条第1項第2号

    >>> elder_from(date(1956, 5, 1)), elder_from(date(1956, 5, 2))
    (datetime.date(2026, 5, 1), datetime.date(2026, 6, 1))
    """
    reached = reached_on(born, 70)
    return reached.replace(day=monthrange(reached.year, reached.month)[1]) + timedelta(days=1)


def late_elderly_from(born: date) -> date:
    """後期高齢者医療の始期 — the seventy-fifth birthday itself.

    Cite: 高齢者の医療の確保に関する法律 第50条, 第52条

    >>> late_elderly_from(date(1951, 9, 15))
    datetime.date(2026, 9, 15)
    """
    return reached_on(born, 75) + timedelta(days=1)


def is_limit_halved(insurance: Insurance, born: date, day: date) -> bool:
    """75歳到達月 — whether this month's limits are halved for this insurance.

    Both the insurance left and the one entered are halved, unless the birthday is the first of a
    month (then the month is whole). Who was in 後期 before the birthday (障害認定) changes nothing: known by
    the day of joining, else by the day the record begins, and by a visit before the birthday itself.

    Cite: 健康保険法施行令 第42条; 高齢者の医療の確保に関する法律施行令 第15条

    >>> from tasuki.chart.coverage import Insurance
    >>> card = Insurance(InsuranceKind.LATE_ELDERLY)
    >>> is_limit_halved(card, date(1951, 9, 15), date(2026, 9, 20))
    True
    >>> is_limit_halved(card, date(1951, 9, 1), date(2026, 9, 20))
    False
    """
    if insurance.is_limit_halved:
        return True
    start = late_elderly_from(born)
    if (start.year, start.month) != (day.year, day.month) or start.day == 1:
        return False
    if insurance.kind is not InsuranceKind.LATE_ELDERLY:
        return True
    since = insurance.member_since or (insurance.validity.since if insurance.validity else None)
    return day >= start and (since is None or since >= start)


def is_elder(insurance: Insurance, born: date, day: date) -> bool:
    """高齢受給者・後期高齢者 — whether the limits of the seventy and over count."""
    return insurance.kind is InsuranceKind.LATE_ELDERLY or day >= elder_from(born)


def share_of(insurance: Insurance, born: date, day: date) -> Share:
    """負担割合 — as the eligibility answer says; by age where it says nothing.

    The birthday alone cannot tell 現役並み, so a share taken from age at seventy or over is advised to
    be confirmed, and 後期 without an answer and without a class is refused (:class:`ShareUnknown`).

    Cite: 健康保険法 第74条; 国民健康保険法 第42条; 高齢者の医療の確保に関する法律 第67条

    >>> from tasuki.chart.coverage import Insurance
    >>> card = Insurance(InsuranceKind.EMPLOYEES)
    >>> [share_of(card, date(2020, 4, 2), day).percent for day in (date(2027, 3, 31), date(2027, 4, 1))]
    [20, 30]
    """
    share = _share_by_answer_or_age(insurance, born, day)
    if insurance.kind is not InsuranceKind.LATE_ELDERLY and day >= late_elderly_from(born):
        odd = Because("copay/share/past-75", Verdict.ADVISED, facts(percent=share.percent), _CITE_JOIN)
        return Share(share.percent, (*share.reasons, odd))
    return share


def _share_by_answer_or_age(insurance: Insurance, born: date, day: date) -> Share:
    expected, by, is_certain = _by_age(insurance, born, day)
    cite = _CITE_LATE if insurance.kind is InsuranceKind.LATE_ELDERLY else _CITE
    given = insurance.share_percent
    if given is None:
        if expected is None:
            raise ShareUnknown
        verdict = Verdict.GRANTED if is_certain else Verdict.ADVISED
        rule = "copay/share/age" if is_certain else "copay/share/age-uncertain"
        return Share(expected, (Because(rule, verdict, facts(percent=expected, by=by), cite),))
    because = Because("copay/share/answer", Verdict.GRANTED, facts(percent=given, by=by), cite)
    if (
        is_certain
        and expected is not None
        and expected != given
        and not _is_voluntary(insurance, given, expected)
    ):
        odd = Because(
            "copay/share/differs", Verdict.ADVISED, facts(percent=given, expected=expected, by=by), cite
        )
        return Share(given, (because, odd))
    return Share(given, (because,))


def _is_voluntary(insurance: Insurance, given: int, expected: int) -> bool:
    # 任意給付: a 国保 may pay more than the law asks, never less.
    return insurance.kind is InsuranceKind.NATIONAL and given < expected


def _by_age(insurance: Insurance, born: date, day: date) -> tuple[int | None, str, bool]:
    """The share the law gives at an age, the name of the age group, and whether age alone settles it."""
    card_class = insurance.income_class
    if insurance.kind is InsuranceKind.LATE_ELDERLY:
        if card_class in _ACTIVE:
            return 30, "後期（現役並み）", True
        if card_class is IncomeClass.GENERAL_2:
            return 20, "後期（一般Ⅱ）", True
        if card_class in _TEN_PERCENT:
            return 10, "後期（一般Ⅰ・低所得）", True
        if card_class is IncomeClass.GENERAL and day < _SPLIT_OF_GENERAL:
            return 10, "後期（一般）", True
        return None, "後期", False
    if day >= elder_from(born):
        if card_class in _ACTIVE:
            return 30, "70歳以上（現役並み）", True
        settled = card_class is not None
        if born <= _BORN_TEN_PERCENT_UNTIL:
            return 10, "70歳以上（昭和19年4月1日以前生まれ）", settled
        return 20, "70歳以上", settled
    if is_preschool(born, day):
        return 20, "未就学", True
    return 30, "70歳未満", True
