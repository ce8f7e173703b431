# SPDX-License-Identifier: Apache-2.0
"""明細の行 — lines of made-up receipts: diseases, acts, drugs, films and tests of one draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.bundle_points import BUNDLE_POINTS
from tasuki.claims.generate.pool import BLOOD_CHEMISTRY, FILM, READING

if TYPE_CHECKING:
    from tasuki.claims.generate.beside import Items, Supply
    from tasuki.claims.generate.pool import Pool, PoolAct

KNEE_COMMENT = "830181500"


def disease_line(code: str, since: str, *, modifier: str = "", name: str = "", main: str = "") -> Items:
    """傷病名の行 — going on, with one modifier or none."""
    return ["SY", code, since, "1", modifier, name, main, ""]


def film_lines(pool: Pool, side: str, day: int) -> list[Items]:
    """膝の撮影の行 — reading and film, with the part and side filmed."""
    made = [act_line("70", code, pool.points[int(code)], {day: 1}, amount="1") for code in (READING, FILM)]
    made[0][7:9] = [KNEE_COMMENT, side]
    return made


def bundle_lines(acts: list[PoolAct], day: int) -> list[Items]:
    """血液化学検査の行 — of one draw: a unit at the points of their number, or each by itself when they are too few."""
    bundle = next(each for each in BUNDLE_POINTS if each.group == BLOOD_CHEMISTRY)
    points = bundle.points_of(len(acts))
    made = [act_line(act.section, act.code, act.points, {day: 1}) for act in acts]
    if points is None:
        return made
    for line in made:
        line[1] = line[5] = ""
    made[0][1], made[-1][5] = acts[0].section, str(points)
    return made


def drug_line(supply: Supply, points: int) -> Items:
    """内服薬の行 — one drug for some days."""
    return _line("IY", "21", supply.code, supply.amount, points, {supply.day: supply.days})


def act_line(section: str, code: str, points: int, days: dict[int, int], amount: str = "") -> Items:
    """診療行為の行 — one act on some days, each with its count."""
    return _line("SI", section, code, amount, points, days)


def _line(kind: str, section: str, code: str, amount: str, points: int, days: dict[int, int]) -> Items:
    given = [str(days[day]) if day in days else "" for day in range(1, 32)]
    return [kind, section, "1", code, amount, str(points), str(sum(days.values())), *[""] * 6, *given]
