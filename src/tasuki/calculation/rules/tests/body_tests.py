# SPDX-License-Identifier: Apache-2.0
"""生体検査 — one psychological test a day, ultrasound at a home visit, load tests of a month."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

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
STABILOMETERS = frozenset({"160155910", "160171950", "160172050", "160172150"})
BALANCE_TEST = "160079410"  # 平衡機能検査（標準検査）


class MainOfDay(NamedTuple):
    """同一日の主たるもの — two 区分番号 (or one twice) of which one day holds only the test of most points."""

    first: str
    second: str
    cite: str


MAIN_OF_DAY = (
    MainOfDay("D211-2", "D208", "通知 D211-2(2)"),
    MainOfDay("D211-2", "D200", "通知 D211-2(2)"),
    MainOfDay("D216-2", "D216-2", "通知 D216-2(2)"),
    MainOfDay("D220", "D220", "通知 D220(4)"),
    MainOfDay("D225", "D225-2", "通知 D225-2"),
    MainOfDay("D228", "D229", "通知 D229"),
    MainOfDay("D231", "D231-2", "通知 D231-2(5)"),
    MainOfDay("D235", "D236", "通知 D236(1)"),
    MainOfDay("D258", "D258-2", "通知 D258-3(3)"),
    MainOfDay("D258", "D258-3", "通知 D258-3(3)"),
    MainOfDay("D258-2", "D258-3", "通知 D258-3(3)"),
)


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
    "D200/main_of_day",
    title="同一日に行った生体検査の主たるもの",
    cite="通知 D211-2(2), D216-2(2), D220(4), D225-2, D229, D231-2(5), D236(1), D258-3(3)",
    since=date(2024, 6, 1),
    sections=sorted({section for each in MAIN_OF_DAY for section in each[:2]}),
)
def main_of_day(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """同一日の主たるもの — pairs of tests on the body of which only the one of more points stands."""
    rows = {act.code: act for act in draft.acts() if not act.is_addition and act.section[:2] == "D2"}
    found = []
    for each in MAIN_OF_DAY:
        pair = [row for row in rows.values() if row.section in (each.first, each.second)]
        if len({row.section for row in pair}) < len({each.first, each.second}):
            continue
        ranked = sorted(pair, key=lambda row: (-row.points, row.code))
        lost = [row for row in ranked[1:] if each.first == each.second or row.section != ranked[0].section]
        found += [Denial(row.code, ranked[0].code, facts(cite=each.cite)) for row in lost]
    return tuple(found) or None


@rule(
    "D250/stabilometer",
    title="重心動揺計による平衡機能検査",
    cite="通知 D250(7)ア",
    since=date(2024, 6, 1),
    codes=STABILOMETERS,
)
def stabilometer(case: Case, draft: Draft) -> Advice | None:
    """平衡機能検査（重心動揺計） — only after 標準検査 showed the need: asked when none is billed."""
    codes = sorted(draft.codes() & STABILOMETERS)
    if not codes or BALANCE_TEST in draft.codes() or case.billed_this_month((BALANCE_TEST,)) is not None:
        return None
    return Advice(codes[0], facts(test=case.name_of(BALANCE_TEST)))


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
