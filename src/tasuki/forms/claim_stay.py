# SPDX-License-Identifier: Apache-2.0
"""入院の記載 — what 様式第二（医科入院） has beside the outpatient sheet: ward, days of stay, meals and living care.

Cite: 療養の給付及び公費負担医療に関する費用の請求に関する命令 様式第二; 記載要領 (昭和51年8月7日 保険発第82号) 第3
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class MealKind(StrEnum):
    """食事・生活療養の区分 — the lines of the meal box in printed order; 生 are those of 生活療養."""

    STANDARD = "standard"  # 基準
    SPECIAL = "special"  # 特別
    DINING_ROOM = "dining_room"  # 食堂
    ENVIRONMENT = "environment"  # 環境
    LIVING_STANDARD = "living_standard"  # 基準（生）
    LIVING_SPECIAL = "living_special"  # 特別（生）


@dataclass(frozen=True, slots=True)
class StayDays:
    """入院料の1行 — points of a day, days, and their product; ``programme_points`` only where they differ."""

    points: int
    days: int
    total: int
    programme_points: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MealLine:
    """食事・生活療養の1行 — yen of a meal or day, how many, and the standard's number (1 or 2, empty where none)."""

    yen: int
    count: int
    grade: str = ""


@dataclass(frozen=True, slots=True)
class MealPayer:
    """食事・生活療養の請求 — of one payer: 回数, 請求 and 標準負担額 in yen, None where the claim does not say it."""

    count: int | None = None
    claimed_yen: int | None = None
    burden_yen: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimStay:
    """入院の記載 — the ward and what is counted by the day.

    ``wards`` are 区分 as printed (精神, 結核, 療養), ``is_clinic`` the 病・診 mark (None: unknown), ``fee_names`` the
    種類 column, ``basic`` the lines of 90, ``special`` those of 92. ``payer_meals`` are the insurer's and then each
    programme's; ``reduced_as`` are the words ringed below the meals (Ⅰ, Ⅱ, ３月超).
    """

    admitted_on: date | None = None
    wards: tuple[str, ...] = ()
    is_clinic: bool | None = None
    fee_names: tuple[str, ...] = ()
    basic: tuple[StayDays, ...] = ()
    special: tuple[StayDays, ...] = ()
    meals: dict[MealKind, tuple[MealLine, ...]] | None = None
    payer_meals: tuple[MealPayer, ...] = ()
    reduced_as: tuple[str, ...] = ()
