# SPDX-License-Identifier: Apache-2.0
"""高額療養費の限度額 — the tables by date and class, and the limit one month's cost gives."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from tasuki.chart.coverage import IncomeClass
from tasuki.kernel.points import whole_yen
from tasuki.kernel.validity import Validity


class AgeGroup(StrEnum):
    """年齢群 — the two families of limit classes; a 後期 member belongs to ELDER at any age."""

    UNDER_70 = "70歳未満"
    ELDER = "70歳以上"


class LimitRow(NamedTuple):
    """限度額表の行 — one class: the base, what of the cost adds one percent, and its caps of the year.

    ``repeated_yen`` is 多数回該当; ``outpatient_yen`` the personal cap of outpatients 70 and over;
    the yearly amounts (August to July) are paid back by the insurer and never subtracted at the counter.
    """

    income_class: IncomeClass
    base_yen: int
    threshold_yen: int | None = None
    repeated_yen: int | None = None
    outpatient_yen: int | None = None
    year_yen: int | None = None
    year_outpatient_yen: int | None = None
    year_small_income_yen: int | None = None


class LimitTable(NamedTuple):
    """限度額表 — the rows of one age group in force during a period."""

    validity: Validity
    group: AgeGroup
    rows: tuple[LimitRow, ...]
    cite: str


class LimitBasis(StrEnum):
    """限度額の種類 — which rule gave the yen."""

    FORMULA = "formula"  # 定額＋（医療費－基準額）×1%
    FLAT = "flat"  # 定額
    OUTPATIENT = "outpatient"  # 外来（個人ごと）
    REPEATED = "repeated"  # 多数回該当
    TRANSITION = "transition"  # 後期2割の配慮措置
    SPECIFIC_DISEASE = "specific_disease"  # 特定疾病 (マル長)


class Limit(NamedTuple):
    """限度額 — the yen of one month and how they came about; base and threshold as used, halved or not."""

    yen: int
    basis: LimitBasis
    income_class: IncomeClass | None
    cite: str
    base_yen: int = 0
    threshold_yen: int | None = None
    cost_yen: int = 0
    halved: bool = False


class LimitUnknown(LookupError):
    """限度額未収載 — no loaded table speaks of the day, or of the class on that day."""

    def __init__(self, day: date, income_class: IncomeClass) -> None:
        self.day = day
        self.income_class = income_class
        super().__init__(f"{income_class} on {day}")


_UNTIL_2026_07 = "健康保険法施行令 第42条（平成27年1月診療分〜）; 厚生労働省 000333280"
_ELDER_UNTIL_2026_07 = "健康保険法施行令 第42条（平成30年8月〜令和8年7月診療分）; 厚生労働省 000333280"
_SINCE_2026_08 = "健康保険法施行令 第42条（令和8年8月診療分〜）; 厚生労働省 001726232"
_C = IncomeClass

TABLES: tuple[LimitTable, ...] = (
    LimitTable(
        Validity(date(2015, 1, 1), date(2026, 7, 31)),
        AgeGroup.UNDER_70,
        (
            LimitRow(_C.A, 252_600, 842_000, 140_100),
            LimitRow(_C.I, 167_400, 558_000, 93_000),
            LimitRow(_C.U, 80_100, 267_000, 44_400),
            LimitRow(_C.E, 57_600, None, 44_400),
            LimitRow(_C.O, 35_400, None, 24_600),
        ),
        _UNTIL_2026_07,
    ),
    LimitTable(
        Validity(date(2018, 8, 1), date(2026, 7, 31)),
        AgeGroup.ELDER,
        (
            LimitRow(_C.ACTIVE_3, 252_600, 842_000, 140_100),
            LimitRow(_C.ACTIVE_2, 167_400, 558_000, 93_000),
            LimitRow(_C.ACTIVE_1, 80_100, 267_000, 44_400),
            LimitRow(_C.GENERAL, 57_600, None, 44_400, 18_000, None, 144_000),
            LimitRow(_C.LOW_2, 24_600, None, None, 8_000),
            LimitRow(_C.LOW_1, 15_000, None, None, 8_000),
        ),
        _ELDER_UNTIL_2026_07,
    ),
    LimitTable(
        Validity(date(2026, 8, 1), date(2027, 7, 31)),
        AgeGroup.UNDER_70,
        (
            LimitRow(_C.A, 270_300, 901_000, 140_100, None, 1_680_000),
            LimitRow(_C.I, 179_100, 597_000, 93_000, None, 1_110_000),
            LimitRow(_C.U, 85_800, 286_000, 44_400, None, 530_000),
            LimitRow(_C.E, 61_500, None, 44_400, None, 530_000, None, 410_000),
            LimitRow(_C.O, 36_900, None, 24_600, None, 290_000),
        ),
        _SINCE_2026_08,
    ),
    LimitTable(
        Validity(date(2026, 8, 1), date(2027, 7, 31)),
        AgeGroup.ELDER,
        (
            LimitRow(_C.ACTIVE_3, 270_300, 901_000, 140_100, None, 1_680_000),
            LimitRow(_C.ACTIVE_2, 179_100, 597_000, 93_000, None, 1_110_000),
            LimitRow(_C.ACTIVE_1, 85_800, 286_000, 44_400, None, 530_000),
            LimitRow(_C.GENERAL, 61_500, None, 44_400, 22_000, 530_000, 216_000, 410_000),
            LimitRow(_C.LOW_2, 25_700, None, 24_600, 11_000, 290_000, 96_000),
            LimitRow(_C.LOW_1, 15_700, None, None, 8_000, 180_000),
        ),
        _SINCE_2026_08,
    ),
)

# 一般 of 後期 is printed in two classes by share since 2022-10; both have the limits of 一般.
SAME_LIMIT: dict[IncomeClass, IncomeClass] = {_C.GENERAL_1: _C.GENERAL, _C.GENERAL_2: _C.GENERAL}

# 配慮措置: 後期 at 20 percent, outpatients only.
TRANSITION = Validity(date(2022, 10, 1), date(2025, 9, 30))
_TRANSITION_CITE = "高齢者の医療の確保に関する法律施行令 附則（令和4年10月〜令和7年9月の配慮措置）"
_TRANSITION_BASE_YEN = 6_000
_TRANSITION_COST_YEN = 30_000
_SPECIFIC_DISEASE_CITE = "健康保険法施行令 第41条第9項・第42条第9項（特定疾病療養受療証）"


@lru_cache(maxsize=256)
def row_on(day: date, income_class: IncomeClass) -> tuple[LimitRow, str]:
    """限度額表の行 — of a class on a day, with the citation of its table.

    Raises :class:`LimitUnknown` outside the loaded tables.

    >>> row_on(date(2026, 7, 31), IncomeClass.U)[0].base_yen, row_on(date(2026, 8, 1), IncomeClass.U)[0].base_yen
    (80100, 85800)
    """
    wanted = SAME_LIMIT.get(income_class, income_class)
    for table in TABLES:
        if day in table.validity:
            for row in table.rows:
                if row.income_class is wanted:
                    return row, table.cite
    raise LimitUnknown(day, income_class)


def group_of(income_class: IncomeClass) -> AgeGroup:
    """区分の年齢群 — which family of classes one belongs to.

    >>> group_of(IncomeClass.E).value, group_of(IncomeClass.GENERAL_2).value
    ('70歳未満', '70歳以上')
    """
    return AgeGroup.UNDER_70 if income_class in _UNDER_70 else AgeGroup.ELDER


_UNDER_70 = frozenset({_C.A, _C.I, _C.U, _C.E, _C.O})


def high_cost_limit(
    day: date,
    income_class: IncomeClass,
    cost_yen: int,
    *,
    is_outpatient: bool = True,
    is_repeated: bool = False,
    is_halved: bool = False,
) -> Limit:
    """高額療養費算定基準額 — the most a person pays for one month's insured cost at one institution.

    ``cost_yen`` is the whole cost (10割), not the share. The outpatient cap of the 70 and over knows
    no 多数回. In the month of turning 75 the amounts and the threshold are halved, since the month
    is split between two insurers.

    Cite: 健康保険法施行令 第41条, 第42条; 高齢者の医療の確保に関する法律施行令 第14条, 第15条

    >>> high_cost_limit(date(2026, 4, 1), IncomeClass.U, 649_360).yen
    83924
    >>> high_cost_limit(date(2026, 8, 1), IncomeClass.GENERAL, 120_000, is_halved=True).yen
    11000
    """
    row, cite = row_on(day, income_class)
    part = 2 if is_halved else 1
    if is_outpatient and row.outpatient_yen is not None:
        yen, basis = row.outpatient_yen // part, LimitBasis.OUTPATIENT
        return Limit(yen, basis, income_class, cite, yen, None, cost_yen, is_halved)
    if is_repeated and row.repeated_yen is not None:
        yen, basis = row.repeated_yen // part, LimitBasis.REPEATED
        return Limit(yen, basis, income_class, cite, yen, None, cost_yen, is_halved)
    if row.threshold_yen is None:
        yen = row.base_yen // part
        return Limit(yen, LimitBasis.FLAT, income_class, cite, yen, None, cost_yen, is_halved)
    base, threshold = row.base_yen // part, row.threshold_yen // part
    yen = base + whole_yen(Fraction(max(0, cost_yen - threshold), 100))
    return Limit(yen, LimitBasis.FORMULA, income_class, cite, base, threshold, cost_yen, is_halved)


def transition_limit(day: date, cost_yen: int, *, is_halved: bool = False) -> Limit | None:
    """配慮措置の限度額 — for outpatients of 後期 at 20 percent, None outside its three years.

    The rise against the old ten percent was held to 3,000 yen a month. Claims of that time may still
    be made for five years.

    Cite: 高齢者の医療の確保に関する法律施行令 附則（令和4年政令第14号）

    >>> transition_limit(date(2023, 1, 10), 80_000).yen, transition_limit(date(2025, 10, 1), 80_000)
    (11000, None)
    """
    if day not in TRANSITION:
        return None
    counted = max(cost_yen, _TRANSITION_COST_YEN)
    by_cost = _TRANSITION_BASE_YEN + (counted - _TRANSITION_COST_YEN) // 10
    cap = high_cost_limit(day, IncomeClass.GENERAL_2, cost_yen, is_halved=is_halved)
    yen = min(cap.yen, by_cost)
    return Limit(
        yen, LimitBasis.TRANSITION, IncomeClass.GENERAL_2, _TRANSITION_CITE,
        _TRANSITION_BASE_YEN, _TRANSITION_COST_YEN, cost_yen, is_halved,
    )  # fmt: skip


def specific_disease_limit(yen: int, *, is_halved: bool = False) -> Limit:
    """特定疾病の限度額 — マル長, 10,000 or 20,000 yen, half in the month of turning 75.

    >>> specific_disease_limit(10_000, is_halved=True).yen
    5000
    """
    halved = yen // 2 if is_halved else yen
    return Limit(
        halved, LimitBasis.SPECIFIC_DISEASE, None, _SPECIFIC_DISEASE_CITE, base_yen=yen, halved=is_halved
    )
