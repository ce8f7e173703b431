# SPDX-License-Identifier: Apache-2.0
"""在宅ターミナルケア加算・看取り加算・死亡診断加算 — the visits of the last fortnight (C000 注5, C001 注6〜注8, C001-2 注5・注6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.home.home_history import (
    HOUSE_CALLS,
    PLANNED_VISITS,
    days_of,
)
from tasuki.calculation.rules.home.support_tier import SupportTier, tier_of
from tasuki.chart.home_visit import Residence
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
AT_HOME = ("114018170", "114018270", "114018370", "114018470")
IN_FACILITY = ("114042370", "114042470", "114042570", "114042670")
ATTACHED = ("114042970", "114043070", "114043170", "114043270")
TERMINAL = frozenset((*AT_HOME, *IN_FACILITY, *ATTACHED))
ATTENDED, DEATH_OF_VISITED, DEATH_OF_CALLED = "114018570", "114018670", "114007270"
ATTENDED_CODES = frozenset((ATTENDED, "114706010"))
DEATH_CODES = frozenset((DEATH_OF_VISITED, DEATH_OF_CALLED, "114019970"))
DAYS = 14
VISITS = 2
VISITED_WITHIN = 60


def _visit_days(case: Case, draft: Draft) -> set[date]:
    days = set(days_of(case, PLANNED_VISITS | HOUSE_CALLS, case.day - timedelta(days=DAYS)))
    return days | {case.day} if not draft.codes().isdisjoint(PLANNED_VISITS | HOUSE_CALLS) else days


def _is_visited(case: Case, draft: Draft) -> bool:
    """訪問診療を受けていた患者か — a planned visit stands, or was billed within sixty days."""
    if not draft.codes().isdisjoint(PLANNED_VISITS):
        return True
    return bool(days_of(case, PLANNED_VISITS, case.day - timedelta(days=VISITED_WITHIN)))


@rule(
    "C001/terminal",
    title="在宅ターミナルケア加算",
    cite="医科点数表 C001 注6, C001-2 注5; 通知 C001 (14)〜(16)",
    since=R6,
    needs=(Flag.DIED_AT_HOME,),
)
def terminal(case: Case, draft: Draft) -> Outcome | None:
    """在宅ターミナルケア加算 — two visits on the day of death or the fourteen days before, by tier and residence."""
    home = case.visit.home
    if home is None or not case.has_flag(Flag.DIED_AT_HOME) or not draft.codes().isdisjoint(TERMINAL):
        return None
    if not _is_visited(case, draft):
        return None
    if home.residence is Residence.HOUSE:
        table = AT_HOME
    else:
        table = ATTACHED if home.is_attached else IN_FACILITY
    visits = len(_visit_days(case, draft))
    code = table[tier_of(case)]
    if visits < VISITS:
        return Advice(code, facts(visits=visits, most=VISITS))
    return Proposal(code, facts(visits=visits, tier=SupportTier(tier_of(case)).name.lower()))


@rule(
    "C001/attended",
    title="看取り加算",
    cite="医科点数表 C001 注7, C001-2 注6; 通知 C001 (18)",
    since=R6,
    needs=(Flag.ATTENDED_DEATH,),
)
def attended(case: Case, draft: Draft) -> Proposal | None:
    """看取り加算 — agreed to before, visited on the day of death, and attended at home."""
    if not case.has_flag(Flag.ATTENDED_DEATH) or not draft.codes().isdisjoint(ATTENDED_CODES):
        return None
    if case.visit.home is None or not _is_visited(case, draft):
        return None
    return Proposal(ATTENDED, facts(visits=len(_visit_days(case, draft))))


@rule(
    "C001/death",
    title="死亡診断加算",
    cite="医科点数表 C000 注5, C001 注8; 通知 C000 (16), C001 (19)",
    since=R6,
    needs=(Flag.DEATH_CONFIRMED,),
)
def death(case: Case, draft: Draft) -> Proposal | None:
    """死亡診断加算 — death at home, visited and diagnosed on the day; contained in 看取り加算."""
    if not case.has_flag(Flag.DEATH_CONFIRMED) or case.visit.home is None:
        return None
    if not draft.codes().isdisjoint(DEATH_CODES | ATTENDED_CODES):
        return None
    if draft.codes().isdisjoint(PLANNED_VISITS | HOUSE_CALLS):
        return None
    code = DEATH_OF_VISITED if _is_visited(case, draft) else DEATH_OF_CALLED
    return Proposal(code, facts(day=case.day))


@rule(
    "C001/attended_contains_death",
    title="看取り加算と死亡診断加算",
    cite="医科点数表 C000 注5ただし書, C001 注8ただし書; 通知 C000 (16), C001 (19)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C000", "C001", "C003"),
)
def attended_contains_death(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """看取り加算 — contains the diagnosis of death."""
    attended_code = min(draft.codes() & ATTENDED_CODES, default="")
    standing = sorted(draft.codes() & DEATH_CODES)
    return tuple(Denial(code, attended_code) for code in standing) if attended_code and standing else None
