# SPDX-License-Identifier: Apache-2.0
"""地方単独公費 — rules of prefectures and municipalities as data: each step a kind with its numbers.

The number of a local programme says nothing about its rule, so a rule is named by the patient's
programme and looked up among the institution's rules; one that is missing is refused, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from tasuki.calculation.copayment.programmes import PartClass
from tasuki.kernel.validity import Validity


class Occasion(StrEnum):
    """回数の単位 — what one cap covers and one count counts."""

    VISIT = "visit"  # 1回（受診ごと）
    DAY = "day"  # 1日（同日2科目以降は残りまで）
    DEPARTMENT_DAY = "department_day"  # 診療科ごとに1日


class ShareRounding(StrEnum):
    """割合の端数 — how a share of a share becomes whole yen, by municipality."""

    UP = "up"
    DOWN = "down"
    HALF_UP = "half_up"


class InsurerGroup(StrEnum):
    """保険者の別 — the groups local programmes distinguish."""

    EMPLOYEES = "社保"
    MUNICIPAL = "市町村国保"
    ASSOCIATION = "国保組合"
    LATE_ELDERLY = "後期"
    OTHER_PREFECTURE = "県外"


class AgeBoundary(StrEnum):
    """年齢の区切り — from which day a new age counts."""

    BIRTHDAY = "birthday"
    NEXT_MONTH = "next_month"  # 誕生日の属する月の翌月1日
    SCHOOL_YEAR = "school_year"  # 年齢到達日以後最初の4月1日（終わりは3月31日）


@dataclass(frozen=True, slots=True)
class Free:
    """全額助成 — the patient pays nothing."""


@dataclass(frozen=True, slots=True)
class OccasionCap:
    """1回・1日の上限 — the most per occasion, and after how many paid occasions of the month nothing.

    ``first_visits_only`` charges at 初診 only; ``counted_days_only`` leaves out visits that do not count
    as 診療実日数.
    """

    yen: int
    occasion: Occasion = Occasion.VISIT
    times_per_month: int | None = None
    first_visits_only: bool = False
    counted_days_only: bool = False


@dataclass(frozen=True, slots=True)
class MonthCap:
    """1月の上限 — the most in a month at the institution."""

    yen: int


@dataclass(frozen=True, slots=True)
class PercentOfCost:
    """医療費の定率 — a percent of the whole cost."""

    percent: int


@dataclass(frozen=True, slots=True)
class ShareOfRemainder:
    """自己負担の一部 — a share of what is left to the patient (1/2, 1/3), with its own rounding."""

    share: Fraction
    rounding: ShareRounding


@dataclass(frozen=True, slots=True)
class ProgrammePaysUpTo:
    """公費側の月上限 — the programme pays up to an amount a month, the patient the rest."""

    yen: int


@dataclass(frozen=True, slots=True)
class InKindUnder:
    """現物給付の限度 — in kind only while the month's share stays under an amount.

    From the visit that reaches it, the share of the whole month is collected and paid back later.
    With ``yen`` None only the high-cost limit ends it (``ends_at_high_cost``).
    """

    yen: int | None
    ends_at_high_cost: bool = False


@dataclass(frozen=True, slots=True)
class RefundOnly:
    """償還払い — nothing in kind: the patient pays the share and asks the municipality for it."""


Step = (
    Free
    | RefundOnly
    | OccasionCap
    | MonthCap
    | PercentOfCost
    | ShareOfRemainder
    | ProgrammePaysUpTo
    | InKindUnder
)


@dataclass(frozen=True, slots=True)
class AgeRange:
    """対象年齢 — from the first to the last age in years, as the boundary counts them (:func:`.local_share.is_in_ages`)."""

    since_years: int = 0
    until_years: int | None = None
    boundary: AgeBoundary = AgeBoundary.BIRTHDAY


@dataclass(frozen=True, slots=True)
class LocalRule:
    """地方単独公費の規則 — one programme as an institution meets it: steps in order, and how it is billed.

    ``part_class`` is the class that limits the share of care under it: 一般 by the notice on combined
    programmes, OWN where the payer says so. ``is_on_receipt`` False means a claim of its own (CSV or
    paper), so the receipt carries 特記事項 01 when the limit bites.

    A rule without steps is a programme whose amount is not known: a card that names it is refused.
    ``is_confirmed`` False is one taken from a list of unknown date, which every charge says.
    ``law_code`` empty stands for any number.

    Cite: 昭和48年保発第42号（公費併用の高額療養費）; 各都道府県・市町村の要綱
    """

    id: str
    name: str
    steps: tuple[Step, ...]
    cite: str
    validity: Validity | None = None
    prefecture: str = ""
    insurers: frozenset[InsurerGroup] | None = None
    ages: AgeRange | None = None
    part_class: PartClass = PartClass.GENERAL
    is_on_receipt: bool = True
    is_zero_recorded: bool = True
    law_code: str = ""
    is_confirmed: bool = True
    confirmed_on: date | None = None
    note: str = ""


_PATTERN_CITE = "地方単独助成の型（自治体の要綱で確かめて使う）"

# The commonest kinds under speaking names; which one a municipality uses is entered with the card.
PATTERNS: tuple[LocalRule, ...] = (
    LocalRule("free", "全額助成", (Free(),), _PATTERN_CITE),
    LocalRule(
        "day500-month3000", "1日500円・月3,000円まで",
        (OccasionCap(500, Occasion.DAY), MonthCap(3_000)), _PATTERN_CITE,
    ),
    LocalRule("visit500-4times", "1回500円・月4回まで", (OccasionCap(500, times_per_month=4),), _PATTERN_CITE),
    LocalRule("visit300-5times", "1回300円・月5回まで", (OccasionCap(300, times_per_month=5),), _PATTERN_CITE),
    LocalRule("day200", "1日200円まで", (OccasionCap(200, Occasion.DAY),), _PATTERN_CITE),
    LocalRule(
        "day600-2days", "1日600円・月2日まで",
        (OccasionCap(600, Occasion.DAY, times_per_month=2),), _PATTERN_CITE,
    ),
    LocalRule(
        "first500-4times", "初診の日のみ500円・月4回まで",
        (OccasionCap(500, Occasion.DAY, times_per_month=4, first_visits_only=True),), _PATTERN_CITE,
    ),
    LocalRule("month600", "月600円まで", (MonthCap(600),), _PATTERN_CITE),
    LocalRule("month1000", "月1,000円まで", (MonthCap(1_000),), _PATTERN_CITE),
    LocalRule("percent10-month44400", "1割・月44,400円まで", (PercentOfCost(10), MonthCap(44_400)), _PATTERN_CITE),
    LocalRule(
        "half-month1000", "自己負担の1/2（切上げ）・月1,000円まで",
        (ShareOfRemainder(Fraction(1, 2), ShareRounding.UP), MonthCap(1_000)), _PATTERN_CITE,
    ),
    LocalRule(
        "third-up", "自己負担の1/3（切上げ）",
        (ShareOfRemainder(Fraction(1, 3), ShareRounding.UP),), _PATTERN_CITE,
    ),
    LocalRule("public-up-to-10000", "公費が月10,000円まで", (ProgrammePaysUpTo(10_000),), _PATTERN_CITE),
    LocalRule("in-kind-under-21000", "月21,000円未満のみ現物給付", (InKindUnder(21_000), Free()), _PATTERN_CITE),
)  # fmt: skip
