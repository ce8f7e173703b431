# SPDX-License-Identifier: Apache-2.0
"""所定点数に含まれる検査 — tests that another test of the day contains, or that the year limits.

電子点数表 02 包括 says most of this; these rules speak where the loaded table is silent.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, rule
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.masters.rows import Act

BONE_DENSITY = "D217"


@rule(
    "D209/includes_ecg",
    title="負荷心電図検査に含まれる心電図検査",
    cite="医科点数表 D209 注2",
    since=date(2024, 6, 1),
)
def exercise_ecg_includes_ecg(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """負荷心電図検査 — an ordinary ECG of the same day is part of it, also when the other was billed earlier."""
    exercise = next((act for act in draft.acts() if act.section == "D209"), None)
    winner = exercise.code if exercise else _billed_today(case, "D209")
    if not winner:
        return None
    included = [act for act in draft.acts() if act.section == "D208"]
    return tuple(Denial(act.code, winner, facts(day=case.day)) for act in included) or None


@rule(
    "D215/includes_ecg",
    title="心臓超音波検査と同時に記録した心電図",
    cite="医科点数表 D215 注3; 通知 D215(10)",
    since=date(2024, 6, 1),
)
def heart_ultrasound_with_ecg(_case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """心臓超音波検査 — what was recorded at the same time is part of it; whether it was, a human says."""
    ultrasound = next((act for act in draft.acts() if _is_heart_ultrasound(act)), None)
    if ultrasound is None:
        return None
    recorded = [
        act for act in draft.acts() if act.section in ("D208", "D213", "D214") and not act.is_addition
    ]
    return tuple(Advice(act.code, facts(lost_to=ultrasound.code)) for act in recorded) or None


@rule(
    "D217/once_a_year",
    title="骨塩定量検査の回数",
    cite="医科点数表(令和8年度) D217 注",
    since=date(2026, 6, 1),
)
def bone_density_once_a_year(case: Case, draft: Draft) -> Advice | None:
    """骨塩定量検査 — once a year; within a year of the start of treatment once in four months, which is asked."""
    found = next((act for act in draft.acts() if act.section == BONE_DENSITY and not act.is_addition), None)
    if found is None:
        return None
    since, recent = months_before(case.day, 12), months_before(case.day, 4)
    past = [
        line.day
        for line in case.history.lines
        if line.day >= since and _section(case, line.code) == BONE_DENSITY
    ]
    last = max(past, default=None)
    if last is None or last >= recent:
        return None
    return Advice(found.code, facts(last_day=last))


def _is_heart_ultrasound(act: Act) -> bool:
    return act.section == "D215" and "（心臓超音波検査）" in act.name


def _billed_today(case: Case, section: str) -> str:
    return next((line.code for line in case.today if _section(case, line.code) == section), "")


def _section(case: Case, code: str) -> str:
    return case.book.act(code).section if code[:1] == "1" and case.book.has(code) else ""
