# SPDX-License-Identifier: Apache-2.0
"""入院の印字内容 — ward, days of stay and meals as the plain JSON the sheet of inpatients draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tasuki.forms.claim_stay import ClaimStay, MealKind, MealLine, MealPayer, StayDays
from tasuki.forms.wording import era_parts, grouped

_DAY_LINES = 5
_NAME_LINES = 11
_PAYERS_ON_FORM = 3


def stay_boxes(stay: ClaimStay) -> dict[str, Any]:
    """入院欄の印字内容 — boxes of one stay. What has more lines than its box stands in 摘要 and is summed on the last line."""
    meals = stay.meals or {}
    return {
        "admitted": era_parts(stay.admitted_on)._asdict(),
        "wards": list(stay.wards),
        "is_clinic": stay.is_clinic,
        "names": _names(stay.fee_names),
        "basic": _day_lines(stay.basic),
        "special": _day_lines(stay.special),
        "meals": {kind.value: _meal(meals[kind]) for kind in MealKind if kind in meals},
        "payer_meals": [
            _payer(one) for one in (*stay.payer_meals, *(MealPayer(),) * _PAYERS_ON_FORM)[:_PAYERS_ON_FORM]
        ],
        "reduced_as": list(stay.reduced_as),
    }


def _names(names: Sequence[str]) -> list[str]:
    if len(names) <= _NAME_LINES:
        return list(names)
    return [*names[: _NAME_LINES - 1], f"他{len(names) - _NAME_LINES + 1}件"]


def _day_lines(lines: Sequence[StayDays]) -> list[dict[str, Any]]:
    if len(lines) <= _DAY_LINES:
        return [_day_line(one) for one in lines]
    kept, rest = lines[: _DAY_LINES - 1], lines[_DAY_LINES - 1 :]
    width = max(len(one.programme_points) for one in rest)
    together = {
        "points": f"他{len(rest)}件",
        "days": "",
        "total": grouped(sum(one.total for one in rest)),
        "programme": [
            grouped(
                sum(
                    one.programme_points[nth] if nth < len(one.programme_points) else one.total
                    for one in rest
                )
            )
            for nth in range(width)
        ],
    }
    return [*(_day_line(one) for one in kept), together]


def _day_line(one: StayDays) -> dict[str, Any]:
    return {
        "points": grouped(one.points),
        "days": str(one.days),
        "total": grouped(one.total),
        "programme": [grouped(points) for points in one.programme_points],
    }


def _meal(lines: Sequence[MealLine]) -> dict[str, str]:
    """食事の1行 — prices and counts; two prices in a month stand side by side."""
    return {
        "grade": "・".join(dict.fromkeys(one.grade for one in lines if one.grade)),
        "yen": "・".join(grouped(one.yen) for one in lines),
        "count": "・".join(str(one.count) for one in lines),
    }


def _payer(one: MealPayer) -> dict[str, str]:
    def shown(number: int | None) -> str:
        return "" if number is None else grouped(number)

    return {
        "count": shown(one.count),
        "claimed": shown(one.claimed_yen),
        "burden": shown(one.burden_yen),
    }
