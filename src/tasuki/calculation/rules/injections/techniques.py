# SPDX-License-Identifier: Apache-2.0
"""注射 — which drip it was, what one day allows, and what its drugs add (医科点数表 第6部注射)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.calculation.injection_volume import injection_volume
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.standing_acts import done, done_earlier
from tasuki.chart.orders import OrderKind
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act, Drug

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftLine
    from tasuki.calculation.rule import Outcome

INFANT_DRIP, LARGE_DRIP, OTHER_DRIP = "130003710", "130003810", "130009310"
DRIPS = frozenset({INFANT_DRIP, LARGE_DRIP, OTHER_DRIP})
INFANT_AGE = 6
INFANT_ML, LARGE_ML = Decimal(100), Decimal(500)
BIOLOGICAL, NARCOTIC = "130000110", "130000310"
# Of these by two ways or more on one day only the main one is billed.
ONE_WAY_A_DAY = ("G001", "G004", "G005", "G006")


@rule(
    "G004/drip_by_volume",
    title="点滴注射の区分",
    cite="医科点数表 G004の1〜3; 通知 G004(1)・(2)",
    since=date(2024, 6, 1),
    codes=DRIPS,
)
def drip_by_volume(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """点滴注射 — 105, 102 or 53 points by age and the volume of the whole day, whichever was ordered.

    Where the volume of a drug is not known and could decide, the higher class is advised.
    """
    ordered = [(line.code, unit.group) for unit in draft.units for line in unit.lines if line.code in DRIPS]
    if not ordered:
        return None
    groups = {group for _, group in ordered}
    volume = injection_volume(_drugs(draft, groups))
    is_infant = case.age.years < INFANT_AGE
    least, large = (INFANT_ML, INFANT_DRIP) if is_infant else (LARGE_ML, LARGE_DRIP)
    right = large if volume.ml >= least else OTHER_DRIP
    known = facts(ml=volume.ml, least=least, age=case.age.years)
    outcomes: list[Outcome] = [
        Proposal(right, known, onto_group=group, replaces=code) for code, group in ordered if code != right
    ]
    if right == OTHER_DRIP and volume.unknown:
        outcomes.append(Advice(large, (*known, ("unknown", volume.unknown))))
    return tuple(outcomes) or None


def _drugs(draft: Draft, groups: set[str]) -> list[DraftLine]:
    return [
        line
        for unit in draft.units
        if unit.group in groups
        for line in unit.lines
        if isinstance(line.row, Drug)
    ]


@rule(
    "G000/main_only",
    title="静脈内注射・点滴注射などの併施",
    cite="通知 第6部注射 通則9",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=ONE_WAY_A_DAY,
)
def main_only(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """主たるもののみ — of 静注, 点滴, 中心静脈 and 植込型 on one day only the way of most points is billed.

    A way billed at an earlier visit of the day stays.
    """
    found = [each.row for each in done(draft, ONE_WAY_A_DAY)]
    earlier = next(iter(done_earlier(case, ONE_WAY_A_DAY)), None)
    if not found or (earlier is None and len({act.section for act in found}) < 2):
        return None
    winner = earlier or max(found, key=lambda act: (act.points, act.code))
    codes = sorted({act.code for act in found if act.section != winner.section})
    return tuple(Denial(code, winner.code, facts(day=case.day)) for code in codes) or None


@rule(
    "G000/biological",
    title="生物学的製剤注射加算",
    cite="医科点数表 第6部注射 通則3; 通知 第6部 2(1); 医薬品マスター col 16",
    since=date(2024, 6, 1),
    chapters="G",
)
def biological(case: Case, draft: Draft) -> Proposal | None:
    """生物学的製剤注射加算 — 15 points for each injection of a toxoid, vaccine or antitoxin."""
    return _with_drug(case, draft, BIOLOGICAL, is_narcotic=False)


@rule(
    "G000/narcotic",
    title="麻薬注射加算",
    cite="医科点数表 第6部注射 通則5; 医薬品マスター col 14",
    since=date(2024, 6, 1),
    chapters="G",
)
def narcotic(case: Case, draft: Draft) -> Proposal | None:
    """麻薬注射加算 — 5 points for each injection with a narcotic."""
    return _with_drug(case, draft, NARCOTIC, is_narcotic=True)


def _with_drug(case: Case, draft: Draft, code: str, *, is_narcotic: bool) -> Proposal | None:
    if code in draft.codes():
        return None
    techniques = {unit.group for unit in draft.units if _is_technique(unit.lines[0])}
    times, name = 0, ""
    for order in case.visit.orders:
        if order.kind is not OrderKind.INJECTION or order.id not in techniques:
            continue
        rows = [case.book.item(item.code) for item in order.items if case.book.has(item.code)]
        drugs = [row for row in rows if isinstance(row, Drug)]
        hits = [row for row in drugs if (row.controlled == "1" if is_narcotic else row.biological == "1")]
        if hits:
            times += order.count
            name = name or hits[0].name
    return Proposal(code, facts(drug=name), times=times) if times else None


def _is_technique(line: DraftLine) -> bool:
    return isinstance(line.row, Act) and line.row.chapter == "G"
