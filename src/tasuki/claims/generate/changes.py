# SPDX-License-Identifier: Apache-2.0
"""書換えの手 — what the kinds of errors do to a faultless receipt: diseases put, drugs given, ages changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.generate.beside import Supply
from tasuki.claims.generate.covers import WORKING, Shape
from tasuki.claims.generate.lines import act_line, drug_line
from tasuki.claims.generate.made_master import DISEASES_TREATED
from tasuki.claims.generate.pool import DISPENSING, PRESCRIBING

if TYPE_CHECKING:
    from tasuki.claims.generate.planting import Planting
    from tasuki.claims.generate.pool import PoolDrug

SUSPECTED = "8002"
AGAIN, WORKER = Shape(is_first=False), Shape(types=WORKING)


def long_ago(at: Planting) -> str:
    """開始日 — half a year before the month of service."""
    return at.receipt.month.plus(-6).day(1).strftime("%Y%m%d")


def today(at: Planting, later: int = 0) -> str:
    """開始日 — the first day of care, or some days later."""
    return at.receipt.month.day(at.receipt.visit_days[0] + later).strftime("%Y%m%d")


def put_disease(at: Planting, line: list[str]) -> tuple[str, ...]:
    """傷病名の追加 — after the others."""
    last = at.receipt.of("SY")[-1]
    at.receipt.records.insert(at.receipt.records.index(last) + 1, line)
    return ()


def missing_disease(at: Planting) -> str:
    """ない傷病名 — one that drugs of the made-up master are for, and the receipt does not have."""
    here = {row[1] for row in at.receipt.of("SY")}
    return next(each for each in DISEASES_TREATED if each not in here)


def make_child(at: Planting) -> None:
    """未就学者 — the person of the receipt is four years old."""
    header = at.receipt.of("RE")[0]
    header[2] = "1114"
    header[6] = f"{at.receipt.month.year - 4}0501"


def give(at: Planting, drug: PoolDrug, amount: str = "1", days: int = 7) -> tuple[str, ...]:
    """院内の投薬 — with the fees that go with it."""
    day = at.receipt.visit_days[0]
    at.receipt.add(drug_line(Supply(drug.code, day, amount, days), drug.points(amount)))
    here = {row[3] for row in at.receipt.of("SI")}
    for section, code in (("21", DISPENSING), ("25", PRESCRIBING)):
        if code not in here:
            at.receipt.add(act_line(section, code, at.pool.points[int(code)], {day: 1}))
    at.receipt.close()
    return (drug.code,)
