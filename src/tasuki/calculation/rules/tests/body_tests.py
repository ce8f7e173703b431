# SPDX-License-Identifier: Apache-2.0
"""生体検査 — one psychological test a day, ultrasound at a home visit, load tests of a month."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

PSYCHOLOGICAL = ("D283", "D284", "D285")
HOME_VISITS = ("C001", "C001-2")
HOME_ULTRASOUND = "160218310"
ULTRASOUNDS = frozenset({"160072210", "160213010", "160165010", "160072450"})
HORMONE_LOADS, LOAD_CAP = "D287", 3600


@rule(
    "D283/one_a_day",
    title="臨床心理・神経心理検査は同一日に主たるもの1種類",
    cite="医科点数表 D283 注, D284 注, D285 注",
    since=date(2024, 6, 1),
    sections=PSYCHOLOGICAL,
)
def one_a_day(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """臨床心理・神経心理検査 — of several tests of one 区分番号 on a day only the one of most points."""
    found = []
    for section in PSYCHOLOGICAL:
        rows = {act.code: act for act in draft.acts() if act.section == section and not act.is_addition}
        ranked = sorted(rows.values(), key=lambda row: (-row.points, row.code))
        found += [Denial(row.code, ranked[0].code, facts(section=section)) for row in ranked[1:]]
    return tuple(found) or None


@rule(
    "D215/home_visit",
    title="訪問診療時の断層撮影法",
    cite="通知 D215(7)",
    since=date(2024, 6, 1),
    codes=ULTRASOUNDS,
)
def ultrasound_at_home(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """超音波検査（訪問診療時） — on the day of a home visit what was done at the home is billed as such, once a month."""
    is_visiting = any(act.section in HOME_VISITS for act in draft.acts()) or any(
        case.book.has(line.code) and line.code[:1] == "1" and case.book.act(line.code).section in HOME_VISITS
        for line in case.today
    )
    if not is_visiting:
        return None
    codes = sorted(draft.codes() & ULTRASOUNDS)
    return tuple(Advice(HOME_ULTRASOUND, facts(test=case.name_of(code))) for code in codes)


@rule(
    "D287/month_cap",
    title="内分泌負荷試験の1月の限度",
    cite="医科点数表 D287 注1",
    since=date(2024, 6, 1),
    sections=(HORMONE_LOADS,),
)
def month_cap(case: Case, draft: Draft) -> Advice | None:
    """内分泌負荷試験 — 3,600 points a month at most; beyond that a human has to bring the points down."""
    month = (case.day.year, case.day.month)
    past = [
        case.book.act(line.code)
        for line in case.history.lines
        if (line.day.year, line.day.month) == month and line.code[:1] == "1" and case.book.has(line.code)
    ]
    rows = [row for row in (*past, *draft.acts()) if row.section == HORMONE_LOADS and not row.is_addition]
    points = sum(int(row.points) for row in rows)
    today = sorted(act.code for act in draft.acts() if act.section == HORMONE_LOADS)
    if points <= LOAD_CAP or not today:
        return None
    return Advice(today[-1], facts(points=points, cap=LOAD_CAP))
