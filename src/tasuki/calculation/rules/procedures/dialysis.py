# SPDX-License-Identifier: Apache-2.0
"""人工腎臓 — its hours, its first month, and the drugs it contains (J038)."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.basic.out_of_hours import EARLY_OR_LATE
from tasuki.calculation.rules.procedures.procedure_hours import TIERS
from tasuki.calculation.rules.standing_acts import Done, done
from tasuki.kernel.because import facts
from tasuki.kernel.days import is_holiday, months_after
from tasuki.masters.rows import Act, Drug

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftLine, DraftUnit
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
DIALYSIS = frozenset(("J038",))
OTHER_DIALYSIS = "140007710"
EVENING = "140007910"
INTRODUCTION = ("140058770", "140058870", "140062770")
EVENING_BEGINS = time(17)
SUNDAY = 6
_HOURS = frozenset(code for tier in TIERS["J"] for code in tier.codes.values())
# By 薬価基準収載医薬品コード: 透析液・補充液; ESA and HIF-PH阻害剤, whichever way they are given.
EVERYWHERE = (
    "341", "3999412", "3999413", "3999425", "3999427", "3999432", "3999453", "3999454", "3999455",
    "3999047", "3999049", "3999050", "3999052", "3999055",
)  # fmt: skip
# 血液凝固阻止剤 and 生理食塩水, as far as they were used in the dialysis itself.
IN_THE_CIRCUIT = ("3334", "3999407", "3311401")


@rule(
    "J038/contained_drugs",
    title="人工腎臓に含まれる薬剤",
    cite="医科点数表 J038 注6; 通知 J038(7)ア",
    since=R6,
    stage=Stage.CONDITION,
    sections=DIALYSIS,
)
def contained_drugs(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """人工腎臓の薬剤 — dialysate, anticoagulants, saline, ESA and HIF-PH inhibitors with 慢性維持透析 1 to 3."""
    maintained = [each for each in done(draft, DIALYSIS) if each.row.code != OTHER_DIALYSIS]
    if not maintained:
        return None
    orders = {each.unit.order_id for each in maintained}
    denials = [
        Denial(line.code, maintained[0].row.code, facts(), group=unit.group)
        for unit in draft.units
        for line in unit.lines
        if _is_contained(unit, line, orders)
    ]
    return tuple(denials) or None


def _is_contained(unit: DraftUnit, line: DraftLine, orders: set[str]) -> bool:
    if not isinstance(line.row, Drug):
        return False
    code = line.row.price_list_code
    return code.startswith(EVERYWHERE) or (unit.order_id in orders and code.startswith(IN_THE_CIRCUIT))


@rule(
    "J038/evening_or_holiday",
    title="人工腎臓の時間外・休日加算",
    cite="医科点数表 J038 注1; 通知 J038(12)〜(15)",
    since=R6,
    sections=DIALYSIS,
)
def evening_or_holiday(case: Case, draft: Draft) -> tuple[Proposal, ...] | None:
    """時間外・休日加算（人工腎臓） — begun at five or later, or on a holiday that is no Sunday, unless 通則5 applies.

    The instant is that of the order; one that ended after nine is ordered by hand.
    """
    proposals = []
    for each in done(draft, DIALYSIS):
        if any(line.code in _HOURS or line.code == EVENING for line in each.unit.lines):
            continue
        begun = next((order.at for order in case.visit.orders if order.id == each.unit.order_id), None)
        clock = (begun or case.visit.at).time()
        if clock >= EVENING_BEGINS or _is_counted_holiday(case.day):
            known = facts(time=f"{clock:%H:%M}", day=case.day)
            proposals.append(Proposal(EVENING, known, onto=each.row.code, onto_group=each.unit.group))
    return tuple(proposals) or None


def _is_counted_holiday(day: date) -> bool:
    """A Sunday counts only at the turn of the year (29 December to 3 January)."""
    at_year_end = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return is_holiday(day) and (day.weekday() != SUNDAY or at_year_end)


@rule(
    "J038/hours_once",
    title="人工腎臓の時間外の重複",
    cite="通知 J038(12)・(13)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(EVENING,),
)
def hours_once(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """時間外・休日加算（人工腎臓） — not beside the additions of 通則5, and no 夜間・早朝等加算 beside it."""
    denials = []
    is_standing = False
    for unit in draft.units:
        codes = {line.code for line in unit.lines}
        if EVENING not in codes:
            continue
        winner = next(iter(sorted(codes & _HOURS)), "")
        if winner:
            denials.append(Denial(EVENING, winner, facts(), group=unit.group))
        else:
            is_standing = True
    if is_standing:
        denials.extend(
            Denial(code, EVENING) for code in sorted(draft.codes().intersection(EARLY_OR_LATE.values()))
        )
    return tuple(denials) or None


@rule(
    "J038/introduction_month",
    title="人工腎臓の導入期加算",
    cite="医科点数表 J038 注2; 通知 J038(17)",
    since=R6,
    stage=Stage.CONDITION,
    codes=INTRODUCTION,
)
def introduction_month(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """導入期加算（人工腎臓） — for one month from the first dialysis."""
    first = _first_dialysis(case)
    if first is None or case.day < months_after(first, 1):
        return None
    known = facts(first_day=first)
    return tuple(Denial(code, "", known) for code in INTRODUCTION if code in draft.codes())


def _first_dialysis(case: Case) -> date | None:
    days = [
        line.day
        for code, lines in case.history.by_code.items()
        if case.book.has(code) and _is_dialysis(case.book.item(code))
        for line in lines
    ]
    return min(days, default=None)


def _is_dialysis(row: object) -> bool:
    return isinstance(row, Act) and row.section in DIALYSIS and not row.is_addition


@rule(
    "J038/injection_through_circuit",
    title="人工腎臓の回路を通した注射",
    cite="通知 J038(7)オ",
    since=R6,
    stage=Stage.CONDITION,
    sections=DIALYSIS,
)
def injection_through_circuit(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """回路を通した注射 — an intravenous technique of the day is shown: through the circuit it is part of the dialysis."""
    dialysed: list[Done] = done(draft, DIALYSIS)
    if not dialysed:
        return None
    found = done(draft, frozenset(("G001", "G004")))
    winner = dialysed[0].row.code
    return tuple(Advice(each.row.code, facts(lost_to=winner)) for each in found) or None
