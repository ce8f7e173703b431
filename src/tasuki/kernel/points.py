# SPDX-License-Identifier: Apache-2.0
"""端数処理 — every rounding of points and yen, named, with its source. ``round()`` is used nowhere."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil, floor


def half_up(value: Decimal | Fraction) -> int:
    """四捨五入 — to a whole number, a half away from zero for positive values.

    Used for percentage additions and stepped points (きざみ): a line is a whole number of points.
    Cite: 医科点数表の解釈 通則 端数は四捨五入; マスターファイル仕様説明書 R6 きざみ点数

    >>> half_up(Decimal("127.5")), half_up(Fraction(449, 2)), half_up(Decimal("2.49"))
    (128, 225, 2)
    """
    if isinstance(value, Decimal):
        return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return floor(value + Fraction(1, 2))


def drug_points(price: Decimal) -> int:
    """薬剤料の点数 — points for one dosage unit at a drug price in yen.

    Fifteen yen or less is one point. Above that, every ten yen or part of it
    past the first fifteen adds a point, so a half drops (五捨五超入).

    Cite: 医科点数表 F200 薬剤

    >>> [drug_points(Decimal(p)) for p in ("15", "15.01", "25", "25.01")]
    [1, 2, 2, 3]
    """
    if price <= 15:
        return 1
    return 1 + ceil((price - 15) / 10)


def procedure_drug_points(price: Decimal) -> int:
    """特定薬剤料の点数 — for drugs used in tests, imaging, procedures and operations.

    Fifteen yen or less is nothing at all; above that as F200.

    Cite: 医科点数表 D500, E300, J300, K940, L200 薬剤

    >>> [procedure_drug_points(Decimal(p)) for p in ("15", "15.01", "25.01")]
    [0, 2, 3]
    """
    return 0 if price <= 15 else drug_points(price)


def material_points(price: Decimal) -> int:
    """特定保険医療材料料の点数 — the price in yen divided by ten, rounded half up.

    Cite: 医科点数表 J400 特定保険医療材料

    >>> [material_points(Decimal(p)) for p in ("54", "55", "1260")]
    [5, 6, 126]
    """
    return half_up(price / 10)


def to_ten_yen(yen: int | Fraction) -> int:
    """一部負担金の端数 — to the nearest ten yen, five yen up, at each visit.

    Cite: 健康保険法 第75条; 国民健康保険法 第42条の2; 高齢者の医療の確保に関する法律 第67条

    >>> [to_ten_yen(y) for y in (873, 225, 3705, 0)]
    [870, 230, 3710, 0]
    """
    return floor((Fraction(yen) + 5) / 10) * 10


def whole_yen(yen: Fraction | Decimal) -> int:
    """限度額の端数 — 50 sen and over up, under 50 sen cut, to whole yen.

    Cite: 健康保険法施行令 第42条

    >>> whole_yen(Fraction(839236, 10))
    83924
    """
    return half_up(yen)
