# SPDX-License-Identifier: Apache-2.0
"""点数計算の誤り — points that the masters' fixed points and prices do not give, the sums agreeing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.generate.beside import Supply
from tasuki.claims.generate.made_master import WOUND
from tasuki.claims.generate.planting import Kind
from tasuki.claims.generate.receipts import act_line, drug_line

if TYPE_CHECKING:
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


POINTS_KINDS = (
    Kind("診療行為の点数が違う", "UKE-L7-7901", _act),
    Kind("薬剤料の点数が違う", "UKE-L7-7902", _drug),
    Kind("算定単位の点数が違う", "UKE-L7-7903", _unit),
)
