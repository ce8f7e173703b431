# SPDX-License-Identifier: Apache-2.0
"""地方公費: whom a rule reaches, by age and insurer, and steps that only a special rule uses."""

from __future__ import annotations

from datetime import date

import pytest

from calculation.copayment.months import collected, visits_of
from tasuki.calculation.copayment import CopaymentSettings
from tasuki.calculation.copayment.local_programmes import (
    AgeBoundary,
    AgeRange,
    Free,
    InKindUnder,
    InsurerGroup,
    LocalRule,
)
from tasuki.calculation.copayment.local_share import insurer_groups, is_in_ages
from tasuki.calculation.copayment.programmes import LEGAL_ORDER, OLDER_ORDER
from tasuki.chart.coverage import Insurance, InsuranceKind, PublicProgramme

BORN = date(2011, 6, 10)


@pytest.mark.parametrize(
    ("boundary", "last_day"),
    [
        (AgeBoundary.BIRTHDAY, date(2026, 6, 9)),
        (AgeBoundary.NEXT_MONTH, date(2026, 6, 30)),
    ],
)
def test_the_last_day_of_fourteen(boundary: AgeBoundary, last_day: date) -> None:
    ages = AgeRange(0, 14, boundary)
    assert is_in_ages(ages, BORN, last_day)
    assert not is_in_ages(ages, BORN, date.fromordinal(last_day.toordinal() + 1))


@pytest.mark.parametrize(
    ("years", "born", "last_day"),
    [
        (6, date(2020, 4, 1), date(2026, 3, 31)),
        (6, date(2020, 4, 2), date(2027, 3, 31)),
        (15, BORN, date(2027, 3, 31)),
        (18, date(2007, 5, 10), date(2026, 3, 31)),
        (18, date(2008, 4, 1), date(2026, 3, 31)),
    ],
)
def test_by_school_years_an_age_ends_on_the_first_31_march_after_it_is_reached(
    years: int, born: date, last_day: date
) -> None:
    """満18歳に達する日以後の最初の3月31日まで; the next group begins on the day after."""
    child, pupil = (
        AgeRange(0, years, AgeBoundary.SCHOOL_YEAR),
        AgeRange(years, 99, AgeBoundary.SCHOOL_YEAR),
    )
    after = date.fromordinal(last_day.toordinal() + 1)
    assert is_in_ages(child, born, last_day) and not is_in_ages(pupil, born, last_day)
    assert not is_in_ages(child, born, after) and is_in_ages(pupil, born, after)


def test_a_child_of_1_april_ends_with_the_earlier_school_year() -> None:
    ages = AgeRange(0, 15, AgeBoundary.SCHOOL_YEAR)
    assert is_in_ages(ages, date(2011, 4, 1), date(2026, 3, 31))
    assert not is_in_ages(ages, date(2011, 4, 1), date(2026, 4, 1))
    assert is_in_ages(ages, date(2011, 4, 2), date(2026, 4, 1))


@pytest.mark.parametrize(
    ("kind", "number", "groups"),
    [
        (InsuranceKind.EMPLOYEES, "01980012", {InsurerGroup.EMPLOYEES}),
        (InsuranceKind.NATIONAL, "990010", {InsurerGroup.MUNICIPAL}),
        (InsuranceKind.NATIONAL, "  980011", {InsurerGroup.MUNICIPAL, InsurerGroup.OTHER_PREFECTURE}),
        (InsuranceKind.NATIONAL, "983015", {InsurerGroup.ASSOCIATION}),
        (InsuranceKind.LATE_ELDERLY, "39980011", {InsurerGroup.LATE_ELDERLY, InsurerGroup.OTHER_PREFECTURE}),
    ],
)
def test_insurer_groups(kind: InsuranceKind, number: str, groups: set[InsurerGroup]) -> None:
    assert insurer_groups(Insurance(kind, number), "99") == groups


def test_in_kind_may_end_where_the_high_cost_limit_is_reached() -> None:
    rule = LocalRule("x", "限度額まで現物", (InKindUnder(None, ends_at_high_cost=True), Free()), "架空の要綱")
    card = PublicProgramme("81990010", local_rule="x")
    visits = visits_of([{(card.key,): 20_000}, {(card.key,): 10_000}], programmes=(card,))
    # 60,000 in kind; the second visit reaches 80,430 and the whole month is collected.
    assert collected(visits, CopaymentSettings(local_rules={"x": rule})) == [0, 90_000 - 9_570]


def test_the_older_order_only_moves_51_and_38() -> None:
    assert sorted(LEGAL_ORDER) == sorted(OLDER_ORDER)
    assert (
        OLDER_ORDER.index("51") < OLDER_ORDER.index("38") < OLDER_ORDER.index("52") < OLDER_ORDER.index("54")
    )
    rest = [code for code in LEGAL_ORDER if code not in ("51", "38")]
    assert [code for code in OLDER_ORDER if code not in ("51", "38")] == rest
