# SPDX-License-Identifier: Apache-2.0
"""点数計算の誤り — points that the masters' fixed points and prices do not give, the sums agreeing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.generate.beside import Supply
from tasuki.claims.generate.lines import act_line, drug_line
from tasuki.claims.generate.made_master import WOUND
from tasuki.claims.generate.planting import Kind

if TYPE_CHECKING:
    from tasuki.claims.generate.beside import Items
    from tasuki.claims.generate.planting import Planting

INJECTION = "130000510"


def _act(at: Planting) -> tuple[str, ...]:
    line = at.receipt.of("SI")[0]
    line[5] = str(int(line[5]) + 10)
    at.receipt.close()
    return (line[3],)


def _drug(at: Planting) -> tuple[str, ...]:
    drug = at.random.choice(at.pool.drugs)
    supply = Supply(drug.code, at.receipt.visit_days[0], "1", 7)
    at.receipt.add(drug_line(supply, drug.points("1") + 1))
    at.receipt.close()
    return (drug.code,)


def _unit(at: Planting) -> tuple[str, ...]:
    """Two acts in one 点数・回数算定単位: the points stand on the last."""
    day = {at.receipt.visit_days[0]: 1}
    points = {each.code: each.points for each in at.pool.acts}
    last = act_line("40", INJECTION, points[WOUND] + points[INJECTION] + 1, day)
    at.receipt.add(last)
    first = act_line("40", WOUND, 0, day)
    first[2], first[5] = last[2], ""
    place = at.receipt.records.index(last)
    last[1] = ""
    at.receipt.records.insert(place, first)
    at.receipt.close()
    return (WOUND, INJECTION)


def _blood(at: Planting) -> list[Items]:
    """Five tests of 血液化学検査 of one draw, in place of those the receipt has."""
    tests = [each for each in at.pool.acts if each.is_bundled]
    codes = {each.code for each in tests}
    records = at.receipt.records
    records[:] = [row for row in records if row[0] != "SI" or row[3] not in codes]
    return [
        act_line("60", each.code, each.points, {at.receipt.visit_days[0]: 1})
        for each in at.random.sample(tests, 5)
    ]


def _bundle(at: Planting) -> tuple[str, ...]:
    """まるめ at the sum of its items."""
    lines = _blood(at)
    points = sum(int(line[5]) for line in lines)
    at.receipt.add(lines[0])
    place = at.receipt.records.index(lines[0]) + 1
    for line in lines:
        line[2], line[5] = at.receipt.burden, ""
    for line in lines[1:]:
        line[1] = ""
    lines[-1][5] = str(points)
    at.receipt.records[place:place] = lines[1:]
    at.receipt.close()
    return tuple(line[3] for line in lines)


def _apart(at: Planting) -> tuple[str, ...]:
    lines = _blood(at)
    for line in lines:
        at.receipt.add(line)
    at.receipt.close()
    return tuple(line[3] for line in lines)


POINTS_KINDS = (
    Kind("まるめの点数が違う", "UKE-L7-7903", _bundle),
    Kind("まるめの項目を別々に算定", "UKE-L7-7904", _apart),
    Kind("診療行為の点数が違う", "UKE-L7-7901", _act),
    Kind("薬剤料の点数が違う", "UKE-L7-7902", _drug),
    Kind("算定単位の点数が違う", "UKE-L7-7903", _unit),
)
